/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Counters of users, which warn of what cannot be: use after the last one left,
 * and one more leaving.
 */
#ifndef KMEM_KERNEL_REFCOUNT_H
#define KMEM_KERNEL_REFCOUNT_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

typedef struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n)       \
	{                      \
		ATOMIC_INIT(n) \
	}

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return (unsigned int)atomic_read(&r->refs);
}

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	return atomic_inc_not_zero(&r->refs);
}

static inline void refcount_add(int i, refcount_t *r)
{
	WARN_ONCE(atomic_fetch_add(i, &r->refs) <= 0,
		  "refcount_t: addition on 0; use-after-free.\n");
}

static inline void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}

static inline bool refcount_sub_and_test(int i, refcount_t *r)
{
	int was = atomic_fetch_sub(i, &r->refs);

	WARN_ONCE(was < i, "refcount_t: underflow; use-after-free.\n");
	return was == i;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}

static inline void refcount_dec(refcount_t *r)
{
	WARN_ONCE(atomic_fetch_sub(1, &r->refs) <= 1,
		  "refcount_t: decrement hit 0; leaking memory.\n");
}

/* With the lock held when it was the last. */
static inline bool refcount_dec_and_lock(refcount_t *r, spinlock_t *lock)
{
	if (atomic_add_unless(&r->refs, -1, 1))
		return false;
	spin_lock(lock);
	if (refcount_dec_and_test(r))
		return true;
	spin_unlock(lock);
	return false;
}

static inline bool refcount_dec_and_mutex_lock(refcount_t *r,
					       struct mutex *lock)
{
	if (atomic_add_unless(&r->refs, -1, 1))
		return false;
	mutex_lock(lock);
	if (refcount_dec_and_test(r))
		return true;
	mutex_unlock(lock);
	return false;
}

#endif
