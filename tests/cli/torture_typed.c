/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What test_torture.py runs for the typed calls: each of them once, and an
 * exit status of its own for each that fails.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <stdio.h>
#include <stdlib.h>

/* The number of the try that failed is the exit status. */
#define NEED(n, p)               \
	do {                     \
		if (!(p))        \
			exit(n); \
	} while (0)

int main(void)
{
	struct kmem_cache *s;
	void *p, *many[40];
	struct page *page;
	unsigned long addr;

	NEED(10, s = kmem_cache_create("typed", 100, 0, 0, NULL));
	NEED(11, p = kmem_cache_alloc(s, GFP_KERNEL));
	kmem_cache_free(s, p);
	NEED(12, p = kmem_cache_zalloc(s, GFP_ATOMIC));
	kmem_cache_free(s, p);
	NEED(13, kmem_cache_alloc_bulk(s, GFP_KERNEL, 40, many));
	kmem_cache_free_bulk(s, 40, many);
	NEED(14, p = kmalloc(64, GFP_KERNEL));
	NEED(15, p = krealloc(p, 5000, GFP_KERNEL));
	kfree(p);
	NEED(16, p = kmalloc(100000, GFP_KERNEL));
	kfree(p);
	NEED(17, p = kasprintf(GFP_KERNEL, "%d", 5));
	kfree(p);
	NEED(18, page = alloc_pages(GFP_KERNEL, 2));
	__free_pages(page, 2);
	NEED(19, addr = __get_free_pages(GFP_NOWAIT, 0));
	free_pages(addr, 0);
	NEED(20, p = alloc_pages_exact(9000, GFP_KERNEL));
	free_pages_exact(p, 9000);
	NEED(21, p = kvmalloc(8 << 20, GFP_KERNEL));
	NEED(22, p = kvrealloc(p, 16 << 20, GFP_KERNEL));
	kvfree(p);
	/* these are not asked about */
	NEED(90, p = kmalloc(64, GFP_KERNEL | __GFP_NOFAIL));
	kfree(p);
	p = kmalloc_nolock(64, 0, NUMA_NO_NODE);
	kfree_nolock(p);
	kmem_cache_destroy(s);
	return 0;
}
