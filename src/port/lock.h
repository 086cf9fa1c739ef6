/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Locks, once-initialisation and their order.
 *
 * A holder may be preempted, so a lock spins a little and then sleeps in the
 * port.  A thread may take a lock only when its rank is above that of every
 * lock it holds; debug builds assert it.  lock_try() is exempt: a try that
 * fails cannot deadlock.
 */
#ifndef PORT_LOCK_H
#define PORT_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "port/port.h"

enum lock_rank {
	LOCK_POOL,    /* mempool: nothing is called while it is held */
	LOCK_FRONT,   /* malloc front: registers at process start */
	LOCK_REGION,  /* table of mapped regions */
	LOCK_KEPT,    /* mappings kept for reuse */
	LOCK_CACHES,  /* slab_mutex: list of caches, create and destroy */
	LOCK_SLOT,    /* one CPU's slot of a cache */
	LOCK_BARN,    /* sheaves of a node */
	LOCK_LIST,    /* partial slabs of a node */
	LOCK_HOOK,    /* lists of shrinkers and notifiers */
	LOCK_GROW,    /* growth and purging of zones */
	LOCK_PCP,     /* one CPU's page lists */
	LOCK_ZONE,    /* free areas of a zone */
	LOCK_PUBLISH, /* records of the published area */
	LOCK_REPORT,  /* the report buffer */
	LOCK_RANKS,
};

/* 0 free, 1 held, 2 held and someone sleeps. All zero bytes is free. */
struct lock {
	uint32_t word;
};

void lock_wait_slow(struct lock *l);
void lock_wake_slow(struct lock *l);

#if KMEM_DEBUG
void lock_rank_enter(enum lock_rank rank, bool try);
void lock_rank_leave(enum lock_rank rank);
#else
static inline void lock_rank_enter(enum lock_rank rank, bool try)
{
	(void)rank;
	(void)try;
}

static inline void lock_rank_leave(enum lock_rank rank)
{
	(void)rank;
}
#endif

static inline bool lock_try(struct lock *l, enum lock_rank rank)
{
	uint32_t free = 0;

	if (!__atomic_compare_exchange_n(&l->word, &free, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	lock_rank_enter(rank, true);
	return true;
}

static inline void lock_take(struct lock *l, enum lock_rank rank)
{
	uint32_t free = 0;

	lock_rank_enter(rank, false);
	if (!__atomic_compare_exchange_n(&l->word, &free, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		lock_wait_slow(l);
}

static inline void lock_drop(struct lock *l, enum lock_rank rank)
{
	lock_rank_leave(rank);
	if (__atomic_exchange_n(&l->word, 0, __ATOMIC_RELEASE) == 2)
		lock_wake_slow(l);
}

/*
 * Waits at most about ns; false, and nothing taken, after that.  Like a try it
 * is exempt from the order, because a wait that ends cannot deadlock.
 */
bool lock_take_within(struct lock *l, enum lock_rank rank, int64_t ns);

/*
 * For fork handlers: takes many locks of one rank in a fixed order, and, in
 * the child, frees a lock and forgets who slept on it; the child's handlers
 * reset every lock that prepare took, so the child then holds no rank.
 */
void lock_take_nested(struct lock *l, enum lock_rank rank);
void lock_drop_nested(struct lock *l, enum lock_rank rank);
void lock_reset(struct lock *l);

/*
 * Runs fn exactly once; every caller returns after it has run.  state: 0 not
 * yet, 1 running, 2 done; a failure of fn (non-zero) sets it back to 0 and is
 * returned, so a later call tries again.  A caller inside its own fn returns
 * 0 at once.
 */
struct once {
	uint32_t state;
	struct port_task *runner;
};

int once_run(struct once *o, int (*fn)(void));

static inline bool once_done(const struct once *o)
{
	return __atomic_load_n(&o->state, __ATOMIC_ACQUIRE) == 2;
}

#endif
