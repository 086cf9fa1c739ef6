/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Many objects in one call: all or nothing. */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

static bool ascending(void **p, unsigned int n, unsigned int size)
{
	for (unsigned int i = 1; i < n; i++)
		if ((char *)p[i] != (char *)p[0] + i * size)
			return false;
	return true;
}

static void bulk_allocates_all(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-bulk", 64, 0, 0, NULL);
	void *p[100];
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, s);
	ret = kmem_cache_alloc_bulk(s, GFP_KERNEL, 16, p);
	oracle_expect(test, "bulk.alloc_16_ret", "%d", ret);
	oracle_expect(test, "bulk.fresh_slab_ascending_contiguous", "%d",
		      ascending(p, 16, 64));
	kmem_cache_free_bulk(s, 16, p);

	ret = kmem_cache_alloc_bulk(s, GFP_KERNEL, 100, p);
	oracle_expect(test, "bulk.alloc_100_ret", "%d", ret);
	for (int i = 0; i < 100; i++) {
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		KUNIT_EXPECT_PTR_EQ(test, oracle_owner(p[i]), s);
		for (int j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, p[i], p[j]);
	}
	kmem_cache_free_bulk(s, 100, p);

	ret = kmem_cache_alloc_bulk(s, GFP_KERNEL, 0, p);
	oracle_expect(test, "bulk.alloc_0_ret", "%d", ret);
	kmem_cache_free_bulk(s, 0, p);
	oracle_expect(test, "bulk.free_0", "no-op");
	kmem_cache_destroy(s);
}

static void bulk_zeroes(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-bulk0", 64, 0, 0, NULL);
	static const char none[64];
	bool zero = true;
	void *p[4];
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_TRUE(test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 4, p));
	for (int i = 0; i < 4; i++)
		memset(p[i], 0xd7, 64);
	kmem_cache_free_bulk(s, 4, p);
	ret = kmem_cache_alloc_bulk(s, GFP_KERNEL | __GFP_ZERO, 4, p);
	oracle_expect(test, "bulk.zero_alloc_4_ret", "%d", ret);
	for (int i = 0; i < 4; i++)
		zero &= memcmp(p[i], none, 64) == 0;
	oracle_expect(test, "bulk.zero_alloc_zeroed", "%d", zero);
	kmem_cache_free_bulk(s, 4, p);
	kmem_cache_destroy(s);
}

static void kfree_bulk_takes_anything(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-mixed", 72, 0, 0, NULL);
	static const size_t sizes[] = { 8, 64, 500, 5000, 20000, 100000, 8 };
	void *p[8];

	for (int i = 0; i < 7; i++) {
		p[i] = kmalloc(sizes[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	p[7] = kmem_cache_alloc(s, GFP_KERNEL);
	kfree_bulk(8, p);
	oracle_expect(test, "bulk.kfree_bulk_mixed_sizes", "ok");
	kfree_bulk(0, p);

	/* A NULL cache means the same as kfree_bulk(). */
	for (int i = 0; i < 7; i++)
		p[i] = kmalloc(sizes[i], GFP_KERNEL);
	kmem_cache_free_bulk(NULL, 7, p);
	kmem_cache_destroy(s);
}

static void kfree_of_a_cache_object(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-kfree", 72, 0, 0, NULL);
	void *p = kmem_cache_alloc(s, GFP_KERNEL), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	kfree(p);
	q = kmem_cache_alloc(s, GFP_KERNEL);
	oracle_expect(test, "kfree.of_kmem_cache_object", "ok reused:%d",
		      p == q);
	kmem_cache_free(s, q);
	kmem_cache_destroy(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(bulk_allocates_all),
	KUNIT_CASE(bulk_zeroes),
	KUNIT_CASE(kfree_bulk_takes_anything),
	KUNIT_CASE(kfree_of_a_cache_object),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_bulk",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
