// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * A CPU's page lists: what is kept, what goes back, and what happens when
 * another thread holds them.
 */
#include "unit/page/world.h"

#include <linux/gfp.h>

static unsigned int high, batch;

static struct page *get(unsigned int order)
{
	return page_alloc(TEST_GFP_KERNEL, order);
}

WORLD_CASE(pcp_hands_out_last_freed_first, .cpus = 1)
{
	struct page *a = get(0), *b = get(0);

	page_free(a, 0);
	KUNIT_EXPECT_PTR_EQ(test, get(0), a);
	page_free(a, 0);
	page_free(b, 0);
	KUNIT_EXPECT_PTR_EQ(test, get(0), b);
	KUNIT_EXPECT_PTR_EQ(test, get(0), a);
	page_free(b, 0);
	page_free(a, 0);
	for (unsigned int order = 0; order < PCP_ORDERS; order++) {
		a = get(order);
		page_free(a, order);
		b = get(order);
		KUNIT_EXPECT_PTR_EQ(test, a, b);
		page_free(b, order);
	}
}

WORLD_CASE(pcp_refills_by_a_batch, .cpus = 1, .window = 3 * GIB)
{
	pcp_limits(&high, &batch);
	KUNIT_EXPECT_EQ(test, batch, 63);
	KUNIT_EXPECT_EQ(test, high, 6 * 63);
	for (unsigned int order = 0; order < PCP_ORDERS; order++) {
		unsigned long blocks = batch >> order;
		struct page *page = get(order);

		KUNIT_EXPECT_EQ(test, pcp_pages(), (blocks - 1) << order);
		page_free(page, order);
		KUNIT_EXPECT_EQ(test, pcp_pages(), blocks << order);
		KUNIT_EXPECT_TRUE(test, zone_validate());
		KUNIT_EXPECT_EQ(test, pcp_drain(true), blocks << order);
		KUNIT_EXPECT_EQ(test, pcp_pages(), 0);
	}
	/* larger blocks are not kept */
	page_free(get(PCP_ORDERS), PCP_ORDERS);
	KUNIT_EXPECT_EQ(test, pcp_pages(), 0);
}

WORLD_CASE(pcp_batch_follows_the_memory, .options = "mem=64M")
{
	pcp_limits(&high, &batch);
	/* 16384 pages / 1024 / 4 = 4, and half: 6; 4 is the power below it */
	KUNIT_EXPECT_EQ(test, batch, 3);
	KUNIT_EXPECT_EQ(test, high, 18);
}

WORLD_CASE(pcp_batch_is_a_page_at_least, .options = "mem=4M")
{
	pcp_limits(&high, &batch);
	KUNIT_EXPECT_EQ(test, batch, 1);
	page_free(get(3), 3);
}

WORLD_CASE(pcp_keeps_no_more_than_high, .cpus = 1)
{
	struct page *pages[1000];

	pcp_limits(&high, &batch);
	for (unsigned int order = 0; order < PCP_ORDERS; order++) {
		for (unsigned int i = 0; i < 1000; i++)
			pages[i] = get(order);
		pcp_drain(true);
		for (unsigned int i = 0; i < 1000; i++) {
			page_free(pages[i], order);
			KUNIT_ASSERT_LE(test, pcp_pages(), high);
			if (i % 50 == 0)
				KUNIT_ASSERT_TRUE(test, zone_validate());
		}
		KUNIT_EXPECT_GE(test, pcp_pages(), high - batch - 8);
	}
}

WORLD_CASE(pcp_lists_belong_to_cpus, .cpus = 4, .window = 3 * GIB)
{
	struct page *page[4];

	grow_to(test, &zones[ZONE_ID_DMA32], 4 * MIB);
	for (unsigned int cpu = 0; cpu < 4; cpu++) {
		fake_set_cpu(cpu);
		page[cpu] = get(0);
	}
	KUNIT_EXPECT_EQ(test, pcp_pages(), 4 * 62);
	for (unsigned int cpu = 0; cpu < 4; cpu++) {
		fake_set_cpu(cpu);
		page_free(page[3 - cpu], 0);
	}
	fake_set_cpu(0);
	KUNIT_EXPECT_PTR_EQ(test, get(0), page[3]);
	page_free(page[3], 0);
	KUNIT_EXPECT_EQ(test, pcp_drain(false), 63);
	KUNIT_EXPECT_EQ(test, pcp_pages(), 3 * 63);
	drain_all_pages(NULL);
	KUNIT_EXPECT_EQ(test, pcp_pages(), 0);
}

