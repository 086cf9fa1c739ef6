/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Requests that fail when they are told to, and are counted. */
#define KMEM_TESTING 1
#include "kunit/test.h"

#include <errno.h>
#include <kmem/test.h>

static int called;

static void refill(void *data)
{
	called++;
	kmem_cache_set_non_kernel(data, 2);
}

static void requests_that_must_not_sleep_fail(struct kunit *test)
{
	struct kmem_cache *s =
		(kmem_cache_create)("test_cache", 64, 0, 0, NULL);
	void *p[4], *q;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_NULL(test, kmem_cache_alloc(s, GFP_NOWAIT));
	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk(s, GFP_ATOMIC, 2, p), 0);
	kmem_cache_set_non_kernel(s, 3);
	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk(s, GFP_ATOMIC, 2, p), 2);
	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk(s, GFP_ATOMIC, 2, p + 2),
			0);
	p[2] = kmem_cache_zalloc(s, GFP_NOWAIT);
	p[3] = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p[2]);
	KUNIT_EXPECT_NOT_NULL(test, p[3]);
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_allocated(s), 4u);
	KUNIT_EXPECT_EQ(test, kmem_cache_get_alloc(s), 256ul);
	kmem_cache_free(s, p[3]);
	kmem_cache_free_bulk(s, 2, p);
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_allocated(s), 1u);
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_tallocated(s), 4u);
	kmem_cache_zero_nr_tallocated(s);
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_tallocated(s), 0u);
	kmem_cache_set_private(s, s);
	kmem_cache_set_callback(s, refill);
	KUNIT_EXPECT_NULL(test, kmem_cache_alloc(s, GFP_NOWAIT));
	/* Not yet: the caller may hold what the callback takes. */
	KUNIT_EXPECT_EQ(test, called, 0);
	q = kmem_cache_alloc(s, GFP_NOWAIT);
	KUNIT_EXPECT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, called, 1);
	kmem_cache_free(s, q);
	q = kmem_cache_alloc(s, GFP_NOWAIT);
	KUNIT_EXPECT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, called, 1);
	kmem_cache_free(s, q);
	kmem_cache_free(s, p[2]);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

static void bits_choose_who_fails(struct kunit *test)
{
	struct kmem_cache *s =
		(kmem_cache_create)("test_cache", 64, 0, 0, NULL);
	void *p, *q;

	KUNIT_ASSERT_NOT_NULL(test, s);
	kmem_cache_fail_on(s, __GFP_FS, 1);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_NULL(test, kmem_cache_alloc(s, GFP_KERNEL));
	q = kmem_cache_alloc(s, GFP_NOFS);
	KUNIT_EXPECT_NOT_NULL(test, q);
	kmem_cache_free(s, p);
	kmem_cache_fail_on(s, 0, 0);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kmem_cache_free(s, p);
	kmem_cache_free(s, q);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

static void objects_in_hand_are_counted_as_they_leave(struct kunit *test)
{
	struct kmem_cache *s =
		(kmem_cache_create)("test_cache", 64, 0, 0, NULL);
	struct slab_sheaf *sheaf;
	void *p;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_NULL(test, kmem_cache_prefill_sheaf(s, GFP_NOWAIT, 4));
	kmem_cache_set_non_kernel(s, 4);
	sheaf = kmem_cache_prefill_sheaf(s, GFP_NOWAIT, 4);
	KUNIT_ASSERT_NOT_NULL(test, sheaf);
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_allocated(s), 0u);
	p = kmem_cache_alloc_from_sheaf(s, GFP_NOWAIT, sheaf);
	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_allocated(s), 1u);
	KUNIT_EXPECT_EQ(test, kmem_test_nr_allocated(), 1);
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(s, GFP_NOWAIT, &sheaf, 4),
			-ENOMEM);
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(s, GFP_KERNEL, &sheaf, 4),
			0);
	kmem_cache_return_sheaf(s, GFP_KERNEL, sheaf);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_EQ(test, kmem_test_nr_allocated(), 0);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

static void kmalloc_is_the_entry_without_a_cache(struct kunit *test)
{
	char *p, *q, *dup;

	KUNIT_EXPECT_NULL(test, kmalloc(8, GFP_ATOMIC));
	KUNIT_EXPECT_NULL(test, kcalloc(2, 8, GFP_NOWAIT));
	kmem_cache_set_non_kernel(NULL, 1);
	p = kzalloc(24, GFP_ATOMIC);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_NULL(test, kzalloc(24, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, p[23], 0);
	q = kmalloc_array(4, 8, GFP_KERNEL);
	KUNIT_EXPECT_NULL(test, kmalloc_array(1ul << 62, 8, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_allocated(NULL), 2u);
	KUNIT_EXPECT_EQ(test, kmem_cache_get_alloc(NULL), 56ul);
	KUNIT_EXPECT_EQ(test, kmem_test_nr_allocated(), 0);

	/* A block that stays where it was when no larger one is to be had. */
	KUNIT_EXPECT_NULL(test, krealloc(p, 4096, GFP_NOWAIT));
	KUNIT_EXPECT_NULL(test,
			  krealloc(p, 1ul << 62, GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, kmem_cache_get_alloc(NULL), 56ul);
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_tallocated(NULL), 2u);
	p = krealloc(p, 4096, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, kmem_cache_get_alloc(NULL), 4096ul + 32);

	/* What others gave is freed, and was never counted. */
	dup = kstrdup("x", GFP_KERNEL);
	kfree(dup);
	kfree(NULL);
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_allocated(NULL), 2u);
	kfree(p);
	kfree(q);
	KUNIT_EXPECT_EQ(test, kmem_cache_nr_allocated(NULL), 0u);
	KUNIT_EXPECT_EQ(test, kmem_cache_get_alloc(NULL), 0ul);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(requests_that_must_not_sleep_fail),
	KUNIT_CASE(bits_choose_who_fails),
	KUNIT_CASE(objects_in_hand_are_counted_as_they_leave),
	KUNIT_CASE(kmalloc_is_the_entry_without_a_cache),
	{},
};
static struct kunit_suite suite = { .name = "testing", .test_cases = cases };
kunit_test_suite(suite);
