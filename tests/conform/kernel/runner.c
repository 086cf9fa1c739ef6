/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Runs cases in a kernel that has just booted, and halts it.
 *
 * The command line says which: kmem_conform=list names all of them, and
 * kmem_conform=SUITE.CASE runs one.  Each line that scripts/uml-conform.sh
 * reads begins with "conform:":
 *
 *	conform: has SUITE.CASE OPTIONS		for the list
 *	conform: # TEXT				why a check was not met
 *	conform: end SUITE.CASE FAILED SKIPPED	the case came to its end
 *
 * A case that takes the kernel with it has no end line.
 */
#include <linux/completion.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"
#include "compat.h"

#define TIMEOUT_S 10

static LIST_HEAD(files);
static char wanted[128];
static struct kunit *running;
static DECLARE_COMPLETION(ended);
static unsigned int failed, skipped;

static int __init conform_setup(char *text)
{
	strscpy(wanted, text, sizeof(wanted));
	return 1;
}
__setup("kmem_conform=", conform_setup);

void conform_add(struct conform_file *file)
{
	list_add_tail(&file->list, &files);
}

static void say(const char *fmt, va_list *ap)
{
	struct va_format vaf = { .fmt = fmt, .va = ap };

	pr_info("conform: # %pV\n", &vaf);
}

void kunit_info(struct kunit *test, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, &ap);
	va_end(ap);
}

void kunit_mark_skipped(struct kunit *test, const char *fmt, ...)
{
	va_list ap;

	skipped++;
	va_start(ap, fmt);
	say(fmt, &ap);
	va_end(ap);
}

void kunit_abort(struct kunit *test)
{
	kthread_complete_and_exit(&ended, 0);
}

/* The line of a failure is for the reader of the test, not of the table. */
void kunit_fail_msg(struct kunit *test, const char *file, int line,
		    const char *fmt, ...)
{
	va_list ap;

	failed++;
	va_start(ap, fmt);
	say(fmt, &ap);
	va_end(ap);
}

#define KUNIT_POINTER "%px"
#include "kunit/failures.h"

void conform_lacks(const char *what)
{
	kunit_fail_msg(running, "", 0, "this kernel has no %s", what);
}

void conform_needs(const char *what)
{
	conform_lacks(what);
	kunit_abort(running);
}

struct job {
	struct kunit_suite *suite;
	struct kunit_case *c;
	struct kunit test;
};

static int case_thread(void *arg)
{
	struct job *j = arg;

	if (!j->suite->init || j->suite->init(&j->test) == 0)
		j->c->run_case(&j->test);
	kthread_complete_and_exit(&ended, 0);
}

static void run(struct kunit_suite *suite, struct kunit_case *c)
{
	static struct job job;

	job = (struct job){
		.suite = suite,
		.c = c,
		.test = { .name = c->name },
	};
	running = &job.test;
	failed = skipped = 0;
	reinit_completion(&ended);
	if (IS_ERR(kthread_run(case_thread, &job, "conform")))
		return;
	if (!wait_for_completion_timeout(&ended, TIMEOUT_S * HZ)) {
		pr_info("conform: # not done after %d s\n", TIMEOUT_S);
		return;
	}
	if (suite->exit)
		suite->exit(&job.test);
	pr_info("conform: end %s.%s %u %u\n", suite->name, c->name, failed,
		skipped);
}

static void visit(struct conform_file *f, struct kunit_suite *suite,
		  struct kunit_case *c)
{
	char name[128];

	snprintf(name, sizeof(name), "%s.%s", suite->name, c->name);
	if (strcmp(wanted, "list") == 0)
		pr_info("conform: has %s %s\n", name,
			f->options ? f->options : "-");
	else if (strcmp(wanted, name) == 0)
		run(suite, c);
}

static int __init conform_run(void)
{
	struct conform_file *f;

	list_for_each_entry(f, &files, list)
		for (size_t i = 0; i < f->nr; i++)
			for (struct kunit_case *c = f->suites[i]->test_cases;
			     c->run_case; c++)
				visit(f, f->suites[i], c);
	kernel_halt();
	return 0;
}
late_initcall(conform_run);
