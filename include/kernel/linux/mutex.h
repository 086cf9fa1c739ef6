/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Mutexes: their holders and waiters may sleep.  No signal ends a wait, so the
 * forms that could be interrupted return 0.
 */
#ifndef KMEM_KERNEL_MUTEX_H
#define KMEM_KERNEL_MUTEX_H

#include <kmem/wait.h>
#include <linux/cleanup.h>
#include <linux/kernel.h>

struct mutex {
	unsigned int word; /* <kmem/wait.h> */
};

#define __MUTEX_INITIALIZER(name) \
	{                         \
		0                 \
	}
#define DEFINE_MUTEX(name) struct mutex name = { 0 }
#define mutex_init(lock) ((lock)->word = 0)
#define mutex_destroy(lock) ((void)(lock))

static inline void mutex_lock(struct mutex *lock)
{
	might_sleep();
	kmem_word_lock(&lock->word);
}

static inline void mutex_unlock(struct mutex *lock)
{
	kmem_word_unlock(&lock->word);
}

static inline int mutex_trylock(struct mutex *lock)
{
	return kmem_word_trylock(&lock->word);
}

static inline __attribute__((warn_unused_result)) int
mutex_lock_interruptible(struct mutex *lock)
{
	mutex_lock(lock);
	return 0;
}

static inline __attribute__((warn_unused_result)) int
mutex_lock_killable(struct mutex *lock)
{
	mutex_lock(lock);
	return 0;
}

static inline bool mutex_is_locked(struct mutex *lock)
{
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED) != 0;
}

#define mutex_lock_nested(lock, class) mutex_lock(lock)

#if defined(DEFINE_GUARD)
DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))
#endif

#endif
