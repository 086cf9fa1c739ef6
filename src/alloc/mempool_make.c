/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools set up, resized and ended, and the predefined element functions.  The
 * theory is in mempool.c.
 */
#include "alloc/mempool.h"

#include <linux/gfp.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "lib/errno.h"
#include "lib/mem.h"
#include "slab/slab.h"

/* The function itself; the macro takes a third argument, too. */
#undef mempool_resize

_Static_assert(sizeof(mempool_t) == 128, "programs were built with this");
_Static_assert(sizeof(struct pool_queue) <=
		       sizeof(((mempool_t *)0)->kmem_private),
	       "room for the queue");
_Static_assert(offsetof(mempool_t, kmem_pid) ==
			       offsetof(mempool_t, curr_nr) + sizeof(int) &&
		       offsetof(mempool_t, curr_nr) % sizeof(uint64_t) == 0,
	       "union pool_counts lies over these two");

static struct slots *slots_new(unsigned int n, gfp_t gfp, int node)
{
	struct slots *s = kmalloc_node(sizeof(*s) + n * sizeof(s->slot[0]),
				       gfp | __GFP_ZERO, node);

	if (s)
		s->n = s->total = n;
	return s;
}

static void set_min_nr(mempool_t *pool, int min_nr)
{
	bool passes = pool->kmem_slab && !reserve_checked(pool);

	__atomic_store_n(&pool->min_nr, min_nr, __ATOMIC_SEQ_CST);
	__atomic_store_n(&pool->kmem_full,
			 passes ? reserve_wants(pool) : INT32_MAX,
			 __ATOMIC_RELAXED);
}

/* What the allocator has for the reserve. */
static bool fill_up(mempool_t *pool, gfp_t gfp)
{
	void *elem;

	/* Progress: another call took what this one put there. */
	while (counts_of(pool).nr < reserve_wants(pool)) {
		elem = pool->alloc(page_gfp_context(gfp), pool->pool_data);
		if (!elem)
			return false;
		if (!reserve_refill(pool, elem))
			pool->free(elem, pool->pool_data);
	}
	return true;
}

/* A pool of constructed objects: its reserve would lose their state. */
static bool ctor_pool(const mempool_t *pool)
{
	const struct kmem_cache *s = pool->pool_data;

	return pool->alloc == mempool_alloc_slab && (s->ctor || s->ctor3) &&
	       warn_if(KMEM_DEBUG || reserve_poisons(pool),
		       "mempool: cache %s has a constructor", s->name);
}

/**
 * mempool_init_node - sets up a pool that the caller has the memory for
 * @pool: where; need not be zeroed
 * @min_nr: elements to keep in reserve; 0 keeps one
 * @alloc_fn: gives an element, or NULL; gets the flags and @pool_data
 * @free_fn: takes an element back
 * @pool_data: for the two functions
 * @gfp_mask: GFP_*, for the reserve
 * @node: as for kmalloc_node(), for the array of the reserve
 *
 * Return: 0; -ENOMEM with everything undone; -EINVAL for a negative @min_nr,
 * and in debug builds for a slab pool of a cache with a constructor.
 * Context: as @gfp_mask says.
 * Source: Linux 7.x.
 */
int mempool_init_node(mempool_t *pool, int min_nr, mempool_alloc_arg alloc_fn,
		      mempool_free_t *free_fn, void *pool_data, gfp_t gfp_mask,
		      int node)
{
	struct slots *slots;

	check_blocking(gfp_mask);
	if (warn_if(!pool, "mempool_init_node(): no pool"))
		return -EINVAL;
	*pool = (mempool_t){
		.pool_data = pool_data,
		.alloc = alloc_fn.gfp,
		.free = free_fn,
		.kmem_pid = port_pid(),
	};
	queue_of(pool)->pid = port_pid();
	if (pool->alloc == mempool_alloc_slab && free_fn == mempool_free_slab)
		pool->kmem_slab = pool_data;
	set_min_nr(pool, min_nr);
	if (min_nr < 0 || ctor_pool(pool))
		return -EINVAL;
	slots = slots_new((unsigned int)reserve_wants(pool), gfp_mask, node);
	if (slots) {
		pool->elements = slots->slot;
		if (fill_up(pool, gfp_mask))
			return 0;
	}
	mempool_exit(pool);
	return -ENOMEM;
}

/**
 * mempool_init - mempool_init_node() with GFP_KERNEL
 * @pool: where; need not be zeroed
 * @min_nr: elements to keep in reserve; 0 keeps one
 * @alloc_fn: gives an element, or NULL
 * @free_fn: takes an element back
 * @pool_data: for the two functions
 *
 * Return: as mempool_init_node().
 * Context: may sleep.
 * Source: Linux 7.x.
 */
