// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Runs of pages side by side, within a block and beyond the largest, and their
 * guards.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "unit/page/world.h"

static void expect_run(struct kunit *test, struct page *page, unsigned long nr)
{
	KUNIT_ASSERT_NOT_NULL(test, page);
	for (unsigned long i = 0; i < nr; i++) {
		KUNIT_ASSERT_EQ(test, page[i]._refcount.counter, 1);
		KUNIT_ASSERT_EQ(test, page_bits(page + i), 0);
		KUNIT_ASSERT_EQ(test, page[i].order, 0);
	}
	memset(page_addr(page), 0x5a, nr << PG_SHIFT);
}

static bool is_zero(const struct page *page, unsigned long nr)
{
	const unsigned long *p = page_addr(page);

	for (unsigned long i = 0; i < (nr << PG_SHIFT) / sizeof(*p); i++)
		if (p[i])
			return false;
	return true;
}

WORLD_CASE(run_takes_exactly_its_pages, .options = "mem=64M,decay_ms=-1")
{
	static const unsigned long lengths[] = { 1,    2,    3,    17,  1023,
						 1024, 1025, 2049, 5000 };

	for (unsigned int i = 0; i < ARRAY_LEN(lengths); i++) {
		unsigned long nr = lengths[i];
		struct page *page =
			page_alloc_run(TEST_GFP_KERNEL, 0, nr, 1, 0);

		expect_run(test, page, nr);
		KUNIT_EXPECT_EQ(test, pages_in_use(), nr);
		KUNIT_ASSERT_TRUE(test, zone_validate());
		KUNIT_EXPECT_EQ(test, page_free_run(page, nr), 0);
		KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
		KUNIT_ASSERT_TRUE(test, zone_validate());
	}
}

WORLD_CASE(run_is_aligned_behind_what_comes_before)
{
	for (unsigned long align = 1; align <= 4096; align *= 4)
		for (unsigned long nr = 3; nr < 9000; nr = nr * 7 + 1) {
			struct page *page = page_alloc_run(TEST_GFP_KERNEL, 2,
							   nr, align, 0);

			expect_run(test, page, nr);
			KUNIT_EXPECT_EQ(test, (page_pfn(page) + 2) % align, 0);
			KUNIT_EXPECT_EQ(test, pages_in_use(), nr);
			page_free_run(page, nr);
		}
}

WORLD_CASE(run_is_zero_if_asked, .options = "decay_ms=-1")
{
	for (unsigned long nr = 10; nr < 9000; nr *= 9) {
		struct page *page =
			page_alloc_run(TEST_GFP_KERNEL, 0, nr, 1, 0);

		expect_run(test, page, nr);
		page_free_run(page, nr);
		page = page_alloc_run(TEST_GFP_KERNEL | __GFP_ZERO, 0, nr, 1,
				      0);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_TRUE(test, is_zero(page, nr));
		page_free_run(page, nr);
	}
}

/* Every other 4 MiB of the machine is in use: no run fits, and none is lost. */
WORLD_CASE(run_finds_no_hole_that_is_too_small,
	   .options = "mem=64M,decay_ms=-1,min_free_kbytes=64")
{
	struct page *block[32], *run;
	unsigned int nr = 0;

	while (nr < 32 &&
	       (block[nr] = page_alloc(TEST_GFP_KERNEL | TEST_QUIET |
					       __GFP_NORETRY | __GFP_MEMALLOC,
				       PG_MAX_ORDER)))
		nr++;
	KUNIT_ASSERT_EQ(test, nr, 16);
	for (unsigned int i = 0; i < nr; i++)
		if (page_pfn(block[i]) >> PG_MAX_ORDER & 1)
			page_free(block[i], PG_MAX_ORDER);
	KUNIT_EXPECT_NULL(test, page_alloc_run(TEST_GFP_KERNEL | TEST_QUIET, 0,
					       2000, 1, 0));
	KUNIT_EXPECT_TRUE(test, zone_validate());
	for (unsigned int i = 0; i < nr; i++)
		if (!(page_pfn(block[i]) >> PG_MAX_ORDER & 1))
			page_free(block[i], PG_MAX_ORDER);
	run = page_alloc_run(TEST_GFP_KERNEL, 0, 2000, 1, 0);
	expect_run(test, run, 2000);
	page_free_run(run, 2000);
}

