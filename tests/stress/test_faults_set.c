/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Which requests fail is changed beside allocations. */
#include <pthread.h>

#include <kmem/fault.h>
#include <kmem/kmem.h>
#include <linux/slab.h>

#include "kunit/test.h"

#define THREADS 2
#define CHANGES 2000

static struct kmem_cache *things;
static bool stop;

static void *asks(void *arg)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		kfree(kmalloc(64, GFP_KERNEL));
		kmem_cache_free(things,
				kmem_cache_alloc(things,
						 GFP_KERNEL | __GFP_NOFAIL));
	}
	return arg;
}

static bool of_size(const struct kmem_fault_request *rq, void *data)
{
	return rq->bytes == (size_t)(uintptr_t)data;
}

static void attributes_and_hooks(struct kunit *test)
{
	static const struct kmem_fault_filter hook[2] = {
		{ .fails = of_size, .data = (void *)64ul },
		{ .fails = of_size, .data = (void *)12345ul },
	};
	struct kmem_fault_attr attr, old;
	pthread_t thread[THREADS];

	things = kmem_cache_create("things", 200, 8, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, things);
	kmem_fault_get(KMEM_FAILSLAB, &old);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, asks, NULL);
	for (int i = 0; i < CHANGES; i++) {
		attr = old;
		attr.verbose = 0;
		attr.ignore_gfp_wait = i % 2;
		attr.probability = (unsigned int)i % 101;
		attr.times = i;
		attr.space = i * 10;
		attr.interval = (unsigned long)i % 5;
		KUNIT_ASSERT_EQ(test, kmem_fault_set(KMEM_FAILSLAB, &attr), 0);
		KUNIT_ASSERT_EQ(
			test, kmem_fault_hook(i % 3 ? &hook[i % 2] : NULL), 0);
		kmem_fault_get(KMEM_FAILSLAB, &attr);
		KUNIT_EXPECT_EQ(test, attr.probability, (unsigned int)i % 101);
	}
	KUNIT_EXPECT_EQ(test, kmem_fault_set(KMEM_FAILSLAB, &old), 0);
	KUNIT_EXPECT_EQ(test, kmem_fault_hook(NULL), 0);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	kmem_cache_destroy(things);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static struct kunit_case cases[] = {
	KUNIT_CASE(attributes_and_hooks),
	{},
};

static struct kunit_suite suite = {
	.name = "faults_set",
	.test_cases = cases,
};
kunit_test_suite(suite);
