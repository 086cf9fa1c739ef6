/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Late lists: frees that are deferred because a lock was busy.
 *
 * A thread that finds the lock busy pushes its item, without a lock, and
 * leaves; the lock's holders put items away.  Each item has one word that the
 * list may use as its link, named by the caller in both directions.
 *
 *	in	a stack that any thread pushes to and that a holder takes whole,
 *		so an item cannot come back while another thread looks at it
 *	rest	what a holder took and did not come to; under the lock
 *
 * A holder that must not block does LATE_BUDGET items and leaves the others.
 *
 * Other threads go on pushing while a fork copies memory.  Where they still
 * held what they push, it is lost to the child: the fork handler that holds
 * the lock settles the list before, and forgets it in the child.  Where it was
 * the program's, the child keeps the list (slab/defer.c).
 */
#ifndef LIB_DEFER_H
#define LIB_DEFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LATE_BUDGET 8

struct deferred {
	void *in;
	void *rest;
};

/* link is item's word. */
static inline void defer_push(struct deferred *l, void *item, void **link)
{
	void *first = __atomic_load_n(&l->in, __ATOMIC_RELAXED);

	/* Progress: another thread pushed. */
	do {
		*link = first;
		/* pairs with the acquire in defer_first() */
	} while (!__atomic_compare_exchange_n(&l->in, &first, item, true,
					      __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
}

/* Is there anything?  Without the lock a guess. */
static inline bool defer_any(const struct deferred *l)
{
	return __atomic_load_n(&l->in, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&l->rest, __ATOMIC_RELAXED);
}

/*
 * The next item, or NULL.  The lock is held, and the caller removes the item
 * by defer_advance() with what its link says.
 */
static inline void *defer_first(struct deferred *l)
{
	if (!l->rest && __atomic_load_n(&l->in, __ATOMIC_RELAXED))
		__atomic_store_n(&l->rest,
				 __atomic_exchange_n(&l->in, NULL,
						     __ATOMIC_ACQUIRE),
				 __ATOMIC_RELAXED);
	return l->rest;
}

static inline void defer_advance(struct deferred *l, void *next)
{
	__atomic_store_n(&l->rest, next, __ATOMIC_RELAXED);
}

/* In a child of fork, by its only thread. */
static inline void defer_forget(struct deferred *l)
{
	l->in = NULL;
	l->rest = NULL;
}

#endif
