/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools, internal: what mempool.c and mempool_wait.c share, and what tests
 * read.  The theory is in mempool.c.
 */
#ifndef ALLOC_MEMPOOL_H
#define ALLOC_MEMPOOL_H

#include <linux/mempool.h>

#include "debug/watch.h"
#include "lib/list.h"
#include "sync/lock.h"

/* Slots of the reserve; a growth appends some, and none go before the pool. */
struct slots {
	struct slots *more;
	unsigned int n;     /* of these alone */
	unsigned int total; /* of the first: with those it leads to */
	void *slot[];
};

/* curr_nr and the process that counted it, changed by one exchange. */
union pool_counts {
	struct {
		int nr;
		unsigned int pid;
	};
	uint64_t both;
};

enum bell { BELL_QUIET, BELL_ARMED };

/* On the stack of a thread that waits; all but turn under the queue's lock. */
struct waiter {
	struct list_head link;
	unsigned int pid; /* of the process that queued it */
	uint32_t turn;    /* 1: first in the queue; what the others sleep on */
};

/* What a pool has in kmem_private. */
struct pool_queue {
	struct lock lock;     /* guards the queue, and min_nr against resizes */
	unsigned int pid;     /* of the process whose queue it is */
	uint32_t bell;        /* what the first sleeps on, while it is armed */
	struct waiter *first; /* NULL: no thread waits */
};

/* mempool_poison.c */

/* Are they objects that are filled when they are free? */
bool reserve_poisons(const mempool_t *pool);
/* Is this element filled when it is free? */
bool element_poisons(const mempool_t *pool, void *elem);
/* Of a pool of objects or kmalloc(): is it no beginning of a block in use? */
bool element_is_none(const mempool_t *pool, const void *elem);
/* An element goes into the reserve, and has come out of it. */
void element_poison(const mempool_t *pool, void *elem);
void element_check(const mempool_t *pool, void *elem);

/* Is misuse of this pool checked? */
static inline bool reserve_checked(const mempool_t *pool)
{
	return KMEM_DEBUG || watch_on() || reserve_poisons(pool);
}

/* NULL, or one that mempool_init() was not called for. */
static inline bool pool_is_none(const mempool_t *pool)
{
	return !pool || !pool->elements;
}

static inline struct slots *slots_of(const mempool_t *pool)
{
	return list_entry_of(pool->elements, struct slots, slot);
}

static inline struct pool_queue *queue_of(mempool_t *pool)
{
	return (struct pool_queue *)(void *)pool->kmem_private;
}

/* Does a thread wait?  A child has none of the parent's waiters. */
static inline bool queue_any(mempool_t *pool)
{
	struct pool_queue *q = queue_of(pool);

	return __atomic_load_n(&q->first, __ATOMIC_SEQ_CST) &&
	       __atomic_load_n(&q->pid, __ATOMIC_ACQUIRE) == port_pid();
}

/* mempool.c */

/*
 * Elements that the reserve wants, at least one: an empty reserve could not end
 * a wait.
 */
static inline int reserve_wants(const mempool_t *pool)
{
	int min_nr = __atomic_load_n(&pool->min_nr, __ATOMIC_SEQ_CST);

	return min_nr > 0 ? min_nr : 1;
}

/*
 * Into the NULL slots of elems: what the allocator gives until it fails; and
 * what the reserve has, when it has them all.  How many are still missing.
 */
unsigned int pool_fetch(mempool_t *pool, gfp_t gfp, void **elems,
			unsigned int missing);
unsigned int reserve_fetch(mempool_t *pool, void **elems, unsigned int missing);

/* An element, or NULL after one look at each slot. */
void *reserve_take(mempool_t *pool);

/* Into the reserve, and rings.  False: that has all it wants. */
bool reserve_refill(mempool_t *pool, void *elem);

/*
 * The counters of this process.  In a child every call gets here before it
 * touches a slot, so all callers count the same.
 */
union pool_counts counts_of(mempool_t *pool);

/* Frees what a smaller min_nr left over, at most so many elements. */
void reserve_trim(mempool_t *pool, int most);

/* mempool_wait.c */

/* The queue; returns when no slot of elems is NULL. */
void pool_wait(mempool_t *pool, gfp_t gfp, void **elems, unsigned int missing);

/* After an element went to the reserve, or to the allocator. */
void pool_ring(mempool_t *pool);

/* The queue's lock, for callers that may sleep. */
void queue_take(mempool_t *pool);
void queue_drop(mempool_t *pool);

#endif
