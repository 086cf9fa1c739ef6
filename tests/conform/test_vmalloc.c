/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* vmalloc: pages of its own, whatever the size. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "conform/oracle.h"
#include "debug/report.h"
#include "kunit/test.h"

static void fill(unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i += 61)
		p[i] = (unsigned char)(i / 61);
}

static int filled(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i += 61)
		if (p[i] != (unsigned char)(i / 61))
			return 0;
	return 1;
}

static int zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return 0;
	return 1;
}

static void vmalloc_gives_whole_pages(struct kunit *test)
{
	static const unsigned long sizes[] = {
		1, 100, 4096, 4097, 70000, 1 << 20, 9 << 20, 65 << 20
	};

	for (int i = 0; i < 8; i++) {
		unsigned long n = PAGE_ALIGN(sizes[i]);
		unsigned char *p = vmalloc(sizes[i]);
		struct vm_struct *vm;

		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, offset_in_page(p), 0);
		KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(p));
		KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(p + n - 1));
		KUNIT_EXPECT_TRUE(test, is_vmalloc_or_module_addr(p));
		fill(p, n);
		vm = find_vm_area(p);
		KUNIT_ASSERT_NOT_NULL(test, vm);
		KUNIT_EXPECT_PTR_EQ(test, vm->addr, (void *)p);
		KUNIT_EXPECT_EQ(test, get_vm_area_size(vm), n);
		KUNIT_EXPECT_EQ(test, vm->nr_pages, n >> PAGE_SHIFT);
		KUNIT_EXPECT_EQ(test, vm->flags, VM_ALLOC);
		KUNIT_EXPECT_FALSE(test, vm->flags & (VM_MAP | VM_IOREMAP |
						      VM_NO_GUARD |
						      VM_MAP_PUT_PAGES));
		KUNIT_EXPECT_FALSE(test, is_vm_area_hugepages(p));
		KUNIT_EXPECT_TRUE(test, filled(p, n));
		vfree(p);
	}
	vfree(NULL);
}

/* A page keeps what it holds as long as somebody has a reference. */
static void vmalloc_to_page_finds_each_page(struct kunit *test)
{
	unsigned char *p = vmalloc(5 * PAGE_SIZE);
	struct page *page[5];

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (int i = 0; i < 5; i++) {
		page[i] = vmalloc_to_page(p + i * PAGE_SIZE + 77);
		KUNIT_ASSERT_NOT_NULL(test, page[i]);
		KUNIT_EXPECT_EQ(test, page_count(page[i]), 1);
		KUNIT_EXPECT_EQ(test, vmalloc_to_pfn(p + i * PAGE_SIZE),
				page_to_pfn(page[i]));
		memset(p + i * PAGE_SIZE, i + 1, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, ((char *)page_address(page[i]))[99],
				i + 1);
	}
	get_page(page[3]);
	vfree(p);
	KUNIT_EXPECT_EQ(test, page_count(page[3]), 1);
	KUNIT_EXPECT_EQ(test, ((char *)page_address(page[3]))[4095], 4);
	put_page(page[3]);
}

static void vzalloc_clears(struct kunit *test)
{
	unsigned char *p;

	for (unsigned long n = PAGE_SIZE; n < 20ul << 20; n *= 5) {
		p = vmalloc(n);
		KUNIT_ASSERT_NOT_NULL(test, p);
		memset(p, 0x77, n);
		vfree(p);
		p = vzalloc(n);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_TRUE(test, zero(p, n));
		memset(p, 0x77, n);
		vfree(p);
		p = n & 1 ? vmalloc_user(n) : vzalloc_node(n, NUMA_NO_NODE);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_TRUE(test, zero(p, n));
		vfree(p);
	}
}

