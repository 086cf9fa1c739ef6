/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The loads on typed calls: caches, kmalloc, pools, pages.  Linked to
 * libkmem.so as a user's program would be; the loops are those of load.c.
 * Built twice: KMEM_INLINE=1 puts the fast paths into the loops.
 */
#include "bench.h"
#include "latency.h"
#include "shapes.h"
#include "syscalls.h"

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
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

/* Pages that the requests below need are there: they cannot make any. */
INLINE void *atomic_get(size_t size)
{
	return kmalloc(size, GFP_ATOMIC);
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
#define ATOMIC ((struct heap){ atomic_get, kmalloc_put })
#define POOL ((struct heap){ pool_get, pool_put })
#define PAGE ((struct heap){ page_get, page_put })
#define BLOCK ((struct heap){ block_get, block_put })

#define BULK 64
static void *slots[LATENCY_SLOTS];
static uint64_t seed = 0x9e3779b97f4a7c15u;

INLINE void bulk(long ops)
{
	for (long done = 0; done < ops; done += BULK) {
		if (kmem_cache_alloc_bulk(cache, GFP_KERNEL, BULK, slots) !=
		    BULK)
			bench_die("out of memory");
		for (int i = 0; i < BULK; i++)
			*(volatile long *)slots[i] = 1;
		kmem_cache_free_bulk(cache, BULK, slots);
	}
}

INLINE void page_bulk(long ops)
{
	static struct page *pages[BULK];

	for (long done = 0; done < ops; done += BULK) {
		if (alloc_pages_bulk(GFP_KERNEL, BULK, pages) != BULK)
			bench_die("out of memory");
		for (int i = 0; i < BULK; i++)
			*(volatile long *)page_address(pages[i]) = 1;
		free_pages_bulk(pages, BULK);
		memset(pages, 0, sizeof(pages));
	}
}

SHAPE_SINGLE(cache_pair, shape_pair(CACHE, 64, ops))
SHAPE_SINGLE(cache_fifo, shape_fifo(CACHE, 64, slots, 128, ops))
SHAPE_SINGLE(bulk, bulk(ops))
SHAPE_SINGLE(kmalloc_pair, shape_pair(KMALLOC, 64, ops))
SHAPE_SINGLE(pool_pair, shape_pair(POOL, 64, ops))
SHAPE_SINGLE(page_pair, shape_pair(PAGE, 4096, ops))
SHAPE_SINGLE(block_pair, shape_pair(BLOCK, 32768, ops))
SHAPE_SINGLE(page_bulk, page_bulk(ops))
SHAPE_HALVES(cache, CACHE, slots)
SHAPE_HALVES(kmalloc, KMALLOC, slots)

static const struct single singles[] = {
	{ "cache-pair", 20000000, warm_cache_pair, measured_cache_pair },
	{ "cache-fifo-128", 20000000, warm_cache_fifo, measured_cache_fifo },
	{ "cache-bulk-64", 20000000, warm_bulk, measured_bulk },
	{ "kmalloc-pair", 20000000, warm_kmalloc_pair, measured_kmalloc_pair },
	{ "mempool-pair", 20000000, warm_pool_pair, measured_pool_pair },
	{ "page-pair", 5000000, warm_page_pair, measured_page_pair },
	{ "page-pair-3", 5000000, warm_block_pair, measured_block_pair },
	{ "page-bulk-64", 5000000, warm_page_bulk, measured_page_bulk },
	{ "cache-halves", 64000, warm_cache_halves, run_cache_halves },
	{ "kmalloc-halves", 64000, warm_kmalloc_halves, run_kmalloc_halves },
	{},
};

static void *handoff_member(struct team *team, int number)
{
	shape_handoff_member(POOL, 256, team, number);
	return NULL;
}

/* Twice as much as will be live, given back: what lies there is the reserve. */
static void warm_reserve(void)
{
	static void *more[2 * LATENCY_SLOTS];

	shape_fill(KMALLOC, more, 2 * LATENCY_SLOTS, &seed);
	for (long i = 0; i < 2 * LATENCY_SLOTS; i++)
		kfree(more[i]);
}

static int run(const struct args *args)
{
	struct team team = {
		.run = handoff_member,
		.ops = bench_count(args, 3000000),
	};

	if (bench_run_single(singles, args))
		return 1;
	if (strcmp(args->mode, "mempool-handoff"))
		return 0;
	handoff_measure(&team);
	return 1;
}

int main(int argc, char **argv)
{
	struct args args = bench_args(argc, argv);
	size_t size = strcmp(args.mode, "mempool-handoff") ? 64 : 256;

	cache = kmem_cache_create("bench", size, 0, 0, NULL);
	pool = cache ? mempool_create_slab_pool(256, cache) : NULL;
	if (!pool)
		bench_die("no cache, no pool");
	if (!strcmp(args.mode, "backend"))
		dprintf(1, "%s\n", kmem_backend());
	else if (!strcmp(args.mode, "cache-lines"))
		shape_lines(CACHE, slots);
	else if (!strcmp(args.mode, "atomic-latency"))
		warm_reserve(), latency_measure(ATOMIC, slots, &seed, &args);
	else if (!strcmp(args.mode, "atomic-syscalls"))
		warm_reserve(), syscalls_measure(ATOMIC, slots, &seed, &args);
	else if (!run(&args))
		bench_die("%s: no mode %s", argv[0], args.mode);
	mempool_destroy(pool);
	kmem_cache_destroy(cache);
	if (!kmem_validate())
		bench_die("the library's books are wrong");
	return 0;
}
