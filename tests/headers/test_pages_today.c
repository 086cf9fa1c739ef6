/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Words of <linux/gfp.h>, <linux/mm.h> and <linux/highmem.h>: addresses and
 * records, folios, references by the list, bytes in and out of pages.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include <kmem/kmem.h>

#include <string.h>

#include "kunit/test.h"

static void sizes_and_pages(struct kunit *test)
{
	unsigned long addr = 5 * PAGE_SIZE + 7;

	KUNIT_EXPECT_EQ(test, PAGE_SIZE, 1ul << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, addr & PAGE_MASK, 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, offset_in_page(addr), 7);
	KUNIT_EXPECT_EQ(test, PAGE_ALIGN(addr), 6 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, PAGE_ALIGN(6 * PAGE_SIZE), 6 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, PAGE_ALIGN_DOWN(addr), 5 * PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, PAGE_ALIGNED(addr));
	KUNIT_EXPECT_TRUE(test, PAGE_ALIGNED(addr - 7));
	KUNIT_EXPECT_EQ(test, PFN_UP(addr), 6);
	KUNIT_EXPECT_EQ(test, PFN_DOWN(addr), 5);
	KUNIT_EXPECT_EQ(test, PFN_ALIGN(addr), 6 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, PFN_PHYS(5), 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, PHYS_PFN(addr), 5);
	KUNIT_EXPECT_EQ(test, L1_CACHE_ALIGN(1), L1_CACHE_BYTES);
	KUNIT_EXPECT_EQ(test, cache_line_size(), L1_CACHE_BYTES);
	KUNIT_EXPECT_EQ(test, get_order(PAGE_SIZE + 1), 1);
}

static void addresses_and_records(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);
	char *addr;

	KUNIT_ASSERT_NOT_NULL(test, page);
	addr = page_to_virt(page + 1);
	KUNIT_EXPECT_PTR_EQ(test, (void *)addr, page_address(page + 1));
	KUNIT_EXPECT_PTR_EQ(test, virt_to_page(addr), page + 1);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(addr), page);
	KUNIT_EXPECT_EQ(test, virt_to_pfn(addr), page_to_pfn(page) + 1);
	KUNIT_EXPECT_PTR_EQ(test, pfn_to_virt(page_to_pfn(page) + 1),
			    (void *)addr);
	KUNIT_EXPECT_PTR_EQ(test, pfn_to_page(page_to_pfn(page)), page);
	KUNIT_EXPECT_TRUE(test, pfn_valid(page_to_pfn(page)));
	KUNIT_EXPECT_FALSE(test, pfn_valid(~0ul));
	KUNIT_EXPECT_EQ(test, page_to_phys(page + 1), virt_to_phys(addr));
	KUNIT_EXPECT_PTR_EQ(test, phys_to_page(virt_to_phys(addr)), page + 1);
	KUNIT_EXPECT_PTR_EQ(test, phys_to_virt(virt_to_phys(addr)),
			    (void *)addr);
	KUNIT_EXPECT_PTR_EQ(test, __va(__pa(addr)), (void *)addr);
	KUNIT_EXPECT_TRUE(test, virt_addr_valid(addr));
	KUNIT_EXPECT_FALSE(test, virt_addr_valid(&addr));
	KUNIT_EXPECT_EQ(test, page_to_nid(page), 0);
	KUNIT_EXPECT_TRUE(test, PageHead(page) && PageTail(page + 3));
	KUNIT_EXPECT_TRUE(test, PageCompound(page + 3));
	KUNIT_EXPECT_FALSE(test, PageHead(page + 1) || PageTail(page));
	KUNIT_EXPECT_EQ(test, compound_nr(page), 4);
	KUNIT_EXPECT_EQ(test, page_size(page), 4 * PAGE_SIZE);
	set_page_private(page, 42);
	KUNIT_EXPECT_EQ(test, page_private(page), 42);
	set_page_private(page, 0);
	KUNIT_EXPECT_FALSE(test, PageHighMem(page));
	KUNIT_EXPECT_FALSE(test, page_is_pfmemalloc(page));
	__free_pages(page, 2);
}

