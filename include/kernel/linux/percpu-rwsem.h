/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * <linux/rwsem.h> for code that expects its readers to be many and its writers
 * few.  The kernel's readers count on their CPU; here both take one word.
 */
#ifndef KMEM_KERNEL_PERCPU_RWSEM_H
#define KMEM_KERNEL_PERCPU_RWSEM_H

#include <linux/rwsem.h>

struct percpu_rw_semaphore {
	struct rw_semaphore rw;
};

#define DEFINE_STATIC_PERCPU_RWSEM(name) \
	static struct percpu_rw_semaphore name = { { 0 } }

static inline int percpu_init_rwsem(struct percpu_rw_semaphore *sem)
{
	init_rwsem(&sem->rw);
	return 0;
}

static inline void percpu_free_rwsem(struct percpu_rw_semaphore *sem)
{
	(void)sem;
}

static inline void percpu_down_read(struct percpu_rw_semaphore *sem)
{
	down_read(&sem->rw);
}

static inline bool percpu_down_read_trylock(struct percpu_rw_semaphore *sem)
{
	return down_read_trylock(&sem->rw) != 0;
}

static inline void percpu_up_read(struct percpu_rw_semaphore *sem)
{
	up_read(&sem->rw);
}

static inline void percpu_down_write(struct percpu_rw_semaphore *sem)
{
	down_write(&sem->rw);
}

static inline void percpu_up_write(struct percpu_rw_semaphore *sem)
{
	up_write(&sem->rw);
}

#endif