WORLD_CASE(run_that_cannot_sleep_is_short)
{
	unsigned long calls = fake_calls(FAKE_COMMIT);
	struct page *page = page_alloc_run(__GFP_KSWAPD_RECLAIM, 1, 10, 1, 0);

	expect_run(test, page, 10);
	KUNIT_EXPECT_NULL(test,
			  page_alloc_run(__GFP_KSWAPD_RECLAIM, 0, 2000, 1, 0));
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_COMMIT), calls);
	page_free_run(page, 10);
}

WORLD_CASE(run_refuses_what_cannot_be, .options = "mem=16M")
{
	KUNIT_EXPECT_NULL(test, page_alloc_run(TEST_GFP_KERNEL, 0, 0, 1, 0));
	KUNIT_EXPECT_NULL(test,
			  page_alloc_run(TEST_GFP_KERNEL, 0, 1ul << 40, 1, 0));
	KUNIT_EXPECT_NULL(test, page_alloc_run(TEST_GFP_KERNEL, 0, 5000, 1, 0));
	KUNIT_EXPECT_NULL(test,
			  page_alloc_run(TEST_GFP_KERNEL, 0, 1, 1ul << 40, 0));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(a_page_held_outlives_its_run)
{
	struct page *page = page_alloc_run(TEST_GFP_KERNEL, 0, 2000, 1, 0);

	expect_run(test, page, 2000);
	get_page(page + 1234);
	KUNIT_EXPECT_EQ(test, page_free_run(page, 2000), 1);
	KUNIT_EXPECT_EQ(test, pages_in_use(), 1);
	KUNIT_EXPECT_EQ(test, *(char *)page_addr(page + 1234), 0x5a);
	put_page(page + 1234);
}

WORLD_CASE(run_grows_over_free_pages_only, .options = "decay_ms=-1")
{
	struct page *page = page_alloc_run(TEST_GFP_KERNEL, 0, 16, 16, 0);
	struct page *free = page_alloc_run(TEST_GFP_KERNEL, 0, 1024, 1024, 0);

	expect_run(test, page, 16);
	KUNIT_EXPECT_FALSE(test,
			   page_grow_run(page + 8, 8, TEST_GFP_KERNEL, 0));
	KUNIT_ASSERT_NOT_NULL(test, free);
	page_free_run(free + 100, 924);
	KUNIT_EXPECT_FALSE(test,
			   page_grow_run(free + 99, 10, TEST_GFP_KERNEL, 0));
	KUNIT_EXPECT_TRUE(test, page_grow_run(free + 100, 10,
					      TEST_GFP_KERNEL | __GFP_ZERO, 0));
	KUNIT_EXPECT_TRUE(test, is_zero(free + 100, 10));
	page_free_run(free, 110);
	page_free_run(page, 16);
}

WORLD_CASE(guards_fault_and_come_back)
{
	struct page *page = page_alloc_run(TEST_GFP_KERNEL, 0, 3, 1, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	page_guard(page);
	KUNIT_EXPECT_TRUE(test, page_test(page, PG_guard));
	KUNIT_EXPECT_FALSE(test, page_test(page + 1, PG_guard));
	/* of what is resident a guard is no part */
	KUNIT_EXPECT_EQ(test, page_reserve(MIB), 0);
	KUNIT_EXPECT_TRUE(test, page_unguard(page));
	memset(page_addr(page), 1, PG_BYTES);
	page_free_run(page, 3);
}

WORLD_CASE(contig_pages_are_freed_in_parts, .options = "decay_ms=-1")
{
	struct page *page = alloc_contig_pages(4096, GFP_KERNEL, 0, NULL);
	unsigned long pfn;

	expect_run(test, page, 4096);
	pfn = page_to_pfn(page);
	KUNIT_EXPECT_EQ(test, pfn % 4096, 0);
	free_contig_range(pfn, 1000);
	KUNIT_EXPECT_EQ(test, pages_in_use(), 3096);
	free_contig_range(pfn + 1000, 3096);
	KUNIT_EXPECT_NULL(test,
			  alloc_contig_pages(4096, GFP_KERNEL | __GFP_COMP, 0,
					     NULL));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "__GFP_COMP"));
	KUNIT_EXPECT_NULL(test,
			  alloc_contig_pages(1, GFP_KERNEL | __GFP_THISNODE, 3,
					     NULL));
}

