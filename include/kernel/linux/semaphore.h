/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Semaphores that count.
 */
#ifndef KMEM_KERNEL_SEMAPHORE_H
#define KMEM_KERNEL_SEMAPHORE_H

#include <linux/wait.h>

struct semaphore {
	unsigned int count;
	wait_queue_head_t wait;
};

#define __SEMAPHORE_INITIALIZER(name, n)                 \
	{                                                \
		(n), __WAIT_QUEUE_HEAD_INITIALIZER(name) \
	}
#define DEFINE_SEMAPHORE(name, n) \
	struct semaphore name = __SEMAPHORE_INITIALIZER(name, n)

static inline void sema_init(struct semaphore *sem, int n)
{
	sem->count = (unsigned int)n;
	init_waitqueue_head(&sem->wait);
}

/* 0 when it was taken. */
static inline int down_trylock(struct semaphore *sem)
{
	unsigned int n = __atomic_load_n(&sem->count, __ATOMIC_RELAXED);

	while (n &&
	       !__atomic_compare_exchange_n(&sem->count, &n, n - 1, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		;
	return n == 0;
}

static inline void down(struct semaphore *sem)
{
	wait_event(sem->wait, !down_trylock(sem));
}

static inline int down_interruptible(struct semaphore *sem)
{
	down(sem);
	return 0;
}

static inline int down_killable(struct semaphore *sem)
{
	down(sem);
	return 0;
}

static inline void up(struct semaphore *sem)
{
	__atomic_fetch_add(&sem->count, 1, __ATOMIC_RELEASE);
	wake_up(&sem->wait);
}

#endif
