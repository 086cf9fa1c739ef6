/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Scopes and sections as code uses them: cookies, nesting, guards.  Written
 * as a module of a kernel since 6.10 would be; what differs there is that
 * cookies of earlier kernels hold what was set, which callers do not look at.
 */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "kunit/test.h"

/* What GFP_KERNEL is in the scopes of the caller. */
static gfp_t kernel_now(void)
{
	return current_gfp_context(GFP_KERNEL);
}

static void cookies_are_what_is_new(struct kunit *test)
{
	unsigned int outer = memalloc_nofs_save(), inner;

	KUNIT_EXPECT_EQ(test, outer, PF_MEMALLOC_NOFS);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOFS);
	inner = memalloc_nofs_save();
	KUNIT_EXPECT_EQ(test, inner, 0);
	memalloc_nofs_restore(inner);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOFS);
	memalloc_nofs_restore(outer);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_KERNEL);
}

static void scopes_nest(struct kunit *test)
{
	unsigned int fs = memalloc_nofs_save(), io = memalloc_noio_save();

	KUNIT_EXPECT_EQ(test, io, PF_MEMALLOC_NOIO);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOIO);
	memalloc_noio_restore(io);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOFS);
	memalloc_nofs_restore(fs);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_KERNEL);

	io = memalloc_noio_save();
	fs = memalloc_nofs_save();
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOIO);
	memalloc_nofs_restore(fs);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOIO);
	memalloc_noio_restore(io);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_KERNEL);
}

static void each_scope_takes_its_own(struct kunit *test)
{
	const gfp_t all = GFP_HIGHUSER_MOVABLE | __GFP_ZERO | __GFP_NOWARN;
	unsigned int was = memalloc_pin_save();

	KUNIT_EXPECT_EQ(test, was, PF_MEMALLOC_PIN);
	KUNIT_EXPECT_EQ(test, current_gfp_context(all), all & ~__GFP_MOVABLE);
	memalloc_pin_restore(was);
	KUNIT_EXPECT_EQ(test, current_gfp_context(all), all);
	was = memalloc_noreclaim_save();
	KUNIT_EXPECT_EQ(test, was, PF_MEMALLOC);
	KUNIT_EXPECT_EQ(test, current_gfp_context(all), all);
	memalloc_noreclaim_restore(was);
	was = memalloc_nofs_save();
	KUNIT_EXPECT_EQ(test, current_gfp_context(all), all & ~__GFP_FS);
	KUNIT_EXPECT_EQ(test, current_gfp_context(GFP_ATOMIC), GFP_ATOMIC);
	memalloc_nofs_restore(was);
}

static void any_bits_together(struct kunit *test)
{
	unsigned int both = PF_MEMALLOC_NOIO | PF_MEMALLOC_PIN, was, more;

	was = memalloc_flags_save(both);
	KUNIT_EXPECT_EQ(test, was, both);
	more = memalloc_flags_save(PF_MEMALLOC_PIN | PF_MEMALLOC_NOFS);
	KUNIT_EXPECT_EQ(test, more, PF_MEMALLOC_NOFS);
	memalloc_flags_restore(more);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOIO);
	memalloc_flags_restore(was);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_KERNEL);
}

static void a_scope_of_flags(struct kunit *test)
{
	unsigned int was = memalloc_apply_gfp_scope(GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, was, 0);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_KERNEL);
	memalloc_restore_scope(was);
	was = memalloc_apply_gfp_scope(GFP_NOFS);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOFS);
	memalloc_restore_scope(was);
	was = memalloc_apply_gfp_scope(GFP_NOIO);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOIO);
	memalloc_restore_scope(was);
	was = memalloc_apply_gfp_scope(GFP_NOWAIT);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOIO);
	memalloc_restore_scope(was);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_KERNEL);
}

static gfp_t leaves_early(int how)
{
	guard(memalloc_flags)(PF_MEMALLOC_NOFS);

	if (how == 1)
		return kernel_now();
	guard(memalloc_noio)();
	return kernel_now();
}

static void guards_end_with_their_block(struct kunit *test)
{
	int loops = 0;

	KUNIT_EXPECT_EQ(test, leaves_early(1), GFP_NOFS);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, leaves_early(2), GFP_NOIO);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_KERNEL);
	{
		guard(memalloc_pin)();
		guard(memalloc_noreclaim)();
		KUNIT_EXPECT_EQ(test, current_gfp_context(__GFP_MOVABLE), 0);
		KUNIT_EXPECT_EQ(test, memalloc_noreclaim_save(), 0);
	}
	KUNIT_EXPECT_EQ(test, current_gfp_context(__GFP_MOVABLE),
			__GFP_MOVABLE);
	scoped_guard(memalloc_nofs)
	{
		KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOFS);
		loops++;
	}
	scoped_guard(memalloc_flags, PF_MEMALLOC_NOIO) scoped_guard(preempt)
	{
		KUNIT_EXPECT_EQ(test, kernel_now(), GFP_NOIO);
		KUNIT_EXPECT_TRUE(test, in_atomic());
		loops++;
	}
	for (;;) {
		scoped_guard(preempt)
		{
			loops++;
			goto out;
		}
	}
out:
	KUNIT_EXPECT_EQ(test, loops, 3);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_EXPECT_EQ(test, kernel_now(), GFP_KERNEL);
}

static void atomic_sections_nest(struct kunit *test)
{
	int before = preempt_count();

	preempt_disable();
	KUNIT_EXPECT_TRUE(test, in_atomic());
	KUNIT_EXPECT_FALSE(test, preemptible());
	preempt_disable_notrace();
	KUNIT_EXPECT_EQ(test, preempt_count(), before + 2);
	preempt_enable_no_resched();
	KUNIT_EXPECT_EQ(test, preempt_count(), before + 1);
	/* what may be done in one */
	kfree(kmalloc(100, GFP_ATOMIC));
	might_sleep_if(false);
	cant_sleep();
	preempt_enable_notrace();
	KUNIT_EXPECT_EQ(test, preempt_count(), before);
}

static void requests_in_scopes_are_served(struct kunit *test)
{
	void *p;

	scoped_guard(memalloc_noio)
	{
		p = kmalloc(100, GFP_KERNEL);
		KUNIT_EXPECT_NOT_NULL(test, p);
		kfree(p);
		p = kvmalloc(8u << 20, GFP_KERNEL);
		KUNIT_EXPECT_NOT_NULL(test, p);
		kvfree(p);
		might_alloc(GFP_KERNEL);
		fs_reclaim_acquire(GFP_KERNEL);
		fs_reclaim_release(GFP_KERNEL);
		memalloc_retry_wait(GFP_KERNEL);
	}
	might_sleep();
	non_block_start();
	non_block_end();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(cookies_are_what_is_new),
	KUNIT_CASE(scopes_nest),
	KUNIT_CASE(each_scope_takes_its_own),
	KUNIT_CASE(any_bits_together),
	KUNIT_CASE(a_scope_of_flags),
	KUNIT_CASE(guards_end_with_their_block),
	KUNIT_CASE(atomic_sections_nest),
	KUNIT_CASE(requests_in_scopes_are_served),
	{},
};
static struct kunit_suite suite = { .name = "scope", .test_cases = cases };
kunit_test_suite(suite);