static void references(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	get_page(page);
	KUNIT_EXPECT_EQ(test, page_count(page), 2);
	KUNIT_EXPECT_TRUE(test, get_page_unless_zero(page));
	put_page(page);
	put_page(page);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	init_page_count(page);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	__free_page(page);
	KUNIT_EXPECT_FALSE(test, get_page_unless_zero(page));
}

static void mappings_are_the_address(struct kunit *test)
{
	struct page *one = alloc_page(GFP_KERNEL | __GFP_ZERO);
	struct page *two = alloc_page(GFP_KERNEL);
	char *a, *b;

	KUNIT_ASSERT_TRUE(test, one && two);
	a = kmap(one);
	b = kmap_local_page(two);
	KUNIT_EXPECT_PTR_EQ(test, (void *)a, page_address(one));
	KUNIT_EXPECT_PTR_EQ(test, (void *)b, page_address(two));
	KUNIT_EXPECT_PTR_EQ(test, kmap_atomic(one), (void *)a);
	kunmap_atomic(a);
	memset(b, 7, PAGE_SIZE);
	copy_highpage(one, two);
	KUNIT_EXPECT_EQ(test, a[PAGE_SIZE - 1], 7);
	clear_highpage(two);
	KUNIT_EXPECT_EQ(test, b[0] | b[PAGE_SIZE - 1], 0);
	copy_page(b, a);
	KUNIT_EXPECT_MEMEQ(test, a, b, PAGE_SIZE);
	clear_page(a);
	KUNIT_EXPECT_MEMEQ(test, a, page_address(ZERO_PAGE(0)), PAGE_SIZE);
	kunmap_local(b);
	kunmap(one);
	__free_page(one);
	__free_page(two);
}

static void bytes_in_and_out_of_pages(struct kunit *test)
{
	struct page *one = alloc_page(GFP_KERNEL | __GFP_ZERO);
	struct page *two = alloc_page(GFP_KERNEL | __GFP_ZERO);
	char *a, text[8];

	KUNIT_ASSERT_TRUE(test, one && two);
	a = page_address(one);
	memcpy_to_page(one, 100, "abcdef", 6);
	memcpy_page(two, 50, one, 102, 4);
	memcpy_from_page(text, two, 49, 6);
	KUNIT_EXPECT_MEMEQ(test, text, "\0cdef", 6);
	memset_page(one, 0, 'x', PAGE_SIZE);
	memzero_page(one, 10, 2);
	KUNIT_EXPECT_MEMEQ(test, a + 9, "x\0\0x", 4);
	zero_user(one, 20, 2);
	KUNIT_EXPECT_MEMEQ(test, a + 19, "x\0\0x", 4);
	zero_user_segment(one, 30, 31);
	zero_user_segment(one, 41, 40);
	KUNIT_EXPECT_MEMEQ(test, a + 29, "x\0x", 3);
	KUNIT_EXPECT_MEMEQ(test, a + 39, "xxx", 3);
	zero_user_segments(one, 50, 51, PAGE_SIZE - 1, PAGE_SIZE);
	KUNIT_EXPECT_MEMEQ(test, a + 49, "x\0x", 3);
	KUNIT_EXPECT_MEMEQ(test, a + PAGE_SIZE - 2, "x", 2);
	__free_page(one);
	__free_page(two);
}

static void folios_are_compound_blocks(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL | __GFP_ZERO, 2);
	char text[4], *addr;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	addr = folio_address(folio);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 2);
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio), 4);
	KUNIT_EXPECT_EQ(test, folio_size(folio), 4 * PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, folio_test_large(folio));
	KUNIT_EXPECT_EQ(test, folio_nid(folio), 0);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_folio(addr + 9000), folio);
	KUNIT_EXPECT_PTR_EQ(test, page_folio(folio_page(folio, 3)), folio);
	KUNIT_EXPECT_PTR_EQ(test, pfn_folio(folio_pfn(folio) + 1), folio);
	memcpy_to_folio(folio, PAGE_SIZE - 2, "abcd", 4);
	memcpy_from_folio(text, folio, PAGE_SIZE - 1, 2);
	KUNIT_EXPECT_MEMEQ(test, text, "bc", 2);
	folio_zero_range(folio, PAGE_SIZE - 1, 1);
	folio_zero_segment(folio, PAGE_SIZE, PAGE_SIZE + 1);
	KUNIT_EXPECT_MEMEQ(test, addr + PAGE_SIZE - 2, "a\0\0d", 4);
	folio_zero_segments(folio, PAGE_SIZE - 2, PAGE_SIZE - 1, PAGE_SIZE + 1,
			    PAGE_SIZE + 2);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(addr, 0, 4 * PAGE_SIZE), NULL);
	KUNIT_EXPECT_PTR_EQ(test, kmap_local_folio(folio, 5),
			    (void *)(addr + 5));
	folio_get(folio);
	folio_ref_add(folio, 3);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 5);
	folio_put_refs(folio, 3);
	KUNIT_EXPECT_TRUE(test, folio_try_get(folio));
	folio_put(folio);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	folio_put(folio);
	KUNIT_EXPECT_FALSE(test, folio_try_get(folio));
}

