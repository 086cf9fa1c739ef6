// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The kernel's page calls, by their contract.
 */
#include "unit/page/world.h"

#include <linux/gfp.h>
#include <linux/mm.h>

#define SMALL .options = "mem=16M,decay_ms=-1", .cpus = 1

static void expect_warned(struct kunit *test, const char *text)
{
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(fake_log(), text),
				  "no \"%s\" in \"%s\"", text, fake_log());
	fake_log_clear();
}

/* The first call of a program boots the layer. */
static void first_body(struct kunit *test)
{
	unsigned long addr = __get_free_pages(GFP_KERNEL, 1);

	KUNIT_EXPECT_NE(test, addr, 0);
	KUNIT_EXPECT_TRUE(test, page_ready());
	free_pages(addr, 1);
}

static void first_total_body(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, totalram_pages(), 4096);
}

static void api_boots_by_itself(struct kunit *test)
{
	in_world(test, (struct world){ SMALL, .unbooted = true }, first_body);
	in_world(test, (struct world){ SMALL, .unbooted = true },
		 first_total_body);
}

WORLD_CASE(api_addresses_and_records_are_inverse, SMALL)
{
	for (unsigned int order = 0; order <= MAX_PAGE_ORDER; order++) {
		struct page *page = alloc_pages(GFP_KERNEL, order);
		char *addr = page_address(page);

		KUNIT_EXPECT_PTR_EQ(test, virt_to_page(addr), page);
		KUNIT_EXPECT_PTR_EQ(test, virt_to_page(addr + 4095), page);
		KUNIT_EXPECT_PTR_EQ(test, pfn_to_page(page_to_pfn(page)), page);
		KUNIT_EXPECT_PTR_EQ(test, phys_to_virt(virt_to_phys(addr)),
				    addr);
		KUNIT_EXPECT_EQ(test, page_to_pfn(page) << PAGE_SHIFT,
				virt_to_phys(addr));
		KUNIT_EXPECT_TRUE(test, virt_addr_valid(addr));
		__free_pages(page, order);
		addr = (char *)__get_free_pages(GFP_KERNEL, order);
		KUNIT_EXPECT_EQ(test, (uintptr_t)addr % (PAGE_SIZE << order),
				0);
		free_pages((unsigned long)addr, order);
	}
}

