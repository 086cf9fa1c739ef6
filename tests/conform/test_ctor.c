/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Constructors: once for each object when its slab is made, never at an
 * allocation, and the state they made survives a free.
 *
 * A slab holds more objects here than in the kernel, which keeps a pointer
 * beside each constructed object; so calls are compared in slabs.
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

#define SIZE 40
#define ORACLE_OBJS 85

static long calls;

static void construct(void *obj)
{
	calls++;
	memset(obj, 0x5e, SIZE);
}

static bool constructed(const unsigned char *p)
{
	for (int i = 0; i < SIZE; i++)
		if (p[i] != 0x5e)
			return false;
	return true;
}

static void constructor_runs_once_an_object(struct kunit *test)
{
	struct kmem_cache *s;
	struct oracle_counts n;
	struct oracle_cache c;
	unsigned char *p, *q, **all;
	unsigned int per;
	long before;

	calls = 0;
	s = kmem_cache_create("orc-ctor", SIZE, 0, 0, construct);
	KUNIT_ASSERT_NOT_NULL(test, s);
	oracle_cache(s, &c);
	per = c.objs_per_slab;
	/* Its slot has no room for a list pointer: that is the difference. */
	KUNIT_EXPECT_EQ(test, c.size, SIZE);
	KUNIT_EXPECT_EQ(test, per, PAGE_SIZE / SIZE);
	oracle_expect(test, "ctor.cache",
		      "kmem_cache_size:%u object_size:%u align:%u order:%u "
		      "slab_bytes:%lu name:%s refcount:%d min_partial:%u "
		      "flags:0x%x",
		      kmem_cache_size(s), c.object_size, c.align, c.order,
		      PAGE_SIZE << c.order, c.name, c.refcount, c.min_partial,
		      c.flags);
	oracle_expect(test, "ctor.calls_after_create", "%ld", calls);

	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	oracle_expect_slabs(test, "ctor.calls_after_first_alloc", calls, per,
			    ORACLE_OBJS);
	oracle_expect(test, "ctor.first_object_is_slab_start", "%d",
		      (void *)p == oracle_block(p));
	oracle_expect(test, "ctor.content_40_bytes_constructed", "%d",
		      constructed(p));

	memset(p, 0x33, SIZE);
	kmem_cache_free(s, p);
	q = kmem_cache_alloc(s, GFP_KERNEL);
	oracle_expect(test, "ctor.realloc_same_object", "%d", p == q);
	oracle_expect_slabs(test, "ctor.calls_after_free_and_realloc", calls,
			    per, ORACLE_OBJS);
	oracle_expect(test, "ctor.content_after_realloc_keeps_last_state", "%d",
		      q[0] == 0x33 && q[SIZE - 1] == 0x33);
	memset(q, 0x5e, SIZE);

	all = kcalloc(per + 1, sizeof(*all), GFP_KERNEL);
	all[0] = q;
	for (unsigned int i = 1; i < per; i++) {
		all[i] = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, all[i]);
		KUNIT_EXPECT_TRUE(test, constructed(all[i]));
	}
	oracle_expect_slabs(test, "ctor.calls_after_one_full_slab", calls, per,
			    ORACLE_OBJS);
	all[per] = kmem_cache_alloc(s, GFP_KERNEL);
	oracle_expect_slabs(test, "ctor.calls_after_full_slab_plus_one", calls,
			    per, ORACLE_OBJS);
	for (unsigned int i = 0; i <= per; i++)
		kmem_cache_free(s, all[i]);
	kfree(all);
	oracle_expect_slabs(test, "ctor.calls_after_all_freed", calls, per,
			    ORACLE_OBJS);

	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(s), 0);
	oracle_counts(s, &n);
	oracle_expect(test, "ctor.slabs_after_shrink", "%lu", n.slabs);
	before = calls;
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, constructed(p));
	oracle_expect_slabs(test, "ctor.new_calls_after_shrink_and_alloc",
			    calls - before, per, ORACLE_OBJS);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
}

/* Warned of once, and zeroed all the same. */
static void constructor_with_gfp_zero(struct kunit *test)
{
	struct kmem_cache *s =
		kmem_cache_create("orc-ctor0", SIZE, 0, 0, construct);
	static const unsigned char none[SIZE];
	unsigned char *p;

	KUNIT_ASSERT_NOT_NULL(test, s);
	p = kmem_cache_alloc(s, GFP_KERNEL | __GFP_ZERO);
	oracle_expect(test, "ctor.gfp_zero.new_slab.result", "%s",
		      p ? "PTR" : "NULL");
	KUNIT_ASSERT_NOT_NULL(test, p);
	oracle_expect(test, "ctor.gfp_zero.new_slab.content", "%s",
		      memcmp(p, none, SIZE) ? "CONSTRUCTED" : "ZERO");
	memset(p, 0x5e, SIZE);
	kmem_cache_free(s, p);
	p = kmem_cache_alloc(s, GFP_KERNEL | __GFP_ZERO);
	oracle_expect(test, "ctor.gfp_zero.recycled.content", "%s",
		      memcmp(p, none, SIZE) ? "CONSTRUCTED" : "ZERO");
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
}

/* Bulk allocation and shrinking keep the rule. */
static void constructed_state_survives_traffic(struct kunit *test)
{
	struct kmem_cache *s =
		kmem_cache_create("orc-ctor2", SIZE, 0, 0, construct);
	void **p = kmalloc_array(1000, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (int round = 0; round < 5; round++) {
		KUNIT_ASSERT_TRUE(test, kmem_cache_alloc_bulk(s, GFP_KERNEL,
							      1000, p));
		for (int i = 0; i < 1000; i++)
			KUNIT_EXPECT_TRUE(test, constructed(p[i]));
		kmem_cache_free_bulk(s, 1000, p);
		if (round & 1)
			kmem_cache_shrink(s);
	}
	kfree(p);
	kmem_cache_destroy(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(constructor_runs_once_an_object),
	KUNIT_CASE(constructor_with_gfp_zero),
	KUNIT_CASE(constructed_state_survives_traffic),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_ctor",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
