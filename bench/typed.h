/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The loops of one thread on typed calls: caches, kmalloc, pools, pages.
 * load_cache.c runs them on the library, kernel/bench.c on Linux itself.
 */
#ifndef BENCH_TYPED_H
#define BENCH_TYPED_H

#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "loops.h"

#define TYPED_FIFO 128
#define TYPED_BULK 64

static struct kmem_cache *cache;
static mempool_t *pool;
static void *typed_slots[TYPED_FIFO];

INLINE void *cache_get(size_t size)
{
	(void)size;
	return kmem_cache_alloc(cache, GFP_KERNEL);
}

INLINE void cache_put(void *p)
{
	kmem_cache_free(cache, p);
}

/* The size is a constant where this is inlined. */
INLINE void *kmalloc_get(size_t size)
{
	return kmalloc(size, GFP_KERNEL);
}

INLINE void kmalloc_put(void *p)
{
	kfree(p);
}

INLINE void *pool_get(size_t size)
{
	(void)size;
	return mempool_alloc(pool, GFP_KERNEL);
}

INLINE void pool_put(void *p)
{
	mempool_free(p, pool);
}

INLINE void *page_get(size_t size)
{
	(void)size;
	return page_address(alloc_pages(GFP_KERNEL, 0));
}

INLINE void page_put(void *p)
{
	__free_pages(virt_to_page(p), 0);
}

INLINE void *block_get(size_t size)
{
	(void)size;
	return page_address(alloc_pages(GFP_KERNEL, 3));
}

INLINE void block_put(void *p)
{
	__free_pages(virt_to_page(p), 3);
}

#define CACHE ((struct heap){ cache_get, cache_put })
#define KMALLOC ((struct heap){ kmalloc_get, kmalloc_put })
#define POOL ((struct heap){ pool_get, pool_put })
#define PAGE ((struct heap){ page_get, page_put })
#define BLOCK ((struct heap){ block_get, block_put })

INLINE void bulk(long ops)
{
	for (long done = 0; done < ops; done += TYPED_BULK) {
		if (kmem_cache_alloc_bulk(cache, GFP_KERNEL, TYPED_BULK,
					  typed_slots) != TYPED_BULK)
			bench_die("out of memory");
		for (int i = 0; i < TYPED_BULK; i++)
			*(volatile long *)typed_slots[i] = 1;
		kmem_cache_free_bulk(cache, TYPED_BULK, typed_slots);
	}
}

SHAPE_SINGLE(cache_pair, shape_pair(CACHE, 64, ops))
SHAPE_SINGLE(cache_fifo, shape_fifo(CACHE, 64, typed_slots, TYPED_FIFO, ops))
SHAPE_SINGLE(bulk, bulk(ops))
SHAPE_SINGLE(kmalloc_pair, shape_pair(KMALLOC, 64, ops))
SHAPE_SINGLE(pool_pair, shape_pair(POOL, 64, ops))
SHAPE_SINGLE(page_pair, shape_pair(PAGE, 4096, ops))
SHAPE_SINGLE(block_pair, shape_pair(BLOCK, 32768, ops))

#define TYPED_SINGLES                                                         \
	{ "cache-pair", 20000000, warm_cache_pair, measured_cache_pair },     \
		{ "cache-fifo-128", 20000000, warm_cache_fifo,                \
		  measured_cache_fifo },                                      \
		{ "cache-bulk-64", 20000000, warm_bulk, measured_bulk },      \
		{ "kmalloc-pair", 20000000, warm_kmalloc_pair,                \
		  measured_kmalloc_pair },                                    \
		{ "mempool-pair", 20000000, warm_pool_pair,                   \
		  measured_pool_pair },                                       \
		{ "page-pair", 5000000, warm_page_pair, measured_page_pair }, \
	{                                                                     \
		"page-pair-3", 5000000, warm_block_pair, measured_block_pair  \
	}

#endif