static void vmalloc_has_many_names(struct kunit *test)
{
	size_t max = SIZE_MAX;
	unsigned char *p;

	__asm__ volatile("" : "+r"(max));
	p = vmalloc_node(100, 0);
	KUNIT_EXPECT_NOT_NULL(test, p);
	vfree(p);
	p = vmalloc_user(3 * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, zero(p, 3 * PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test, find_vm_area(p)->flags & VM_USERMAP);
	vfree(p);
	p = vmalloc_32(100000);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_LT(test, vmalloc_to_pfn(p), 1ul << 20);
	vfree(p);
	p = vmalloc_32_user(100000);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_LT(test, vmalloc_to_pfn(p), 1ul << 20);
	KUNIT_EXPECT_TRUE(test, zero(p, 100000));
	vfree(p);
	p = vmalloc_huge(3 << 20, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	fill(p, 3 << 20);
	vfree(p);
	p = vmalloc_huge_node(100, GFP_KERNEL, NUMA_NO_NODE);
	KUNIT_EXPECT_NOT_NULL(test, p);
	vfree(p);
	p = vmalloc_array(1000, 30);
	KUNIT_EXPECT_NOT_NULL(test, p);
	vfree(p);
	p = vcalloc(1000, 30);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, zero(p, 30000));
	vfree(p);
	p = __vcalloc(10, 30, GFP_NOFS);
	KUNIT_EXPECT_NOT_NULL(test, p);
	vfree(p);
	KUNIT_EXPECT_NULL(test, __vmalloc_array(max, 2, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, vmalloc_array(max / 2, 3));
	KUNIT_EXPECT_NULL(test, vcalloc(max, max));
	/* the forms of today and of before 5.8 */
	p = __vmalloc(5000, GFP_NOIO | __GFP_HIGHMEM);
	KUNIT_EXPECT_NOT_NULL(test, p);
	vfree(p);
	p = __vmalloc(5000, GFP_KERNEL | __GFP_ZERO,
		      pgprot_writecombine(pgprot_noncached(PAGE_KERNEL)));
	KUNIT_EXPECT_NE(test, pgprot_val(PAGE_KERNEL),
			pgprot_val(PAGE_KERNEL_RO));
	KUNIT_EXPECT_EQ(test, pgprot_val(__pgprot(3)), 3);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, zero(p, 8192));
	vfree(p);
	p = alloc_hooks(vmalloc_noprof(1));
	KUNIT_EXPECT_NOT_NULL(test, p);
	vfree_atomic(p);
	vm_unmap_aliases();
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p));
}

static void vmalloc_is_aligned(struct kunit *test)
{
	for (unsigned long align = 1; align <= 4ul << 20; align *= 2) {
		unsigned char *p = __vmalloc_node(5000, align, GFP_KERNEL,
						  NUMA_NO_NODE, NULL);

		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, (unsigned long)p % align, 0);
		KUNIT_EXPECT_EQ(test, offset_in_page(p), 0);
		vfree(p);
	}
	KUNIT_EXPECT_NULL(test, __vmalloc_node(1, 1ul << 60,
					       GFP_KERNEL | __GFP_NOWARN,
					       NUMA_NO_NODE, NULL));
}

