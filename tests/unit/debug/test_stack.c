/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Stacks kept by number: each once, by any thread, until the area is full. */
#include "debug/stack.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "debug/report.h"
#include "kunit/test.h"
#include "port/fake/fake.h"

#define PC(n) ((void *)(uintptr_t)(n))

static void before_the_start_nothing_is_kept(struct kunit *test)
{
	void *pc[1] = { PC(1) };

	KUNIT_EXPECT_EQ(test, stack_keep(pc, 1), 0);
	fake_fail_nth(FAKE_BIT(FAKE_MAP), 1);
	KUNIT_EXPECT_FALSE(test, stack_boot());
	KUNIT_EXPECT_EQ(test, stack_keep(pc, 1), 0);
	KUNIT_EXPECT_TRUE(test, stack_boot());
	KUNIT_EXPECT_TRUE(test, stack_boot());
	KUNIT_EXPECT_EQ(test, fake_maps(), 1);
}

static void each_is_kept_once(struct kunit *test)
{
	void *a[3] = { PC(10), PC(20), PC(30) }, *b[3] = { PC(10), PC(20) };
	void *const *pc = NULL;
	unsigned long was = stack_count();
	uint32_t na, nb, shorter;

	na = stack_keep(a, 3);
	nb = stack_keep(b, 3);
	shorter = stack_keep(a, 2);
	KUNIT_ASSERT_NE(test, na, 0);
	KUNIT_EXPECT_NE(test, na, nb);
	KUNIT_EXPECT_NE(test, na, shorter);
	KUNIT_EXPECT_NE(test, nb, shorter);
	KUNIT_EXPECT_EQ(test, stack_keep(a, 3), na);
	KUNIT_EXPECT_EQ(test, stack_keep(b, 3), nb);
	KUNIT_EXPECT_EQ(test, stack_keep(a, 2), shorter);
	KUNIT_EXPECT_EQ(test, stack_count(), was + 3);
	KUNIT_ASSERT_EQ(test, stack_get(na, &pc), 3);
	KUNIT_EXPECT_MEMEQ(test, pc, a, sizeof(a));
	KUNIT_ASSERT_EQ(test, stack_get(shorter, &pc), 2);
	KUNIT_EXPECT_MEMEQ(test, pc, a, 2 * sizeof(*a));
	KUNIT_EXPECT_EQ(test, stack_get(0, &pc), 0);
	KUNIT_EXPECT_EQ(test, stack_keep(a, 0), 0);
}

static void here_begins_where_it_is_told(struct kunit *test)
{
	void *all[40], *pc[STACK_DEPTH];
	unsigned int i;

	for (i = 0; i < 40; i++)
		all[i] = PC(1000 + i);
	fake_set_stack(all, 40);
	KUNIT_ASSERT_EQ(test, stack_here(pc, all[5]), STACK_DEPTH);
	KUNIT_EXPECT_MEMEQ(test, pc, all + 5, sizeof(pc));
	fake_set_stack(all, 8);
	KUNIT_ASSERT_EQ(test, stack_here(pc, all[5]), 3);
	KUNIT_EXPECT_MEMEQ(test, pc, all + 5, 3 * sizeof(*pc));
	/* no such frame, or no frames at all: the one that is known */
	KUNIT_ASSERT_EQ(test, stack_here(pc, PC(7)), 1);
	KUNIT_EXPECT_PTR_EQ(test, pc[0], PC(7));
	fake_set_stack(NULL, 0);
	KUNIT_ASSERT_EQ(test, stack_here(pc, PC(8)), 1);
	KUNIT_EXPECT_PTR_EQ(test, pc[0], PC(8));
}

static void lines_name_each_address(struct kunit *test)
{
	void *pc[2] = { PC(0x1234), PC(0x5678) };

	fake_log_clear();
	report_begin();
	stack_lines(pc, 2);
	report_end();
	KUNIT_EXPECT_STREQ(test, fake_log(), " 0x1234\n 0x5678\n");
}

#define THREADS 4
#define STACKS 3000

static uint32_t numbers[THREADS][STACKS];

static void *keep_all(void *arg)
{
	uint32_t *mine = arg;
	void *pc[4];
	int i;

	for (i = 0; i < STACKS; i++) {
		pc[0] = pc[1] = pc[2] = PC(i);
		pc[3] = PC(100000 + i);
		mine[i] = stack_keep(pc, 4);
	}
	return NULL;
}

/* The same stacks from many threads: every number leads to its stack. */
static void threads_keep_at_a_time(struct kunit *test)
{
	unsigned long was = stack_count();
	pthread_t t[THREADS];
	void *const *pc;
	int i, k, bad = 0;

	for (i = 0; i < THREADS; i++)
		KUNIT_ASSERT_EQ(
			test, pthread_create(&t[i], NULL, keep_all, numbers[i]),
			0);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < THREADS; i++)
		for (k = 0; k < STACKS; k++)
			bad += stack_get(numbers[i][k], &pc) != 4 ||
			       pc[0] != PC(k) || pc[3] != PC(100000 + k);
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_GE(test, stack_count(), was + STACKS);
	/* now that they are there, nothing is added */
	was = stack_count();
	keep_all(numbers[0]);
	KUNIT_EXPECT_EQ(test, stack_count(), was);
}

static void a_full_area_turns_away_what_is_new(struct kunit *test)
{
	void *pc[STACK_DEPTH] = { NULL }, *old[1] = { PC(55) };
	uint32_t number = stack_keep(old, 1), last = 1;
	unsigned long i;

	KUNIT_EXPECT_EQ(test, stack_lost(), 0);
	for (i = 1; i < 200000 && last; i++) {
		pc[0] = PC(i << 20);
		last = stack_keep(pc, STACK_DEPTH);
	}
	KUNIT_EXPECT_EQ(test, last, 0);
	KUNIT_EXPECT_GT(test, i, 40000);
	KUNIT_EXPECT_EQ(test, stack_lost(), 1);
	KUNIT_EXPECT_EQ(test, stack_keep(old, 1), number);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(before_the_start_nothing_is_kept),
	KUNIT_CASE(each_is_kept_once),
	KUNIT_CASE(here_begins_where_it_is_told),
	KUNIT_CASE(lines_name_each_address),
	KUNIT_CASE(threads_keep_at_a_time),
	KUNIT_CASE(a_full_area_turns_away_what_is_new),
	{},
};
static struct kunit_suite suite = { .name = "stack", .test_cases = cases };
kunit_test_suite(suite);
