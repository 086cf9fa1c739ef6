/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Fragments of pages: how they lie, and when their block goes. */
#include "unit/alloc/world.h"

#include <linux/gfp.h>

WORLD_CASE(one_behind_the_other)
{
	struct page_frag_cache nc;
	char *p, *q;

	page_frag_cache_init(&nc);
	KUNIT_EXPECT_FALSE(test, page_frag_cache_is_pfmemalloc(&nc));
	p = page_frag_alloc(&nc, 100, GFP_KERNEL);
	q = page_frag_alloc(&nc, 60, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_PTR_EQ(test, q, p + 100);
	KUNIT_EXPECT_EQ(test, (uintptr_t)p % PAGE_FRAG_CACHE_MAX_SIZE, 0);
	KUNIT_EXPECT_PTR_EQ(test, page_frag_alloc_align(&nc, 8, GFP_KERNEL, 64),
			    (void *)(p + 192));
	KUNIT_EXPECT_PTR_EQ(test,
			    __page_frag_alloc_align(&nc, 1, GFP_ATOMIC, -4096u),
			    (void *)(p + 4096));
	/* the cache's reference and four of fragments */
	KUNIT_EXPECT_EQ(test,
			page_count(virt_to_page(q)) - (int)nc.pagecnt_bias, 4);
	page_frag_free(p);
	page_frag_free(q);
	page_frag_free(p + 192);
	page_frag_cache_drain(&nc);
	KUNIT_EXPECT_NULL(test, nc.kmem_page);
	KUNIT_EXPECT_EQ(test, page_count(virt_to_page(p)), 1);
	page_frag_free(p + 4096);
	page_frag_cache_drain(&nc);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

/* A block whose fragments are all free is used again. */
WORLD_CASE(block_is_used_again)
{
	struct page_frag_cache nc = {};
	char *first = NULL, *kept = NULL, *p;

	for (unsigned int i = 0; i < 100; i++) {
		p = page_frag_alloc(&nc, 1000, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		first = first ? first : p;
		KUNIT_EXPECT_LT(test, (size_t)(p - first),
				PAGE_FRAG_CACHE_MAX_SIZE);
		page_frag_free(p);
	}
	kept = page_frag_alloc(&nc, 1000, GFP_KERNEL);
	for (unsigned int i = 0; i < 40; i++) {
		p = page_frag_alloc(&nc, 1000, GFP_KERNEL);
		page_frag_free(p);
	}
	KUNIT_EXPECT_NE(test, (uintptr_t)p / PAGE_FRAG_CACHE_MAX_SIZE,
			(uintptr_t)kept / PAGE_FRAG_CACHE_MAX_SIZE);
	KUNIT_EXPECT_EQ(test, page_count(virt_to_page(kept)), 1);
	page_frag_free(kept);
	page_frag_cache_drain(&nc);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

WORLD_CASE(sizes)
{
	struct page_frag_cache nc = {};
	char *p, *q;

	p = page_frag_alloc(&nc, PAGE_FRAG_CACHE_MAX_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0x55, PAGE_FRAG_CACHE_MAX_SIZE);
	q = page_frag_alloc(&nc, 5000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_NULL(test,
			  page_frag_alloc(&nc, PAGE_FRAG_CACHE_MAX_SIZE + 1,
					  GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, page_frag_alloc(&nc, -1u, GFP_KERNEL));
	KUNIT_EXPECT_PTR_EQ(test, page_frag_alloc(&nc, 0, GFP_KERNEL),
			    (void *)(q + 5000));
	page_frag_free(p);
	page_frag_free(q + 4999);
	page_frag_free(q);
	page_frag_cache_drain(&nc);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

/* Pages in pieces: no block of more than one, and still fragments. */
WORLD_CASE(falls_back_to_a_page, .options = "mem=16M")
{
	static struct page *pages[4096];
	struct page_frag_cache nc = {};
	unsigned int n = 0;
	char *p, *q;

	while (n < 4096 &&
	       (pages[n] = alloc_page(GFP_KERNEL | __GFP_NOWARN |
				      __GFP_NORETRY | __GFP_MEMALLOC)))
		n++;
	for (unsigned int i = 0; i < n; i++)
		if (page_to_pfn(pages[i]) % 2) {
			__free_page(pages[i]);
			pages[i] = NULL;
		}
	p = page_frag_alloc(&nc, 2000, GFP_KERNEL);
	q = page_frag_alloc(&nc, 4000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, compound_order(virt_to_page(p)), 0);
	KUNIT_EXPECT_EQ(test, page_frag_cache_is_pfmemalloc(&nc),
			page_is_pfmemalloc(virt_to_page(q)));
	KUNIT_EXPECT_NULL(test, page_frag_alloc(&nc, 5000, GFP_KERNEL));
	page_frag_free(p);
	page_frag_free(q);
	page_frag_cache_drain(&nc);
	for (unsigned int i = 0; i < n; i++)
		if (pages[i])
			__free_page(pages[i]);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

WORLD_CASE(misuse)
{
	struct page_frag_cache nc = {};
	struct page *page = alloc_page(GFP_KERNEL);
	void *p = page_frag_alloc(&nc, 8, GFP_KERNEL);

	page_frag_free(NULL);
	page_frag_free(&nc);
	__page_frag_cache_drain(page, 2);
	__page_frag_cache_drain(NULL, 1);
	KUNIT_EXPECT_EQ(test, report_errors(), 4);
	__page_frag_cache_drain(page, 1);
	page_frag_free(p);
	page_frag_cache_drain(&nc);
	KUNIT_EXPECT_EQ(test, report_errors(), 4);
	page_frag_free(p);
	KUNIT_EXPECT_EQ(test, report_errors(), 5);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_behind_the_other),
	KUNIT_CASE(block_is_used_again),
	KUNIT_CASE(sizes),
	KUNIT_CASE(falls_back_to_a_page),
	KUNIT_CASE(misuse),
	{},
};
static struct kunit_suite suite = { .name = "page_frag", .test_cases = cases };
kunit_test_suite(suite);
