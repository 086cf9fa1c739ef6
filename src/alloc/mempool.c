/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools: allocation that may wait, but does not fail.  THEORY.
 *
 * 1. What it is for.  Work that frees memory must not fail because there is
 *    none.  A pool keeps min_nr elements in reserve; as long as each comes back
 *    without another being needed first, each request that may sleep is served.
 *
 * 2. The nouns.  The allocator is a pair of functions of the user's.  The
 *    reserve is an array of slots, each with an element or NULL.  The queue
 *    is of threads that found neither; its first alone takes from the reserve.
 *
 *	mempool_alloc -> alloc() -> a slot -> queue -> alloc() -> sleep --+
 *	                                        ^-------------------------+
 *	mempool_free  -> a slot -> ring the first's bell
 *	              -> free()
 *
 * 3. The reserve has no lock.  To free an element is to claim a place, by
 *    curr_nr + 1 if that is not above min_nr, and to store it into an empty
 *    slot; to take one is to exchange it out of a slot, and then to give the
 *    place back, by curr_nr - 1.  So there are never more elements than places
 *    claimed, nor more of these than slots, and a thread that has a place finds
 *    a slot: if one pass over the slots does not find it, others made progress
 *    meanwhile.  curr_nr is also the hint where to look; without concurrency
 *    the slots are a stack: the top is in slot[curr_nr - 1].
 *    - Each place claimed has an element of its own: in a slot, or held by a
 *      thread that is about to store it or has just taken it.  Only a free that
 *      sees min_nr places claimed gives its element to the allocator, and it
 *      sees that its own has left (release in reserve_take(), acquire in
 *      mempool_free()), whichever thread took it.  So min_nr elements are in
 *      the reserve or will be freed into it.
 *
 * 4. The queue.  No wake-up is lost:
 *
 *	the first in the queue		a free
 *	W1  bell = ARMED		F1  slot = element
 *	W2  looks at the slots		F2  looks at the bell
 *
 *    These four are sequentially consistent.  So W2 sees the element, or F2
 *    sees the bell, makes it QUIET and wakes.  The first sleeps only while the
 *    bell is ARMED; it asks the allocator between W1 and W2.  What else it
 *    waits for, curr_nr and min_nr, also changes before a look at the bell.
 *    When it leaves, the next is first, is woken, and begins at W1.  A free
 *    takes no lock and wakes one thread, also in a signal handler.
 *    - Grants are in order: a caller that finds a queue does not look at the
 *      slots.  One that looked before there was a queue may still take: once.
 *    - The first takes all it needs or none, so that two requests cannot each
 *      hold what the other waits for; more than min_nr it takes in parts.
 *    - A free to the allocator rings as well, so that the first asks again;
 *      that is not ordered with the allocator, and by 3 need not be.
 *    - Elements that a resize makes surplus belong to the queue; the last in it
 *      trims.  A free that fills its slot after that trims as well.
 *
 * 5. Locking.  LOCK_POOL is a pool's queue, taken by callers that may sleep.
 *    Nothing is called while it is held.  Fork: a child has none of the
 *    parent's threads, and tells by port_pid().  Its first call empties the
 *    queue, frees its lock, and counts curr_nr from the slots, as threads of
 *    the parent that had a place never go on.
 *
 * 6. Failure.  A request that must not sleep gets NULL when the allocator and
 *    the reserve are empty, or others wait, or elements were taken and freed
 *    around its one look at each slot.  One that may sleep gets an element.
 *    Growing fails only without memory for slots; later frees fill them.
 *
 * 7. Debugging.  mempool_resize() to nothing is a BUG.  Elements keep their
 *    content in the reserve, so __GFP_ZERO is refused with a warning.  Where
 *    reserve_checked(), so is a cache with a constructor, as the reserve would
 *    lose its objects' state; and an element of the reserve that is freed
 *    again is reported and left there, by kmalloc() and pages too, where
 *    these are poisoned.  What begins no block goes to the free function there,
 *    which reports it.
 *
 * 8. Where this differs from the kernel.  There any caller may take the freed
 *    element and a woken waiter may find it gone, and frees to the allocator
 *    wake no waiter; here elements are granted in order and such frees wake the
 *    first.  mempool_init() sets every member.
 */
#include "alloc/mempool.h"

#include <linux/gfp.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "debug/stack.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/mem.h"
#include "port/port.h"
#include "slab/slab.h"

/* --- the reserve ---------------------------------------------------------- */

/* The place of number i; NULL behind the last. */
static void **slot_at(const mempool_t *pool, unsigned int i)
{
	struct slots *s = slots_of(pool);

	/* Bound: the pieces of the reserve. */
	while (s && i >= s->n) {
		i -= s->n;
		/* pairs with the release in mempool_resize() */
		s = __atomic_load_n(&s->more, __ATOMIC_ACQUIRE);
	}
	return s ? &s->slot[i] : NULL;
}