int mempool_init(mempool_t *pool, int min_nr, mempool_alloc_arg alloc_fn,
		 mempool_free_t *free_fn, void *pool_data)
{
	check_blocking(GFP_KERNEL);
	return mempool_init_node(pool, min_nr, alloc_fn, free_fn, pool_data,
				 GFP_KERNEL, NUMA_NO_NODE);
}

/**
 * mempool_exit - empties a pool and undoes mempool_init()
 * @pool: the pool; one of zero bytes, or one that had this done, is fine
 *
 * Allocated elements stay the user's.  No other call of this pool may be under
 * way, and no thread may wait.
 *
 * Context: as the pool's free function.
 * Source: Linux 7.x.
 */
void mempool_exit(mempool_t *pool)
{
	struct slots *s, *more;
	void *elem;

	if (warn_if(!pool, "mempool_exit(): no pool") || !pool->elements)
		return;
	/* Bound: the slots. */
	while ((elem = reserve_take(pool)))
		pool->free(elem, pool->pool_data);
	for (s = slots_of(pool); s; s = more) {
		more = s->more;
		kfree(s);
	}
	pool->elements = NULL;
	pool->kmem_slab = NULL;
	pool->kmem_full = INT32_MAX;
}

/**
 * mempool_create_node - a new pool
 * @min_nr: elements to keep in reserve; 0 keeps one
 * @alloc_fn: gives an element, or NULL; gets the flags and @pool_data
 * @free_fn: takes an element back
 * @pool_data: for the two functions
 * @gfp_mask: GFP_*, for the pool and its reserve
 * @node: as for kmalloc_node()
 *
 * Return: the pool, for mempool_destroy(); NULL when mempool_init_node()
 * would fail or without memory.
 * Context: as @gfp_mask says.
 * Source: Linux 7.x.
 */
mempool_t *mempool_create_node(int min_nr, mempool_alloc_arg alloc_fn,
			       mempool_free_t *free_fn, void *pool_data,
			       gfp_t gfp_mask, int node)
{
	mempool_t *pool = kmalloc_node(sizeof(*pool), gfp_mask, node);

	check_blocking(gfp_mask);
	if (pool && mempool_init_node(pool, min_nr, alloc_fn, free_fn,
				      pool_data, gfp_mask, node)) {
		kfree(pool);
		pool = NULL;
	}
	return pool;
}

/**
 * mempool_create - a new pool
 * @min_nr: elements to keep in reserve; 0 keeps one
 * @alloc_fn: gives an element, or NULL
 * @free_fn: takes an element back
 * @pool_data: for the two functions
 *
 * Return: as mempool_create_node().
 * Context: may sleep.
 * Source: Linux 7.x.
 */
mempool_t *mempool_create(int min_nr, mempool_alloc_arg alloc_fn,
			  mempool_free_t *free_fn, void *pool_data)
{
	check_blocking(GFP_KERNEL);
	return mempool_create_node(min_nr, alloc_fn, free_fn, pool_data,
				   GFP_KERNEL, NUMA_NO_NODE);
}

/**
 * mempool_destroy - ends a pool of mempool_create()
 * @pool: the pool, or NULL
 *
 * As mempool_exit().
 *
 * Context: as the pool's free function.
 * Source: Linux 7.x.
 */
void mempool_destroy(mempool_t *pool)
{
	if (!pool)
		return;
	mempool_exit(pool);
	kfree(pool);
}

/**
 * mempool_resize_gfp - another size for the reserve
 * @pool: the pool
 * @new_min_nr: elements to keep in reserve from now on; not above 0 is a BUG
 * @flags: GFP_*, for growing
 *
 * Others may allocate and free meanwhile.  When the reserve grows and there are
 * no elements for it, it is filled by later frees.  What is too much for a
 * smaller one is freed, but not before waiting threads have taken what they
 * need.
 *
 * Return: 0; -ENOMEM, with the size as it was, without memory for the slots;
 * -EINVAL, after a warning, for a pool that is NULL or not set up.
 * Context: as @flags say, and as the pool's free function.
 * Source: Linux 2.6.
 */
