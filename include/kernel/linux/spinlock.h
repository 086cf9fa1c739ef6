/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Spinlocks.  A holder is in an atomic section (<linux/preempt.h>), so a
 * request that may sleep is reported under one, with
 * KMEM_OPTIONS=atomic_checks=1.  A waiter sleeps: the holder may be a thread
 * that does not run.
 */
#ifndef KMEM_KERNEL_SPINLOCK_H
#define KMEM_KERNEL_SPINLOCK_H

#include <kmem/wait.h>
#include <linux/cleanup.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/spinlock_types.h>

#define spin_lock_init(lock) ((lock)->word = 0)
#define raw_spin_lock_init(lock) ((lock)->word = 0)

static inline void spin_lock(spinlock_t *lock)
{
	preempt_disable();
	kmem_word_lock(&lock->word);
}

static inline void spin_unlock(spinlock_t *lock)
{
	kmem_word_unlock(&lock->word);
	preempt_enable();
}

static inline int spin_trylock(spinlock_t *lock)
{
	preempt_disable();
	if (kmem_word_trylock(&lock->word))
		return 1;
	preempt_enable();
	return 0;
}

static inline int spin_is_locked(spinlock_t *lock)
{
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED) != 0;
}

#define assert_spin_locked(lock) BUG_ON(!spin_is_locked(lock))

/* Interrupts and softirqs: one section more is none more. */
#define spin_lock_irq(lock) spin_lock(lock)
#define spin_unlock_irq(lock) spin_unlock(lock)
#define spin_lock_bh(lock) spin_lock(lock)
#define spin_unlock_bh(lock) spin_unlock(lock)
#define spin_lock_nested(lock, class) spin_lock(lock)
#define spin_lock_irqsave(lock, flags) \
	do {                           \
		(flags) = 0;           \
		spin_lock(lock);       \
	} while (0)
#define spin_unlock_irqrestore(lock, flags) \
	do {                                \
		(void)(flags);              \
		spin_unlock(lock);          \
	} while (0)
#define spin_trylock_irqsave(lock, flags) ((flags) = 0, spin_trylock(lock))

#define raw_spin_lock(lock) spin_lock(lock)
#define raw_spin_unlock(lock) spin_unlock(lock)
#define raw_spin_trylock(lock) spin_trylock(lock)
#define raw_spin_lock_irqsave(lock, flags) spin_lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags) \
	spin_unlock_irqrestore(lock, flags)

KMEM_EXTERN_C_BEGIN

/* Many readers or one writer; readers may come in again and again. */
void kmem_rw_read_lock(unsigned int *word);
bool kmem_rw_read_trylock(unsigned int *word);
void kmem_rw_read_unlock(unsigned int *word);
void kmem_rw_write_lock(unsigned int *word);
bool kmem_rw_write_trylock(unsigned int *word);
void kmem_rw_write_unlock(unsigned int *word);

KMEM_EXTERN_C_END

#define rwlock_init(lock) ((lock)->word = 0)
#define read_lock(lock) (preempt_disable(), kmem_rw_read_lock(&(lock)->word))
#define read_unlock(lock) (kmem_rw_read_unlock(&(lock)->word), preempt_enable())
#define write_lock(lock) (preempt_disable(), kmem_rw_write_lock(&(lock)->word))
#define write_unlock(lock) \
	(kmem_rw_write_unlock(&(lock)->word), preempt_enable())
#define read_lock_irqsave(lock, flags) ((flags) = 0, read_lock(lock))
#define read_unlock_irqrestore(lock, flags) ((void)(flags), read_unlock(lock))
#define write_lock_irqsave(lock, flags) ((flags) = 0, write_lock(lock))
#define write_unlock_irqrestore(lock, flags) ((void)(flags), write_unlock(lock))
#define read_lock_bh(lock) read_lock(lock)
#define read_unlock_bh(lock) read_unlock(lock)
#define write_lock_bh(lock) write_lock(lock)
#define write_unlock_bh(lock) write_unlock(lock)

#define lockdep_assert_held(lock) \
	WARN_ON_ONCE(!__atomic_load_n(&(lock)->word, __ATOMIC_RELAXED))

#include <linux/bug.h>

#if defined(DEFINE_GUARD)
DEFINE_GUARD(spinlock, spinlock_t *, spin_lock(_T), spin_unlock(_T))
DEFINE_GUARD(spinlock_irq, spinlock_t *, spin_lock(_T), spin_unlock(_T))
DEFINE_GUARD(spinlock_irqsave, spinlock_t *, spin_lock(_T), spin_unlock(_T))
DEFINE_GUARD(raw_spinlock, spinlock_t *, spin_lock(_T), spin_unlock(_T))
#endif

#endif
