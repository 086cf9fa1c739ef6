/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Many readers or one writer, which may sleep.
 */
#ifndef KMEM_KERNEL_RWSEM_H
#define KMEM_KERNEL_RWSEM_H

#include <linux/kernel.h>
#include <linux/spinlock.h>

struct rw_semaphore {
	unsigned int word;
};

#define __RWSEM_INITIALIZER(name) \
	{                         \
		0                 \
	}
#define DECLARE_RWSEM(name) struct rw_semaphore name = { 0 }
#define init_rwsem(sem) ((sem)->word = 0)

static inline void down_read(struct rw_semaphore *sem)
{
	might_sleep();
	kmem_rw_read_lock(&sem->word);
}

static inline int down_read_trylock(struct rw_semaphore *sem)
{
	return kmem_rw_read_trylock(&sem->word);
}

static inline void up_read(struct rw_semaphore *sem)
{
	kmem_rw_read_unlock(&sem->word);
}

static inline void down_write(struct rw_semaphore *sem)
{
	might_sleep();
	kmem_rw_write_lock(&sem->word);
}

static inline int down_write_trylock(struct rw_semaphore *sem)
{
	return kmem_rw_write_trylock(&sem->word);
}

static inline void up_write(struct rw_semaphore *sem)
{
	kmem_rw_write_unlock(&sem->word);
}

#if defined(DEFINE_GUARD)
DEFINE_GUARD(rwsem_read, struct rw_semaphore *, down_read(_T), up_read(_T))
DEFINE_GUARD(rwsem_write, struct rw_semaphore *, down_write(_T), up_write(_T))
#endif

#endif