static void folios_of_policies_and_nodes(struct kunit *test)
{
	struct folio *folio[5] = {
		__folio_alloc(GFP_KERNEL, 1, 0, NULL),
		__folio_alloc_node(GFP_KERNEL, 1, NUMA_NO_NODE),
		vma_alloc_folio(GFP_KERNEL, 1, NULL, 0),
		folio_alloc_noprof(GFP_KERNEL, 1),
		__folio_alloc_node_noprof(GFP_KERNEL, 1, 0),
	};
	struct page *page[3] = {
		alloc_pages_mpol(GFP_KERNEL, 0, NULL, 0, NUMA_NO_NODE),
		alloc_page_vma(GFP_KERNEL, NULL, 0),
	};

	KUNIT_EXPECT_NULL(test, __folio_alloc_node(GFP_KERNEL | __GFP_THISNODE,
						   1, 7));
	KUNIT_EXPECT_EQ(test, alloc_pages_bulk_mempolicy(GFP_KERNEL, 3, page),
			3);
	for (int i = 0; i < 5; i++) {
		KUNIT_ASSERT_NOT_NULL(test, folio[i]);
		KUNIT_EXPECT_EQ(test, folio_order(folio[i]), 1);
		folio_put(folio[i]);
	}
	for (int i = 0; i < 3; i++)
		KUNIT_ASSERT_NOT_NULL(test, page[i]);
	free_hot_page(page[0]);
	free_cold_page(page[1]);
	__free_page(page[2]);
}

/* Two pages and two folios; the references are the test's. */
static void take_four(struct kunit *test, struct page **v)
{
	for (unsigned int i = 0; i < 4; i++) {
		v[i] = alloc_pages(GFP_KERNEL | __GFP_COMP, i / 2);
		KUNIT_ASSERT_NOT_NULL(test, v[i]);
		get_page(v[i]);
	}
}

static void drop_four(struct kunit *test, struct page **v)
{
	for (unsigned int i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, page_count(v[i]), 1);
		__free_pages(v[i], i / 2);
	}
}

static void references_by_the_array(struct kunit *test)
{
	struct page *v[4];

	take_four(test, v);
	release_pages(v, 4);
	drop_four(test, v);
	take_four(test, v);
	release_pages((struct folio **)(void *)v, 4);
	drop_four(test, v);
	take_four(test, v);
	kmem_release_pages(v, 4);
	drop_four(test, v);
	take_four(test, v);
	free_pages_bulk(v, 2);
	release_pages(v + 2, 2);
	drop_four(test, v);
}

static void references_by_the_list(struct kunit *test)
{
	struct list_head head = { &head, &head };
	struct page *v[4];

	put_pages_list(&head);
	take_four(test, v);
	for (int i = 0; i < 4; i++) {
		v[i]->lru.next = head.next;
		v[i]->lru.prev = &head;
		head.next->prev = &v[i]->lru;
		head.next = &v[i]->lru;
	}
	put_pages_list(&head);
	KUNIT_EXPECT_PTR_EQ(test, head.next, &head);
	KUNIT_EXPECT_PTR_EQ(test, head.prev, &head);
	drop_four(test, v);
}

