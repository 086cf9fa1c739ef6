/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Caches that fail when they are told to, and count. */
#define KMEM_TESTING 1
#include "kunit/test.h"

#include <kmem/testing.h>

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
	KUNIT_EXPECT_EQ(test, called, 1);
	q = kmem_cache_alloc(s, GFP_NOWAIT);
	KUNIT_EXPECT_NOT_NULL(test, q);
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

static struct kunit_case cases[] = {
	KUNIT_CASE(requests_that_must_not_sleep_fail),
	KUNIT_CASE(bits_choose_who_fails),
	{},
};
static struct kunit_suite suite = { .name = "testing", .test_cases = cases };
kunit_test_suite(suite);
