// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* kvmalloc(): which half serves; the caller cannot tell except by size. */
#include "unit/alloc/world.h"

#include <limits.h>

WORLD_CASE(kvmalloc_small_is_kmalloc)
{
	void *p;

	KUNIT_EXPECT_PTR_EQ(test, kvmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	p = kvmalloc(100, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, ksize(p), 128);
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p));
	kvfree(p);
	p = kvmalloc(8192, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p));
	kvfree(p);
	p = kvmalloc(MIB, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p));
	kvfree(p);
	kvfree(NULL);
}

WORLD_CASE(kvmalloc_large_is_an_area)
{
	size_t n = 8 * MIB;
	char *p = kvmalloc(n, GFP_KERNEL);
	int local;

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(p));
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(p + 1));
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(p + n - 1));
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p + n));
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p - 1));
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(&local));
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(NULL));
	KUNIT_EXPECT_EQ(test, (uintptr_t)p % PAGE_SIZE, 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(p, 0, n));
	memset(p, 1, n);
	kvfree(p);
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(kvmalloc_zeroes_both_halves)
{
	char *p = kvmalloc(MIB, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 1, MIB);
	kvfree(p);
	p = kvzalloc(MIB, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, all_bytes(p, 0, MIB));
	kvfree(p);
	p = kvcalloc(1000, 10000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, all_bytes(p, 0, 10000000));
	kvfree(p);
}

