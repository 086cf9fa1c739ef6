/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The *_noprof twins: each is the function of the name without the suffix,
 * with the arguments of that one, and so does what that one does.
 */
#include <linux/err.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <kmem/kmem.h>

#include "kunit/test.h"

/* The compiler wants the same type, the linker gives the same address. */
#define TWIN(twin, fn) KUNIT_EXPECT_PTR_EQ(test, &(twin), &(fn))

static void twins_have_one_address(struct kunit *test)
{
	TWIN(kmalloc_noprof, kmalloc);
	TWIN(kzalloc_noprof, kzalloc);
	TWIN(kmalloc_array_noprof, kmalloc_array);
	TWIN(kcalloc_noprof, kcalloc);
	TWIN(krealloc_noprof, krealloc);
	TWIN(krealloc_array_noprof, krealloc_array);
	TWIN(kmalloc_node_noprof, kmalloc_node);
	TWIN(kzalloc_node_noprof, kzalloc_node);
	TWIN(kmalloc_array_node_noprof, kmalloc_array_node);
	TWIN(kcalloc_node_noprof, kcalloc_node);
	TWIN(kmalloc_nolock_noprof, kmalloc_nolock);
	TWIN(kvmalloc_noprof, kvmalloc);
	TWIN(kvzalloc_noprof, kvzalloc);
	TWIN(kvmalloc_node_noprof, kvmalloc_node);
	TWIN(kvzalloc_node_noprof, kvzalloc_node);
	TWIN(kvmalloc_array_noprof, kvmalloc_array);
	TWIN(kvcalloc_noprof, kvcalloc);
	TWIN(kvmalloc_array_node_noprof, kvmalloc_array_node);
	TWIN(kvcalloc_node_noprof, kvcalloc_node);
	TWIN(kvrealloc_noprof, kvrealloc);
	TWIN(krealloc_node_align_noprof, krealloc_node_align);
	TWIN(kvmalloc_node_align_noprof, kvmalloc_node_align);
	TWIN(kvrealloc_node_align_noprof, kvrealloc_node_align);
	TWIN(vmalloc_noprof, vmalloc);
	TWIN(vzalloc_noprof, vzalloc);
	TWIN(vmalloc_node_noprof, vmalloc_node);
	TWIN(vzalloc_node_noprof, vzalloc_node);
	TWIN(vmalloc_user_noprof, vmalloc_user);
	TWIN(vmalloc_32_noprof, vmalloc_32);
	TWIN(vmalloc_32_user_noprof, vmalloc_32_user);
	TWIN(vmalloc_huge_noprof, vmalloc_huge);
	TWIN(vmalloc_huge_node_noprof, vmalloc_huge_node);
	TWIN(__vmalloc_node_noprof, __vmalloc_node);
	TWIN(__vmalloc_array_noprof, __vmalloc_array);
	TWIN(vmalloc_array_noprof, vmalloc_array);
	TWIN(__vcalloc_noprof, __vcalloc);
	TWIN(vcalloc_noprof, vcalloc);
	TWIN(vrealloc_noprof, vrealloc);
	TWIN(vrealloc_node_align_noprof, vrealloc_node_align);
	TWIN(alloc_contig_pages_noprof, alloc_contig_pages);
	TWIN(alloc_contig_frozen_pages_noprof, alloc_contig_frozen_pages);
	TWIN(alloc_contig_range_noprof, alloc_contig_range);
	TWIN(alloc_contig_frozen_range_noprof, alloc_contig_frozen_range);
	TWIN(__vmalloc_noprof, (__vmalloc));
	TWIN(kmem_cache_alloc_noprof, kmem_cache_alloc);
	TWIN(kmem_cache_zalloc_noprof, kmem_cache_zalloc);
	TWIN(kmem_cache_alloc_node_noprof, kmem_cache_alloc_node);
	TWIN(kmem_cache_alloc_lru_noprof, kmem_cache_alloc_lru);
	TWIN(kmem_cache_alloc_bulk_noprof, kmem_cache_alloc_bulk);
	TWIN(kmemdup_noprof, kmemdup);
	TWIN(memdup_user_noprof, memdup_user);
	TWIN(vmemdup_user_noprof, vmemdup_user);
	TWIN(alloc_pages_noprof, alloc_pages);
	TWIN(alloc_pages_node_noprof, alloc_pages_node);
	TWIN(alloc_pages_nolock_noprof, alloc_pages_nolock);
	TWIN(alloc_pages_bulk_noprof, alloc_pages_bulk);
	TWIN(get_zeroed_page_noprof, get_zeroed_page);
	TWIN(alloc_pages_exact_noprof, alloc_pages_exact);
	TWIN(alloc_pages_exact_nid_noprof, alloc_pages_exact_nid);
	TWIN(mempool_alloc_noprof, mempool_alloc);
	TWIN(mempool_alloc_bulk_noprof, mempool_alloc_bulk);
	TWIN(mempool_init_noprof, mempool_init);
	TWIN(mempool_init_node_noprof, mempool_init_node);
	TWIN(mempool_create_noprof, mempool_create);
	TWIN(mempool_create_node_noprof, mempool_create_node);
	KUNIT_EXPECT_PTR_EQ(test, &get_free_pages_noprof, &__get_free_pages);
}

