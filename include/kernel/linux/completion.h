/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An event that one waits for and another completes.  The last that complete()
 * does with the struct is to count, so a waiter may free it at once.
 */
#ifndef KMEM_KERNEL_COMPLETION_H
#define KMEM_KERNEL_COMPLETION_H

#include <kmem/wait.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>

struct completion {
	unsigned int done;
};

#define COMPLETION_INITIALIZER(name) \
	{                            \
		0                    \
	}
#define DECLARE_COMPLETION(name) struct completion name = { 0 }
#define DECLARE_COMPLETION_ONSTACK(name) DECLARE_COMPLETION(name)

/* As many as there will ever be waiters. */
#define KMEM_DONE_ALL (~0u >> 1)

static inline void init_completion(struct completion *c)
{
	c->done = 0;
}

static inline void reinit_completion(struct completion *c)
{
	__atomic_store_n(&c->done, 0, __ATOMIC_RELAXED);
}

static inline bool try_wait_for_completion(struct completion *c)
{
	unsigned int n = __atomic_load_n(&c->done, __ATOMIC_ACQUIRE);

	while (n && n < KMEM_DONE_ALL &&
	       !__atomic_compare_exchange_n(&c->done, &n, n - 1, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
		;
	return n != 0;
}

static inline bool completion_done(struct completion *c)
{
	return __atomic_load_n(&c->done, __ATOMIC_ACQUIRE) != 0;
}

static inline void complete(struct completion *c)
{
	__atomic_fetch_add(&c->done, 1, __ATOMIC_RELEASE);
	kmem_word_wake(&c->done, true);
}

static inline void complete_all(struct completion *c)
{
	__atomic_store_n(&c->done, KMEM_DONE_ALL, __ATOMIC_RELEASE);
	kmem_word_wake(&c->done, true);
}

/* The ticks left, at least 1; 0 when it was not completed in time. */
static inline unsigned long wait_for_completion_timeout(struct completion *c,
							unsigned long timeout)
{
	unsigned long end = jiffies + timeout;
	long left = (long)timeout;

	might_sleep();
	while (!try_wait_for_completion(c)) {
		if (left <= 0)
			return 0;
		kmem_word_wait(&c->done, 0, left);
		if (left != MAX_SCHEDULE_TIMEOUT)
			left = (long)(end - jiffies);
	}
	return left > 0 ? (unsigned long)left : 1;
}

static inline void wait_for_completion(struct completion *c)
{
	(void)wait_for_completion_timeout(c, MAX_SCHEDULE_TIMEOUT);
}

static inline int wait_for_completion_interruptible(struct completion *c)
{
	wait_for_completion(c);
	return 0;
}

static inline int wait_for_completion_killable(struct completion *c)
{
	wait_for_completion(c);
	return 0;
}

#endif
