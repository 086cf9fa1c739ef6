// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The hard limit over zones and charged bytes together.
 */
#include "unit/page/world.h"

#include <pthread.h>

#include <linux/mm.h>

static bool takes(unsigned int order)
{
	struct page *page =
		page_alloc(TEST_GFP_KERNEL | __GFP_NORETRY | TEST_QUIET, order);

	if (page)
		page_free(page, order);
	return page;
}

WORLD_CASE(limit_counts_without_a_limit, .window = 0)
{
	KUNIT_EXPECT_TRUE(test, mem_charge(1ull << 50, TEST_GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, limit_mapped(), 1ull << 50);
	KUNIT_EXPECT_TRUE(test, mem_charge(5, TEST_GFP_KERNEL));
	mem_uncharge(1ull << 50);
	KUNIT_EXPECT_EQ(test, limit_mapped(), 5);
	mem_uncharge(5);
}

/* What zones have not grown to is there for charges, and the other way. */
WORLD_CASE(limit_is_shared_with_growth, .options = "mem=200M,decay_ms=-1")
{
	/* 80 MiB are usable; 120 are left */
	KUNIT_EXPECT_EQ(test, zones_usable(), 80 * MIB / PG_BYTES);
	KUNIT_EXPECT_TRUE(test, mem_charge(100 * MIB, TEST_GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
	KUNIT_EXPECT_EQ(test, nr_free_pages(), 100 * MIB / PG_BYTES);
	KUNIT_EXPECT_TRUE(test, zone_grow(&zones[ZONE_ID_DMA32], 0));
	KUNIT_EXPECT_EQ(test, zones_usable(), 100 * MIB / PG_BYTES);
	KUNIT_EXPECT_FALSE(test, zone_grow(&zones[ZONE_ID_DMA32], 0));
	mem_uncharge(100 * MIB);
	KUNIT_EXPECT_TRUE(test, zone_grow(&zones[ZONE_ID_DMA32], 0));
	KUNIT_EXPECT_EQ(test, zones_usable(), 164 * MIB / PG_BYTES);
}

/* A charge beyond the room left takes pages that nobody uses. */
WORLD_CASE(limit_takes_idle_pages_for_charges, .options = "mem=64M,decay_ms=-1")
{
	KUNIT_EXPECT_EQ(test, zones_usable(), 64 * MIB / PG_BYTES);
	KUNIT_EXPECT_TRUE(test, mem_charge(40 * MIB, TEST_GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, limit_mapped(), 40 * MIB);
	KUNIT_EXPECT_EQ(test, pages_in_use(), 40 * MIB / PG_BYTES);
	KUNIT_EXPECT_GE(test, fake_calls(FAKE_PURGE), 10);
	KUNIT_EXPECT_FALSE(test, mem_charge(30 * MIB, TEST_GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, limit_mapped(), 40 * MIB);
	KUNIT_EXPECT_EQ(test, pages_in_use(), 40 * MIB / PG_BYTES);
	KUNIT_EXPECT_TRUE(test, mem_charge(20 * MIB, TEST_GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, takes(0));
	mem_uncharge(20 * MIB);
	mem_uncharge(40 * MIB);
	KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
	KUNIT_EXPECT_EQ(test, limit_mapped(), 0);
	KUNIT_EXPECT_TRUE(test, takes(10));
}

WORLD_CASE(limit_leaves_what_is_in_use, .options = "mem=16M,decay_ms=-1")
{
	struct page *used[3];

	for (unsigned int i = 0; i < 3; i++)
		used[i] = page_alloc(TEST_GFP_KERNEL, 10);
	KUNIT_EXPECT_FALSE(test, mem_charge(5 * MIB, TEST_GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, pages_in_use(), 3 * 1024);
	KUNIT_EXPECT_TRUE(test, mem_charge(2 * MIB, TEST_GFP_KERNEL));
	page_free(used[0], 10);
	KUNIT_EXPECT_TRUE(test, mem_charge(4 * MIB, TEST_GFP_KERNEL));
	mem_uncharge(6 * MIB);
	page_free(used[1], 10);
	page_free(used[2], 10);
}

WORLD_CASE(limit_refuses_more_than_there_is, .options = "mem=16M")
{
	KUNIT_EXPECT_FALSE(test, mem_charge(16 * MIB + 1, TEST_GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, mem_charge(SIZE_MAX, TEST_GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, mem_charge(16 * MIB, TEST_GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
	KUNIT_EXPECT_EQ(test, limit_mapped(), 0);
}

static gfp_t told;

static unsigned long note(gfp_t gfp, unsigned int priority)
{
	(void)priority;
	told = gfp;
	return 0;
}

/* A charge that is short of memory makes others do what its request may. */
WORLD_CASE(limit_reclaims_as_the_request_may, .options = "mem=16M,decay_ms=-1")
{
	static struct page_client step = { .shrink = note };
	const gfp_t io_fs = __GFP_IO | __GFP_FS;
	struct page *used[3];

	page_register(&step);
	for (unsigned int i = 0; i < 3; i++)
		used[i] = page_alloc(TEST_GFP_KERNEL, 10);
	KUNIT_EXPECT_FALSE(test, mem_charge(5 * MIB, TEST_GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, told & io_fs, io_fs);
	KUNIT_EXPECT_FALSE(test,
			   mem_charge(5 * MIB, TEST_GFP_KERNEL & ~__GFP_FS));
	KUNIT_EXPECT_EQ(test, told & io_fs, __GFP_IO);
	KUNIT_EXPECT_FALSE(test, mem_charge(5 * MIB, __GFP_RECLAIM));
	KUNIT_EXPECT_EQ(test, told & io_fs, 0);
	port_task()->flags |= PF_MEMALLOC_NOFS;
	KUNIT_EXPECT_FALSE(test, mem_charge(5 * MIB, TEST_GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, told & io_fs, __GFP_IO);
	port_task()->flags = 0;
	for (unsigned int i = 0; i < 3; i++)
		page_free(used[i], 10);
}

static unsigned int failures;

static void *charger(void *arg)
{
	uint64_t seed = (uintptr_t)arg;

	for (unsigned int i = 0; i < 300; i++) {
		size_t n = dice(&seed) % (12 * MIB);
		struct page *page;

		if (mem_charge(n, TEST_GFP_KERNEL))
			mem_uncharge(n);
		page = page_alloc(TEST_GFP_KERNEL | TEST_QUIET,
				  dice(&seed) % 11);
		if (page)
			page_free(page, page->order);
	}
	if (!zone_validate())
		__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
	return NULL;
}

WORLD_CASE(limit_by_threads, .options = "mem=24M,decay_ms=0")
{
	pthread_t thread[3];

	for (uintptr_t i = 0; i < 3; i++)
		pthread_create(&thread[i], NULL, charger, (void *)(i + 1));
	for (unsigned int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	KUNIT_EXPECT_EQ(test, failures, 0);
	KUNIT_EXPECT_EQ(test, limit_mapped(), 0);
	mem_uncharge(0);
}

static struct kunit_case limit_cases[] = {
	KUNIT_CASE(limit_counts_without_a_limit),
	KUNIT_CASE(limit_is_shared_with_growth),
	KUNIT_CASE(limit_takes_idle_pages_for_charges),
	KUNIT_CASE(limit_leaves_what_is_in_use),
	KUNIT_CASE(limit_refuses_more_than_there_is),
	KUNIT_CASE(limit_reclaims_as_the_request_may),
	KUNIT_CASE(limit_by_threads),
	{}
};

static struct kunit_suite limit_suite = {
	.name = "page-limit",
	.test_cases = limit_cases,
};

kunit_test_suite(limit_suite);
