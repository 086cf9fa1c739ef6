/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools: allocation that may wait, but does not fail.  THEORY.
 *
 * 1. What it is for.  Whoever must finish one piece of work to free memory
 *    for the next must not fail for want of memory.  A pool keeps min_nr
 *    elements back; as long as every element comes back without another one
 *    being needed first, each request that may sleep is served in the end.
 *
 * 2. The nouns.  The allocator is a pair of functions of the user's.  The
 *    reserve is elements[0..curr_nr), used from its top.  A waiter is a
 *    thread that found neither; it stands in the pool's queue, first come
 *    first served.  A grant gives elements of the reserve to a waiter by
 *    name: they stay in the reserve and are counted in granted until the
 *    waiter takes them.
 *
 * 3. One allocation: the allocator, told not to sleep and not to report;
 *    the reserve; the queue, if the caller may sleep; the allocator with all
 *    that the caller's flags allow; then sleep, and when woken, or after
 *    five seconds, the allocator again.  An element granted meanwhile is
 *    taken if the allocator fails once more, else it goes to the next.
 *    One free: into the reserve when curr_nr < min_nr, and from there to the
 *    first waiter; otherwise to the allocator.
 *
 *	mempool_alloc -> alloc() -> reserve -> queue -> alloc() -> sleep --+
 *	                                         ^-----------------------+
 *	mempool_free  -> reserve -> grant to the first in the queue
 *	              -> free()  -> kick the first in the queue
 *
 * 4. Invariants.
 *    - 0 <= granted <= curr_nr; elements has room for curr_nr and for
 *      min_nr, and for one when min_nr is 0.
 *    - While anybody is queued, fewer elements lie in the reserve ungranted
 *      than the first in the queue needs.  So nobody passes the queue: a
 *      newcomer takes from the reserve only when the queue is empty.
 *    - A waiter is queued from before its first try with all its flags until
 *      it is granted or leaves with what the allocator gave.
 *    - idle is the cache of a pool of slab objects when the lock was dropped
 *      with a full reserve and no queue; NULL otherwise.  A free that finds it
 *      asks nothing else before it goes to the cache.
 *    - more is set if mail may lie in the slots although its pool was attended
 *      to, since the reserve was full.  Nobody lets go of the lock while more
 *      is set and the reserve has room.
 *    - So the k-th in the queue is served by the k-th element freed into the
 *      reserve at the latest, whoever else allocates.
 *
 * 5. Locking.  The lock of a pool is one of a table of locks, chosen by the
 *    pool's address, so that fork handlers know them all.  It guards the
 *    reserve, the queue and the counts; neither the allocator's functions
 *    nor kmalloc() run under it.
 *    Only who may sleep waits for it.  A request that may not goes without the
 *    reserve.  A free, which never may, posts: the element goes into a slot of
 *    the pool's mail, of which there are as many as the reserve has, and the
 *    pool onto the lock's late list; a kick that is due is left likewise.
 *    Every holder collects its pool's mail when it comes, and sees to the late
 *    pools before it leaves.  Who has posted then tries the lock once, and who
 *    has dropped it looks once more for posts: whichever of the two comes
 *    second, by the order of their atomic operations on left, sees the other.
 *    Mail that finds no slot free goes to the allocator: what lies in the
 *    slots is all that the reserve can want.
 *    Barriers:
 *    A  A thread that takes from the reserve orders the smaller curr_nr, and
 *       idle with it, before the element leaves its hands (release fence in
 *       take_fence()); mempool_free() orders the arrival of the element before
 *       its look at them (acquire fence in free_fence()).  However the element
 *       travelled, the thread that frees it sees the room.
 *    B  A grant is published by the release store of GRANTED, after the
 *       waiter has left the queue; the waiter loads it with acquire, and
 *       leaves its stack frame only after that.  A wake-up of a word whose
 *       owner is gone already wakes nobody.
 *    C  An element that goes to the allocator looks for waiters after it is
 *       there.  A waiter is queued before it asks the allocator.  So one of
 *       them sees the other, but for a store that is still on its way in
 *       some CPU's buffer; a full barrier in every free would cost more than
 *       the rest of it, and the five seconds of a round bound the wait.
 *
 * 6. Failure.  A request that may not sleep gets NULL when the allocator and
 *    the reserve are empty.  One that may sleep gets an element.  Growing
 *    fails only without memory for the array; a reserve that could not be
 *    filled is filled by later frees.
 *
 * 7. Debugging.  mempool_resize() to nothing is a BUG.  Elements keep their
 *    content while they lie in the reserve, so __GFP_ZERO cannot be honoured
 *    and is refused with a warning; a cache with a constructor would hand out
 *    objects in whatever state they were freed, and debug builds refuse it.
 *
 * 8. Where this differs from the kernel.  There the freed element is anyone's
 *    and a woken waiter may find it gone, and waiters beyond the size of the
 *    reserve sleep their five seconds although the allocator has memory
 *    again; here elements are granted in order and frees to the allocator
 *    are heard.  mempool_init() sets every member, so the struct need not be
 *    zeroed before.  A child of fork() finds the queue empty: who waited
 *    there does not exist.
 */