/*
 * Is it in the reserve?  NULL: how many are?  Exact only without concurrent
 * calls.
 */
static unsigned int pool_count(const mempool_t *pool, const void *elem)
{
	unsigned int i, n = 0;
	void **slot, *there;

	/* Bound: the slots. */
	for (i = 0; (slot = slot_at(pool, i)); i++) {
		PORT_STEP();
		there = READ_ONCE(*slot);
		n += elem ? there == elem : there != NULL;
	}
	return n;
}

union pool_counts counts_of(mempool_t *pool)
{
	uint64_t *at = (uint64_t *)(void *)&pool->curr_nr;
	union pool_counts b, own = { .pid = port_pid() };

	b.both = __atomic_load_n(at, __ATOMIC_SEQ_CST);
	/* Bound: 2, as a process counts once. */
	while (unlikely(b.pid != own.pid)) {
		own.nr = (int)pool_count(pool, NULL);
		if (__atomic_compare_exchange_n(at, &b.both, own.both, false,
						__ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			b = own;
	}
	return b;
}

/*
 * For the two ends of the order in 3.  ThreadSanitizer does not support fences,
 * and warns; all that these order is atomic, so it misses nothing.
 */
#if defined(__SANITIZE_THREAD__)
#define FENCE(how) ((void)(how))
#else
#define FENCE(how) __atomic_thread_fence(how)
#endif

static void *out_of(void **slot)
{
	PORT_STEP();
	if (!__atomic_load_n(slot, __ATOMIC_SEQ_CST))
		return NULL;
	return __atomic_exchange_n(slot, NULL, __ATOMIC_SEQ_CST);
}

static bool into(void **slot, void *elem)
{
	void *none = NULL;

	PORT_STEP();
	return __atomic_compare_exchange_n(slot, &none, elem, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* An element, after one look at each slot at most. */
void *reserve_take(mempool_t *pool)
{
	int nr = counts_of(pool).nr, i;
	void **slot, *elem = NULL;

	if (nr <= 0)
		return NULL;
	/*
	 * Where nr - 1 is empty, another is full above, if no call is under
	 * way.  Bound: the slots.
	 */
	for (i = nr - 1; !elem && (slot = slot_at(pool, i)); i++)
		elem = out_of(slot);
	/* Bound: the slots. */
	for (i = nr - 1; !elem && i-- > 0;)
		elem = out_of(slot_at(pool, i));
	if (!elem)
		return NULL;
	__atomic_fetch_sub(&pool->curr_nr, 1, __ATOMIC_SEQ_CST);
	FENCE(__ATOMIC_RELEASE);
	element_check(pool, elem);
	return elem;
}

/* False: the reserve has all it wants. */
static bool reserve_put(mempool_t *pool, void *elem)
{
	union pool_counts b = counts_of(pool), more;
	void **slot;
	int i;

	/* Progress: another call changed curr_nr. */
	do {
		if (b.nr >= reserve_wants(pool))
			return false;
		more = b;
		more.nr++;
	} while (!__atomic_compare_exchange_n(
		(uint64_t *)(void *)&pool->curr_nr, &b.both, more.both, false,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	element_poison(pool, elem);
	/* Progress: another call filled a slot, and emptied one. */
	for (;;) {
		/* where nr is full, another is empty below, as above */
		for (i = b.nr; i >= 0; i--)
			if (into(slot_at(pool, i), elem))
				return true;
		/* Bound: the slots. */
		for (i = b.nr + 1; (slot = slot_at(pool, i)); i++)
			if (into(slot, elem))
				return true;
	}
}

void reserve_trim(mempool_t *pool, int most)
{
	void *elem;

	/* freed as any other: it may be needed again, now that it is out */
	while (most-- && !queue_any(pool) &&
	       counts_of(pool).nr > reserve_wants(pool) &&
	       (elem = reserve_take(pool))) {
		if (!reserve_put(pool, elem))
			pool->free(elem, pool->pool_data);
		pool_ring(pool);
	}
}

unsigned int reserve_fetch(mempool_t *pool, void **elems, unsigned int missing)
{
	unsigned int wants = reserve_wants(pool);

	if (counts_of(pool).nr < (int)(missing < wants ? missing : wants))
		return missing;
	for (; missing; elems++) {
		if (*elems)
			continue;
		*elems = reserve_take(pool);
		if (!*elems)
			break;
		missing--;
	}
	return missing;
}

bool reserve_refill(mempool_t *pool, void *elem)
{
	if (!reserve_put(pool, elem))
		return false;
	pool_ring(pool);
	reserve_trim(pool, 1);
	return true;
}

/* --- requests ------------------------------------------------------------- */

unsigned int pool_fetch(mempool_t *pool, gfp_t gfp, void **elems,
			unsigned int missing)
{
	for (; missing; elems++) {
		if (*elems)
			continue;
		*elems = pool->alloc(gfp, pool->pool_data);
		if (!*elems)
			break;
		missing--;
	}
	return missing;
}

static gfp_t pool_flags(gfp_t gfp)
{
	return page_gfp_context(gfp) | __GFP_NOMEMALLOC | __GFP_NORETRY |
	       __GFP_NOWARN;
}

/* Of flags by pool_flags(): those of the first try. */
static gfp_t pool_first_flags(gfp_t gfp)
{
	return gfp & ~(__GFP_DIRECT_RECLAIM | __GFP_IO);
}

/* After the first try; gfp by pool_flags().  Bulk requests use the queue. */
static void fill_slow(mempool_t *pool, gfp_t gfp, void **elems,
		      unsigned int missing)
{
	if (missing == 1 && !queue_any(pool) &&
	    !reserve_fetch(pool, elems, missing))
		return;
	if (gfp & __GFP_DIRECT_RECLAIM)
		pool_wait(pool, gfp, elems, missing);
	else if (pool_first_flags(gfp) != gfp &&
		 pool_fetch(pool, gfp, elems, missing) && !queue_any(pool))
		reserve_fetch(pool, elems, missing);
}

static __attribute__((noinline)) void *alloc_any(mempool_t *pool,
						 gfp_t gfp_mask)
{
	gfp_t gfp;
	void *elem;

	check_blocking(gfp_mask);
	if (warn_once_if(gfp_mask & __GFP_ZERO,
			 "mempool_alloc: __GFP_ZERO cannot be honoured"))
		gfp_mask &= ~__GFP_ZERO;
	if (should_fail_pool(gfp_mask))
		return NULL;
	gfp = pool_flags(gfp_mask);
	elem = pool->alloc(pool_first_flags(gfp), pool->pool_data);
	if (unlikely(!elem))
		fill_slow(pool, gfp, &elem, 1);
	return elem;
}

/**
 * mempool_alloc - an element, for certain if the caller may sleep
 * @pool: the pool
 * @gfp_mask: GFP_*; __GFP_ZERO is refused with a warning, since an element
 *	of the reserve is as it was freed
 *
 * The allocation function is called with __GFP_NOMEMALLOC, __GFP_NORETRY and
 * __GFP_NOWARN, the first time without __GFP_DIRECT_RECLAIM and __GFP_IO, and
 * with what the scopes of the running thread leave of @gfp_mask.
 *
 * Return: an element, for mempool_free(); NULL only if @gfp_mask has no
 * __GFP_DIRECT_RECLAIM.
 * Context: as @gfp_mask says; with __GFP_DIRECT_RECLAIM it may sleep until an
 * element is freed.  Without it takes no lock but the allocation function's.
 * Source: Linux 7.x; the order of waiters is ours.
 */
FAST_PATH void *mempool_alloc(mempool_t *pool, gfp_t gfp_mask)
{
	struct kmem_cache *s = pool->kmem_slab;

	/* The fast path of a slab pool's allocator, inlined. */
	if (likely(s && !(gfp_mask & __GFP_ZERO))) {
		void *elem = pcs_pop_first(&s->pcs);

		if (likely(elem))
			return elem;
	}
	return alloc_any(pool, gfp_mask);
}

/**
 * mempool_alloc_preallocated - an element of the reserve
 * @pool: the pool
 *
 * Return: the element; NULL when the reserve is empty, or belongs to threads
 * that wait.
 * Context: any; never sleeps and takes no lock.
 * Source: Linux 7.x.
 */
void *mempool_alloc_preallocated(mempool_t *pool)
{
	if (warn_if(pool_is_none(pool),
		    "mempool_alloc_preallocated(%p): no pool", (void *)pool))
		return NULL;
	port_task()->caller = WARN_CALLER();
	return queue_any(pool) ? NULL : reserve_take(pool);
}

/**
 * mempool_alloc_bulk - fills the NULL slots of an array with elements
 * @pool: the pool
 * @elems: the array
 * @count: slots, at most min_nr of the pool
 * @allocated: slots that are not NULL
 *
 * From the reserve come all that are missing, or none, so that two callers
 * cannot hold what the other waits for.
 *
 * Return: 0; -EINVAL, after a warning, for a pool that is NULL or not set up.
 * Context: may sleep, as mempool_alloc() with GFP_KERNEL.
 * Source: Linux 7.x; the order of waiters is ours.
 */
int mempool_alloc_bulk(mempool_t *pool, void **elems, unsigned int count,
		       unsigned int allocated)
{
	gfp_t gfp = pool_flags(GFP_KERNEL);
	unsigned int i, missing = 0;

	check_blocking(gfp);
	if (warn_if(pool_is_none(pool), "mempool_alloc_bulk(%p): no pool",
		    (void *)pool))
		return -EINVAL;
	for (i = 0; i < count; i++)
		missing += !elems[i];
	warn_once_if(missing + allocated != count,
		     "mempool_alloc_bulk: %u of %u slots are NULL, %u are said "
		     "not to be",
		     missing, count, allocated);
	warn_once_if(count > (unsigned int)reserve_wants(pool),
		     "mempool_alloc_bulk: %u elements from a reserve of %d",
		     count, reserve_wants(pool));
	missing = pool_fetch(pool, pool_first_flags(gfp), elems, missing);
	if (missing)
		fill_slow(pool, gfp, elems, missing);
	return 0;
}

/*
 * Must it stay out of the reserve?  That it is there already can be checked,
 * and that it is no block, which the free function reports; whose it is cannot.
 */
static bool stays_out(mempool_t *pool, void *elem, const void *caller)
{
	const char *name = pool->kmem_slab ? pool->kmem_slab->name : "mempool";

	if (!reserve_checked(pool) && likely(!element_poisons(pool, elem)))
		return false;
	if (unlikely(element_is_none(pool, elem))) {
		pool->free(elem, pool->pool_data);
		return true;
	}
	if (likely(!pool_count(pool, elem)))
		return false;
	report_bug_begin(name, "Object already free 0x%p", elem);
	report_line("Object 0x%p of reserve 0x%p min_nr=%d curr_nr=%d\n", elem,
		    (void *)pool, pool->min_nr, pool->curr_nr);
	port_task()->caller = caller;
	report_line_here();
	report_fix(name, "Object at 0x%p not freed", elem);
	report_end();
	watch_accuse(elem);
	return true;
}

/* The end of mempool_free(), whose caller it returns to. */
static __attribute__((noinline)) void free_any(void *element, mempool_t *pool)
{
	if (unlikely(!element))
		return;
	FENCE(__ATOMIC_ACQUIRE);
	if (stays_out(pool, element, WARN_CALLER()) ||
	    reserve_refill(pool, element))
		return;
	pool->free(element, pool->pool_data);
	pool_ring(pool);
}

/**
 * mempool_free - gives an element back
 * @element: from mempool_alloc(), or anything else that the pool's free
 *	function can take; nothing happens for NULL, and no pool is needed
 * @pool: the pool
 *
 * It refills the reserve if that is below min_nr, and then wakes the first
 * that waits; otherwise the free function gets it.
 *
 * Context: as the pool's free function; takes no lock of its own.
 * Source: Linux 7.x; the order of waiters is ours.
 */
FAST_PATH void mempool_free(void *element, mempool_t *pool)
{
	unsigned long n = main_page(element);
	struct kmem_cache *s;

	/* NULL is in no page, and then there may be no pool */
	if (unlikely(n >= MAIN_PAGES()))
		goto slow;
	FENCE(__ATOMIC_ACQUIRE);
	if (unlikely(READ_ONCE(pool->curr_nr) < READ_ONCE(pool->kmem_full)))
		goto slow;
	/*
	 * The pool's cache, not the page's: that depends on the element, so
	 * the sequence would begin only when the one before it has ended.
	 */
	s = pool->kmem_slab;
	if (likely(MAIN_OWNER(n) == s) &&
	    likely(pcs_push_first(&s->pcs, element)))
		return;
slow:
	free_any(element, pool);
}

/* <kmem/inline_pool.h> */
#if KMEM_RSEQ
extern KMEM_API __typeof__(mempool_alloc) kmem_called_mempool_alloc
	__attribute__((malloc, alias("kmem_mempool_alloc")));
extern KMEM_API __typeof__(mempool_free) kmem_called_mempool_free
	__attribute__((alias("kmem_mempool_free")));
#endif

/**
 * mempool_free_bulk - gives elements back to the reserve
 * @pool: the pool
 * @elems: array of elements, none of them NULL
 * @count: how many
 *
 * Return: how many from the front went into the reserve; the others are
 * still the caller's, to free as they were allocated.
 * Context: any; never sleeps and takes no lock.
 * Source: Linux 7.x; the order of waiters is ours.
 */
unsigned int mempool_free_bulk(mempool_t *pool, void **elems,
			       unsigned int count)
{
	unsigned int n = 0;

	if (warn_if(pool_is_none(pool), "mempool_free_bulk(%p): no pool",
		    (void *)pool))
		return 0;
	FENCE(__ATOMIC_ACQUIRE);
	/* Bound: count. */
	while (n < count && (stays_out(pool, elems[n], WARN_CALLER()) ||
			     reserve_refill(pool, elems[n])))
		n++;
	return n;
}
