/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Areas that are freed in atomic sections: nothing is ended there, since that
 * enters the OS, and the next call that may sleep does it.
 */
#include "unit/alloc/world.h"

#include <kmem/kmem.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/vmalloc.h>

#define BIG (8 * MIB)

/* Areas that have their pages. */
static unsigned long areas(void)
{
	return vmalloc_nr_pages() / (BIG / PAGE_SIZE + 2);
}

static unsigned long calls(void)
{
	return fake_calls(FAKE_GUARD);
}

WORLD_CASE(nothing_is_ended_in_a_section, .options = "decay_ms=0")
{
	unsigned long before;
	void *p[3];
	int i;

	for (i = 0; i < 3; i++) {
		p[i] = kvmalloc(BIG, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	before = calls();
	preempt_disable();
	for (i = 0; i < 3; i++)
		kvfree(p[i]);
	KUNIT_EXPECT_EQ(test, calls(), before);
	KUNIT_EXPECT_EQ(test, areas(), 3);
	/* gone, although the memory is still there */
	KUNIT_EXPECT_NULL(test, find_vm_area(p[1]));
	/* what must not sleep leaves it so, and so does the section */
	kvfree(kvmalloc(64, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, areas_settle(), 0);
	preempt_enable();
	kvfree(kvmalloc(64, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, calls(), before);
	kvfree(kvmalloc(64, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, areas(), 0);
}

WORLD_CASE(so_it_is_where_blocking_is_forbidden, .options = "decay_ms=0")
{
	void *p = kvmalloc(BIG, GFP_KERNEL);

	non_block_start();
	kvfree(p);
	KUNIT_EXPECT_EQ(test, areas(), 1);
	non_block_end();
	KUNIT_EXPECT_GE(test, kmem_trim(), BIG);
	KUNIT_EXPECT_EQ(test, areas(), 0);
}

WORLD_CASE(the_next_call_ends_it, .options = "decay_ms=0")
{
	void *p[4];
	int i;

	for (i = 0; i < 4; i++)
		p[i] = kvmalloc(BIG, GFP_KERNEL);
	preempt_disable();
	kvfree(p[0]);
	preempt_enable();
	kvfree(p[1]);
	KUNIT_EXPECT_EQ(test, areas(), 2);
	preempt_disable();
	kvfree(p[2]);
	preempt_enable();
	vm_unmap_aliases();
	KUNIT_EXPECT_EQ(test, areas(), 1);
	preempt_disable();
	vfree(p[3]);
	preempt_enable();
	p[3] = vmalloc(PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, areas(), 0);
	vfree_atomic(p[3]);
	KUNIT_EXPECT_EQ(test, vmalloc_nr_pages(), 3);
	vfree(NULL);
	vm_unmap_aliases();
	KUNIT_EXPECT_EQ(test, vmalloc_nr_pages(), 0);
}

/* A hard limit: what waits is in the way of nobody. */
WORLD_CASE(it_makes_room_under_a_hard_limit, .options = "mem=64M,decay_ms=0")
{
	void *p = kvmalloc(40 * MIB, GFP_KERNEL), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	preempt_disable();
	kvfree(p);
	preempt_enable();
	q = __vmalloc(40 * MIB, GFP_KERNEL | __GFP_NORETRY);
	KUNIT_EXPECT_NOT_NULL(test, q);
	vfree(q);
}

/* Page requests alone: the step of reclaim. */
WORLD_CASE(reclaim_ends_it, .options = "decay_ms=0")
{
	void *p = kvmalloc(BIG, GFP_KERNEL);

	preempt_disable();
	kvfree(p);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, areas(), 1);
	preempt_enable();
	KUNIT_EXPECT_GE(test, reclaim_run(GFP_KERNEL, 0), BIG / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, areas(), 0);
}

/* --- the lock is another's ------------------------------------------------ */

static void *victims[4];
static unsigned int nr_victims;
static unsigned long seen_calls;

/* In an atomic section; how many calls of the OS came of it. */
static void free_victims(void)
{
	unsigned int i;

	preempt_disable();
	seen_calls = calls();
	for (i = 0; i < nr_victims; i++)
		kvfree(victims[i]);
	seen_calls = calls() - seen_calls;
	preempt_enable();
}

static void with_the_lock_held(void)
{
	/* fork's handlers hold area_lock */
	fake_fork_prepare();
	free_victims();
	fake_fork_parent();
}

WORLD_CASE(the_lock_is_not_waited_for, .options = "decay_ms=0")
{
	void *p[3];
	int i;

	for (i = 0; i < 3; i++)
		p[i] = victims[i] = kvmalloc(BIG, GFP_KERNEL);
	nr_victims = 3;
	with_the_lock_held();
	KUNIT_EXPECT_EQ(test, seen_calls, 0);
	KUNIT_EXPECT_EQ(test, areas(), 3);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_NULL(test, find_vm_area(p[i]));
	kvfree(kvmalloc(64, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, areas(), 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p[i]));
}

WORLD_CASE(a_second_free_is_reported, .options = "decay_ms=0")
{
	void *p = vmalloc(BIG), *q = vmalloc(BIG);

	preempt_disable();
	vfree(p);
	vfree(p);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, log_count("nonexistent vm area"), 1);
	fake_log_clear();
	victims[0] = victims[1] = q;
	nr_victims = 2;
	with_the_lock_held();
	KUNIT_EXPECT_EQ(test, log_count("object pointer: "), 1);
	fake_log_clear();
	vm_unmap_aliases();
	KUNIT_EXPECT_EQ(test, areas(), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(nothing_is_ended_in_a_section),
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