WORLD_CASE(contig_range_takes_just_these, .options = "decay_ms=-1")
{
	struct page *page = alloc_contig_pages(2048, GFP_KERNEL, 0, NULL), *one;
	unsigned long pfn;

	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	KUNIT_EXPECT_EQ(test,
			alloc_contig_range(pfn, pfn + 8, ACR_FLAGS_NONE,
					   GFP_KERNEL),
			-16);
	free_contig_range(pfn, 2048);
	KUNIT_EXPECT_EQ(test,
			alloc_contig_range(pfn + 3, pfn + 2000, 0,
					   GFP_KERNEL | __GFP_ZERO),
			0);
	KUNIT_EXPECT_TRUE(test, is_zero(page + 3, 1997));
	expect_run(test, page + 3, 1997);
	/* one page in use is in the way of all, and nothing is changed */
	free_contig_range(pfn + 3, 1000);
	free_contig_range(pfn + 1004, 996);
	KUNIT_EXPECT_EQ(test, pages_in_use(), 1);
	KUNIT_EXPECT_EQ(
		test, alloc_contig_range(pfn, pfn + 2048, 0, GFP_KERNEL), -16);
	KUNIT_EXPECT_EQ(test, pages_in_use(), 1);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	free_contig_range(pfn + 1003, 1);
	KUNIT_EXPECT_EQ(test, alloc_contig_range(pfn, pfn, 0, GFP_KERNEL), -22);
	KUNIT_EXPECT_EQ(test, alloc_contig_range(0, 1ul << 40, 0, GFP_KERNEL),
			-22);
	/* what is on a CPU's list is free */
	one = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, one);
	pfn = page_to_pfn(one);
	__free_page(one);
	KUNIT_EXPECT_EQ(test, alloc_contig_range(pfn, pfn + 1, 0, GFP_KERNEL),
			0);
	free_contig_range(pfn, 1);
}

WORLD_CASE(frozen_pages_have_no_reference, .options = "decay_ms=-1")
{
	struct page *page =
		alloc_contig_frozen_pages(2000, GFP_KERNEL, 0, NULL);
	unsigned long pfn;

	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	for (int i = 0; i < 2000; i++)
		KUNIT_ASSERT_EQ(test, page_count(page + i), 0);
	free_contig_frozen_range(pfn, 2000);
	KUNIT_ASSERT_EQ(test, pages_in_use(), 0);
	KUNIT_EXPECT_EQ(
		test, alloc_contig_frozen_range(pfn, pfn + 2000, 0, GFP_KERNEL),
		0);
	KUNIT_EXPECT_EQ(test, page_count(page), 0);
	free_contig_frozen_range(pfn, 2000);
}

WORLD_CASE(contig_range_warns_of_pages_in_use)
{
	struct page *page = alloc_contig_pages(64, GFP_KERNEL, 0, NULL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	get_page(page + 5);
	free_contig_range(page_to_pfn(page), 64);
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(fake_log(), "1 pages are still in use!"));
	put_page(page + 5);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(run_takes_exactly_its_pages),
	KUNIT_CASE(run_is_aligned_behind_what_comes_before),
	KUNIT_CASE(run_is_zero_if_asked),
	KUNIT_CASE(run_finds_no_hole_that_is_too_small),
	KUNIT_CASE(run_that_cannot_sleep_is_short),
	KUNIT_CASE(run_refuses_what_cannot_be),
	KUNIT_CASE(a_page_held_outlives_its_run),
	KUNIT_CASE(run_grows_over_free_pages_only),
	KUNIT_CASE(guards_fault_and_come_back),
	KUNIT_CASE(contig_pages_are_freed_in_parts),
	KUNIT_CASE(contig_range_takes_just_these),
	KUNIT_CASE(frozen_pages_have_no_reference),
	KUNIT_CASE(contig_range_warns_of_pages_in_use),
	{},
};

static struct kunit_suite suite = {
	.name = "contig",
	.test_cases = cases,
};
kunit_test_suite(suite);