#include <linux/mempool.h>

#include <linux/gfp.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "sync/lock.h"
#include "port/port.h"
#include "slab/slab.h"
#include "sync/fork.h"

#define ENOMEM 12
#define EINVAL 22

#define POOL_LOCKS_LOG 6
#define POOL_LOCKS (1u << POOL_LOCKS_LOG)

/* A waiter asks the allocator again after this time. */
#define ROUND_NS (5ll * 1000 * 1000 * 1000)

struct pool_lock {
	struct lock lock;
	uint32_t left;    /* something was posted since a holder last looked */
	struct late late; /* pools with mail */
} __attribute__((aligned(CACHE_LINE)));

/* Slots of posts; those of before a resize stay, as somebody may be posting. */
struct mail {
	struct mail *older;
	unsigned int n;
	void *slot[];
};

/* Wake-ups that one holder of the lock puts off until it has dropped it. */
#define WAKES 8

struct wakes {
	unsigned int n;
	uint32_t *word[WAKES];
};

enum waiter_state { ASLEEP, KICKED, GRANTED };

/* On the stack of the thread that waits. */
struct waiter {
	struct list_head link; /* the queue; under the pool's lock */
	unsigned int need;     /* elements it waits for; likewise */
	bool queued;           /* likewise */
	unsigned int grant;    /* its own elements once it is GRANTED */
	uint32_t state;        /* what it sleeps on */
};

static struct pool_lock pool_locks[POOL_LOCKS];
static struct once booted;
/* How many forks lie between the first process and this one. */
static unsigned int forks;

static struct pool_lock *lock_of(const mempool_t *pool)
{
	uint64_t h = (uint64_t)(uintptr_t)pool * 0x9e3779b97f4a7c15ull;

	return &pool_locks[h >> (64 - POOL_LOCKS_LOG)];
}

/* Elements the reserve wants: an empty one could never wake a waiter. */
static int wanted(const mempool_t *pool)
{
	int min_nr = __atomic_load_n(&pool->min_nr, __ATOMIC_RELAXED);

	return min_nr > 0 ? min_nr : 1;
}

static int held(const mempool_t *pool)
{
	return __atomic_load_n(&pool->curr_nr, __ATOMIC_RELAXED);
}

/* Written under the lock, looked at without it. */
static void set_held(mempool_t *pool, int nr)
{
	__atomic_store_n(&pool->curr_nr, nr, __ATOMIC_RELAXED);
}

static void set_waiters(mempool_t *pool, struct waiter *first)
{
	__atomic_store_n(&pool->waiters, first, __ATOMIC_RELAXED);
}

static void __push(mempool_t *pool, void *elem)
{
	pool->elements[pool->curr_nr] = elem;
	set_held(pool, pool->curr_nr + 1);
}

static void *__pop(mempool_t *pool)
{
	set_held(pool, pool->curr_nr - 1);
	return pool->elements[pool->curr_nr];
}

/* --- mail ----------------------------------------------------------------- */

static struct mail *mail_of(const mempool_t *pool)
{
	return __atomic_load_n(&pool->mail, __ATOMIC_ACQUIRE);
}

/* An element out of the mail, or NULL. */
static void *mail_take(mempool_t *pool)
{
	struct mail *m;
	unsigned int i;
	void *elem;

	for (m = mail_of(pool); m; m = m->older) {
		for (i = 0; i < m->n; i++) {
			PORT_STEP();
			if (!__atomic_load_n(&m->slot[i], __ATOMIC_RELAXED))
				continue;
			elem = __atomic_exchange_n(&m->slot[i], NULL,
						   __ATOMIC_ACQUIRE);
			if (elem)
				return elem;
		}
	}
	return NULL;
}