static void vrealloc_keeps_what_was_there(struct kunit *test)
{
	static const size_t steps[] = { 1,     4096,   16384, 9 << 20, 10 << 20,
					40000, 300000, 2048,  4096 };
	unsigned char *p = vrealloc(NULL, 1, GFP_KERNEL);
	size_t old = 0;

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (int i = 0; i < 9; i++) {
		p = vrealloc(p, steps[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_TRUE(test,
				  filled(p, old < steps[i] ? old : steps[i]));
		KUNIT_EXPECT_EQ(test, get_vm_area_size(find_vm_area(p)),
				PAGE_ALIGN(steps[i]));
		fill(p, PAGE_ALIGN(steps[i]));
		old = steps[i];
	}
	KUNIT_EXPECT_NULL(test, vrealloc(p, 0, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, vrealloc(NULL, 0, GFP_KERNEL));
	p = vrealloc_node(NULL, 3000, GFP_KERNEL, NUMA_NO_NODE);
	KUNIT_ASSERT_NOT_NULL(test, p);
	p = vrealloc_node_align(p, 30000, 4096, GFP_KERNEL, NUMA_NO_NODE);
	KUNIT_ASSERT_NOT_NULL(test, p);
	vfree(p);
}

/* With __GFP_ZERO in each call what was not asked for before is zero. */
static void vrealloc_zeroes_what_is_new(struct kunit *test)
{
	static const size_t steps[] = { 100,  5000,    40,    200000, 4097,
					8000, 6 << 20, 30000, 8 << 20 };
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO;
	unsigned char *p = NULL;
	size_t old = 0;

	for (int i = 0; i < 9; i++) {
		p = vrealloc(p, steps[i], gfp);
		KUNIT_ASSERT_NOT_NULL(test, p);
		if (steps[i] > old)
			KUNIT_EXPECT_TRUE(test, zero(p + old, steps[i] - old));
		memset(p, 0x99, steps[i]);
		old = steps[i];
	}
	vfree(p);
}

/* kvmalloc() stands on it. */
static void kvmalloc_has_pages(struct kunit *test)
{
	unsigned char *p = kvmalloc(6 << 20, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_TRUE(test, is_vmalloc_addr(p));
	p[5 << 20] = 17;
	KUNIT_EXPECT_EQ(test,
			*(char *)page_address(vmalloc_to_page(p + (5 << 20))),
			17);
	p = kvrealloc(p, 7 << 20, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, p[5 << 20], 17);
	kvfree_atomic(p);
	vm_unmap_aliases();
	KUNIT_EXPECT_NULL(test, vmalloc_to_page(test));
	KUNIT_EXPECT_EQ(test, vmalloc_to_pfn(NULL), 0);
	KUNIT_EXPECT_NULL(test, find_vm_area(NULL));
}

static void contiguous_pages_beyond_the_largest_block(struct kunit *test)
{
	struct page *page =
		alloc_contig_pages(5000, GFP_KERNEL, NUMA_NO_NODE, NULL);
	unsigned long pfn;

	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	fill(page_address(page), 5000 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, page_count(page + 4999), 1);
	free_contig_range(pfn, 5000);
	page = alloc_contig_frozen_pages(2048, GFP_KERNEL | __GFP_ZERO,
					 NUMA_NO_NODE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	KUNIT_EXPECT_EQ(test, pfn % 2048, 0);
	KUNIT_EXPECT_EQ(test, page_count(page + 7), 0);
	KUNIT_EXPECT_TRUE(test, zero(page_address(page), 2048 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, alloc_contig_range(pfn, pfn + 1, 0, GFP_KERNEL),
			-16);
	free_contig_frozen_range(pfn, 2048);
	KUNIT_EXPECT_EQ(test,
			alloc_contig_range(pfn, pfn + 1500, ACR_FLAGS_NONE,
					   GFP_KERNEL),
			0);
	free_contig_range(pfn, 1500);
	KUNIT_EXPECT_EQ(test,
			alloc_contig_frozen_range(pfn, pfn + 1, 0, GFP_KERNEL),
			0);
	free_contig_frozen_range(pfn, 1);
}

/* It is for memory that has none. */
static void vmap_pfn_refuses_pages(struct kunit *test)
{
	unsigned long errors = report_errors(), addr, pfn;

	addr = __get_free_page(GFP_KERNEL);
	pfn = page_to_pfn(virt_to_page(addr));
	KUNIT_EXPECT_NULL(test, vmap_pfn(&pfn, 1, PAGE_KERNEL));
	KUNIT_EXPECT_EQ(test, report_errors(), errors + 1);
	KUNIT_EXPECT_NULL(test, vmap_pfn(&pfn, 0, PAGE_KERNEL));
	KUNIT_EXPECT_EQ(test, report_errors(), errors + 1);
	free_page(addr);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(vmalloc_gives_whole_pages),
	KUNIT_CASE(vmalloc_to_page_finds_each_page),
	KUNIT_CASE(vzalloc_clears),
	KUNIT_CASE(vmalloc_has_many_names),
	KUNIT_CASE(vmalloc_is_aligned),
	KUNIT_CASE(vmap_pfn_refuses_pages),
	KUNIT_CASE(vrealloc_keeps_what_was_there),
	KUNIT_CASE(vrealloc_zeroes_what_is_new),
	KUNIT_CASE(kvmalloc_has_pages),
	KUNIT_CASE(contiguous_pages_beyond_the_largest_block),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_vmalloc",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