static bool all_zero(const char *p, size_t n)
{
	for (size_t i = 0; p && i < n; i++)
		if (p[i])
			return false;
	return p != NULL;
}

/* As code that was written for the suffix calls them. */
static void twins_of_blocks(struct kunit *test)
{
	volatile size_t any = SIZE_MAX;
	size_t most = any;
	char *p = kmalloc_noprof(10, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, ksize(p), 16);
	p = krealloc_noprof(p, 100, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, ksize(p), 128);
	p = krealloc_array_noprof(p, 10, 20, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, ksize(p), 256);
	KUNIT_EXPECT_NULL(test, krealloc_array_noprof(p, most, 2, GFP_KERNEL));
	kfree(p);
	KUNIT_EXPECT_NULL(test, kmalloc_array_noprof(most, 2, GFP_KERNEL));
	p = kcalloc_noprof(4, 25, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, all_zero(p, 100));
	kfree(p);
	p = kzalloc_node_noprof(100, GFP_KERNEL, NUMA_NO_NODE);
	KUNIT_EXPECT_TRUE(test, all_zero(p, 100));
	kfree(p);
	p = kvcalloc_node_noprof(100, 1000, GFP_KERNEL, 0);
	KUNIT_EXPECT_TRUE(test, all_zero(p, 100000));
	p = kvrealloc_noprof(p, 200000, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, all_zero(p, 100000));
	kvfree(p);
	p = kmemdup_noprof("abc", 4, GFP_KERNEL);
	KUNIT_EXPECT_STREQ(test, p, "abc");
	kfree(p);
}

static void twins_of_caches_and_pages(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("twins", 64, 0, 0, NULL);
	struct page *page = alloc_pages_noprof(GFP_KERNEL | __GFP_COMP, 1);
	void *v[3];

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, compound_order(page), 1);
	__free_pages(page, 1);
	v[0] = kmem_cache_zalloc_noprof(s, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, all_zero(v[0], 64));
	kmem_cache_free(s, v[0]);
	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk_noprof(s, GFP_KERNEL, 3, v),
			3);
	kmem_cache_free_bulk(s, 3, v);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static struct kunit_case cases[] = {
	KUNIT_CASE(twins_have_one_address),
	KUNIT_CASE(twins_of_blocks),
	KUNIT_CASE(twins_of_caches_and_pages),
	{},
};

static struct kunit_suite suite = {
	.name = "headers_twins",
	.test_cases = cases,
};

kunit_test_suite(suite);