static bool mail_put(mempool_t *pool, void *elem)
{
	struct mail *m = mail_of(pool);
	unsigned int i;
	void *none;

	for (i = 0; m && i < m->n; i++) {
		PORT_STEP();
		none = NULL;
		if (__atomic_compare_exchange_n(&m->slot[i], &none, elem, false,
						__ATOMIC_RELEASE,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/* Would a reserve of n elements have slots enough? */
static bool mail_fits(const mempool_t *pool, size_t n)
{
	const struct mail *m = mail_of(pool);

	return m && m->n >= n;
}

/*
 * Slots for n elements, or for twice as many as there are if that is more, so
 * that all a pool ever had are no more than twice its last; or NULL.
 */
static struct mail *mail_new(const mempool_t *pool, size_t n, gfp_t gfp,
			     int node)
{
	const struct mail *before = mail_of(pool);
	struct mail *m;

	if (before && n < 2ul * before->n)
		n = 2ul * before->n;
	m = kmalloc_node(sizeof(*m) + n * sizeof(m->slot[0]), gfp | __GFP_ZERO,
			 node);
	if (m)
		m->n = (unsigned int)n;
	return m;
}

/* In front of those there are; the lock is held, or nobody has the pool. */
static void __mail_add(mempool_t *pool, struct mail *m)
{
	m->older = pool->mail;
	/* pairs with the acquire in mail_of() */
	__atomic_store_n(&pool->mail, m, __ATOMIC_RELEASE);
}

static void mail_end(mempool_t *pool)
{
	struct mail *m = pool->mail, *older;
	void *elem;

	while ((elem = mail_take(pool)))
		pool->free(elem, pool->pool_data);
	for (; m; m = older) {
		older = m->older;
		kfree(m);
	}
	pool->mail = NULL;
}

/* Into the reserve, as far as that wants it; the lock is held. */
static void __collect(mempool_t *pool)
{
	void *elem = pool;

	while (pool->curr_nr < wanted(pool) && (elem = mail_take(pool)))
		__push(pool, elem);
	/* the reserve is full: what is in the slots waits there for room */
	pool->more = elem != NULL;
}

/* n elements of the reserve into the first n NULL slots. */
static void __pop_into(mempool_t *pool, void **elems, unsigned int n)
{
	for (; n; elems++) {
		if (*elems)
			continue;
		*elems = __pop(pool);
		n--;
	}
}

/*
 * Barrier A, its two ends.  ThreadSanitizer knows no fences, and complains
 * of them; all that these order is atomic, so it misses nothing.
 */
#if defined(__SANITIZE_THREAD__)
static void take_fence(void)
{
}

static void free_fence(void)
{
}
#else
/* The reserve has room before the element is seen anywhere. */
static void take_fence(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

/* Who has the element sees the room it left behind. */
static void free_fence(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}
#endif

static void __enqueue(mempool_t *pool, struct waiter *w)
{
	struct waiter *first = pool->waiters;

	if (first) {
		ring_push_back(&first->link, &w->link);
	} else {
		ring_init(&w->link);
		set_waiters(pool, w);
	}
	w->queued = true;
}

static void __dequeue(mempool_t *pool, struct waiter *w)
{
	struct waiter *next = NULL;

	if (!ring_empty(&w->link))
		next = list_entry_of(w->link.next, struct waiter, link);
	if (pool->waiters == w)
		set_waiters(pool, next);
	ring_remove(&w->link);
	w->queued = false;
}

/* Gives the first in the queue what it needs, if that is there. */
static struct waiter *__grant(mempool_t *pool)
{
	struct waiter *w = pool->waiters;
	int n;

	if (likely(!w))
		return NULL;
	/* More than the reserve ever holds is granted in parts. */
	n = w->need < (unsigned int)wanted(pool) ? (int)w->need : wanted(pool);
	if (pool->curr_nr - (int)pool->granted < n)
		return NULL;
	__dequeue(pool, w);
	w->grant = (unsigned int)n;
	pool->granted += w->grant;
	return w;
}

static void wake(struct wakes *wakes)
{
	while (wakes->n)
		port_wake(wakes->word[--wakes->n], 1);
}

static void wake_later(struct wakes *wakes, uint32_t *word)
{
	if (wakes->n == WAKES)
		wake(wakes);
	wakes->word[wakes->n++] = word;
}

/* Grants what is there, in the order of the queue. */
static void __grant_all(mempool_t *pool, struct wakes *wakes)
{
	struct waiter *w;

	while ((w = __grant(pool))) {
		uint32_t *word = &w->state;

		PORT_STEP();
		/* Barrier B; w is gone as soon as it sees this. */
		__atomic_store_n(word, GRANTED, __ATOMIC_RELEASE);
		wake_later(wakes, word);
	}
}

/* Lets a sleeper ask the allocator again. */
static void __kick(mempool_t *pool, struct wakes *wakes)
{
	struct waiter *w = pool->waiters;
	uint32_t state = ASLEEP;

	if (w &&
	    __atomic_compare_exchange_n(&w->state, &state, KICKED, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		wake_later(wakes, &w->state);
}

/* What a free may do without the lock, said anew when it is dropped. */
static void set_idle(mempool_t *pool)
{
	struct kmem_cache *idle = pool->slab;

	if (pool->curr_nr < wanted(pool) || pool->waiters)
		idle = NULL;
	__atomic_store_n(&pool->idle, idle, __ATOMIC_RELAXED);
}

/*
 * What posted is while the pool stands on the late list of this process; in a
 * child it is on none, whatever its parent's threads were about to do.
 */
static uint32_t posted_here(void)
{
	return forks + 1;
}

/* In a child of fork nobody waits. */
static void __after_fork(mempool_t *pool)
{
	uint32_t posted;

	if (likely(pool->forks == forks))
		return;
	set_waiters(pool, NULL);
	pool->granted = 0;
	pool->forks = forks;
	__collect(pool);
	posted = __atomic_load_n(&pool->posted, __ATOMIC_RELAXED);
	if (posted != posted_here())
		__atomic_compare_exchange_n(&pool->posted, &posted, 0, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Sees to the pools that something was left for. */
static void __attend(struct pool_lock *pl, struct wakes *wakes,
		     enum lock_wait how)
{
	unsigned int budget = how == LOCK_SLEEP ? UINT32_MAX : LATE_BUDGET;
	mempool_t *pool;

	while (budget-- && (pool = late_first(&pl->late))) {
		PORT_STEP();
		late_advance(&pl->late, pool->late);
		/* who posts from now on puts it on the list again */
		__atomic_exchange_n(&pool->posted, 0, __ATOMIC_SEQ_CST);
		__after_fork(pool);
		__collect(pool);
		__grant_all(pool, wakes);
		if (__atomic_exchange_n(&pool->kick, 0, __ATOMIC_RELAXED))
			__kick(pool, wakes);
		set_idle(pool);
	}
}

static bool pool_get(mempool_t *pool, enum lock_wait how)
{
	if (!lock_get(&lock_of(pool)->lock, LOCK_POOL, how))
		return false;
	__after_fork(pool);
	if (unlikely(__atomic_load_n(&pool->posted, __ATOMIC_RELAXED)))
		__collect(pool);
	return true;
}

static void pool_take(mempool_t *pool)
{
	pool_get(pool, LOCK_SLEEP);
}

/* Who has let go of the lock, or posted, looks whether there is a post. */
static bool left_any(struct pool_lock *pl)
{
	return __atomic_fetch_or(&pl->left, 0, __ATOMIC_SEQ_CST) != 0;
}

static void attend(struct pool_lock *pl)
{
	struct wakes wakes = { 0 };

	while (left_any(pl) && lock_get(&pl->lock, LOCK_POOL, LOCK_ONCE)) {
		__atomic_exchange_n(&pl->left, 0, __ATOMIC_SEQ_CST);
		__attend(pl, &wakes, LOCK_SPIN);
		if (late_any(&pl->late))
			__atomic_exchange_n(&pl->left, 1, __ATOMIC_SEQ_CST);
		lock_put(&pl->lock, LOCK_POOL, LOCK_SPIN);
		wake(&wakes);
	}
}

/*
 * Ends a hold of the lock, and grants what it made available; wakes without
 * the lock.
 */
static void pool_drop(mempool_t *pool, enum lock_wait how)
{
	struct pool_lock *pl = lock_of(pool);
	struct wakes wakes = { 0 };

	if (unlikely(pool->more))
		__collect(pool);
	__grant_all(pool, &wakes);
	DEBUG_ASSERT((int)pool->granted <= pool->curr_nr);
	set_idle(pool);
	lock_put(&pl->lock, LOCK_POOL, how);
	wake(&wakes);
	attend(pl);
}

/* Leaves the pool to a holder of the lock. */
static void leave_to_holder(mempool_t *pool)
{
	struct pool_lock *pl = lock_of(pool);

	if (__atomic_exchange_n(&pool->posted, posted_here(),
				__ATOMIC_SEQ_CST) != posted_here())
		late_push(&pl->late, pool, &pool->late);
	__atomic_exchange_n(&pl->left, 1, __ATOMIC_SEQ_CST);
	attend(pl);
}

static bool post(mempool_t *pool, void *elem)
{
	if (!mail_put(pool, elem))
		return false;
	leave_to_holder(pool);
	return true;
}

/*
 * Frees what the reserve holds beyond its wish and its grants, and mail that
 * it has no use for; drops.
 */
static void trim(mempool_t *pool)
{
	void *elem;
	int keep;

	for (;;) {
		keep = wanted(pool);
		if (keep < (int)pool->granted)
			keep = (int)pool->granted;
		if (pool->curr_nr > keep)
			elem = __pop(pool);
		else
			elem = pool->curr_nr < keep ? NULL : mail_take(pool);
		if (!elem)
			break;
		pool_drop(pool, LOCK_SLEEP);
		pool->free(elem, pool->pool_data);
		pool_take(pool);
	}
	pool_drop(pool, LOCK_SLEEP);
}

static __attribute__((noinline)) void kick(mempool_t *pool)
{
	struct wakes wakes = { 0 };

	if (pool_get(pool, LOCK_SPIN)) {
		__kick(pool, &wakes);
		pool_drop(pool, LOCK_SPIN);
		wake(&wakes);
	} else {
		__atomic_store_n(&pool->kick, 1, __ATOMIC_RELAXED);
		leave_to_holder(pool);
	}
}

/*
 * All that is missing from the reserve, if it is there and nobody was first.
 * Otherwise w, if there is one, joins the queue.
 */
static bool take_or_queue(mempool_t *pool, void **elems, unsigned int missing,
			  struct waiter *w, enum lock_wait how)
{
	unsigned int there;

	if (!pool_get(pool, how))
		return false;
	there = (unsigned int)pool->curr_nr - pool->granted;
	if (!pool->waiters && there >= missing) {
		__pop_into(pool, elems, missing);
		pool_drop(pool, how);
		take_fence();
		return true;
	}
	if (!w) {
		pool_drop(pool, how);
		return false;
	}
	w->need = missing;
	w->grant = 0;
	w->state = ASLEEP;
	__enqueue(pool, w);
	pool_drop(pool, how);
	return false;
}

/* Fills NULL slots until the allocator fails; returns how many are left. */
static unsigned int fetch(mempool_t *pool, gfp_t gfp, void **elems,
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

/* The allocator gave all: the place in the queue, or the grant, is free. */
static void leave(mempool_t *pool, struct waiter *w)
{
	struct wakes wakes = { 0 };
	uint32_t state;

	pool_take(pool);
	if (w->queued) {
		__dequeue(pool, w);
		/* Where one found memory, the next may. */
		__kick(pool, &wakes);
	} else {
		/* Whoever granted it has yet to let go of w. */
		pool_drop(pool, LOCK_SLEEP);
		while ((state = __atomic_load_n(&w->state, __ATOMIC_ACQUIRE)) !=
		       GRANTED)
			port_wait(&w->state, state, -1);
		pool_take(pool);
		pool->granted -= w->grant;
	}
	trim(pool);
	wake(&wakes);
}

/* Takes what was granted; returns how many slots are left. */
static unsigned int collect(mempool_t *pool, struct waiter *w, void **elems,
			    unsigned int missing)
{
	unsigned int n = w->grant < missing ? w->grant : missing;

	pool_take(pool);
	pool->granted -= w->grant;
	__pop_into(pool, elems, n);
	trim(pool);
	take_fence();
	return missing - n;
}

/* Some slots were filled while w was in the queue. */
static void need_less(mempool_t *pool, struct waiter *w, unsigned int missing)
{
	pool_take(pool);
	if (w->queued)
		w->need = missing;
	pool_drop(pool, LOCK_SLEEP);
}

/* The queue: returns when no slot is NULL. */
static void wait_for(mempool_t *pool, gfp_t gfp, void **elems,
		     unsigned int missing, struct waiter *w)
{
	unsigned int before = missing;
	uint32_t state;

	for (;;) {
		missing = fetch(pool, gfp, elems, missing);
		if (!missing) {
			leave(pool, w);
			return;
		}
		/* acquire: barrier B */
		state = __atomic_load_n(&w->state, __ATOMIC_ACQUIRE);
		if (state == GRANTED) {
			missing = collect(pool, w, elems, missing);
			if (!missing ||
			    take_or_queue(pool, elems, missing, w, LOCK_SLEEP))
				return;
			before = missing;
			continue;
		}
		if (state == KICKED) {
			__atomic_compare_exchange_n(&w->state, &state, ASLEEP,
						    false, __ATOMIC_RELAXED,
						    __ATOMIC_RELAXED);
			continue;
		}
		if (missing != before) {
			need_less(pool, w, missing);
			before = missing;
		}
		port_wait(&w->state, ASLEEP, ROUND_NS);
	}
}

static gfp_t pool_flags(gfp_t gfp)
{
	return page_gfp_context(gfp) | __GFP_NOMEMALLOC | __GFP_NORETRY |
	       __GFP_NOWARN;
}

/* Of flags by pool_flags(): those of the first try. */
static gfp_t first_flags(gfp_t gfp)
{
	return gfp & ~(__GFP_DIRECT_RECLAIM | __GFP_IO);
}

/* After the first try; gfp by pool_flags(). False: not all, and no waiting. */
static __attribute__((noinline)) bool
fill_slow(mempool_t *pool, gfp_t gfp, void **elems, unsigned int missing)
{
	struct waiter w;

	enum lock_wait how = gfp_wait(gfp);

	if (how == LOCK_SLEEP) {
		if (!take_or_queue(pool, elems, missing, &w, how))
			wait_for(pool, gfp, elems, missing, &w);
		return true;
	}
	if (take_or_queue(pool, elems, missing, NULL, how))
		return true;
	if (first_flags(gfp) == gfp)
		return false;
	missing = fetch(pool, gfp, elems, missing);
	return !missing || take_or_queue(pool, elems, missing, NULL, how);
}

static __attribute__((noinline)) void *alloc_any(mempool_t *pool,
						 gfp_t gfp_mask)
{
	void *elem;
	gfp_t gfp;

	check_blocking(gfp_mask);
	if (warn_once_if(gfp_mask & __GFP_ZERO,
			 "mempool_alloc: __GFP_ZERO cannot be honoured"))
		gfp_mask &= ~__GFP_ZERO;
	gfp = pool_flags(gfp_mask);
	elem = pool->alloc(first_flags(gfp), pool->pool_data);
	if (likely(elem))
		return elem;
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
 * element is freed.  Takes the pool's lock, never around the allocation
 * function; not for signal handlers.
 * Source: Linux 7.x; the order of waiters is ours.
 */
FAST_PATH void *mempool_alloc(mempool_t *pool, gfp_t gfp_mask)
{
	struct kmem_cache *s = pool->slab;

	/* A slab pool's allocator, begun here: what it tries first. */
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
 * Context: never sleeps but for the pool's lock; not for signal handlers.
 * Source: Linux 7.x.
 */
void *mempool_alloc_preallocated(mempool_t *pool)
{
	void *elem = NULL;

	take_or_queue(pool, &elem, 1, NULL, LOCK_SPIN);
	return elem;
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
 * Return: 0.
 * Context: may sleep, as mempool_alloc() with GFP_KERNEL.
 * Source: Linux 7.x; the order of waiters is ours.
 */
int mempool_alloc_bulk(mempool_t *pool, void **elems, unsigned int count,
		       unsigned int allocated)
{
	gfp_t gfp = pool_flags(GFP_KERNEL);
	unsigned int i, missing = 0;

	check_blocking(gfp);
	for (i = 0; i < count; i++)
		missing += !elems[i];
	warn_once_if(missing + allocated != count,
		     "mempool_alloc_bulk: %u of %u slots are NULL, %u are said "
		     "not to be",
		     missing, count, allocated);
	warn_once_if(count > (unsigned int)wanted(pool),
		     "mempool_alloc_bulk: %u elements from a reserve of %d",
		     count, wanted(pool));
	missing = fetch(pool, first_flags(gfp), elems, missing);
	if (missing)
		fill_slow(pool, gfp, elems, missing);
	return 0;
}

static __attribute__((noinline)) void free_any(void *element, mempool_t *pool)
{
	if (unlikely(!element))
		return;
	free_fence();
	if (unlikely(held(pool) < wanted(pool))) {
		if (!pool_get(pool, LOCK_SPIN)) {
			if (post(pool, element))
				return;
		} else if (pool->curr_nr < wanted(pool)) {
			__push(pool, element);
			pool_drop(pool, LOCK_SPIN);
			return;
		} else {
			pool_drop(pool, LOCK_SPIN);
		}
	}
	pool->free(element, pool->pool_data);
	/* Barrier C. */
	if (unlikely(__atomic_load_n(&pool->waiters, __ATOMIC_RELAXED)))
		kick(pool);
}

/**
 * kmem_pool_kick - an element went to the allocator of a pool with waiters
 * @pool: the pool
 *
 * For <kmem/inline_pool.h>, where Barrier C is passed outside the library.
 *
 * Context: as mempool_free().
 * Source: ours.
 */
void kmem_pool_kick(mempool_t *pool)
{
	kick(pool);
}

/**
 * mempool_free - gives an element back
 * @element: from mempool_alloc(), or anything else that the pool's free
 *	function can take; nothing happens for NULL
 * @pool: the pool
 *
 * It refills the reserve if that is below min_nr, and then serves the first
 * that waits; otherwise the free function gets it.
 *
 * Context: as the pool's free function; takes the pool's lock only to refill
 * the reserve.  Not for signal handlers.
 * Source: Linux 7.x; the order of waiters is ours.
 */
FAST_PATH void mempool_free(void *element, mempool_t *pool)
{
	struct kmem_cache *s;

	free_fence();
	s = __atomic_load_n(&pool->idle, __ATOMIC_RELAXED);
	if (unlikely(!s || page_owner_first(element) != s ||
		     !pcs_push_first(&s->pcs, element))) {
		free_any(element, pool);
		return;
	}
	/* Barrier C. */
	if (unlikely(!__atomic_load_n(&pool->idle, __ATOMIC_RELAXED)))
		kick(pool);
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
 * Context: takes the pool's lock; not for signal handlers.
 * Source: Linux 7.x; the order of waiters is ours.
 */
unsigned int mempool_free_bulk(mempool_t *pool, void **elems,
			       unsigned int count)
{
	unsigned int n = 0;

	free_fence();
	if (held(pool) >= wanted(pool))
		return 0;
	if (!pool_get(pool, LOCK_SPIN)) {
		while (n < count && post(pool, elems[n]))
			n++;
		return n;
	}
	while (n < count && pool->curr_nr < wanted(pool))
		__push(pool, elems[n++]);
	pool_drop(pool, LOCK_SPIN);
	return n;
}

static void pool_fork_prepare(void)
{
	unsigned int i;

	for (i = 0; i < POOL_LOCKS; i++)
		attend(&pool_locks[i]);
	for (i = 0; i < POOL_LOCKS; i++)
		lock_take_nested(&pool_locks[i].lock, LOCK_POOL);
}

static void pool_fork_parent(void)
{
	unsigned int i;

	for (i = 0; i < POOL_LOCKS; i++)
		lock_drop_nested(&pool_locks[i].lock, LOCK_POOL);
	for (i = 0; i < POOL_LOCKS; i++)
		attend(&pool_locks[i]);
}

static void pool_fork_child(void)
{
	unsigned int i;

	forks++;
	for (i = 0; i < POOL_LOCKS; i++) {
		late_forget(&pool_locks[i].late);
		lock_reset(&pool_locks[i].lock);
	}
}

static const struct fork_ops pool_fork = {
	.prepare = pool_fork_prepare,
	.parent = pool_fork_parent,
	.child = pool_fork_child,
};

static int boot(void)
{
	int err = kmalloc_boot();

	if (!err)
		fork_register(FORK_POOL, &pool_fork);
	return err;
}

/* A pool of constructed objects: its reserve would lose their state. */
static bool ctor_pool(mempool_alloc_t *alloc_fn, void *pool_data)
{
	const struct kmem_cache *s = pool_data;

	return alloc_fn == mempool_alloc_slab && (s->ctor || s->ctor3) &&
	       warn_if(KMEM_DEBUG, "mempool: cache %s has a constructor",
		       s->name);
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
	struct mail *mail;
	void *elem;

	check_blocking(gfp_mask);
	*pool = (mempool_t){
		.min_nr = min_nr,
		.pool_data = pool_data,
		.alloc = alloc_fn.gfp,
		.free = free_fn,
		.forks = forks,
	};
	if (pool->alloc == mempool_alloc_slab && free_fn == mempool_free_slab &&
	    !KMEM_VALGRIND)
		pool->slab = pool_data;
	if (min_nr < 0 || ctor_pool(pool->alloc, pool_data))
		return -EINVAL;
	if (unlikely(!once_done(&booted)) && once_run(&booted, boot))
		return -ENOMEM;
	pool->elements = kmalloc_array_node((size_t)wanted(pool),
					    sizeof(void *), gfp_mask, node);
	mail = mail_new(pool, (size_t)wanted(pool), gfp_mask, node);
	if (mail)
		__mail_add(pool, mail);
	if (!pool->elements || !mail) {
		mempool_exit(pool);
		return -ENOMEM;
	}
	while (pool->curr_nr < wanted(pool)) {
		elem = pool->alloc(page_gfp_context(gfp_mask), pool_data);
		if (!elem) {
			mempool_exit(pool);
			return -ENOMEM;
		}
		__push(pool, elem);
	}
	set_idle(pool);
	return 0;
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
 * Elements that are out stay the user's; nobody may wait.
 *
 * Context: as the pool's free function.
 * Source: Linux 7.x.
 */
void mempool_exit(mempool_t *pool)
{
	struct wakes wakes = { 0 };

	pool->slab = pool->idle = NULL;
	if (pool->posted) {
		/* off the late list */
		pool_take(pool);
		__attend(lock_of(pool), &wakes, LOCK_SLEEP);
		pool_drop(pool, LOCK_SLEEP);
		wake(&wakes);
	}
	while (pool->curr_nr)
		pool->free(__pop(pool), pool->pool_data);
	mail_end(pool);
	kfree(pool->elements);
	pool->elements = NULL;
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
 * Elements that are out stay the user's; nobody may wait.
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

/* A longer array in place of the old. 0 or -ENOMEM. */
static int grow_array(mempool_t *pool, int new_min_nr, gfp_t flags)
{
	size_t room = (size_t)new_min_nr;
	void **elements, **old;
	struct mail *mail = NULL;

	for (;;) {
		elements = kmalloc_array(room, sizeof(*elements), flags);
		if (!elements)
			break;
		if (!mail && !mail_fits(pool, (size_t)new_min_nr)) {
			mail = mail_new(pool, (size_t)new_min_nr, flags,
					NUMA_NO_NODE);
			if (!mail) {
				kfree(elements);
				return -ENOMEM;
			}
		}
		pool_take(pool);
		if (mail && !mail_fits(pool, (size_t)new_min_nr)) {
			__mail_add(pool, mail);
			mail = NULL;
		}
		old = elements;
		if (new_min_nr <= pool->min_nr)
			break;
		/* Grants can keep more in the reserve than it wants. */
		if ((size_t)pool->curr_nr <= room) {
			old = pool->elements;
			memcpy(elements, old,
			       (size_t)pool->curr_nr * sizeof(*elements));
			pool->elements = elements;
			__atomic_store_n(&pool->min_nr, new_min_nr,
					 __ATOMIC_RELAXED);
			break;
		}
		room = (size_t)pool->curr_nr;
		pool_drop(pool, LOCK_SLEEP);
		kfree(elements);
	}
	if (elements) {
		pool_drop(pool, LOCK_SLEEP);
		kfree(old);
	}
	kfree(mail);
	return elements ? 0 : -ENOMEM;
}

/* What cannot be had now comes with later frees. */
static void refill(mempool_t *pool, gfp_t flags)
{
	bool room = true;
	void *elem;

	while (room && held(pool) < wanted(pool)) {
		elem = pool->alloc(page_gfp_context(flags), pool->pool_data);
		if (!elem)
			return;
		pool_take(pool);
		room = pool->curr_nr < wanted(pool);
		if (room)
			__push(pool, elem);
		pool_drop(pool, LOCK_SLEEP);
		if (!room)
			pool->free(elem, pool->pool_data);
	}
}

/**
 * mempool_resize_gfp - another size for the reserve
 * @pool: the pool
 * @new_min_nr: elements to keep in reserve from now on; not above 0 is a BUG
 * @flags: GFP_*, for growing
 *
 * Others may allocate and free meanwhile.  When the reserve grows and there
 * are no elements for it, it is filled by later frees.
 *
 * Return: 0; -ENOMEM, with the size as it was, without memory for the array.
 * Context: as @flags say, and as the pool's free function.
 * Source: Linux 2.6.
 */
int mempool_resize_gfp(mempool_t *pool, int new_min_nr, gfp_t flags)
{
	int err;

	check_blocking(flags);
	if (new_min_nr <= 0) {
		report("BUG: failure at %s:%d/%s()!", __FILE__, __LINE__,
		       "mempool_resize");
		report_panic("BUG!");
	}
	pool_take(pool);
	if (new_min_nr <= pool->min_nr) {
		__atomic_store_n(&pool->min_nr, new_min_nr, __ATOMIC_RELAXED);
		trim(pool);
		return 0;
	}
	pool_drop(pool, LOCK_SLEEP);
	err = grow_array(pool, new_min_nr, flags);
	if (!err)
		refill(pool, flags);
	return err;
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
int(mempool_resize)(mempool_t *pool, int new_min_nr)
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
 * Context: any but an NMI; never sleeps.
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
 * Context: any but an NMI; never sleeps.
 * Source: Linux 7.x.
 */
void mempool_kfree(void *element, void *pool_data)
{
	(void)pool_data;
	kfree(element);
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
 * Context: any but an NMI; never sleeps.
 * Source: Linux 7.x.
 */
void mempool_free_pages(void *element, void *pool_data)
{
	__free_pages(element, (unsigned int)(uintptr_t)pool_data);
}
