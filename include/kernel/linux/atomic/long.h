/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The operations on atomic_long_t; <linux/atomic.h> says what they promise.
 */
#ifndef KMEM_KERNEL_ATOMIC_LONG_H
#define KMEM_KERNEL_ATOMIC_LONG_H

#include <linux/types.h>

static inline long atomic_long_read(const atomic_long_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline long atomic_long_read_acquire(const atomic_long_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);
}

static inline void atomic_long_set(atomic_long_t *v, long i)
{
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);
}

static inline void atomic_long_set_release(atomic_long_t *v, long i)
{
	__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);
}

static inline void atomic_long_add(long i, atomic_long_t *v)
{
	__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);
}

static inline long atomic_long_fetch_add(long i, atomic_long_t *v)
{
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic_long_sub(long i, atomic_long_t *v)
{
	__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);
}

static inline long atomic_long_fetch_sub(long i, atomic_long_t *v)
{
	return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic_long_and(long i, atomic_long_t *v)
{
	__atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED);
}

static inline long atomic_long_fetch_and(long i, atomic_long_t *v)
{
	return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic_long_or(long i, atomic_long_t *v)
{
	__atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED);
}

static inline long atomic_long_fetch_or(long i, atomic_long_t *v)
{
	return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic_long_xor(long i, atomic_long_t *v)
{
	__atomic_fetch_xor(&v->counter, i, __ATOMIC_RELAXED);
}

static inline long atomic_long_fetch_xor(long i, atomic_long_t *v)
{
	return __atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline long atomic_long_add_return(long i, atomic_long_t *v)
{
	return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline long atomic_long_sub_return(long i, atomic_long_t *v)
{
	return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic_long_inc(atomic_long_t *v)
{
	atomic_long_add(1, v);
}

static inline long atomic_long_inc_return(atomic_long_t *v)
{
	return atomic_long_add_return(1, v);
}

static inline long atomic_long_fetch_inc(atomic_long_t *v)
{
	return atomic_long_fetch_add(1, v);
}

static inline bool atomic_long_inc_and_test(atomic_long_t *v)
{
	return atomic_long_add_return(1, v) == 0;
}

static inline void atomic_long_dec(atomic_long_t *v)
{
	atomic_long_sub(1, v);
}

static inline long atomic_long_dec_return(atomic_long_t *v)
{
	return atomic_long_sub_return(1, v);
}

static inline long atomic_long_fetch_dec(atomic_long_t *v)
{
	return atomic_long_fetch_sub(1, v);
}

static inline bool atomic_long_dec_and_test(atomic_long_t *v)
{
	return atomic_long_sub_return(1, v) == 0;
}

static inline bool atomic_long_sub_and_test(long i, atomic_long_t *v)
{
	return atomic_long_sub_return(i, v) == 0;
}

static inline bool atomic_long_add_negative(long i, atomic_long_t *v)
{
	return atomic_long_add_return(i, v) < 0;
}

static inline long atomic_long_xchg(atomic_long_t *v, long i)
{
	return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline long atomic_long_cmpxchg(atomic_long_t *v, long was, long i)
{
	__atomic_compare_exchange_n(&v->counter, &was, i, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return was;
}

/* *was is read and written here, where a sanitizer sees it. */
static inline bool atomic_long_try_cmpxchg(atomic_long_t *v, long *was, long i)
{
	long seen = atomic_long_cmpxchg(v, *was, i);
	bool same = seen == *was;

	if (!same)
		*was = seen;
	return same;
}

static inline long atomic_long_fetch_add_unless(atomic_long_t *v, long i,
						long unless)
{
	long was = atomic_long_read(v);

	while (was != unless && !atomic_long_try_cmpxchg(v, &was, was + i))
		;
	return was;
}

static inline bool atomic_long_add_unless(atomic_long_t *v, long i, long unless)
{
	return atomic_long_fetch_add_unless(v, i, unless) != unless;
}

static inline bool atomic_long_inc_not_zero(atomic_long_t *v)
{
	return atomic_long_add_unless(v, 1, 0);
}

static inline long atomic_long_dec_if_positive(atomic_long_t *v)
{
	long was = atomic_long_read(v);

	while (was > 0 && !atomic_long_try_cmpxchg(v, &was, was - 1))
		;
	return was - 1;
}

#endif