WORLD_CASE(api_free_pages_of_0_does_nothing, SMALL)
{
	free_pages(0, 0);
	free_pages(0, 20);
	free_page(0);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(api_free_pages_of_junk_is_told, SMALL)
{
	unsigned long addr = __get_free_page(GFP_KERNEL);
	int local = 0;

	free_pages((unsigned long)&local, 0);
	expect_warned(test, "which is no page");
	free_pages(addr + 8, 0);
	expect_warned(test, "which is no page");
	free_page(addr);
}

WORLD_CASE(api_get_free_pages_drops_highmem, SMALL)
{
	unsigned long addr =
		__get_free_pages(GFP_KERNEL | __GFP_DMA | __GFP_HIGHMEM, 0);

	/* nothing illegal is left to warn of */
	KUNIT_EXPECT_NE(test, addr, 0);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	free_page(addr);
	KUNIT_EXPECT_EQ(test, __get_free_pages(GFP_KERNEL | __GFP_NOWARN, 11),
			0);
}

WORLD_CASE(api_zeroed_page, SMALL)
{
	for (unsigned int i = 0; i < 3; i++) {
		unsigned long addr = get_zeroed_page(GFP_KERNEL);

		for (unsigned int at = 0; at < PAGE_SIZE; at++)
			KUNIT_ASSERT_EQ(test, ((char *)addr)[at], 0);
		memset((void *)addr, 0x77, PAGE_SIZE);
		free_page(addr);
	}
}

WORLD_CASE(api_dma_pages, .window = 17 * GIB)
{
	unsigned long addr = __get_dma_pages(GFP_KERNEL, 3);

	KUNIT_EXPECT_LT(test, virt_to_phys((void *)addr), 16 * MIB);
	free_pages(addr, 3);
}

WORLD_CASE(api_nodes, SMALL)
{
	struct page *page = alloc_pages_node(NUMA_NO_NODE, GFP_KERNEL, 0);
	struct page *bulk[2] = { page, NULL };

	KUNIT_ASSERT_NOT_NULL(test, page);
	__free_page(page);
	page = alloc_pages_node(0, GFP_KERNEL | __GFP_THISNODE, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	__free_page(page);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	/* who insists on another node gets nothing, and no warning */
	KUNIT_EXPECT_NULL(test,
			  alloc_pages_node(3, GFP_KERNEL | __GFP_THISNODE, 0));
	KUNIT_EXPECT_NULL(test, alloc_pages_exact_nid(
					3, 5000, GFP_KERNEL | __GFP_THISNODE));
	KUNIT_EXPECT_EQ(test,
			alloc_pages_bulk_node(GFP_KERNEL | __GFP_THISNODE, 3, 2,
					      bulk),
			1);
	KUNIT_EXPECT_NULL(test, bulk[1]);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	page = alloc_pages_node(3, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	expect_warned(test, "node 3");
	__free_page(page);
}

WORLD_CASE(api_exact_takes_whole_pages_and_no_more, SMALL)
{
	static const size_t sizes[] = { 1,     4095,  4096,    4097,   3 * 4096,
					20000, 65537, 4194303, 4194304 };

	for (unsigned int i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t pages = (sizes[i] + 4095) / 4096;
		char *p = alloc_pages_exact(sizes[i], GFP_KERNEL | __GFP_ZERO);

		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, pages_in_use(), pages);
		KUNIT_EXPECT_EQ(test, p[sizes[i] - 1], 0);
		memset(p, 0x33, pages * 4096);
		/* each page is one of its own */
		get_page(virt_to_page(p));
		put_page(virt_to_page(p));
		free_pages_exact(p, sizes[i]);
		KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
	}
	KUNIT_EXPECT_NULL(test, alloc_pages_exact(4194305,
						  GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_NULL(test,
			  alloc_pages_exact(0, GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(api_exact_refuses_compound, SMALL)
{
	char *p = alloc_pages_exact_nid(0, 5000, GFP_KERNEL | __GFP_COMP);

	KUNIT_ASSERT_NOT_NULL(test, p);
	expect_warned(test, "WARNING:");
	KUNIT_EXPECT_FALSE(test, PageCompound(virt_to_page(p)));
	free_pages_exact(p, 5000);
}

WORLD_CASE(api_bulk_fills_the_holes, SMALL)
{
	struct page *pages[64] = { NULL }, *own = alloc_page(GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, alloc_pages_bulk(GFP_KERNEL, 0, pages), 0);
	KUNIT_EXPECT_NULL(test, pages[0]);
	pages[5] = own;
	pages[63] = own;
	KUNIT_EXPECT_EQ(test, alloc_pages_bulk(GFP_KERNEL, 64, pages), 64);
	KUNIT_EXPECT_PTR_EQ(test, pages[5], own);
	KUNIT_EXPECT_PTR_EQ(test, pages[63], own);
	KUNIT_EXPECT_EQ(test, pages_in_use(), 63);
	KUNIT_EXPECT_EQ(test, alloc_pages_bulk(GFP_KERNEL, 64, pages), 64);
	KUNIT_EXPECT_EQ(test, pages_in_use(), 63);
	pages[63] = NULL;
	for (unsigned int i = 0; i < 63; i++)
		for (unsigned int j = 0; j < i; j++)
			KUNIT_ASSERT_TRUE(test, pages[i] != pages[j]);
	for (unsigned int i = 0; i < 63; i++)
		__free_page(pages[i]);
}

WORLD_CASE(api_bulk_stops_when_there_is_no_more,
	   .options = "mem=4M,decay_ms=-1")
{
	static struct page *pages[2000];
	unsigned long n = alloc_pages_bulk_node(GFP_NOWAIT, 0, 2000, pages);

	KUNIT_EXPECT_EQ(test, n, 1024 - 64);
	KUNIT_EXPECT_NULL(test, pages[n]);
	while (n--)
		__free_page(pages[n]);
}

WORLD_CASE(api_split_makes_single_pages, SMALL)
{
	for (unsigned int order = 0; order <= MAX_PAGE_ORDER; order++) {
		struct page *page = alloc_pages(GFP_KERNEL, order);

		split_page(page, order);
		for (unsigned long i = 0; i < 1ul << order; i++)
			KUNIT_ASSERT_EQ(test, page_count(page + i), 1);
		for (unsigned long i = 0; i < 1ul << order; i += 2)
			__free_page(page + i);
		KUNIT_EXPECT_EQ(test, pages_in_use(), (1ul << order) / 2);
		for (unsigned long i = 1; i < 1ul << order; i += 2)
			put_page(page + i);
		KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(api_split_of_a_compound_block_is_told, SMALL)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);

	split_page(page, 2);
	expect_warned(test, "split_page()");
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	__free_pages(page, 2);
}

struct sysinfo_like {
	unsigned long totalram, freeram, sharedram, bufferram, totalhigh,
		freehigh;
	unsigned int mem_unit;
};

WORLD_CASE(api_counts_pages, SMALL)
{
	unsigned long marks = zones[0].mark[MARK_HIGH];
	struct sysinfo_like si;
	struct page *page;

	KUNIT_EXPECT_EQ(test, totalram_pages(), 4096);
	KUNIT_EXPECT_EQ(test, nr_free_pages(), 4096);
	KUNIT_EXPECT_EQ(test, nr_free_buffer_pages(), 4096 - marks);
	KUNIT_EXPECT_EQ(test, si_mem_available(), 4096 - (long)marks);
	page = alloc_page(GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, nr_free_pages(), 4095);
	drain_local_pages(NULL);
	KUNIT_EXPECT_EQ(test, nr_free_pages(), 4095);
	si_meminfo(&si);
	KUNIT_EXPECT_EQ(test, si.totalram, 4096);
	KUNIT_EXPECT_EQ(test, si.freeram, 4095);
	KUNIT_EXPECT_EQ(test, si.mem_unit, 4096);
	__free_page(page);
}

WORLD_CASE(api_counts_what_is_still_to_come, .options = "mem=200M")
{
	KUNIT_EXPECT_EQ(test, totalram_pages(), 51200);
	KUNIT_EXPECT_EQ(test, nr_free_pages(), 51200);
	KUNIT_EXPECT_LT(test, zones_usable(), 51200);
}

WORLD_CASE(api_zero_page_is_one_page, SMALL)
{
	struct page *page = ZERO_PAGE(0);
	char *p = page_address(page);

	KUNIT_EXPECT_PTR_EQ(test, ZERO_PAGE(p), page);
	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		KUNIT_ASSERT_EQ(test, p[i], 0);
	/* it stays for ever; the world wants its pages back */
	__free_page(page);
}

static struct kunit_case api_cases[] = {
	KUNIT_CASE(api_boots_by_itself),
	KUNIT_CASE(api_addresses_and_records_are_inverse),
	KUNIT_CASE(api_free_pages_of_0_does_nothing),
	KUNIT_CASE(api_free_pages_of_junk_is_told),
	KUNIT_CASE(api_get_free_pages_drops_highmem),
	KUNIT_CASE(api_zeroed_page),
	KUNIT_CASE(api_dma_pages),
	KUNIT_CASE(api_nodes),
	KUNIT_CASE(api_exact_takes_whole_pages_and_no_more),
	KUNIT_CASE(api_exact_refuses_compound),
	KUNIT_CASE(api_bulk_fills_the_holes),
	KUNIT_CASE(api_bulk_stops_when_there_is_no_more),
	KUNIT_CASE(api_split_makes_single_pages),
	KUNIT_CASE(api_split_of_a_compound_block_is_told),
	KUNIT_CASE(api_counts_pages),
	KUNIT_CASE(api_counts_what_is_still_to_come),
	KUNIT_CASE(api_zero_page_is_one_page),
	{}
};

static struct kunit_suite api_suite = {
	.name = "page-api",
	.test_cases = api_cases,
};

kunit_test_suite(api_suite);
