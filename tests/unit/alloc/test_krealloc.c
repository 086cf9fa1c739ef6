// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* krealloc(): the block stays, moves, ends, or is zero where it must be. */
#include "unit/alloc/world.h"

static void fill(void *p, size_t n)
{
	unsigned char *b = hide(p);
	size_t i;

	for (i = 0; i < n; i++)
		b[i] = (unsigned char)(i * 7 + 1);
}

static bool filled(const void *p, size_t n)
{
	const unsigned char *b = p;
	size_t i;

	for (i = 0; i < n; i++)
		if (b[i] != (unsigned char)(i * 7 + 1))
			return false;
	return true;
}

WORLD_CASE(krealloc_of_nothing_allocates)
{
	void *p = krealloc(NULL, 40, GFP_KERNEL);
	void *q = krealloc(ZERO_SIZE_PTR, 32, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, ksize(p), 64);
	KUNIT_EXPECT_EQ(test, ksize(q), 32);
	KUNIT_EXPECT_PTR_EQ(test, krealloc(NULL, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	KUNIT_EXPECT_PTR_EQ(test, krealloc(ZERO_SIZE_PTR, 0, GFP_KERNEL),
			    ZERO_SIZE_PTR);
	kfree(p);
	kfree(q);
}

WORLD_CASE(krealloc_to_nothing_frees)
{
	void *p = kmalloc(40, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_PTR_EQ(test, krealloc(p, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	KUNIT_EXPECT_PTR_EQ(test, kmalloc(40, GFP_KERNEL), p);
	kfree(p);
}

WORLD_CASE(krealloc_stays_while_it_fits)
{
	void *p = kmalloc(40, GFP_KERNEL);
	size_t size;

	KUNIT_ASSERT_NOT_NULL(test, p);
	fill(p, 64);
	for (size = 64; size; size--)
		KUNIT_ASSERT_PTR_EQ(test, krealloc(p, size, GFP_KERNEL), p);
	KUNIT_EXPECT_EQ(test, ksize(p), 64);
	KUNIT_EXPECT_PTR_EQ(test, krealloc(p, 64, GFP_KERNEL), p);
	KUNIT_EXPECT_TRUE(test, filled(p, 64));
	kfree(p);
	p = kmalloc(8193, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, krealloc(p, 16384, GFP_KERNEL), p);
	KUNIT_EXPECT_PTR_EQ(test, krealloc(p, 100, GFP_KERNEL), p);
	KUNIT_EXPECT_EQ(test, ksize(p), 16384);
	kfree(p);
}

WORLD_CASE(krealloc_grows_through_every_class)
{
	void *p = kmalloc(1, GFP_KERNEL), *q;
	size_t have;

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (have = ksize(p); have < KMALLOC_MAX_SIZE; have = ksize(p)) {
		fill(p, have);
		q = krealloc(p, have + 1, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, q);
		KUNIT_EXPECT_PTR_NE(test, q, p);
		KUNIT_EXPECT_EQ(test, ksize(q), kmalloc_size_roundup(have + 1));
		KUNIT_EXPECT_TRUE(test, filled(q, have));
		p = q;
	}
	kfree(p);
}

WORLD_CASE(krealloc_failure_leaves_the_block)
{
	void *p = kmalloc(100, GFP_KERNEL);
	size_t huge = (size_t)hide((void *)-1);

	KUNIT_ASSERT_NOT_NULL(test, p);
	fill(p, 100);
	KUNIT_EXPECT_NULL(test, krealloc(p, huge, GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_NULL(test, krealloc_array(p, huge, 2, GFP_KERNEL));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_TRUE(test, filled(p, 100));
	kfree(p);
}

WORLD_CASE(krealloc_array_multiplies)
{
	void *p = krealloc_array(NULL, 5, 20, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, ksize(p), 128);
	p = krealloc_array(p, 10, 20, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, ksize(p), 256);
	KUNIT_EXPECT_PTR_EQ(test, krealloc_array(p, 0, 20, GFP_KERNEL),
			    ZERO_SIZE_PTR);
}

WORLD_CASE(krealloc_zero_shrink_clears_the_tail)
{
	void *p = kzalloc(40, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	fill(p, 40);
	KUNIT_EXPECT_PTR_EQ(test, krealloc(p, 20, GFP_KERNEL | __GFP_ZERO), p);
	KUNIT_EXPECT_TRUE(test, filled(p, 20));
	KUNIT_EXPECT_TRUE(test, all_bytes((char *)p + 20, 0, 44));
	kfree(p);
}

/* Whatever the sizes, what the caller never wrote is zero. */
WORLD_CASE(krealloc_zero_holds_over_any_sequence)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO;
	size_t size = 1, next;
	uint64_t seed = 3;
	unsigned int i;
	char *p, *q;

	/* blocks that are dirty when they come again */
	for (size = 8; size <= 8192; size *= 2) {
		p = kmalloc(size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		memset(p, 0xee, size);
		kfree(p);
	}
	size = 1;
	p = kmalloc(size, gfp);
	KUNIT_ASSERT_NOT_NULL(test, p);
	fill(p, size);
	for (i = 0; i < 3000; i++) {
		next = dice(&seed) % (i % 100 ? 300 : 40000) + 1;
		q = krealloc(p, next, gfp);
		KUNIT_ASSERT_NOT_NULL(test, q);
		KUNIT_ASSERT_TRUE(test, filled(q, next < size ? next : size));
		if (next > size)
			KUNIT_ASSERT_TRUE(test,
					  all_bytes(q + size, 0, next - size));
		fill(q, next);
		p = q;
		size = next;
		if (i % 500 == 499) {
			kfree(p);
			size = 1;
			p = kmalloc(size, gfp);
			KUNIT_ASSERT_NOT_NULL(test, p);
			fill(p, size);
		}
	}
	kfree(p);
}

WORLD_CASE(krealloc_takes_objects_of_any_cache)
{
	struct kmem_cache *s = kmem_cache_create("odd", 72, 0, 0, NULL);
	void *p, *q;

	KUNIT_ASSERT_NOT_NULL(test, s);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	fill(p, 72);
	KUNIT_EXPECT_PTR_EQ(test, krealloc(p, 72, GFP_KERNEL), p);
	q = krealloc(p, 100, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_TRUE(test, filled(q, 72));
	kfree(q);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

WORLD_CASE(krealloc_of_a_stranger_is_null)
{
	long local = 5;

	KUNIT_EXPECT_NULL(test, krealloc(hide(&local), 100, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, log_count("object pointer"), 1);
	KUNIT_EXPECT_EQ(test, local, 5);
}

/* No memory at any point: the old block is whole, nothing leaks. */
WORLD_CASE(krealloc_survives_a_full_machine, .options = "mem=16M")
{
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN;
	void *p = kmalloc(4096, GFP_KERNEL), *q;
	size_t size = 4096;

	KUNIT_ASSERT_NOT_NULL(test, p);
	fill(p, size);
	fake_fail_from(FAKE_ANY, 1);
	while ((q = krealloc(p, size * 2, quiet))) {
		KUNIT_ASSERT_TRUE(test, filled(q, size));
		p = q;
		size *= 2;
		fill(p, size);
	}
	KUNIT_EXPECT_TRUE(test, filled(p, size));
	fake_fail_nth(0, 0);
	kfree(p);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(krealloc_of_nothing_allocates),
	KUNIT_CASE(krealloc_to_nothing_frees),
	KUNIT_CASE(krealloc_stays_while_it_fits),
	KUNIT_CASE(krealloc_grows_through_every_class),
	KUNIT_CASE(krealloc_failure_leaves_the_block),
	KUNIT_CASE(krealloc_array_multiplies),
	KUNIT_CASE(krealloc_zero_shrink_clears_the_tail),
	KUNIT_CASE(krealloc_zero_holds_over_any_sequence),
	KUNIT_CASE(krealloc_takes_objects_of_any_cache),
	KUNIT_CASE(krealloc_of_a_stranger_is_null),
	KUNIT_CASE(krealloc_survives_a_full_machine),
	{},
};

static struct kunit_suite suite = {
	.name = "alloc_krealloc",
	.test_cases = cases,
};

kunit_test_suite(suite);
