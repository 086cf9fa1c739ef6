/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Whole pages: orders, alignment, compound blocks, exact runs. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

static void orders_of_sizes(struct kunit *test)
{
	static const unsigned long sizes[] = {
		0,       1,       4095,    4096,    4097,  8192,
		8193,    12288,   16384,   16385,   65536, 100000,
		1048576, 4194304, 4194305, 8388608, ~0ul,
	};

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		oracle_expect(test, oracle_key("get_order.%lu", sizes[i]), "%d",
			      get_order(sizes[i]));
}

static void pages_are_aligned_to_their_size(struct kunit *test)
{
	unsigned long p[16], align;

	for (unsigned int order = 0; order < 4; order++) {
		align = ~0ul;
		for (int i = 0; i < 16; i++) {
			p[i] = __get_free_pages(GFP_KERNEL, order);
			KUNIT_ASSERT_NE(test, p[i], 0);
			if ((p[i] & -p[i]) < align)
				align = p[i] & -p[i];
		}
		oracle_expect(
			test,
			oracle_key("__get_free_pages.order%u.min_align_over_16",
				   order),
			"%lu", align);
		for (int i = 0; i < 16; i++)
			free_pages(p[i], order);
	}
	for (unsigned int order = 4; order <= MAX_PAGE_ORDER; order++) {
		p[0] = __get_free_pages(GFP_KERNEL, order);
		KUNIT_ASSERT_NE(test, p[0], 0);
		KUNIT_EXPECT_EQ(test, p[0] & ((PAGE_SIZE << order) - 1), 0);
		memset((void *)p[0], 0x11, PAGE_SIZE << order);
		free_pages(p[0], order);
	}
}

static void pages_at_the_limit(struct kunit *test)
{
	unsigned long p;

	p = __get_free_pages(GFP_KERNEL | __GFP_NOWARN, MAX_PAGE_ORDER + 1);
	oracle_expect(test, "__get_free_pages.order11.nowarn", "0x%lx", p);
	p = __get_free_pages(GFP_KERNEL, MAX_PAGE_ORDER + 1);
	oracle_expect(test, "__get_free_pages.order11", "0x%lx", p);
	p = __get_free_pages(GFP_KERNEL, MAX_PAGE_ORDER);
	/* Above its size the alignment of a block is chance. */
	oracle_expect(test, "__get_free_pages.order10", "%s align:%lu",
		      p ? "PTR" : "NULL",
		      p & (KMALLOC_MAX_SIZE - 1) ? p & -p : KMALLOC_MAX_SIZE);
	free_pages(p, MAX_PAGE_ORDER);
	free_pages(0, 0);
	oracle_expect(test, "free_pages.0", "no-op");
}

static void zeroed_pages(struct kunit *test)
{
	unsigned long p = __get_free_page(GFP_KERNEL);
	bool zero = true;

	memset((void *)p, 0x99, PAGE_SIZE);
	free_page(p);
	p = get_zeroed_page(GFP_KERNEL);
	KUNIT_ASSERT_NE(test, p, 0);
	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		zero &= ((char *)p)[i] == 0;
	oracle_expect(test, "get_zeroed_page.zeroed", "%d", zero);
	free_page(p);
}

static void single_pages(struct kunit *test)
{
	struct page *a = alloc_page(GFP_KERNEL), *b;

	KUNIT_ASSERT_NOT_NULL(test, a);
	oracle_expect(test, "alloc_pages.order0.page_count", "%d",
		      page_count(a));
	__free_page(a);
	b = alloc_page(GFP_KERNEL);
	oracle_expect(test, "alloc_pages.order0.lifo_reuse", "%d", a == b);
	__free_page(b);
}

