/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Frees that wait for readers, over the fake port's readers: what is freed
 * inside a section stays until the section is left.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <string.h>

#include <kmem/kmem.h>

#include "kunit/test.h"
#include "page/page.h"
#include "port/fake/fake.h"
#include "port/fake/rcu.h"
#include "slab/slab.h"

struct small {
	long value;
	struct rcu_head rcu;
};

struct deep {
	char before[4000];
	struct rcu_head rcu;
	char after[60000];
};

static unsigned long used(struct kmem_cache *s)
{
	struct slab_counts c;

	kmem_cache_shrink(s);
	slab_counts(s, &c);
	return c.active_objs;
}

static void an_object_outlives_the_section(struct kunit *test)
{
	struct kmem_cache *s = KMEM_CACHE(small, 0);
	struct small *o = kmem_cache_alloc(s, GFP_KERNEL);

	fake_rcu_enter();
	kfree_rcu(o, rcu);
	KUNIT_EXPECT_EQ(test, used(s), 1ul);
	KUNIT_EXPECT_EQ(test, fake_rcu_leave(), 1u);
	KUNIT_EXPECT_EQ(test, used(s), 0ul);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

/* The head is in the middle: the start of each kind of block is found. */
static void every_kind_of_block_is_found(struct kunit *test)
{
	struct page_stats before, after;
	struct small *s;
	struct deep *large, *region;
	int i;

	kfree(kmalloc(8, GFP_KERNEL));
	kvfree(kvmalloc(8 << 20, GFP_KERNEL));
	kmem_trim();
	page_stats(&before);
	for (i = 0; i < 3; i++) {
		s = kmalloc(sizeof(*s), GFP_KERNEL);
		large = kmalloc(sizeof(*large), GFP_KERNEL);
		region = kvmalloc(8 << 20, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, region);
		fake_rcu_enter();
		kfree_rcu(s, rcu);
		kvfree_rcu(large, rcu);
		kvfree_rcu(region, rcu);
		memset(region->after, 1, sizeof(region->after));
		KUNIT_EXPECT_EQ(test, fake_rcu_leave(), 3u);
	}
	kmem_trim();
	page_stats(&after);
	KUNIT_EXPECT_EQ(test, after.free, before.free);
	KUNIT_EXPECT_EQ(test, after.mapped_out, before.mapped_out);
}

static void null_and_no_head(struct kunit *test)
{
	struct small *none = NULL, *o = kmalloc(sizeof(*o), GFP_KERNEL);
	struct kmem_cache *s = page_cache(slub_of(o));
	unsigned long n = used(s);

	kfree_rcu(none, rcu);
	kfree_rcu_mightsleep(none);
	kfree_rcu_mightsleep(o);
	KUNIT_EXPECT_EQ(test, used(s), n - 1);
	kvfree_rcu_barrier();
}

/* The memory of a type-safe cache stays of its type while a reader looks. */
static void typesafe_slabs_wait(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("typesafe", 64, 0,
						 SLAB_TYPESAFE_BY_RCU, NULL);
	long *o = kmem_cache_alloc(s, GFP_KERNEL);

	*o = 0x5afe;
	fake_rcu_enter();
	kmem_cache_free(s, o);
	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(s), 0);
	KUNIT_EXPECT_PTR_EQ(test, page_cache(addr_page(o)), s);
	KUNIT_EXPECT_EQ(test, *o, 0x5afel);
	KUNIT_EXPECT_EQ(test, fake_rcu_leave(), 1u);
	KUNIT_EXPECT_NULL(test, page_cache(addr_page(o)));
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(an_object_outlives_the_section),
	KUNIT_CASE(every_kind_of_block_is_found),
	KUNIT_CASE(null_and_no_head),
	KUNIT_CASE(typesafe_slabs_wait),
	{},
};

static struct kunit_suite suite = {
	.name = "rcu",
	.test_cases = cases,
};
kunit_test_suite(suite);
