// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The order of reclaim's steps, and when it stops.
 */
#include "unit/page/world.h"

#include <pthread.h>

static char ran[24];
static unsigned int nr_ran;
static unsigned long yield_of[3];
static uint32_t flags_inside;
static unsigned long nested;

static unsigned long note(unsigned int step, gfp_t gfp)
{
	ran[nr_ran++] = (char)('a' + step);
	flags_inside = port_task()->flags;
	nested += reclaim_run(gfp, 0);
	return yield_of[step];
}

static unsigned long step_a(gfp_t gfp, unsigned int priority)
{
	(void)priority;
	return note(0, gfp);
}

static unsigned long step_b(gfp_t gfp, unsigned int priority)
{
	(void)priority;
	return note(1, gfp);
}

static unsigned long step_c(gfp_t gfp, unsigned int priority)
{
	(void)priority;
	return note(2, gfp);
}

static struct page_client steps[] = {
	{ .shrink = step_a },
	{ .shrink = step_b },
	{ .shrink = step_c },
};

static const char *run(unsigned int order, unsigned long *freed)
{
	memset(ran, 0, sizeof(ran));
	nr_ran = 0;
	*freed = reclaim_run(TEST_GFP_KERNEL, order);
	return ran;
}

WORLD_CASE(reclaim_runs_steps_in_order_until_enough, .window = 0)
{
	unsigned long freed;

	KUNIT_EXPECT_STREQ(test, run(0, &freed), "");
	KUNIT_EXPECT_EQ(test, freed, 0);
	for (unsigned int i = 0; i < 3; i++)
		page_register(&steps[i]);
	KUNIT_EXPECT_STREQ(test, run(0, &freed), "abc");
	KUNIT_EXPECT_EQ(test, freed, 0);
	yield_of[0] = 10;
	yield_of[1] = 22;
	KUNIT_EXPECT_STREQ(test, run(0, &freed), "abc");
	yield_of[1] = 23;
	/* 32 and what was asked for */
	KUNIT_EXPECT_STREQ(test, run(0, &freed), "ab");
	KUNIT_EXPECT_EQ(test, freed, 33);
	KUNIT_EXPECT_STREQ(test, run(1, &freed), "abc");
}

WORLD_CASE(reclaim_does_not_run_inside_itself, .window = 0)
{
	unsigned long freed;

	for (unsigned int i = 0; i < 3; i++) {
		yield_of[i] = 1;
		page_register(&steps[i]);
	}
	port_task()->flags = PF_MEMALLOC_NOFS;
	KUNIT_EXPECT_STREQ(test, run(0, &freed), "abc");
	KUNIT_EXPECT_EQ(test, freed, 3);
	KUNIT_EXPECT_EQ(test, nested, 0);
	KUNIT_EXPECT_EQ(test, flags_inside, PF_MEMALLOC | PF_MEMALLOC_NOFS);
	KUNIT_EXPECT_EQ(test, port_task()->flags, PF_MEMALLOC_NOFS);
	port_task()->flags = 0;
}

static unsigned long shrink_yield;

static unsigned long shrink(gfp_t gfp, unsigned int priority)
{
	(void)gfp;
	ran[nr_ran++] = (char)('A' + priority);
	return shrink_yield;
}

static struct page_client shrinking = { .in_use = true, .shrink = shrink };

/* Users' caches come after all unused memory, a little at first. */
WORLD_CASE(reclaim_presses_harder_until_enough, .window = 0)
{
	unsigned long freed;

	page_register(&shrinking);
	for (unsigned int i = 0; i < 2; i++)
		page_register(&steps[i]);
	KUNIT_EXPECT_STREQ(test, run(0, &freed), "abMLKJIHGFEDCBA");
	yield_of[1] = 30;
	shrink_yield = 1;
	KUNIT_EXPECT_STREQ(test, run(0, &freed), "abMLK");
	KUNIT_EXPECT_EQ(test, freed, 33);
	yield_of[0] = 33;
	KUNIT_EXPECT_STREQ(test, run(0, &freed), "a");
	/* for requests that give up early they never give much */
	yield_of[0] = yield_of[1] = shrink_yield = 0;
	memset(ran, 0, sizeof(ran));
	nr_ran = 0;
	reclaim_run(TEST_GFP_KERNEL | __GFP_NORETRY, 0);
	KUNIT_EXPECT_STREQ(test, ran, "abMLKJIHGFE");
}

/* Unused memory, and nothing else. */
WORLD_CASE(reclaim_of_what_is_spare, .window = 0)
{
	struct kmem_pub_totals *t = page_totals();

	steps[1].spare = true;
	page_register(&shrinking);
	for (unsigned int i = 0; i < 3; i++) {
		yield_of[i] = 100;
		page_register(&steps[i]);
	}
	KUNIT_EXPECT_EQ(test, reclaim_spare(TEST_GFP_KERNEL), 100);
	KUNIT_EXPECT_STREQ(test, ran, "b");
	KUNIT_EXPECT_EQ(test, flags_inside, PF_MEMALLOC);
	KUNIT_EXPECT_EQ(test, port_task()->flags, 0);
	KUNIT_EXPECT_EQ(test, t->reclaim_runs, 0);
	reclaim_run(TEST_GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, t->reclaim_runs, 1);
	KUNIT_EXPECT_EQ(test, t->reclaim_pages, 100);
}

static unsigned long one(gfp_t gfp, unsigned int priority)
{
	(void)gfp;
	(void)priority;
	return 1;
}

static struct page_client many[4][8];

static void *register_eight(void *arg)
{
	struct page_client *mine = arg;

	for (unsigned int i = 0; i < 8; i++) {
		mine[i].shrink = one;
		page_register(&mine[i]);
	}
	return NULL;
}

WORLD_CASE(reclaim_registers_from_many_threads, .window = 0)
{
	pthread_t thread[4];

	for (unsigned int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, register_eight, many[i]);
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	KUNIT_EXPECT_EQ(test, reclaim_run(TEST_GFP_KERNEL, 3), 32);
}

static struct kunit_case reclaim_cases[] = {
	KUNIT_CASE(reclaim_runs_steps_in_order_until_enough),
	KUNIT_CASE(reclaim_does_not_run_inside_itself),
	KUNIT_CASE(reclaim_presses_harder_until_enough),
	KUNIT_CASE(reclaim_of_what_is_spare),
	KUNIT_CASE(reclaim_registers_from_many_threads),
	{}
};

static struct kunit_suite reclaim_suite = {
	.name = "page-reclaim",
	.test_cases = reclaim_cases,
};

kunit_test_suite(reclaim_suite);