static void blocks_by_every_name(struct kunit *test)
{
	unsigned long dma = __get_dma_pages(GFP_KERNEL, 1);
	struct page *v[3] = { NULL, try_alloc_pages(0, 0), NULL };
	struct page *old[2] = { NULL, NULL };

	KUNIT_ASSERT_NE(test, dma, 0);
	KUNIT_EXPECT_LT(test, virt_to_phys((void *)dma), 16 << 20);
	free_pages(dma, 1);
	KUNIT_EXPECT_NOT_NULL(test, v[1]);
	KUNIT_EXPECT_EQ(test, alloc_pages_bulk_node(GFP_KERNEL, 0, 3, v), 3);
	KUNIT_EXPECT_EQ(test, alloc_pages_bulk_array(GFP_KERNEL, 1, old), 1);
	KUNIT_EXPECT_EQ(test,
			alloc_pages_bulk_array_node(GFP_KERNEL, 0, 2, old), 2);
	KUNIT_EXPECT_EQ(test,
			alloc_pages_bulk_node(GFP_KERNEL | __GFP_THISNODE, 7, 3,
					      (struct page *[3]){}),
			0);
	release_pages(v, 3);
	release_pages(old, 2);
	KUNIT_EXPECT_PTR_EQ(test, kmem_zero_page(), ZERO_PAGE(0));
	KUNIT_EXPECT_PTR_EQ(test, kmem_mem_map, pfn_to_page(0));
	KUNIT_EXPECT_EQ(test, kmem_page_offset, (unsigned long)phys_to_virt(0));
}

