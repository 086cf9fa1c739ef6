/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Words that threads wait on, and the locks made of them.
 *
 * A waiter writes down the word before it looks at it for the last time, so
 * that kthread_stop() finds it: see task.c.
 */
#include <kmem/wait.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOCK_WANTED 2u

#define RW_WRITER 0x80000000u
#define RW_WANTED 0x40000000u
#define RW_READERS 0x3fffffffu

bool kmem_word_wait(unsigned int *word, unsigned int value, long ticks)
{
	struct task_struct *me = kmem_current();
	struct timespec left = { ticks / HZ, ticks % HZ * (1000000000 / HZ) };
	int saved = errno;
	long bad;

	__atomic_store_n(&me->waits, word, __ATOMIC_SEQ_CST);
	bad = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value,
		      ticks == MAX_SCHEDULE_TIMEOUT ? NULL : &left, NULL, 0);
	bad = bad && errno == ETIMEDOUT;
	__atomic_store_n(&me->waits, NULL, __ATOMIC_RELAXED);
	errno = saved;
	return !bad;
}

/* The word may be gone: a wake of an address at which nobody waits is none. */
void kmem_word_wake(unsigned int *word, bool all)
{
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, all ? INT_MAX : 1, NULL,
		NULL, 0);
	errno = saved;
}

void kmem_word_lock_slow(unsigned int *word)
{
	while (__atomic_exchange_n(word, LOCK_WANTED, __ATOMIC_ACQUIRE))
		kmem_word_wait(word, LOCK_WANTED, MAX_SCHEDULE_TIMEOUT);
}

void kmem_word_unlock_slow(unsigned int *word)
{
	kmem_word_wake(word, false);
}

bool kmem_rw_read_trylock(unsigned int *word)
{
	unsigned int was = __atomic_load_n(word, __ATOMIC_RELAXED);

	while (!(was & RW_WRITER))
		if (__atomic_compare_exchange_n(word, &was, was + 1, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

bool kmem_rw_write_trylock(unsigned int *word)
{
	unsigned int was = __atomic_load_n(word, __ATOMIC_RELAXED);

	while (!(was & (RW_WRITER | RW_READERS)))
		if (__atomic_compare_exchange_n(word, &was, was | RW_WRITER,
						false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

/* Marks a lock that is held as wanted, and sleeps until that changes. */
static void wait_for_rw(unsigned int *word, unsigned int holders)
{
	unsigned int was = __atomic_load_n(word, __ATOMIC_RELAXED);

	if (!(was & holders))
		return;
	if (was & RW_WANTED ||
	    __atomic_compare_exchange_n(word, &was, was | RW_WANTED, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		kmem_word_wait(word, was | RW_WANTED, MAX_SCHEDULE_TIMEOUT);
}

void kmem_rw_read_lock(unsigned int *word)
{
	while (!kmem_rw_read_trylock(word))
		wait_for_rw(word, RW_WRITER);
}

void kmem_rw_write_lock(unsigned int *word)
{
	while (!kmem_rw_write_trylock(word))
		wait_for_rw(word, RW_WRITER | RW_READERS);
}

/*
 * The mark goes with the last holder, who then wakes all.  Where another came
 * in between, that one is the last, and the mark is still there.
 */
void kmem_rw_read_unlock(unsigned int *word)
{
	unsigned int now = __atomic_sub_fetch(word, 1, __ATOMIC_RELEASE);

	if (now == RW_WANTED &&
	    __atomic_compare_exchange_n(word, &now, 0, false, __ATOMIC_RELAXED,
					__ATOMIC_RELAXED))
		kmem_word_wake(word, true);
}

void kmem_rw_write_unlock(unsigned int *word)
{
	unsigned int was = __atomic_exchange_n(word, 0, __ATOMIC_RELEASE);

	if (was & RW_WANTED)
		kmem_word_wake(word, true);
}
