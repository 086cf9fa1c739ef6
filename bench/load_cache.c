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
#include "typed.h"

#include <kmem/kmem.h>

/* Pages that the requests below need are there: they cannot make any. */
INLINE void *atomic_get(size_t size)
{
	return kmalloc(size, GFP_ATOMIC);
}

#define ATOMIC ((struct heap){ atomic_get, kmalloc_put })

static void *slots[LATENCY_SLOTS];
static uint64_t seed = 0x9e3779b97f4a7c15u;

INLINE void page_bulk(long ops)
{
	static struct page *pages[TYPED_BULK];

	for (long done = 0; done < ops; done += TYPED_BULK) {
		if (alloc_pages_bulk(GFP_KERNEL, TYPED_BULK, pages) !=
		    TYPED_BULK)
			bench_die("out of memory");
		for (int i = 0; i < TYPED_BULK; i++)
			*(volatile long *)page_address(pages[i]) = 1;
		free_pages_bulk(pages, TYPED_BULK);
		memset(pages, 0, sizeof(pages));
	}
}

SHAPE_SINGLE(page_bulk, page_bulk(ops))
SHAPE_HALVES(cache, CACHE, slots)
SHAPE_HALVES(kmalloc, KMALLOC, slots)

static const struct single singles[] = {
	TYPED_SINGLES,
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
