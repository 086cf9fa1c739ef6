/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Locks, once-initialisation and their order.
 *
 * A holder may be preempted, or interrupted by a signal handler that allocates.
 * So the caller says how long to wait: until the lock is free, which may call
 * the OS, or for a bounded number of tries, after which the caller goes another
 * way.  A thread may take a lock only when its rank is above that of every lock
 * it holds; debug builds assert it.  Tries are exempt: one that fails cannot
 * deadlock.
 */
#ifndef PORT_LOCK_H
#define PORT_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "port/port.h"

enum lock_rank {
	LOCK_BOOT,    /* boot of the layers, and against fork */
	LOCK_POOL,    /* mempool: nothing is called while it is held */
	LOCK_COUNTER, /* a percpu_counter: nothing is called while it is held */
	LOCK_FRONT,   /* malloc front: registers at process start */
	LOCK_CHECK,   /* malloc front: what check=strict knows of blocks */
	LOCK_DEVICE,  /* what belongs to devices */
	LOCK_REGION,  /* tree of mapped regions */
	LOCK_KEPT,    /* mappings kept for reuse */
	LOCK_PERCPU,  /* chunks of per-CPU memory, and objects with variables */
	LOCK_AREA,    /* tree and records of vmalloc areas */
	LOCK_CACHES,  /* slab_mutex: list of caches, create and destroy */
	LOCK_SLOT,    /* one CPU's slot of a cache */
	LOCK_BARN,    /* sheaves of a node */
	LOCK_LIST,    /* partial slabs of a node */
	LOCK_SHARE,   /* pages that have a second address */
	LOCK_HOOK,    /* lists of shrinkers and notifiers */
	LOCK_GROW,    /* growth and purging of zones */
	LOCK_PCP,     /* one CPU's page lists */
	LOCK_ZONE,    /* free areas of a zone */
	LOCK_PUBLISH, /* records of the published area */
	LOCK_REPORT,  /* the report buffer */
	LOCK_RANKS,
};

/* All zero bytes is free. */
struct lock {
	uint32_t word;
};

enum lock_word {
	LOCK_FREE,
	LOCK_HELD,
	LOCK_AWAITED, /* held, and someone may sleep */
	LOCK_OWED,    /* free, and someone may sleep: dropped without a wake */
};

/* How a caller may wait. */
enum lock_wait {
	LOCK_ONCE,  /* one try */
	LOCK_SPIN,  /* LOCK_SPINS tries at most; no call of the OS */
	LOCK_SLEEP, /* until it is free; may call the OS, here and after */
};

/* About a microsecond: longer than any section that is not preempted. */
#define LOCK_SPINS 64

void lock_wait_slow(struct lock *l);
void lock_wake_slow(struct lock *l);
bool lock_spin_slow(struct lock *l);

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

static inline bool lock_word_try(struct lock *l)
{
	uint32_t seen = LOCK_FREE;

	PORT_STEP();
	if (__atomic_compare_exchange_n(&l->word, &seen, LOCK_HELD, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return true;
	return seen == LOCK_OWED &&
	       __atomic_compare_exchange_n(&l->word, &seen, LOCK_AWAITED, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline bool lock_try(struct lock *l, enum lock_rank rank)
{
	if (!lock_word_try(l))
		return false;
	lock_rank_enter(rank, true);
	return true;
}

static inline void lock_take(struct lock *l, enum lock_rank rank)
{
	lock_rank_enter(rank, false);
	if (!lock_word_try(l))
		lock_wait_slow(l);
}

static inline void lock_drop(struct lock *l, enum lock_rank rank)
{
	lock_rank_leave(rank);
	if (__atomic_exchange_n(&l->word, LOCK_FREE, __ATOMIC_RELEASE) ==
	    LOCK_AWAITED)
		lock_wake_slow(l);
}

/*
 * Drops without calling the OS.  A thread that sleeps on the lock is woken by
 * the next lock_drop(), and looks by itself after a millisecond.
 */
static inline void lock_drop_quiet(struct lock *l, enum lock_rank rank)
{
	uint32_t held = LOCK_HELD;

	lock_rank_leave(rank);
	if (!__atomic_compare_exchange_n(&l->word, &held, LOCK_FREE, false,
					 __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		__atomic_store_n(&l->word, LOCK_OWED, __ATOMIC_RELEASE);
}

/* The lock, waiting as how says; false: not now.  Dropped by lock_put(). */
static inline bool lock_get(struct lock *l, enum lock_rank rank,
			    enum lock_wait how)
{
	if (how == LOCK_SLEEP) {
		lock_take(l, rank);
		return true;
	}
	if (!lock_word_try(l) && (how == LOCK_ONCE || !lock_spin_slow(l)))
		return false;
	lock_rank_enter(rank, true);
	return true;
}

static inline void lock_put(struct lock *l, enum lock_rank rank,
			    enum lock_wait how)
{
	if (how == LOCK_SLEEP)
		lock_drop(l, rank);
	else
		lock_drop_quiet(l, rank);
}

/*
 * Waits at most about ns; false, and nothing taken, after that.  Like a try it
 * is exempt from the order, because a wait that ends cannot deadlock.
 */
bool lock_take_within(struct lock *l, enum lock_rank rank, int64_t ns);

/*
 * For fork handlers: takes many locks of one rank in a fixed order, and, in the
 * child, frees a lock and forgets its sleepers; the child's handlers reset
 * every lock that prepare took, so the child then holds no rank.
 */
void lock_take_nested(struct lock *l, enum lock_rank rank);
void lock_drop_nested(struct lock *l, enum lock_rank rank);
void lock_reset(struct lock *l);

/*
 * Runs fn exactly once; every caller but one inside fn returns after it has
 * run.  state: 0 not begun, odd inside (of the process whose number is in the
 * higher bits; bit 1: and awaited), 2 ready.  A failure of fn, non-zero, sets
 * it back to 0 and is returned, so a later call tries again.  A caller whose
 * thread is inside already, in fn or in a signal handler that interrupted any
 * instruction of the call, gets -EBUSY: what is half made is not ready, and
 * waiting for it would never end.  A forked child in whose parent another
 * thread was inside begins again.
 */
#define ONCE_DONE 2

struct once {
	uint32_t state;
};

int once_run(struct once *o, int (*fn)(void));

static inline bool once_done(const struct once *o)
{
	return __atomic_load_n(&o->state, __ATOMIC_ACQUIRE) == ONCE_DONE;
}

#endif
