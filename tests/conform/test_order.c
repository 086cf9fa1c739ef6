/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* In which order objects come, and what a cache keeps when they are back. */
#include <linux/gfp.h>
#include <linux/slab.h>

#include "conform/oracle.h"
#include "kunit/test.h"

static bool ascending(void **p, unsigned int n, unsigned int size)
{
	for (unsigned int i = 1; i < n; i++)
		if ((char *)p[i] != (char *)p[0] + i * size)
			return false;
	return true;
}

static int index_of(void *obj, void **p, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (p[i] == obj)
			return (int)i;
	return -1;
}

static void objects_come_in_address_order(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-order", 104, 0, 0, NULL);
	struct oracle_cache c;
	struct oracle_counts n;
	void **p, *first, *second, *extra;
	unsigned int per;

	KUNIT_ASSERT_NOT_NULL(test, s);
	oracle_cache(s, &c);
	per = c.objs_per_slab;
	oracle_expect(test, "order.objs_per_slab", "%u", per);
	oracle_expect(test, "order.size", "%u", c.size);

	p = kcalloc(per, sizeof(*p), GFP_KERNEL);
	for (unsigned int i = 0; i < per; i++) {
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	oracle_expect(test, "order.fresh_slab_ascending_contiguous", "%d",
		      ascending(p, per, c.size));
	oracle_expect(test, "order.first_at_slab_start", "%d",
		      p[0] == oracle_block(p[0]));
	oracle_counts(s, &n);
	oracle_expect(test, "order.nr_slabs_after_full", "%lu", n.slabs);

	kmem_cache_free(s, p[3]);
	kmem_cache_free(s, p[7]);
	first = kmem_cache_alloc(s, GFP_KERNEL);
	second = kmem_cache_alloc(s, GFP_KERNEL);
	oracle_expect(test, "order.free3_free7_alloc_alloc_full_cpu_slab",
		      "first_is:%d second_is:%d", index_of(first, p, per),
		      index_of(second, p, per));

	extra = kmem_cache_alloc(s, GFP_KERNEL);
	oracle_expect(test, "order.next_alloc_new_slab", "%d",
		      oracle_block(extra) != oracle_block(p[0]));
	for (unsigned int i = 0; i < per; i++)
		kmem_cache_free(s, p[i]);
	kmem_cache_free(s, extra);
	oracle_counts(s, &n);
	oracle_expect(test, "order.slabs_after_all_freed", "%lu", n.slabs);
	oracle_expect(test, "order.kmem_cache_shrink_ret", "%d",
		      kmem_cache_shrink(s));
	oracle_counts(s, &n);
	oracle_expect(test, "order.slabs_after_shrink", "%lu", n.slabs);
	kfree(p);
	kmem_cache_destroy(s);
}

/* What was freed last is allocated first, whatever slab it is of. */
static void last_freed_is_first_out(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-lifo", 104, 0, 0, NULL);
	void *p[100];

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (int i = 0; i < 100; i++)
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	kmem_cache_free(s, p[5]);
	KUNIT_EXPECT_PTR_EQ(test, kmem_cache_alloc(s, GFP_KERNEL), p[5]);
	for (int i = 0; i < 100; i++)
		kmem_cache_free(s, p[i]);
	kmem_cache_destroy(s);
}

static void caches_keep_a_little(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-retain", 104, 0, 0, NULL);
	struct oracle_counts n;
	struct oracle_cache c;
	void **p = kcalloc(1560, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	oracle_cache(s, &c);
	for (int order = 0; order < 2; order++) {
		for (int i = 0; i < 1560; i++) {
			p[i] = kmem_cache_alloc(s, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, p[i]);
		}
		oracle_counts(s, &n);
		if (!order)
			oracle_expect(test, "retain.filled",
				      "objs:1560 slabs:%lu num_objs:%lu "
				      "active_objs:%lu",
				      n.slabs, n.total, n.active);
		else
			oracle_expect(test, "retain.after_free_lifo",
				      "min_partial:%u", c.min_partial);
		for (int i = 0; i < 1560; i++)
			kmem_cache_free(s, p[order ? i : 1559 - i]);
		oracle_counts(s, &n);
		/* All that is active is parked; no slab of it was lost. */
		KUNIT_EXPECT_EQ(test, n.active, n.parked);
		KUNIT_EXPECT_EQ(test, n.total,
				n.slabs * (unsigned long)c.objs_per_slab);
	}
	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(s), 0);
	oracle_counts(s, &n);
	KUNIT_EXPECT_EQ(test, n.slabs, 0);
	KUNIT_EXPECT_EQ(test, n.active, 0);
	kfree(p);
	kmem_cache_destroy(s);
}

/* shrink says whether anything is left, and leaves live objects alone. */
static void shrink_with_live_objects(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-shrink", 104, 0, 0, NULL);
	char *p = kmem_cache_zalloc(s, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_NE(test, kmem_cache_shrink(s), 0);
	KUNIT_EXPECT_EQ(test, p[103], 0);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(s), 0);
	kmem_cache_destroy(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(objects_come_in_address_order),
	KUNIT_CASE(last_freed_is_first_out),
	KUNIT_CASE(caches_keep_a_little),
	KUNIT_CASE(shrink_with_live_objects),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_order",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
