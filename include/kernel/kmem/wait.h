/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What locks and queues of this folder wait on: a word, by the system's futex.
 *
 * A lock is 0 when free, 1 when held, 2 when held and others wait.  Its holder
 * in the kernel's sense is a thread in an atomic section for a spinlock.
 */
#ifndef KMEM_KERNEL_KMEM_WAIT_H
#define KMEM_KERNEL_KMEM_WAIT_H

#include <kmem/names.h>
#include <linux/types.h>

KMEM_EXTERN_C_BEGIN

/* Until the word is not this value, woken, or late: false then. */
bool kmem_word_wait(unsigned int *word, unsigned int value, long ticks);
/* One of the waiters, or all. */
void kmem_word_wake(unsigned int *word, bool all);
/* The parts of the two calls below that wait, and wake. */
void kmem_word_lock_slow(unsigned int *word);
void kmem_word_unlock_slow(unsigned int *word);

KMEM_EXTERN_C_END

#define KMEM_WAIT_FOREVER (~0UL >> 1)

static inline bool kmem_word_trylock(unsigned int *word)
{
	unsigned int was = 0;

	return __atomic_compare_exchange_n(word, &was, 1, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void kmem_word_lock(unsigned int *word)
{
	if (!kmem_word_trylock(word))
		kmem_word_lock_slow(word);
}

static inline void kmem_word_unlock(unsigned int *word)
{
	if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
		kmem_word_unlock_slow(word);
}

#endif
