// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Runs tests/conform/ here: the words of KUnit, and a runner in which each case
 * is a thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kmem/kmem.h>

#include "bare/tests.h"
#include "conform/oracle.h"
#include "kunit/test.h"

extern const struct conform_file *const __start_conform[],
	*const __stop_conform[];

#include "conform/embedded.h"

static void note(const char *key, const char *field)
{
	(void)key;
	(void)field;
}

static long oracle_number(const char *text)
{
	return strtol(text, NULL, 0);
}

#define ORACLE_THREAD
#include "conform/compare.h"

static struct {
	struct thread *thread;
	unsigned int ms;
	void (*fn)(void *arg);
	void *arg;
} later;

static void later_run(void *unused)
{
	(void)unused;
	thread_sleep_ms(later.ms);
	later.fn(later.arg);
}

void oracle_later(unsigned int ms, void (*fn)(void *arg), void *arg)
{
	later.ms = ms;
	later.fn = fn;
	later.arg = arg;
	later.thread = thread_start(0, later_run, NULL);
	if (!later.thread)
		abort();
}

void oracle_later_end(void)
{
	thread_join(later.thread);
}

unsigned long oracle_clock_ms(void)
{
	return bare_clock_ns() / 1000000;
}

/* --- the words ------------------------------------------------------------ */

enum { PASSED, SKIPPED, FAILED };

static void say(const char *before, const char *fmt, va_list ap)
{
	char text[400];

	vsnprintf(text, sizeof(text), fmt, ap);
	kprintf("# %s%s\n", before, text);
}

void kunit_info(struct kunit *test, const char *fmt, ...)
{
	va_list ap;

	(void)test;
	va_start(ap, fmt);
	say("    ", fmt, ap);
	va_end(ap);
}

void kunit_mark_skipped(struct kunit *test, const char *fmt, ...)
{
	va_list ap;

	test->status = test->status == FAILED ? FAILED : SKIPPED;
	va_start(ap, fmt);
	say("skipped: ", fmt, ap);
	va_end(ap);
}

void kunit_abort(struct kunit *test)
{
	(void)test;
	thread_exit();
}

void kunit_fail_msg(struct kunit *test, const char *file, int line,
		    const char *fmt, ...)
{
	va_list ap;

	test->status = FAILED;
	kprintf("# %s:%d:\n", file, line);
	va_start(ap, fmt);
	say("    ", fmt, ap);
	va_end(ap);
}

#define KUNIT_POINTER "%p"
#include "kunit/failures.h"

/* --- the runner ----------------------------------------------------------- */

struct job {
	struct kunit_suite *suite;
	struct kunit_case *c;
	struct kunit test;
};

static void case_thread(void *arg)
{
	struct job *j = arg;

	if (!j->suite->init || !j->suite->init(&j->test))
		j->c->run_case(&j->test);
}

static unsigned int run_case(struct kunit_suite *suite, struct kunit_case *c)
{
	static struct job job;
	struct kunit *test = &job.test;
	struct thread *t;

	job = (struct job){ suite, c, { .name = c->name } };
	kmem_trim(); /* as in a process of its own, free memory is zero */
	t = thread_start(0, case_thread, &job);
	if (!t)
		abort();
	/* its stack is in use when init() counts, and when exit() does */
	thread_wait(t);
	if (suite->exit)
		suite->exit(test);
	thread_join(t);
	kprintf("%s - %s.%s\n", test->status == FAILED ? "not ok" : "ok",
		suite->name, c->name);
	return test->status == FAILED;
}

static bool same_options(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

unsigned int conform_run(const char *options, unsigned int *cases)
{
	const struct conform_file *const *at, *f;
	unsigned int failed = 0;

	for (at = __start_conform; at < __stop_conform; at++) {
		f = *at;
		if (!same_options(f->options, options))
			continue;
		for (size_t i = 0; i < f->nr; i++)
			for (struct kunit_case *c = f->suites[i]->test_cases;
			     c->run_case; c++) {
				failed += run_case(f->suites[i], c);
				++*cases;
			}
	}
	return failed;
}
