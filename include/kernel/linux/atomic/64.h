/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The operations on atomic64_t; <linux/atomic.h> says what they promise.
 */
#ifndef KMEM_KERNEL_ATOMIC_64_H
#define KMEM_KERNEL_ATOMIC_64_H

#include <linux/types.h>

static inline s64 atomic64_read(const atomic64_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline s64 atomic64_read_acquire(const atomic64_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);
}

static inline void atomic64_set(atomic64_t *v, s64 i)
{
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);
}

static inline void atomic64_set_release(atomic64_t *v, s64 i)
{
	__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);
}

static inline void atomic64_add(s64 i, atomic64_t *v)
{
	__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);
}

static inline s64 atomic64_fetch_add(s64 i, atomic64_t *v)
{
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic64_sub(s64 i, atomic64_t *v)
{
	__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);
}

static inline s64 atomic64_fetch_sub(s64 i, atomic64_t *v)
{
	return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic64_and(s64 i, atomic64_t *v)
{
	__atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED);
}

static inline s64 atomic64_fetch_and(s64 i, atomic64_t *v)
{
	return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic64_or(s64 i, atomic64_t *v)
{
	__atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED);
}

static inline s64 atomic64_fetch_or(s64 i, atomic64_t *v)
{
	return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic64_xor(s64 i, atomic64_t *v)
{
	__atomic_fetch_xor(&v->counter, i, __ATOMIC_RELAXED);
}

static inline s64 atomic64_fetch_xor(s64 i, atomic64_t *v)
{
	return __atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline s64 atomic64_add_return(s64 i, atomic64_t *v)
{
	return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline s64 atomic64_sub_return(s64 i, atomic64_t *v)
{
	return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline void atomic64_inc(atomic64_t *v)
{
	atomic64_add(1, v);
}

static inline s64 atomic64_inc_return(atomic64_t *v)
{
	return atomic64_add_return(1, v);
}

static inline s64 atomic64_fetch_inc(atomic64_t *v)
{
	return atomic64_fetch_add(1, v);
}

static inline bool atomic64_inc_and_test(atomic64_t *v)
{
	return atomic64_add_return(1, v) == 0;
}

static inline void atomic64_dec(atomic64_t *v)
{
	atomic64_sub(1, v);
}

static inline s64 atomic64_dec_return(atomic64_t *v)
{
	return atomic64_sub_return(1, v);
}

static inline s64 atomic64_fetch_dec(atomic64_t *v)
{
	return atomic64_fetch_sub(1, v);
}

static inline bool atomic64_dec_and_test(atomic64_t *v)
{
	return atomic64_sub_return(1, v) == 0;
}

static inline bool atomic64_sub_and_test(s64 i, atomic64_t *v)
{
	return atomic64_sub_return(i, v) == 0;
}

static inline bool atomic64_add_negative(s64 i, atomic64_t *v)
{
	return atomic64_add_return(i, v) < 0;
}

static inline s64 atomic64_xchg(atomic64_t *v, s64 i)
{
	return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline s64 atomic64_cmpxchg(atomic64_t *v, s64 was, s64 i)
{
	__atomic_compare_exchange_n(&v->counter, &was, i, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return was;
}

/* *was is read and written here, where a sanitizer sees it. */
static inline bool atomic64_try_cmpxchg(atomic64_t *v, s64 *was, s64 i)
{
	s64 seen = atomic64_cmpxchg(v, *was, i);
	bool same = seen == *was;

	if (!same)
		*was = seen;
	return same;
}

static inline s64 atomic64_fetch_add_unless(atomic64_t *v, s64 i, s64 unless)
{
	s64 was = atomic64_read(v);

	while (was != unless && !atomic64_try_cmpxchg(v, &was, was + i))
		;
	return was;
}

static inline bool atomic64_add_unless(atomic64_t *v, s64 i, s64 unless)
{
	return atomic64_fetch_add_unless(v, i, unless) != unless;
}

static inline bool atomic64_inc_not_zero(atomic64_t *v)
{
	return atomic64_add_unless(v, 1, 0);
}

static inline s64 atomic64_dec_if_positive(atomic64_t *v)
{
	s64 was = atomic64_read(v);

	while (was > 0 && !atomic64_try_cmpxchg(v, &was, was - 1))
		;
	return was - 1;
}

#endif
