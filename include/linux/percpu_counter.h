/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A sum that many threads add to: each CPU keeps up to a batch for itself.
 *
 * percpu_counter_read() is what has been handed over, so off by less than a
 * batch for each CPU; percpu_counter_sum() adds what the CPUs have.  All calls
 * but init and destroy may be made in any context.
 */
#ifndef KMEM_LINUX_PERCPU_COUNTER_H
#define KMEM_LINUX_PERCPU_COUNTER_H

#include <kmem/types.h>
#include <linux/gfp_types.h>
#include <linux/percpu.h>

/* All members are the library's; count is what percpu_counter_read() says. */
struct percpu_counter {
	unsigned int lock;
	int64_t count;
	int32_t __percpu *counters;
};

KMEM_EXTERN_C_BEGIN

/* 0 or -ENOMEM; one allocation for all of them, of which the first tells. */
KMEM_API int percpu_counter_init_many(struct percpu_counter *fbc,
				      int64_t amount, gfp_t gfp,
				      unsigned int nr_counters)
	KMEM_ABI(percpu_counter_init_many);
KMEM_API void percpu_counter_destroy_many(struct percpu_counter *fbc,
					  unsigned int nr_counters)
	KMEM_ABI(percpu_counter_destroy_many);
KMEM_API void percpu_counter_set(struct percpu_counter *fbc, int64_t amount)
	KMEM_ABI(percpu_counter_set);
KMEM_API void percpu_counter_add_batch(struct percpu_counter *fbc,
				       int64_t amount, int32_t batch)
	KMEM_ABI(percpu_counter_add_batch);
KMEM_API int64_t __percpu_counter_sum(struct percpu_counter *fbc)
	KMEM_ABI(__percpu_counter_sum);
/* Adds unless the sum would pass the limit; false: it would. */
KMEM_API bool percpu_counter_limited_add(struct percpu_counter *fbc,
					 int64_t limit, int64_t amount)
	KMEM_ABI(percpu_counter_limited_add);
/* Hands over what this CPU has. */
KMEM_API void percpu_counter_sync(struct percpu_counter *fbc)
	KMEM_ABI(percpu_counter_sync);
/* -1, 0 or 1: the sum is less, the same, or more. */
KMEM_API int __percpu_counter_compare(struct percpu_counter *fbc, int64_t rhs,
				      int32_t batch)
	KMEM_ABI(__percpu_counter_compare);
/* What an add without a batch says: twice as many as CPUs, 32 at least. */
KMEM_API int32_t kmem_percpu_counter_batch(void);

KMEM_EXTERN_C_END

#define percpu_counter_batch kmem_percpu_counter_batch()
#define percpu_counter_init(fbc, value, gfp) \
	percpu_counter_init_many(fbc, value, gfp, 1)

static inline void percpu_counter_destroy(struct percpu_counter *fbc)
{
	percpu_counter_destroy_many(fbc, 1);
}

static inline void percpu_counter_add(struct percpu_counter *fbc,
				      int64_t amount)
{
	percpu_counter_add_batch(fbc, amount, percpu_counter_batch);
}

/* Not handed over before a sum: for counters that are only summed. */
static inline void percpu_counter_add_local(struct percpu_counter *fbc,
					    int64_t amount)
{
	percpu_counter_add_batch(fbc, amount, INT32_MAX);
}

static inline void percpu_counter_sub(struct percpu_counter *fbc,
				      int64_t amount)
{
	percpu_counter_add(fbc, -amount);
}

static inline void percpu_counter_sub_local(struct percpu_counter *fbc,
					    int64_t amount)
{
	percpu_counter_add_local(fbc, -amount);
}

static inline void percpu_counter_inc(struct percpu_counter *fbc)
{
	percpu_counter_add(fbc, 1);
}

static inline void percpu_counter_dec(struct percpu_counter *fbc)
{
	percpu_counter_add(fbc, -1);
}

static inline int64_t percpu_counter_read(struct percpu_counter *fbc)
{
	return __atomic_load_n(&fbc->count, __ATOMIC_RELAXED);
}

/* 0 where it is below. */
static inline int64_t percpu_counter_read_positive(struct percpu_counter *fbc)
{
	int64_t count = percpu_counter_read(fbc);

	return count < 0 ? 0 : count;
}

static inline int64_t percpu_counter_sum(struct percpu_counter *fbc)
{
	return __percpu_counter_sum(fbc);
}

static inline int64_t percpu_counter_sum_positive(struct percpu_counter *fbc)
{
	int64_t sum = __percpu_counter_sum(fbc);

	return sum < 0 ? 0 : sum;
}

static inline int percpu_counter_compare(struct percpu_counter *fbc,
					 int64_t rhs)
{
	return __percpu_counter_compare(fbc, rhs, percpu_counter_batch);
}

static inline bool percpu_counter_initialized(struct percpu_counter *fbc)
{
	return fbc->counters != NULL;
}

#endif
