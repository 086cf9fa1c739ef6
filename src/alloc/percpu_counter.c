/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Counters of <linux/percpu_counter.h>.
 *
 * The sum is count and what each CPU has.  An addition that keeps the CPU's
 * part below the batch changes that part alone.  Another one hands the part
 * over: under the counter's lock it takes the part off and adds it to count, so
 * that who sums under the lock finds it in one of the two.  Where the lock is
 * busy, as in a signal handler that interrupted its holder, the amount goes to
 * count by an atomic instruction and the part stays: that is right at any time.
 * So no call waits for the lock without end; a sum that does not get it may
 * miss a part that is being handed over.
 */
#include "alloc/percpu.h"

#include <linux/percpu_counter.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "lib/errno.h"
#include "sync/lock.h"

_Static_assert(sizeof(struct lock) ==
		       sizeof(((struct percpu_counter *)0)->lock),
	       "the lock in a counter");

#define BATCH_LEAST 32

static struct lock *counter_lock(struct percpu_counter *fbc)
{
	return (struct lock *)(void *)&fbc->lock;
}

static bool counter_get(struct percpu_counter *fbc)
{
	return lock_get(counter_lock(fbc), LOCK_COUNTER, LOCK_SPIN);
}

static void counter_put(struct percpu_counter *fbc)
{
	lock_put(counter_lock(fbc), LOCK_COUNTER, LOCK_SPIN);
}

static void counter_give(struct percpu_counter *fbc, int64_t n)
{
	__atomic_fetch_add(&fbc->count, n, __ATOMIC_SEQ_CST);
}

static int32_t part_on(const struct percpu_counter *fbc, unsigned int cpu)
{
	int32_t *part = percpu_on((uintptr_t)fbc->counters, cpu);

	return __atomic_load_n(part, __ATOMIC_RELAXED);
}

static uint32_t part_op(const struct percpu_counter *fbc,
			enum kmem_percpu_what what, int32_t value, int32_t old)
{
	return (uint32_t)kmem_percpu_op_1((uintptr_t)fbc->counters,
					  what * 16 + sizeof(int32_t),
					  (uint32_t)value, (uint32_t)old);
}

/**
 * kmem_percpu_counter_batch - the batch of additions that name none
 *
 * Return: twice the number of CPUs, 32 at least.
 * Context: any.
 * Source: ours; what percpu_counter_batch stands for.
 */
int32_t kmem_percpu_counter_batch(void)
{
	int32_t n = (int32_t)kmem_nr_cpu_ids() * 2;

	return n < BATCH_LEAST ? BATCH_LEAST : n;
}

/**
 * percpu_counter_init_many - makes counters ready
 * @fbc: the caller's
 * @amount: what each begins with
 * @gfp: GFP_*
 * @nr_counters: how many; the first tells whether they are ready
 *
 * Return: 0, or -ENOMEM.
 * Context: as @gfp says.
 * Source: Linux 6.6 and later; percpu_counter_init() makes one.
 */
int percpu_counter_init_many(struct percpu_counter *fbc, int64_t amount,
			     gfp_t gfp, unsigned int nr_counters)
{
	size_t one = ALIGN_UP(sizeof(int32_t), (size_t)PCPU_MIN_ALLOC_SIZE);
	char __percpu *all;
	unsigned int i;

	all = nr_counters ? __alloc_percpu_gfp(one * nr_counters, one, gfp) :
			    NULL;
	for (i = 0; i < nr_counters; i++)
		fbc[i] = (struct percpu_counter){
			.count = amount,
			.counters =
				all ? (int32_t __percpu *)(uintptr_t)(all +
								      i * one) :
				      NULL,
		};
	return all || !nr_counters ? 0 : -ENOMEM;
}

/**
 * percpu_counter_destroy_many - the end of counters
 * @fbc: as given to percpu_counter_init_many(); ready or not; or NULL
 * @nr_counters: the same as there
 *
 * Context: any.
 * Source: Linux 6.6 and later; percpu_counter_destroy() ends one.
 */
void percpu_counter_destroy_many(struct percpu_counter *fbc,
				 unsigned int nr_counters)
{
	unsigned int i;

	if (!fbc || !nr_counters)
		return;
	free_percpu(fbc->counters);
	for (i = 0; i < nr_counters; i++)
		fbc[i].counters = NULL;
}

/**
 * percpu_counter_set - gives a counter a value
 * @fbc: the counter
 * @amount: the value
 *
 * Additions of the same time may be lost.
 *
 * Context: any.
 * Source: Linux 7.x.
 */