int mempool_resize_gfp(mempool_t *pool, int new_min_nr, gfp_t flags)
{
	struct slots *all, *more = NULL, **end;
	unsigned int new = (unsigned int)new_min_nr, have;
	bool grows;

	check_blocking(flags);
	if (new_min_nr <= 0) {
		report("BUG: failure at %s:%d/%s()!", __FILE__, __LINE__,
		       "mempool_resize");
		report_panic("BUG!");
	}
	if (warn_if(pool_is_none(pool), "mempool_resize(%p): no pool",
		    (void *)pool))
		return -EINVAL;
	all = slots_of(pool);
	end = &all->more;
	have = __atomic_load_n(&all->total, __ATOMIC_RELAXED);
	if (new > have) {
		/* twice as many, so that the chain stays short */
		more = slots_new(new < 2 * have ? have : new - have, flags,
				 NUMA_NO_NODE);
		if (!more)
			return -ENOMEM;
	}
	queue_take(pool);
	if (all->total < new) {
		while (*end)
			end = &(*end)->more;
		__atomic_store_n(&all->total, all->total + more->n,
				 __ATOMIC_RELAXED);
		/* pairs with the acquire in slot_at() */
		__atomic_store_n(end, more, __ATOMIC_RELEASE);
		more = NULL;
	}
	grows = new_min_nr > pool->min_nr;
	set_min_nr(pool, new_min_nr);
	queue_drop(pool);
	kfree(more);
	if (grows) {
		fill_up(pool, flags);
		return 0;
	}
	/* less may be enough for the first in the queue now */
	pool_ring(pool);
	reserve_trim(pool, INT32_MAX);
	return 0;
}

/**
 * mempool_resize - mempool_resize_gfp() with GFP_KERNEL
 * @pool: the pool
 * @new_min_nr: elements to keep in reserve from now on; not above 0 is a BUG
 *
 * Return: as mempool_resize_gfp().
 * Context: may sleep.
 * Source: Linux 7.x.
 */
int mempool_resize(mempool_t *pool, int new_min_nr)
{
	check_blocking(GFP_KERNEL);
	return mempool_resize_gfp(pool, new_min_nr, GFP_KERNEL);
}

/**
 * mempool_alloc_slab - allocation function of a slab pool
 * @flags: GFP_*
 * @pool_data: the cache
 *
 * Return: as kmem_cache_alloc().
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *mempool_alloc_slab(gfp_t flags, void *pool_data)
{
	return kmem_cache_alloc(pool_data, flags);
}

/**
 * mempool_free_slab - free function of a slab pool
 * @element: an object
 * @pool_data: its cache
 *
 * Context: any; never sleeps.
 * Source: Linux 7.x.
 */
void mempool_free_slab(void *element, void *pool_data)
{
	kmem_cache_free(pool_data, element);
}

/**
 * mempool_kmalloc - allocation function of a kmalloc pool
 * @flags: GFP_*
 * @pool_data: bytes of an element
 *
 * Return: as kmalloc().
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *mempool_kmalloc(gfp_t flags, void *pool_data)
{
	return kmalloc((size_t)pool_data, flags);
}

/**
 * mempool_kfree - free function of a kmalloc pool
 * @element: a block
 * @pool_data: bytes of an element; not needed
 *
 * Context: any; never sleeps.
 * Source: Linux 7.x.
 */
void mempool_kfree(void *element, void *pool_data)
{
	(void)pool_data;
	kfree(element);
}

/**
 * mempool_kvmalloc - allocation function of a kvmalloc pool
 * @flags: GFP_*
 * @pool_data: bytes of an element
 *
 * Return: as kvmalloc().
 * Context: as @flags say.
 * Source: Linux 6.10 to 6.18.
 */
void *mempool_kvmalloc(gfp_t flags, void *pool_data)
{
	return kvmalloc((size_t)pool_data, flags);
}

/**
 * mempool_kvfree - free function of a kvmalloc pool
 * @element: a block
 * @pool_data: bytes of an element; not needed
 *
 * Context: as kvfree().
 * Source: Linux 6.10 to 6.18.
 */
void mempool_kvfree(void *element, void *pool_data)
{
	(void)pool_data;
	kvfree(element);
}

/**
 * mempool_alloc_pages - allocation function of a page pool
 * @flags: GFP_*
 * @pool_data: order of the blocks
 *
 * Return: the struct page of a block, or NULL.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *mempool_alloc_pages(gfp_t flags, void *pool_data)
{
	return alloc_pages(flags, (unsigned int)(uintptr_t)pool_data);
}

/**
 * mempool_free_pages - free function of a page pool
 * @element: the struct page of a block
 * @pool_data: its order
 *
 * Context: any; never sleeps.
 * Source: Linux 7.x.
 */
void mempool_free_pages(void *element, void *pool_data)
{
	__free_pages(element, (unsigned int)(uintptr_t)pool_data);
}
