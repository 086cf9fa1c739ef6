/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools of address ranges, <linux/genalloc.h>.
 *
 * Chunks are pushed onto the pool's list and stay there until it is destroyed,
 * so the list is read without a lock.  Each has a bitmap, one bit a granule,
 * whose words change by compare-and-exchange only.
 *
 * Invariant.  A bit is set by one call and cleared by one call.  A range is
 * claimed word by word, from low to high; the call that finds a bit of it set
 * gives back the words that it claimed, so all that a call leaves behind is a
 * whole range or nothing.
 *
 * Some call always gets on: of those that hold a part of a range, the one whose
 * next word is highest meets no other part, only whole ranges, and these were
 * taken since it looked.  A call in a signal handler may find a part that the
 * function below it holds; it looks elsewhere, as the algorithm sees set bits.
 *
 * avail is changed after the bits, so a call may see more in a chunk than there
 * is, and then fails there.
 */
#include "alloc/genalloc.h"

#include <linux/slab.h>

#include "debug/atomic.h"
#include "debug/watch.h"
#include "lib/errno.h"
#include "port/port.h"

#define NO_PHYS ((phys_addr_t)-1)

static bool bits_claim(unsigned long *word, unsigned long mask)
{
	unsigned long seen = __atomic_load_n(word, __ATOMIC_RELAXED);

	/* Progress: another call changed the word. */
	do {
		if (seen & mask)
			return false;
		PORT_STEP();
		/* pairs with the release in bits_unclaim() */
	} while (!__atomic_compare_exchange_n(word, &seen, seen | mask, false,
					      __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	return true;
}

/* Clears bits that are all set. */
static bool bits_unclaim(unsigned long *word, unsigned long mask)
{
	unsigned long seen = __atomic_load_n(word, __ATOMIC_RELAXED);

	/* Progress: another call changed the word. */
	do {
		if ((seen & mask) != mask)
			return false;
		PORT_STEP();
	} while (!__atomic_compare_exchange_n(word, &seen, seen & ~mask, false,
					      __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	return true;
}

/* Both: the first bit that was not as it should be, or the end. */
static unsigned long range_claim(unsigned long *map, unsigned long from,
				 unsigned long to)
{
	/* Bound: the words of the range. */
	while (from < to) {
		if (!bits_claim(map + from / WORD_BITS, mask_in_word(from, to)))
			break;
		from = word_after(from, to);
	}
	return from;
}

static unsigned long range_unclaim(unsigned long *map, unsigned long from,
				   unsigned long to)
{
	/* Bound: the words of the range. */
	while (from < to) {
		if (!bits_unclaim(map + from / WORD_BITS,
				  mask_in_word(from, to)))
			break;
		from = word_after(from, to);
	}
	return from;
}

/* --- pools and chunks ----------------------------------------------------- */

static struct gen_pool_chunk *first_chunk(const struct gen_pool *pool)
{
	/* pairs with the release in gen_pool_add_owner() */
	return __atomic_load_n(&pool->chunks, __ATOMIC_ACQUIRE);
}

/* Bytes in the granules of a chunk. */
static size_t chunk_bytes(const struct gen_pool_chunk *c)
{
	return c->end_addr - c->start_addr + 1;
}

static unsigned long chunk_granules(const struct gen_pool *pool,
				    const struct gen_pool_chunk *c)
{
	return chunk_bytes(c) >> pool->min_alloc_order;
}

static size_t chunk_avail(const struct gen_pool_chunk *c)
{
	return __atomic_load_n(&c->avail, __ATOMIC_RELAXED);
}

static struct gen_pool_chunk *chunk_of(const struct gen_pool *pool,
				       unsigned long addr)
{
	struct gen_pool_chunk *c = first_chunk(pool);

	while (c && addr - c->start_addr > c->end_addr - c->start_addr)
		c = c->next_chunk;
	return c;
}

static unsigned long granules_for(const struct gen_pool *pool, size_t size)
{
	unsigned int order = (unsigned int)pool->min_alloc_order;

	return (size >> order) + !!(size & ((1ul << order) - 1));
}

/**
 * gen_pool_create() - a pool without memory
 * @min_alloc_order: log2 of the bytes of a granule
 * @nid: node for the pool's own books, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: the pool, or NULL.
 * Source: <linux/genalloc.h>.
 */
struct gen_pool *gen_pool_create(int min_alloc_order, int nid)
{
	struct gen_pool *pool;

	check_blocking(GFP_KERNEL);
	if (warn_if((unsigned int)min_alloc_order >= WORD_BITS,
		    "gen_pool_create(): granules of 2^%d bytes",
		    min_alloc_order))
		return NULL;
	pool = kzalloc_node(sizeof(*pool), GFP_KERNEL, nid);
	if (!pool)
		return NULL;
	pool->min_alloc_order = min_alloc_order;
	pool->algo = gen_pool_first_fit;
	pool->kmem_self = pool;
	return pool;
}

/*
 * 0 is the address that means failure, so a granule there is not handed out.
 */
static void withhold_zero(struct gen_pool *pool, struct gen_pool_chunk *c)
{
	size_t granule = 1ul << pool->min_alloc_order;

	if (c->start_addr || !chunk_granules(pool, c))
		return;
	c->bits[0] = 1;
	c->avail -= granule;
}

/*
 * Free ranges of memory are shut.  Memory may well be a block that was told of,
 * so none is told of inside of it.
 */
static void chunk_watch(struct gen_pool_chunk *c)
{
	const void *p = (const void *)c->start_addr;

	if (!watch_on() || !watcher->is_open(p, chunk_bytes(c)))
		return;
	c->kmem_watched = 1;
	watch_shut(p, chunk_bytes(c));
}

/**
 * gen_pool_add_owner() - adds a range
 * @pool: the pool
 * @virt: where it begins
 * @phys: the physical address of @virt, or -1 when it has none
 * @size: bytes; what is left over at the end, less than a granule, is not used
 * @nid: node for the pool's own books, or NUMA_NO_NODE
 * @owner: for gen_pool_alloc_owner()
 *
 * The range that was added last is the one that is tried first.
 *
 * Context: May sleep.
 * Return: 0; -ENOMEM; -EINVAL for no bytes and for a range that wraps around.
 * Source: <linux/genalloc.h>.
 */
int gen_pool_add_owner(struct gen_pool *pool, unsigned long virt,
		       phys_addr_t phys, size_t size, int nid, void *owner)
{
	struct gen_pool_chunk *c, *next;
	unsigned long words;

	check_blocking(GFP_KERNEL);
	if (no_genpool(pool) || !size || virt + (size - 1) < virt)
		return -EINVAL;
	words = (size >> pool->min_alloc_order) / WORD_BITS + 1;
	c = kvzalloc_node(sizeof(*c) + words * sizeof(c->bits[0]), GFP_KERNEL,
			  nid);
	if (!c)
		return -ENOMEM;
	c->phys_addr = phys;
	c->start_addr = virt;
	c->end_addr = virt + (size - 1);
	c->avail = size;
	c->owner = owner;
	withhold_zero(pool, c);
	chunk_watch(c);
	next = first_chunk(pool);
	/* Progress: another thread added a chunk. */
	do {
		c->next_chunk = next;
		/* pairs with the acquire in first_chunk() */
	} while (!__atomic_compare_exchange_n(&pool->chunks, &next, c, false,
					      __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	return 0;
}

/* Is a granule of the chunk in use? */
static bool chunk_is_used(const struct gen_pool *pool,
			  const struct gen_pool_chunk *c)
{
	unsigned long n = chunk_granules(pool, c), from = !c->start_addr;

	return from < n && next_bit(c->bits, from, n, true) < n;
}

/**
 * gen_pool_destroy() - ends a pool
 * @pool: the pool
 *
 * The ranges are the caller's.  Where the kernel stops with a BUG, because
 * something is in use, that is reported, and the pool stays as it is: what is
 * in use can still be given back.
 *
 * Context: May sleep.
 * Source: <linux/genalloc.h>.
 */
void gen_pool_destroy(struct gen_pool *pool)
{
	struct gen_pool_chunk *c, *next;

	check_sleeping();
	if (no_genpool(pool))
		return;
	for (c = first_chunk(pool); c; c = c->next_chunk) {
		if (bug_if(chunk_is_used(pool, c),
			   "gen_pool_destroy(): %s%zu bytes at %#lx in use",
			   pool->name ? pool->name : "",
			   chunk_bytes(c) - chunk_avail(c), c->start_addr))
			return;
	}
	for (c = first_chunk(pool); c; c = next) {
		next = c->next_chunk;
		if (c->kmem_watched)
			watch_open((void *)c->start_addr, chunk_bytes(c), true);
		kvfree(c);
	}
	pool->kmem_self = NULL;
	kfree(pool->name);
	kfree(pool);
}

/* The first of n granules, now the caller's, or the number of all. */
static unsigned long chunk_take(struct gen_pool *pool, struct gen_pool_chunk *c,
				unsigned long n, genpool_algo_t algo,
				void *data)
{
	unsigned long all = chunk_granules(pool, c), at, end;

	if (n > UINT32_MAX)
		return all;
	/* Progress: another call took what the algorithm saw free. */
	for (;;) {
		at = algo(c->bits, all, 0, (unsigned int)n, data, pool,
			  c->start_addr);
		if (at >= all || n > all - at)
			return all;
		end = range_claim(c->bits, at, at + n);
		if (end == at + n)
			return at;
		range_unclaim(c->bits, at, end);
	}
}

/**
 * gen_pool_alloc_algo_owner() - takes a range by an algorithm
 * @pool: the pool
 * @size: bytes, rounded up to granules
 * @algo: which granules; what it returns must have been free in its map
 * @data: for @algo
 * @owner: NULL, or where the owner of the chunk goes
 *
 * Context: Any, a signal handler at any instruction included.
 * Return: the address; 0 for no bytes, or when no chunk has such a range.
 * Source: <linux/genalloc.h>.
 */
unsigned long gen_pool_alloc_algo_owner(struct gen_pool *pool, size_t size,
					genpool_algo_t algo, void *data,
					void **owner)
{
	struct gen_pool_chunk *c;
	unsigned long n;

	if (!size || no_genpool(pool))
		return 0;
	n = granules_for(pool, size);
	for (c = first_chunk(pool); c; c = c->next_chunk) {
		unsigned long at;

		if (size > chunk_avail(c))
			continue;
		at = chunk_take(pool, c, n, algo, data);
		if (at == chunk_granules(pool, c))
			continue;
		__atomic_fetch_sub(&c->avail, n << pool->min_alloc_order,
				   __ATOMIC_RELAXED);
		if (owner)
			*owner = c->owner;
		at = c->start_addr + (at << pool->min_alloc_order);
		if (c->kmem_watched)
			watch_open((void *)at, size, false);
		return at;
	}
	return 0;
}

/* Why a range cannot be freed, or NULL. */
static const char *free_contradiction(const struct gen_pool *pool,
				      const struct gen_pool_chunk *c,
				      unsigned long addr, size_t size)
{
	unsigned long from, n = granules_for(pool, size);

	if (!c)
		return "not in the pool";
	if (size > c->end_addr - addr + 1)
		return "more than its chunk has";
	from = (addr - c->start_addr) >> pool->min_alloc_order;
	if (n > chunk_granules(pool, c) - from)
		return "more than its chunk has";
	if (c->start_addr == 0 && from == 0)
		return "was never handed out";
	if (next_bit(c->bits, from, from + n, false) < from + n)
		return "not all of it is in use";
	return NULL;
}

/**
 * gen_pool_free_owner() - gives a range back
 * @pool: the pool
 * @addr: what the allocation returned
 * @size: bytes, as given there
 * @owner: NULL, or where the owner of the chunk goes
 *
 * Where the kernel stops with a BUG, because the range is not in the pool or
 * not in use, that is reported and nothing changes.
 *
 * Context: Any, a signal handler at any instruction included; never sleeps.
 * Source: <linux/genalloc.h>.
 */
void gen_pool_free_owner(struct gen_pool *pool, unsigned long addr, size_t size,
			 void **owner)
{
	struct gen_pool_chunk *c;
	unsigned long from, end, n;
	const char *reason;

	if (owner)
		*owner = NULL;
	if (no_genpool(pool))
		return;
	c = chunk_of(pool, addr);
	reason = size || !c ? free_contradiction(pool, c, addr, size) : NULL;
	if (bug_if(reason, "gen_pool_free(): %zu bytes at %#lx: %s", size, addr,
		   reason)) {
		watch_accuse((void *)addr);
		return;
	}
	n = granules_for(pool, size);
	from = (addr - c->start_addr) >> pool->min_alloc_order;
	if (c->kmem_watched)
		watch_shut((void *)addr, size);
	end = range_unclaim(c->bits, from, from + n);
	__atomic_fetch_add(&c->avail, (end - from) << pool->min_alloc_order,
			   __ATOMIC_RELAXED);
	bug_if(end < from + n,
	       "gen_pool_free(): %zu bytes at %#lx: freed by two at once", size,
	       addr);
	if (owner)
		*owner = c->owner;
}

/* --- questions ------------------------------------------------------------ */

/**
 * gen_pool_virt_to_phys() - the physical address of an address
 * @pool: the pool
 * @addr: in one of its chunks
 *
 * Context: Any.
 * Return: the address; -1 for one that is in no chunk, or in a chunk whose
 * physical address is not known.
 * Source: <linux/genalloc.h>.
 */
phys_addr_t gen_pool_virt_to_phys(struct gen_pool *pool, unsigned long addr)
{
	struct gen_pool_chunk *c;

	if (no_genpool(pool))
		return NO_PHYS;
	c = chunk_of(pool, addr);
	if (!c || c->phys_addr == NO_PHYS)
		return NO_PHYS;
	return c->phys_addr + (addr - c->start_addr);
}

/**
 * gen_pool_avail() - what is free
 * @pool: the pool
 *
 * Context: Any.
 * Return: bytes; others may come and go meanwhile.
 * Source: <linux/genalloc.h>.
 */
size_t gen_pool_avail(struct gen_pool *pool)
{
	struct gen_pool_chunk *c;
	size_t n = 0;

	if (no_genpool(pool))
		return 0;
	for (c = first_chunk(pool); c; c = c->next_chunk)
		n += chunk_avail(c);
	return n;
}

/**
 * gen_pool_size() - what has been added
 * @pool: the pool
 *
 * Context: Any.
 * Return: bytes.
 * Source: <linux/genalloc.h>.
 */
size_t gen_pool_size(struct gen_pool *pool)
{
	struct gen_pool_chunk *c;
	size_t n = 0;

	if (no_genpool(pool))
		return 0;
	for (c = first_chunk(pool); c; c = c->next_chunk)
		n += chunk_bytes(c);
	return n;
}

/**
 * gen_pool_has_addr() - does one chunk hold all these bytes?
 * @pool: the pool
 * @start: the first byte
 * @size: bytes
 *
 * Context: Any.
 * Return: true when it does.
 * Source: <linux/genalloc.h>.
 */
bool gen_pool_has_addr(struct gen_pool *pool, unsigned long start, size_t size)
{
	struct gen_pool_chunk *c;

	if (no_genpool(pool))
		return false;
	c = chunk_of(pool, start);
	return c && (!size || size - 1 <= c->end_addr - start);
}

/**
 * gen_pool_for_each_chunk() - calls a function for every chunk
 * @pool: the pool
 * @func: gets the chunk, and @data; may allocate and free
 * @data: for @func
 *
 * Context: Any, as far as @func allows.
 * Source: <linux/genalloc.h>.
 */
void gen_pool_for_each_chunk(struct gen_pool *pool,
			     void (*func)(struct gen_pool *pool,
					  struct gen_pool_chunk *chunk,
					  void *data),
			     void *data)
{
	struct gen_pool_chunk *c;

	if (no_genpool(pool))
		return;
	for (c = first_chunk(pool); c; c = c->next_chunk)
		func(pool, c, data);
}
