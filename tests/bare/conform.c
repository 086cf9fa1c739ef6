// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Runs tests/conform/ here: the words of KUnit, a runner in which each case is
 * a thread, and the side of the tests that looks into the allocator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kmem/kmem.h>
#include <linux/mm.h>

#include "bare/tests.h"
#include "conform/oracle.h"
#include "kunit/test.h"
#include "model/in_use.h"
#include "page/page.h"
#include "slab/slab.h"

extern const struct conform_file *const __start_conform[],
	*const __stop_conform[];

__asm__(".pushsection .rodata\n"
	"conform_answers: .incbin \"" ANSWERS "\"\n"
	".byte 0\n"
	".popsection\n");
extern const char conform_answers[];

static const char *answer_to(const char *key)
{
	static char answer[4096];
	size_t n = strlen(key), len;
	const char *line, *end;

	for (line = conform_answers; *line; line = *end ? end + 1 : end) {
		end = strchr(line, '\n');
		if (!end)
			end = line + strlen(line);
		if (strncmp(line, key, n) || line[n] != '=')
			continue;
		line += n + 1;
		len = (size_t)(end - line);
		len = len < sizeof(answer) ? len : sizeof(answer) - 1;
		memcpy(answer, line, len);
		answer[len] = '\0';
		return answer;
	}
	return NULL;
}

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

void oracle_cache(struct kmem_cache *s, struct oracle_cache *c)
{
	c->name = s->name;
	c->size = s->size;
	c->object_size = s->object_size;
	c->align = s->align;
	c->order = s->order;
	c->objs_per_slab = s->objects;
	c->min_partial = s->min_partial;
	c->refcount = s->refcount;
	c->flags = (unsigned int)s->flags;
}

void oracle_cache_text(struct kmem_cache *s, char *buf, size_t n)
{
	unsigned long bytes = PAGE_SIZE << s->order;

	snprintf(buf, n,
		 "kmem_cache_size:%u object_size:%u size:%u align:%u "
		 "objs_per_slab:%u order:%u slab_bytes:%lu "
		 "waste_per_slab:%lu min_partial:%u refcount:%d name:%s "
		 "flags:0x%x",
		 kmem_cache_size(s), s->object_size, s->size, s->align,
		 s->objects, s->order, bytes,
		 bytes - (unsigned long)s->objects * s->size, s->min_partial,
		 s->refcount, s->name, (unsigned int)s->flags);
}

void oracle_counts(struct kmem_cache *s, struct oracle_counts *c)
{
	struct slab_counts n;

	slab_counts(s, &n);
	c->active = n.active_objs;
	c->total = n.num_objs;
	c->slabs = n.num_slabs;
	c->parked = n.free_in_sheaves;
}

struct kmem_cache *oracle_owner(const void *p)
{
	return page_cache(virt_to_page(p));
}

unsigned int oracle_order(const void *p)
{
	return compound_order(virt_to_head_page(p));
}

void *oracle_block(const void *p)
{
	return page_address(virt_to_head_page(p));
}

bool oracle_valid(void)
{
	return kmem_validate();
}

phys_addr_t oracle_dma_end(void)
{
	return window.dma_end;
}

unsigned long oracle_in_use(void)
{
	return in_use_bytes();
}

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

static unsigned long in_use_before;

int oracle_init(struct kunit *test)
{
	(void)test;
	in_use_before = oracle_in_use();
	return 0;
}

void oracle_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, oracle_in_use(), in_use_before);
	KUNIT_EXPECT_TRUE(test, oracle_valid());
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

void kunit_fail_int(struct kunit *test, const char *file, int line,
		    const char *left, const char *op, const char *right,
		    long long left_value, long long right_value)
{
	kunit_fail_msg(test, file, line, "not %s %s %s: %lld, %lld", left, op,
		       right, left_value, right_value);
}

void kunit_fail_ptr(struct kunit *test, const char *file, int line,
		    const char *left, const char *op, const char *right,
		    const void *left_value, const void *right_value)
{
	kunit_fail_msg(test, file, line, "not %s %s %s: %p, %p", left, op,
		       right, left_value, right_value);
}

bool kunit_check_str(struct kunit *test, const char *file, int line,
		     const char *left, const char *right,
		     const char *left_value, const char *right_value,
		     bool want_equal)
{
	bool equal = left_value && right_value ?
			     strcmp(left_value, right_value) == 0 :
			     left_value == right_value;

	if (equal != want_equal)
		kunit_fail_msg(test, file, line, "%s is \"%s\", %s is \"%s\"",
			       left, left_value, right, right_value);
	return equal == want_equal;
}

bool kunit_check_mem(struct kunit *test, const char *file, int line,
		     const char *left, const char *right,
		     const void *left_value, const void *right_value,
		     size_t size, bool want_equal)
{
	bool equal = memcmp(left_value, right_value, size) == 0;

	if (equal != want_equal)
		kunit_fail_msg(test, file, line, "%s and %s %s", left, right,
			       equal ? "are equal" : "differ");
	return equal == want_equal;
}

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