WORLD_CASE(kvmalloc_limits)
{
	size_t above = (size_t)hide((void *)((size_t)INT_MAX + 1));
	size_t half = (size_t)hide((void *)(SIZE_MAX / 2 + 2));

	KUNIT_EXPECT_NULL(test, kvmalloc(above, GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_NULL(test, kvmalloc_array(half, 2, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kvcalloc(half, 2, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kvmalloc_array_node(half, 2, GFP_KERNEL, 0));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_NULL(test, kvmalloc(above, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kvmalloc(above, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 1);
}

WORLD_CASE(kvmalloc_node_is_a_wish)
{
	void *p = kvmalloc_node(8 * MIB, GFP_KERNEL, 5);

	KUNIT_EXPECT_NOT_NULL(test, p);
	kvfree(p);
	p = kvzalloc_node(100, GFP_KERNEL | __GFP_THISNODE, 0);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kvfree(p);
	KUNIT_EXPECT_NULL(test, kvcalloc_node(1, 8 * MIB,
					      GFP_KERNEL | __GFP_THISNODE, 2));
}

WORLD_CASE(kvmalloc_without_sleeping_never_guards)
{
	unsigned long calls = fake_calls(FAKE_GUARD);

	KUNIT_EXPECT_NULL(test, kvmalloc(8 * MIB, GFP_NOWAIT));
	KUNIT_EXPECT_NULL(test, kvmalloc(8 * MIB, GFP_ATOMIC | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_GUARD), calls);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(kvmalloc_reports_at_most_every_ten_seconds)
{
	fake_fail_from(FAKE_BIT(FAKE_COMMIT), 1);
	KUNIT_EXPECT_NULL(test, kvmalloc(8 * MIB, GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_NULL(test, kvmalloc(8 * MIB, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, log_count("vmalloc error: size 8388608, "), 1);
	KUNIT_EXPECT_EQ(test, log_count("mode:0xcc0(GFP_KERNEL)\n"), 1);
	KUNIT_EXPECT_NULL(test, kvmalloc(8 * MIB, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, log_count("vmalloc error"), 1);
	fake_clock_advance(11000000000);
	KUNIT_EXPECT_NULL(test, kvmalloc(8 * MIB, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, log_count("vmalloc error"), 2);
}

static unsigned int naps;

static void let_it_work(void)
{
	if (++naps == 3)
		fake_fail_nth(0, 0);
}

WORLD_CASE(kvmalloc_nofail_tries_until_it_works)
{
	void *p;

	fake_fail_from(FAKE_BIT(FAKE_COMMIT), 1);
	fake_set_yield_hook(let_it_work);
	p = kvmalloc(8 * MIB, GFP_KERNEL | __GFP_NOFAIL);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_GE(test, naps, 3);
	kvfree(p);
}

/*
 * Half of the memory is free, and no two pages of it are neighbours.  This OS
 * has no second addresses for them; context-vmalloc has the same where it has.
 */
WORLD_CASE(kvmalloc_fails_when_pages_are_scattered, .window = 64 * MIB)
{
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN;
	void *head = NULL, **p, **next;
	unsigned long n = 0;

	while ((p = kmalloc(4096, quiet))) {
		*p = head;
		head = p;
		n++;
	}
	KUNIT_EXPECT_GT(test, n, 5000);
	for (p = head; p && *p; p = *p) {
		next = *p;
		*p = *next;
		kfree(next);
	}
	KUNIT_EXPECT_NULL(test, kmalloc(MIB, quiet));
	KUNIT_EXPECT_NULL(test, kvmalloc(MIB, quiet));
	while ((p = head)) {
		head = *p;
		kfree(p);
	}
	/* nothing was lost */
	p = kvmalloc(MIB, quiet);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kvfree(p);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(kvfree_sensitive_wipes_what_was_used)
{
	char *p = kvmalloc(100, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(hide(p), 7, 128);
	kvfree_sensitive(p, 100);
	p = hide(kmalloc(128, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, all_bytes(p, 0, 100));
	KUNIT_EXPECT_TRUE(test, all_bytes(p + 100, 7, 28));
	kfree(p);
	p = kvmalloc(8 * MIB, GFP_KERNEL);
	kvfree_sensitive(p, 8 * MIB);
}

static void stamp(char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += 512)
		p[i] = (char)(i / 512 + 1);
}

static bool stamped(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += 512)
		if (p[i] != (char)(i / 512 + 1))
			return false;
	return true;
}

WORLD_CASE(kvrealloc_crosses_from_one_half_to_the_other)
{
	char *p = kvrealloc(NULL, 100, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	stamp(p, 100);
	p = kvrealloc(p, 3000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, stamped(p, 100));
	stamp(p, 3000);
	p = kvrealloc(p, 3 * MIB, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p));
	KUNIT_EXPECT_TRUE(test, stamped(p, 3000));
	stamp(p, 3 * MIB);
	p = kvrealloc(p, 9 * MIB, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(p));
	KUNIT_EXPECT_TRUE(test, stamped(p, 3 * MIB));
	stamp(p, 9 * MIB);
	p = kvrealloc(p, 20 * MIB, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, stamped(p, 9 * MIB));
	/* and stays an area */
	p = kvrealloc(p, 100, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(p));
	KUNIT_EXPECT_EQ(test, area_size(p), PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, stamped(p, 100));
	KUNIT_EXPECT_NULL(test, kvrealloc(p, 0, GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p));
}

WORLD_CASE(kvrealloc_to_nothing_has_two_answers)
{
	void *p = kvmalloc(100, GFP_KERNEL), *q;

	KUNIT_EXPECT_PTR_EQ(test, kvrealloc(p, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	q = kvmalloc(8 * MIB, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_NULL(test, kvrealloc(q, 0, GFP_KERNEL));
	KUNIT_EXPECT_PTR_EQ(test, kvrealloc(ZERO_SIZE_PTR, 0, GFP_KERNEL),
			    ZERO_SIZE_PTR);
}

WORLD_CASE(kvrealloc_zero_holds_in_areas)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO;
	size_t size = 8 * MIB, next;
	char *p = kvmalloc(size, gfp);
	uint64_t seed = 5;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 9, size);
	for (i = 0; i < 40; i++) {
		next = dice(&seed) % (3 * MIB) + 1;
		p = kvrealloc(p, next, gfp);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_ASSERT_TRUE(test,
				  all_bytes(p, 9, next < size ? next : size));
		if (next > size)
			KUNIT_ASSERT_TRUE(test,
					  all_bytes(p + size, 0, next - size));
		memset(p, 9, next);
		size = next;
	}
	kvfree(p);
}

WORLD_CASE(kvrealloc_failure_leaves_the_block)
{
	char *p = kvmalloc(8 * MIB, GFP_KERNEL), *q;
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN;

	KUNIT_ASSERT_NOT_NULL(test, p);
	stamp(p, 8 * MIB);
	q = kvmalloc(3 * MIB, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	stamp(q, 3 * MIB);
	fake_fail_from(FAKE_ANY, 1);
	KUNIT_EXPECT_NULL(test, kvrealloc(p, 16 * MIB, quiet));
	KUNIT_EXPECT_NULL(test, kvrealloc(q, 16 * MIB, quiet));
	KUNIT_EXPECT_NULL(test, kvrealloc(p, (size_t)INT_MAX + 1, quiet));
	fake_fail_nth(0, 0);
	KUNIT_EXPECT_TRUE(test, stamped(p, 8 * MIB));
	KUNIT_EXPECT_TRUE(test, stamped(q, 3 * MIB));
	KUNIT_EXPECT_EQ(test, area_size(p), 8 * MIB);
	kvfree(p);
	kvfree(q);
}

WORLD_CASE(kvrealloc_old_form_never_shrinks)
{
	char *p = kvmalloc(8 * MIB, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_PTR_EQ(test, kvrealloc(p, 8 * MIB, 100, GFP_KERNEL), p);
	stamp(p, 8 * MIB);
	p = kvrealloc(p, 8 * MIB, 9 * MIB, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, stamped(p, 8 * MIB));
	kvfree(p);
}

/* Each port call on the way fails once: NULL or a block, and no leak. */
WORLD_CASE(kvmalloc_survives_each_failure)
{
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN;
	struct ledger before;
	unsigned long n;
	bool failed;
	void *p, *q;

	read_ledger(&before);
	for (n = 1; n < 50; n++) {
		fake_fail_nth(FAKE_ANY, n);
		p = kvmalloc(8 * MIB, quiet);
		if (p) {
			q = kvrealloc(p, 30 * MIB, quiet);
			p = q ? q : p;
		}
		kvfree(p);
		failed = fake_failed();
		fake_fail_nth(0, 0);
		expect_ledger(test, &before);
		KUNIT_ASSERT_TRUE(test, areas_validate());
		if (!failed)
			break;
	}
	KUNIT_EXPECT_GT(test, n, 2);
	KUNIT_EXPECT_LT(test, n, 50);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kvmalloc_small_is_kmalloc),
	KUNIT_CASE(kvmalloc_large_is_an_area),
	KUNIT_CASE(kvmalloc_zeroes_both_halves),
	KUNIT_CASE(kvmalloc_limits),
	KUNIT_CASE(kvmalloc_node_is_a_wish),
	KUNIT_CASE(kvmalloc_without_sleeping_never_guards),
	KUNIT_CASE(kvmalloc_reports_at_most_every_ten_seconds),
	KUNIT_CASE(kvmalloc_nofail_tries_until_it_works),
	KUNIT_CASE(kvmalloc_fails_when_pages_are_scattered),
	KUNIT_CASE(kvfree_sensitive_wipes_what_was_used),
	KUNIT_CASE(kvrealloc_crosses_from_one_half_to_the_other),
	KUNIT_CASE(kvrealloc_to_nothing_has_two_answers),
	KUNIT_CASE(kvrealloc_zero_holds_in_areas),
	KUNIT_CASE(kvrealloc_failure_leaves_the_block),
	KUNIT_CASE(kvrealloc_old_form_never_shrinks),
	KUNIT_CASE(kvmalloc_survives_each_failure),
	{},
};

static struct kunit_suite suite = {
	.name = "alloc_kvmalloc",
	.test_cases = cases,
};

kunit_test_suite(suite);
