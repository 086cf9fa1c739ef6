/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What test_torture.py runs for the typed calls: each of them once, and an
 * exit status of its own for each that fails.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/gfp.h>
#include <linux/memblock.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/page_frag_cache.h>
#include <linux/percpu.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <stdio.h>
#include <stdlib.h>

/* The number of the try that failed is the exit status. */
#define NEED(n, p)               \
	do {                     \
		if (!(p))        \
			exit(n); \
	} while (0)

static void areas(void)
{
	struct page *pages[1];
	void *p, *q;

	NEED(23, p = vmalloc(10000));
	NEED(24, q = vrealloc(p, 90000, GFP_KERNEL));
	vfree(q);
	NEED(25, p = vmalloc_user(10000));
	vfree(p);
	NEED(26, pages[0] = alloc_page(GFP_KERNEL));
	NEED(27, p = vmap(pages, 1, VM_MAP, PAGE_KERNEL));
	vunmap(p);
	__free_page(pages[0]);
}

static void pages_of_others(void)
{
	struct page_frag_cache frags;
	struct page *many[8] = { 0 };
	void *p;

	NEED(28, alloc_pages_bulk(GFP_KERNEL, 8, many) == 8);
	release_pages(many, 8);
	page_frag_cache_init(&frags);
	NEED(29, p = page_frag_alloc(&frags, 100, GFP_KERNEL));
	page_frag_free(p);
	page_frag_cache_drain(&frags);
	NEED(30, p = memblock_alloc(100000, 64));
	memblock_free(p, 100000);
}

static void cpus_and_pools(struct kmem_cache *s)
{
	struct slab_sheaf *sheaf;
	int __percpu *counters;
	mempool_t *pool;
	void *p;

	NEED(31, counters = alloc_percpu(int));
	free_percpu(counters);
	NEED(32, pool = mempool_create_slab_pool(2, s));
	/* from the reserve, if there is no other */
	NEED(90, p = mempool_alloc(pool, GFP_KERNEL));
	mempool_free(p, pool);
	NEED(33, p = mempool_alloc(pool, GFP_ATOMIC));
	mempool_free(p, pool);
	mempool_destroy(pool);
	NEED(34, sheaf = kmem_cache_prefill_sheaf(s, GFP_KERNEL, 4));
	kmem_cache_return_sheaf(s, GFP_KERNEL, sheaf);
}

static void devices(void)
{
	static struct device dev;
	struct dma_pool *pool;
	dma_addr_t bus;
	void *p;

	NEED(35, pool = dma_pool_create("typed", &dev, 64, 64, 0));
	NEED(36, p = dma_pool_alloc(pool, GFP_KERNEL, &bus));
	dma_pool_free(pool, p, bus);
	dma_pool_destroy(pool);
	NEED(37, p = devm_kmalloc(&dev, 100, GFP_KERNEL));
	devm_kfree(&dev, p);
	NEED(38, p = dma_alloc_coherent(&dev, 5000, &bus, GFP_KERNEL));
	dma_free_coherent(&dev, 5000, p, bus);
}

static void register_shrinkers(void)
{
	struct shrinker *shrinker;

	NEED(39, shrinker = shrinker_alloc(0, "typed"));
	shrinker_free(shrinker);
}

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
	areas();
	pages_of_others();
	cpus_and_pools(s);
	devices();
	register_shrinkers();
	/* these are not asked about */
	NEED(90, p = kmalloc(64, GFP_KERNEL | __GFP_NOFAIL));
	kfree(p);
	p = kmalloc_nolock(64, 0, NUMA_NO_NODE);
	kfree_nolock(p);
	kmem_cache_destroy(s);
	return 0;
}
