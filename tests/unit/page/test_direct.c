// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * A machine that knows where its memory is: zones by physical address, records
 * that lie outside of the window, memory that comes later.
 */
#include "unit/page/world.h"

#include <linux/mm.h>

#define DMA (&zones[ZONE_ID_DMA])
#define DMA32 (&zones[ZONE_ID_DMA32])
#define NORMAL (&zones[ZONE_ID_NORMAL])
#define AT_1_GIB .window = 8 * GIB, .physical = GIB, .dma_end = GIB + 16 * MIB

WORLD_CASE(zones_lie_by_physical_address, AT_1_GIB)
{
	struct page *page = page_alloc(TEST_GFP_KERNEL | __GFP_DMA, 0);

	KUNIT_EXPECT_EQ(test, DMA->start, 0);
	KUNIT_EXPECT_EQ(test, DMA->end << PG_SHIFT, 16 * MIB);
	KUNIT_EXPECT_EQ(test, DMA32->end << PG_SHIFT, 3 * GIB);
	KUNIT_EXPECT_EQ(test, NORMAL->start, DMA32->end);
	KUNIT_EXPECT_EQ(test, NORMAL->end << PG_SHIFT, window.size);
	KUNIT_EXPECT_EQ(test, page_number(DMA32->end) << PG_SHIFT, 4 * GIB);
	KUNIT_EXPECT_EQ(test, virt_to_phys(window.base), GIB);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_GE(test, page_to_phys(page), GIB);
	KUNIT_EXPECT_LT(test, page_to_phys(page), GIB + 16 * MIB);
	KUNIT_EXPECT_EQ(test, page_to_pfn(page), page_number(page_pfn(page)));
	KUNIT_EXPECT_PTR_EQ(test, pfn_to_page(page_to_pfn(page)), page);
	KUNIT_EXPECT_PTR_EQ(test, page_address(page), page_addr(page));
	KUNIT_EXPECT_PTR_EQ(test, virt_to_page(page_address(page)), page);
	KUNIT_EXPECT_TRUE(test, pfn_valid(page_to_pfn(page)));
	KUNIT_EXPECT_FALSE(test, pfn_valid(page_pfn(page)));
	KUNIT_EXPECT_FALSE(test, pfn_valid(0));
	page_free(page, 0);
}

WORLD_CASE(no_zone_below_where_memory_begins, .physical = 8 * GIB,
	   .dma_end = 16 * MIB)
{
	struct page *page = page_alloc(TEST_GFP_KERNEL, 0);

	KUNIT_EXPECT_EQ(test, DMA->end, DMA->start);
	KUNIT_EXPECT_EQ(test, DMA32->end, DMA32->start);
	KUNIT_EXPECT_EQ(test, NORMAL->start, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_GE(test, page_to_phys(page), 8 * GIB);
	page_free(page, 0);
}

/* The whole claim is pages, and its records are no part of it. */
WORLD_CASE(records_lie_outside_of_the_window, AT_1_GIB)
{
	char *map = (char *)window.map, *end = window.base + window.size;

	KUNIT_EXPECT_TRUE(test, map >= end || map < window.base);
	KUNIT_EXPECT_EQ(test, window.size % (4 * MIB), 0);
	grow_to(test, NORMAL, 64 * MIB);
	KUNIT_EXPECT_EQ(test, page_totals()->usable_pages, zones_usable());
}

/* Records hold anything when they are given; a zone that grows clears them. */
WORLD_CASE(records_are_cleared, AT_1_GIB, .unbooted = true)
{
	fake_set_direct_dirt(0xff);
	KUNIT_ASSERT_EQ(test, page_boot(), 0);
	grow_to(test, NORMAL, 64 * MIB);
	KUNIT_EXPECT_TRUE(test, zone_validate());
}

/* What was passed as another's is used when it is said to be there. */
WORLD_CASE(memory_that_comes_later, AT_1_GIB)
{
	unsigned long at = ALIGN_UP(NORMAL->grown, 1024ul) + 4096, absent;
	char *p = window.base + (at << PG_SHIFT);

	fake_take(p, 4 * MIB, true);
	while (NORMAL->grown < at + 4096)
		KUNIT_ASSERT_TRUE(test, zone_grow(NORMAL, 0));
	absent = NORMAL->absent;
	KUNIT_EXPECT_EQ(test, absent, 1024);
	KUNIT_EXPECT_FALSE(test, virt_addr_valid(p));
	fake_take(p, 4 * MIB, false);
	/* the first 512 KiB are no whole hole */
	core_memory(p + MIB / 2, 4 * MIB - MIB / 2);
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, 3);
	core_memory(p, 4 * MIB);
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, 4);
	core_memory(p, 4 * MIB); /* twice is once */
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, 4);
	KUNIT_ASSERT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_EXPECT_EQ(test, NORMAL->absent, 0);
	KUNIT_EXPECT_TRUE(test, virt_addr_valid(p));
}

/* A machine's holes are as large as they are: one step is beyond them. */
WORLD_CASE(a_large_hole_is_passed_at_once, AT_1_GIB)
{
	unsigned long at = ALIGN_UP(NORMAL->grown, 1024ul);

	fake_take(window.base + (at << PG_SHIFT), 300 * MIB, true);
	while (NORMAL->grown < at)
		KUNIT_ASSERT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_ASSERT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_EXPECT_EQ(test, NORMAL->absent << PG_SHIFT, 300 * MIB);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(zones_lie_by_physical_address),
	KUNIT_CASE(no_zone_below_where_memory_begins),
	KUNIT_CASE(records_lie_outside_of_the_window),
	KUNIT_CASE(records_are_cleared),
	KUNIT_CASE(memory_that_comes_later),
	KUNIT_CASE(a_large_hole_is_passed_at_once),
	{},
};

static struct kunit_suite suite = {
	.name = "page_direct",
	.test_cases = cases,
};
kunit_test_suite(suite);