/* Ids above the number known at boot share the lists there are. */
WORLD_CASE(pcp_serves_cpus_unknown_at_boot, .cpus = 3)
{
	for (unsigned int cpu = 0; cpu < 300; cpu += 7) {
		struct page *page;

		fake_set_cpu(cpu);
		page = get(1);
		KUNIT_ASSERT_NOT_NULL(test, page);
		fake_set_cpu(cpu * 3 + 1);
		page_free(page, 1);
	}
	fake_set_cpu(0);
}

static unsigned int turn;

static unsigned int next_cpu(void)
{
	return __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED) % 5;
}

WORLD_CASE(pcp_survives_migration_at_every_call, .cpus = 2)
{
	struct page *held[64] = { NULL };
	uint64_t seed = 7;

	fake_set_cpu_hook(next_cpu);
	for (unsigned int i = 0; i < 5000; i++) {
		unsigned int at = dice(&seed) % 64;

		if (held[at])
			page_free(held[at], at % PCP_ORDERS);
		held[at] = held[at] ? NULL : get(at % PCP_ORDERS);
		if (i % 100 == 0)
			KUNIT_ASSERT_TRUE(test, zone_validate());
	}
	for (unsigned int at = 0; at < 64; at++)
		if (held[at])
			page_free(held[at], at % PCP_ORDERS);
	fake_set_cpu_hook(NULL);
}

/* A refill leaves the low mark alone; what it got may be used by anybody. */
WORLD_CASE(pcp_refill_stops_at_low, .options = "mem=16M,min_free_kbytes=1024")
{
	struct zone *z = &zones[ZONE_ID_DMA];
	struct page *pages[4096];
	unsigned int n = 0;

	while ((pages[n] = page_alloc(TEST_QUIET, 0)) && n < 4095) {
		n++;
		KUNIT_ASSERT_GE(test, z->free, z->mark[MARK_MIN]);
		if (z->free < z->mark[MARK_LOW])
			KUNIT_ASSERT_EQ(test, pcp_pages(), 0);
	}
	KUNIT_EXPECT_EQ(test, z->free, z->mark[MARK_MIN]);
	KUNIT_EXPECT_EQ(test, n, 4096 - z->mark[MARK_MIN]);
	while (n--)
		page_free(pages[n], 0);
}

WORLD_CASE(pcp_remembers_what_reads_as_zero, .cpus = 1)
{
	struct page *page;
	bool zero;

	page = page_alloc_known(TEST_GFP_KERNEL, 0, &zero);
	KUNIT_EXPECT_TRUE(test, zero);
	page_free(page, 0);
	page = page_alloc_known(TEST_GFP_KERNEL, 0, &zero);
	KUNIT_EXPECT_FALSE(test, zero);
	page_free(page, 0);
}

static struct kunit_case pcp_cases[] = {
	KUNIT_CASE(pcp_hands_out_last_freed_first),
	KUNIT_CASE(pcp_refills_by_a_batch),
	KUNIT_CASE(pcp_batch_follows_the_memory),
	KUNIT_CASE(pcp_batch_is_a_page_at_least),
	KUNIT_CASE(pcp_keeps_no_more_than_high),
	KUNIT_CASE(pcp_lists_belong_to_cpus),
	KUNIT_CASE(pcp_serves_cpus_unknown_at_boot),
	KUNIT_CASE(pcp_survives_migration_at_every_call),
	KUNIT_CASE(pcp_refill_stops_at_low),
	KUNIT_CASE(pcp_remembers_what_reads_as_zero),
	{}
};

static struct kunit_suite pcp_suite = {
	.name = "page-pcp",
	.test_cases = pcp_cases,
};

kunit_test_suite(pcp_suite);