void percpu_counter_set(struct percpu_counter *fbc, int64_t amount)
{
	unsigned int cpu;
	bool locked = counter_get(fbc);

	/* Bound: the CPUs. */
	for (cpu = 0; cpu < percpu_nr(); cpu++)
		__atomic_store_n((int32_t *)percpu_on((uintptr_t)fbc->counters,
						      cpu),
				 0, __ATOMIC_RELAXED);
	__atomic_store_n(&fbc->count, amount, __ATOMIC_RELAXED);
	if (locked)
		counter_put(fbc);
}

/* Takes this CPU's part and adds it, and so much more, to count. */
static void hand_over(struct percpu_counter *fbc, int64_t more)
{
	if (!counter_get(fbc)) {
		counter_give(fbc, more);
		return;
	}
	more += (int32_t)part_op(fbc, KMEM_PERCPU_XCHG, 0, 0);
	counter_give(fbc, more);
	counter_put(fbc);
}

static bool part_fits(int64_t n, int32_t batch)
{
	return n > -(int64_t)batch && n < batch;
}

/**
 * percpu_counter_add_batch - adds to a counter
 * @fbc: the counter
 * @amount: what to add, or to subtract
 * @batch: the CPU keeps less than that for itself
 *
 * Context: any, a signal handler at any instruction included.
 * Source: Linux 7.x.
 */
void percpu_counter_add_batch(struct percpu_counter *fbc, int64_t amount,
			      int32_t batch)
{
	int32_t part, was;
	int64_t sum;

	if (!part_fits(amount, INT32_MAX)) {
		counter_give(fbc, amount);
		return;
	}
	part = part_on(fbc, percpu_here());
	/* Progress: another thread of this CPU changed its part. */
	for (;;) {
		sum = part + amount;
		if (!part_fits(sum, batch)) {
			hand_over(fbc, amount);
			return;
		}
		was = (int32_t)part_op(fbc, KMEM_PERCPU_CMPXCHG, (int32_t)sum,
				       part);
		if (was == part)
			return;
		part = was;
	}
}

static int64_t __sum(const struct percpu_counter *fbc)
{
	int64_t sum = __atomic_load_n(&fbc->count, __ATOMIC_SEQ_CST);
	unsigned int cpu;

	/* Bound: the CPUs. */
	for (cpu = 0; cpu < percpu_nr(); cpu++)
		sum += part_on(fbc, cpu);
	return sum;
}

/**
 * __percpu_counter_sum - what a counter says, exactly
 * @fbc: the counter
 *
 * Return: all that was added before the call, and maybe some of what is added
 * meanwhile.  In a signal handler that interrupted another call for this
 * counter, a part of one CPU may be missing.
 * Context: any.
 * Source: Linux 7.x; percpu_counter_sum() calls it.
 */
int64_t __percpu_counter_sum(struct percpu_counter *fbc)
{
	bool locked = counter_get(fbc);
	int64_t sum = __sum(fbc);

	if (locked)
		counter_put(fbc);
	return sum;
}

/**
 * percpu_counter_sync - hands over what this CPU has
 * @fbc: the counter
 *
 * Context: any.
 * Source: Linux 4.17 and later.
 */
void percpu_counter_sync(struct percpu_counter *fbc)
{
	hand_over(fbc, 0);
}

/**
 * __percpu_counter_compare - compares a counter with a number
 * @fbc: the counter
 * @rhs: the number
 * @batch: that of its additions
 *
 * Sums only when what the CPUs have could matter.
 *
 * Return: 1, 0 or -1: the counter is greater, equal or less.
 * Context: any.
 * Source: Linux 7.x; percpu_counter_compare() calls it.
 */
int __percpu_counter_compare(struct percpu_counter *fbc, int64_t rhs,
			     int32_t batch)
{
	int64_t count = percpu_counter_read(fbc);
	int64_t most = (int64_t)batch * percpu_nr();

	/* Near enough to matter what the CPUs have? */
	if (count - rhs <= most && rhs - count <= most)
		count = __percpu_counter_sum(fbc);
	return (count > rhs) - (count < rhs);
}

/**
 * percpu_counter_limited_add - adds unless a limit would be passed
 * @fbc: the counter
 * @limit: where additions end; subtractions, where they end below
 * @amount: what to add, or to subtract
 *
 * Return: true when it was added; false, and nothing done, when the sum would
 * be beyond the limit.  Two that together are may both be refused.
 * Context: any.
 * Source: Linux 6.7 and later.
 */
bool percpu_counter_limited_add(struct percpu_counter *fbc, int64_t limit,
				int64_t amount)
{
	bool locked, beyond;
	int64_t sum;

	if (!amount)
		return true;
	locked = counter_get(fbc);
	/* first, so that of two the later sees the other's */
	counter_give(fbc, amount);
	sum = __sum(fbc);
	beyond = amount > 0 ? sum > limit : sum < limit;
	if (beyond)
		counter_give(fbc, -amount);
	if (locked)
		counter_put(fbc);
	return !beyond;
}
