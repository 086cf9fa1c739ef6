/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Regions that are freed in atomic sections: nothing is unmapped there, and
 * the next call that may sleep does it.
 */
#include "unit/alloc/world.h"

#include <kmem/kmem.h>
#include <linux/kernel.h>
#include <linux/preempt.h>

#define BIG (8 * MIB)

static unsigned long unmaps(void)
{
	return fake_calls(FAKE_UNMAP);
}

/* Regions of which none is kept when it is freed. */
WORLD_CASE(nothing_is_unmapped_in_a_section, .options = "decay_ms=0")
{
	unsigned int maps = fake_maps();
	unsigned long before;
	void *p[3];
	int i;

	for (i = 0; i < 3; i++) {
		p[i] = kvmalloc(BIG, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	before = unmaps();
	preempt_disable();
	for (i = 0; i < 3; i++)
		kvfree(p[i]);
	KUNIT_EXPECT_EQ(test, unmaps(), before);
	KUNIT_EXPECT_EQ(test, fake_maps(), maps + 3);
	/* gone for everybody, although the memory is still there */
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p[1]));
	/* what must not sleep leaves it so, and so does the section */
	kvfree(kvmalloc(64, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, region_settle(), 0);
	preempt_enable();
	kvfree(kvmalloc(64, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, unmaps(), before);
	kvfree(kvmalloc(64, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, unmaps(), before + 3);
	KUNIT_EXPECT_EQ(test, fake_maps(), maps);
}

WORLD_CASE(so_it_is_where_blocking_is_forbidden, .options = "decay_ms=0")
{
	void *p = kvmalloc(BIG, GFP_KERNEL);
	unsigned long before = unmaps();

	non_block_start();
	kvfree(p);
	KUNIT_EXPECT_EQ(test, unmaps(), before);
	non_block_end();
	KUNIT_EXPECT_GE(test, kmem_trim(), BIG);
	KUNIT_EXPECT_EQ(test, unmaps(), before + 1);
}

WORLD_CASE(the_next_call_ends_it, .options = "decay_ms=0")
{
	void *p[4];
	unsigned long before;
	int i;

	for (i = 0; i < 4; i++)
		p[i] = kvmalloc(BIG, GFP_KERNEL);
	before = unmaps();
	preempt_disable();
	kvfree(p[0]);
	preempt_enable();
	kvfree(p[1]);
	KUNIT_EXPECT_EQ(test, unmaps(), before + 2);
	preempt_disable();
	kvfree(p[2]);
	preempt_enable();
	p[3] = kvrealloc(p[3], BIG + MIB, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, unmaps(), before + 3);
	preempt_disable();
	kvfree(p[3]);
	preempt_enable();
	p[3] = region_alloc(BIG, PAGE_SIZE, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, unmaps(), before + 4);
	region_free(p[3]);
}

/* A hard limit: what waits is in the way of nobody. */
WORLD_CASE(it_makes_room_under_a_hard_limit, .options = "mem=64M,decay_ms=0")
{
	void *p = kvmalloc(40 * MIB, GFP_KERNEL), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	preempt_disable();
	kvfree(p);
	preempt_enable();
	q = region_alloc(40 * MIB, PAGE_SIZE, GFP_KERNEL | __GFP_NORETRY);
	KUNIT_EXPECT_NOT_NULL(test, q);
	region_free(q);
}

/* Page requests alone: the step of reclaim. */
WORLD_CASE(reclaim_ends_it, .options = "decay_ms=0")
{
	void *p = kvmalloc(BIG, GFP_KERNEL);
	unsigned long before = unmaps();

	preempt_disable();
	kvfree(p);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, unmaps(), before);
	preempt_enable();
	KUNIT_EXPECT_GE(test, reclaim_run(GFP_KERNEL, 0), BIG / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, unmaps(), before + 1);
}

/* --- the lock is another's ------------------------------------------------ */

static void *victims[4];
static unsigned int nr_victims;
static unsigned long seen_unmaps;

/* In an atomic section; how many calls to unmap came of it. */
static void free_victims(void)
{
	unsigned int i;

	preempt_disable();
	seen_unmaps = unmaps();
	for (i = 0; i < nr_victims; i++)
		kvfree(victims[i]);
	seen_unmaps = unmaps() - seen_unmaps;
	preempt_enable();
}

static void with_the_lock_held(void)
{
	/* fork's handlers hold region_lock */
	fake_fork_prepare();
	free_victims();
	fake_fork_parent();
}

WORLD_CASE(the_lock_is_not_waited_for, .options = "decay_ms=0")
{
	unsigned long before;
	void *p[3];
	int i;

	for (i = 0; i < 3; i++)
		p[i] = victims[i] = kvmalloc(BIG, GFP_KERNEL);
	nr_victims = 3;
	before = unmaps();
	with_the_lock_held();
	KUNIT_EXPECT_EQ(test, seen_unmaps, 0);
	/* put aside, they are regions until they are ended */
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(p[i]));
	kvfree(kvmalloc(64, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, unmaps(), before + 3);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p[i]));
}

WORLD_CASE(a_second_free_is_reported, .options = "decay_ms=0")
{
	void *p = kvmalloc(BIG, GFP_KERNEL), *q = kvmalloc(BIG, GFP_KERNEL);

	/* with the lock: at once */
	preempt_disable();
	kvfree(p);
	kvfree(p);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, log_count("object pointer: "), 1);
	fake_log_clear();
	/* without: when it is ended */
	victims[0] = victims[1] = q;
	nr_victims = 2;
	with_the_lock_held();
	KUNIT_EXPECT_EQ(test, log_count("object pointer: "), 0);
	kvfree(kvmalloc(64, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, log_count("object pointer: "), 1);
	fake_log_clear();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(nothing_is_unmapped_in_a_section),
	KUNIT_CASE(so_it_is_where_blocking_is_forbidden),
	KUNIT_CASE(the_next_call_ends_it),
	KUNIT_CASE(it_makes_room_under_a_hard_limit),
	KUNIT_CASE(reclaim_ends_it),
	KUNIT_CASE(the_lock_is_not_waited_for),
	KUNIT_CASE(a_second_free_is_reported),
	{},
};
static struct kunit_suite suite = {
	.name = "atomic_free",
	.test_cases = cases,
};
kunit_test_suite(suite);
