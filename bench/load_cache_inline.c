/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pairs on typed calls whose fast path the header puts into the caller, for a
 * program that asks for it: the loops of load_cache.c with KMEM_INLINE.
 * kfree() is a call either way.
 */
#define KMEM_INLINE 1

#include "bench.h"
#include "shapes.h"

#include <kmem/kmem.h>
#include <linux/mempool.h>
#include <linux/slab.h>

static struct kmem_cache *cache;
static mempool_t *pool;

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

#define CACHE ((struct heap){ cache_get, cache_put })
#define KMALLOC ((struct heap){ kmalloc_get, kmalloc_put })
#define POOL ((struct heap){ pool_get, pool_put })

SHAPE_SINGLE(cache_pair, shape_pair(CACHE, 64, ops))
SHAPE_SINGLE(kmalloc_pair, shape_pair(KMALLOC, 64, ops))
SHAPE_SINGLE(pool_pair, shape_pair(POOL, 64, ops))

static const struct single singles[] = {
	{ "cache-pair", 20000000, warm_cache_pair, measured_cache_pair },
	{ "kmalloc-pair", 20000000, warm_kmalloc_pair, measured_kmalloc_pair },
	{ "mempool-pair", 20000000, warm_pool_pair, measured_pool_pair },
	{},
};

int main(int argc, char **argv)
{
	struct args args = bench_args(argc, argv);

	cache = kmem_cache_create("bench", 64, 0, 0, NULL);
	pool = cache ? mempool_create_slab_pool(256, cache) : NULL;
	if (!pool)
		bench_die("no cache, no pool");
	if (!bench_run_single(singles, &args))
		bench_die("%s: no mode %s", argv[0], args.mode);
	mempool_destroy(pool);
	kmem_cache_destroy(cache);
	if (!kmem_validate())
		bench_die("the library's books are wrong");
	return 0;
}