static void compound_blocks(struct kunit *test)
{
	struct page *p = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);

	KUNIT_ASSERT_NOT_NULL(test, p);
	oracle_expect(test, "alloc_pages.order3.comp.compound_order", "%u",
		      (unsigned int)compound_order(p));
	oracle_expect(test, "alloc_pages.order3.comp.PageHead", "%d",
		      !!PageHead(p));
	oracle_expect(test, "alloc_pages.order3.comp.tail_is_PageTail", "%d",
		      !!PageTail(p + 5));
	oracle_expect(test, "alloc_pages.order3.comp.tail_head_ok", "%d",
		      compound_head(p + 5) == p);
	KUNIT_EXPECT_EQ(test, page_size(p), PAGE_SIZE << 3);
	put_page(p);

	p = alloc_pages(GFP_KERNEL, 3);
	KUNIT_ASSERT_NOT_NULL(test, p);
	oracle_expect(test, "alloc_pages.order3.nocomp.PageHead", "%d",
		      !!PageHead(p));
	oracle_expect(test, "alloc_pages.order3.nocomp.tail_page_count", "%d",
		      page_count(p + 1));
	__free_pages(p, 3);
}

static void exact_runs(struct kunit *test)
{
	unsigned long before = oracle_in_use();
	char *p = alloc_pages_exact(100000, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	oracle_expect(test, "alloc_pages_exact.100000", "PTR page_aligned:%d",
		      !((unsigned long)p & (PAGE_SIZE - 1)));
	memset(p, 1, 100000);
	/* 25 pages, not the 32 that a block would be. */
	KUNIT_EXPECT_EQ(test, oracle_in_use() - before, PAGE_ALIGN(100000ul));
	free_pages_exact(p, 100000);
	KUNIT_EXPECT_EQ(test, oracle_in_use(), before);
}

/* A split block is so many pages, each freed for itself, in any order. */
static void split_blocks(struct kunit *test)
{
	struct page *p = alloc_pages(GFP_KERNEL, 3);

	KUNIT_ASSERT_NOT_NULL(test, p);
	split_page(p, 3);
	for (int i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, page_count(p + i), 1);
	for (int i = 0; i < 8; i++)
		__free_page(p + (i * 3) % 8);
}

static void page_arithmetic_inverts(struct kunit *test)
{
	struct page *p = alloc_pages(GFP_KERNEL, 2);
	char *v;

	KUNIT_ASSERT_NOT_NULL(test, p);
	v = page_address(p);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_page(v), p);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_page(v + PAGE_SIZE + 7), p + 1);
	KUNIT_EXPECT_PTR_EQ(test, pfn_to_page(page_to_pfn(p)), p);
	KUNIT_EXPECT_PTR_EQ(test, phys_to_virt(virt_to_phys(v + 5)), v + 5);
	KUNIT_EXPECT_EQ(test, virt_to_phys(v),
			(phys_addr_t)page_to_pfn(p) << PAGE_SHIFT);
	KUNIT_EXPECT_GT(test, totalram_pages(), 0);
	__free_pages(p, 2);
}

static void pages_for_dma(struct kunit *test)
{
	unsigned long p = __get_free_pages(GFP_KERNEL | GFP_DMA, 2);
	unsigned long q = __get_free_pages(GFP_KERNEL | GFP_DMA32, 2);

	KUNIT_ASSERT_NE(test, p, 0);
	KUNIT_ASSERT_NE(test, q, 0);
	KUNIT_EXPECT_LT(test, virt_to_phys((void *)p), oracle_dma_end());
	KUNIT_EXPECT_LT(test, virt_to_phys((void *)q), 4ul << 30);
	free_pages(p, 2);
	free_pages(q, 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(orders_of_sizes),
	KUNIT_CASE(pages_are_aligned_to_their_size),
	KUNIT_CASE(pages_at_the_limit),
	KUNIT_CASE(zeroed_pages),
	KUNIT_CASE(single_pages),
	KUNIT_CASE(compound_blocks),
	KUNIT_CASE(exact_runs),
	KUNIT_CASE(split_blocks),
	KUNIT_CASE(page_arithmetic_inverts),
	KUNIT_CASE(pages_for_dma),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_pages",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