static void memory_in_all(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, MAX_PAGE_ORDER);
	unsigned long total = totalram_pages(), before = nr_free_pages();

	KUNIT_ASSERT_NOT_NULL(test, page);
	__free_pages(page, MAX_PAGE_ORDER);
	KUNIT_EXPECT_GE(test, nr_free_pages(), before + (1 << MAX_PAGE_ORDER));
	KUNIT_EXPECT_GE(test, totalram_pages(), total);
	KUNIT_EXPECT_GE(test, total, 1 << MAX_PAGE_ORDER);
	KUNIT_EXPECT_LE(test, nr_free_buffer_pages(), totalram_pages());
	KUNIT_EXPECT_GT(test, nr_free_buffer_pages(), 0);
	KUNIT_EXPECT_LE(test, si_mem_available(), (long)nr_free_pages());
	KUNIT_EXPECT_GT(test, si_mem_available(), 0);
	drain_local_pages(NULL);
	drain_all_pages(NULL);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static void questions_about_flags(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, gfp_zone(GFP_KERNEL), ZONE_NORMAL);
	KUNIT_EXPECT_EQ(test, gfp_zone(GFP_KERNEL | GFP_DMA), ZONE_DMA);
	KUNIT_EXPECT_EQ(test, gfp_zone(GFP_KERNEL | GFP_DMA32), ZONE_DMA32);
	KUNIT_EXPECT_EQ(test, gfp_zone(GFP_HIGHUSER), ZONE_NORMAL);
	KUNIT_EXPECT_EQ(test, gfp_zone(GFP_HIGHUSER_MOVABLE), ZONE_MOVABLE);
	KUNIT_EXPECT_EQ(test, gfp_migratetype(GFP_KERNEL), MIGRATE_UNMOVABLE);
	KUNIT_EXPECT_EQ(test, gfp_migratetype(GFP_HIGHUSER_MOVABLE),
			MIGRATE_MOVABLE);
	KUNIT_EXPECT_EQ(test, gfp_migratetype(GFP_KERNEL | __GFP_RECLAIMABLE),
			MIGRATE_RECLAIMABLE);
	KUNIT_EXPECT_EQ(test, gfp_zonelist(GFP_KERNEL), ZONELIST_FALLBACK);
	KUNIT_EXPECT_EQ(test, gfp_zonelist(GFP_KERNEL | __GFP_THISNODE),
			ZONELIST_NOFALLBACK);
	KUNIT_EXPECT_TRUE(test, gfp_has_flags(GFP_NOFS, __GFP_IO));
	KUNIT_EXPECT_FALSE(test, gfp_has_flags(GFP_NOFS, __GFP_IO | __GFP_FS));
	KUNIT_EXPECT_TRUE(test, gfp_has_io_fs(GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, gfp_has_io_fs(GFP_NOFS));
	KUNIT_EXPECT_FALSE(test, gfp_compaction_allowed(GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, gfpflags_allow_blocking(GFP_NOIO));
	KUNIT_EXPECT_FALSE(test, gfpflags_allow_blocking(GFP_ATOMIC));
	KUNIT_EXPECT_TRUE(test, gfpflags_allow_spinning(GFP_ATOMIC));
	KUNIT_EXPECT_FALSE(test, gfpflags_allow_spinning(__GFP_HIGH));
	KUNIT_EXPECT_EQ(test, gfp_nested_mask(GFP_NOFS | __GFP_ZERO),
			GFP_NOFS | __GFP_NORETRY | __GFP_NOMEMALLOC |
				__GFP_NOWARN);
	KUNIT_EXPECT_EQ(test, default_gfp(), GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, default_gfp(GFP_NOFS), GFP_NOFS);
	KUNIT_EXPECT_TRUE(test, want_init_on_alloc(GFP_NOFS | __GFP_ZERO));
	KUNIT_EXPECT_FALSE(test, want_init_on_alloc(GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, want_init_on_free());
	KUNIT_EXPECT_EQ(test, alloc_hooks(17), 17);
}

static void who_may_have_the_reserves(struct kunit *test)
{
	unsigned int was;

	KUNIT_EXPECT_FALSE(test, gfp_pfmemalloc_allowed(GFP_ATOMIC));
	KUNIT_EXPECT_TRUE(test, gfp_pfmemalloc_allowed(__GFP_MEMALLOC));
	KUNIT_EXPECT_FALSE(test, gfp_pfmemalloc_allowed(__GFP_MEMALLOC |
							__GFP_NOMEMALLOC));
	was = memalloc_noreclaim_save();
	KUNIT_EXPECT_TRUE(test, gfp_pfmemalloc_allowed(GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, gfp_pfmemalloc_allowed(__GFP_NOMEMALLOC));
	memalloc_noreclaim_restore(was);
	KUNIT_EXPECT_FALSE(test, gfp_pfmemalloc_allowed(GFP_KERNEL));
}

static void flags_that_nobody_may_use(struct kunit *test)
{
	gfp_t was = gfp_allowed_mask;

	KUNIT_EXPECT_EQ(test, was & GFP_KERNEL, GFP_KERNEL);
	gfp_allowed_mask = GFP_BOOT_MASK;
	KUNIT_EXPECT_EQ(test, current_gfp_context(GFP_KERNEL | __GFP_ZERO),
			__GFP_ZERO);
	gfp_allowed_mask = was;
	KUNIT_EXPECT_EQ(test, current_gfp_context(GFP_KERNEL), GFP_KERNEL);
}

/* Control groups do not exist: their names compile and charge nobody. */
static void control_groups_are_nobody(struct kunit *test)
{
	struct mem_cgroup *group = (struct mem_cgroup *)test;
	struct list_lru *lru = (struct list_lru *)test;
	struct kmem_cache *s = kmem_cache_create(
		"group", 64, 0, SLAB_ACCOUNT | SLAB_NO_MERGE, NULL);
	void *p;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_NULL(test, set_active_memcg(group));
	KUNIT_EXPECT_NULL(test, set_active_memcg(NULL));
	p = kmem_cache_alloc_lru(s, lru, GFP_KERNEL_ACCOUNT);
	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, kmem_cache_charge(p, GFP_KERNEL));
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sizes_and_pages),
	KUNIT_CASE(addresses_and_records),
	KUNIT_CASE(references),
	KUNIT_CASE(mappings_are_the_address),
	KUNIT_CASE(bytes_in_and_out_of_pages),
	KUNIT_CASE(folios_are_compound_blocks),
	KUNIT_CASE(folios_of_policies_and_nodes),
	KUNIT_CASE(references_by_the_array),
	KUNIT_CASE(references_by_the_list),
	KUNIT_CASE(blocks_by_every_name),
	KUNIT_CASE(memory_in_all),
	KUNIT_CASE(questions_about_flags),
	KUNIT_CASE(who_may_have_the_reserves),
	KUNIT_CASE(flags_that_nobody_may_use),
	KUNIT_CASE(control_groups_are_nobody),
	{},
};

static struct kunit_suite suite = {
	.name = "headers_pages_today",
	.test_cases = cases,
};

kunit_test_suite(suite);
