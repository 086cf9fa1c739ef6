/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Each form of taking a lock takes it, and each form of giving it back does. */
#include "kunit/test.h"

#include <kmem/wait.h>
#include <linux/completion.h>
#include <linux/irqflags.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>

/* Held, in as many atomic sections; afterwards free and in none. */
#define HELD(lock, sections)                                      \
	do {                                                      \
		KUNIT_EXPECT_TRUE(test, spin_is_locked(lock));    \
		KUNIT_EXPECT_EQ(test, preempt_count(), sections); \
	} while (0)
#define FREE(lock)                                              \
	do {                                                    \
		KUNIT_EXPECT_FALSE(test, spin_is_locked(lock)); \
		KUNIT_EXPECT_EQ(test, preempt_count(), 0);      \
	} while (0)

static void spinlocks_have_forms(struct kunit *test)
{
	spinlock_t lock = __SPIN_LOCK_UNLOCKED(lock);
	spinlock_t old = SPIN_LOCK_UNLOCKED;
	unsigned long flags = 1;

	lock.word = 1;
	spin_lock_init(&lock);
	FREE(&lock);
	FREE(&old);
	spin_lock_irq(&lock);
	HELD(&lock, 1);
	assert_spin_locked(&lock);
	lockdep_assert_held(&lock);
	spin_unlock_irq(&lock);
	FREE(&lock);
	spin_lock_bh(&lock);
	spin_lock_nested(&old, 1);
	HELD(&lock, 2);
	HELD(&old, 2);
	spin_unlock(&old);
	spin_unlock_bh(&lock);
	FREE(&lock);
	spin_lock_irqsave(&lock, flags);
	HELD(&lock, 1);
	KUNIT_EXPECT_FALSE(test, spin_trylock_irqsave(&lock, flags));
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	spin_unlock_irqrestore(&lock, flags);
	FREE(&lock);
	KUNIT_EXPECT_TRUE(test, spin_trylock_irqsave(&lock, flags));
	HELD(&lock, 1);
	spin_unlock_irqrestore(&lock, flags);
	FREE(&lock);
}

static void raw_ones_too(struct kunit *test)
{
	DEFINE_RAW_SPINLOCK(lock);
	unsigned long flags;

	lock.word = 1;
	raw_spin_lock_init(&lock);
	raw_spin_lock(&lock);
	HELD(&lock, 1);
	KUNIT_EXPECT_FALSE(test, raw_spin_trylock(&lock));
	raw_spin_unlock(&lock);
	FREE(&lock);
	KUNIT_EXPECT_TRUE(test, raw_spin_trylock(&lock));
	raw_spin_unlock(&lock);
	raw_spin_lock_irqsave(&lock, flags);
	HELD(&lock, 1);
	raw_spin_unlock_irqrestore(&lock, flags);
	FREE(&lock);
}

/* What others may still do: 'r' read, 'w' write too, '-' neither. */
static char open_for(rwlock_t *lock)
{
	if (kmem_rw_write_trylock(&lock->word)) {
		kmem_rw_write_unlock(&lock->word);
		return 'w';
	}
	if (!kmem_rw_read_trylock(&lock->word))
		return '-';
	kmem_rw_read_unlock(&lock->word);
	return 'r';
}

static void readers_share(struct kunit *test)
{
	DEFINE_RWLOCK(lock);
	unsigned long flags;

	lock.word = 1;
	rwlock_init(&lock);
	KUNIT_EXPECT_EQ(test, open_for(&lock), 'w');
	read_lock(&lock);
	read_lock_irqsave(&lock, flags);
	read_lock_bh(&lock);
	KUNIT_EXPECT_EQ(test, open_for(&lock), 'r');
	KUNIT_EXPECT_EQ(test, preempt_count(), 3);
	read_unlock_bh(&lock);
	read_unlock_irqrestore(&lock, flags);
	KUNIT_EXPECT_EQ(test, open_for(&lock), 'r');
	read_unlock(&lock);
	KUNIT_EXPECT_EQ(test, open_for(&lock), 'w');
	write_lock(&lock);
	KUNIT_EXPECT_EQ(test, open_for(&lock), '-');
	write_unlock(&lock);
	write_lock_irqsave(&lock, flags);
	KUNIT_EXPECT_EQ(test, open_for(&lock), '-');
	write_unlock_irqrestore(&lock, flags);
	KUNIT_EXPECT_EQ(test, open_for(&lock), 'w');
	write_lock_bh(&lock);
	KUNIT_EXPECT_EQ(test, open_for(&lock), '-');
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	write_unlock_bh(&lock);
	KUNIT_EXPECT_EQ(test, open_for(&lock), 'w');
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

static void interrupts_are_sections(struct kunit *test)
{
	unsigned long flags;

	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	local_irq_disable();
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	local_irq_save(flags);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, preempt_count(), 3);
	local_bh_enable();
	local_irq_restore(flags);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	local_irq_enable();
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
}

static void mutexes_have_forms(struct kunit *test)
{
	struct mutex lock = __MUTEX_INITIALIZER(lock);

	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&lock));
	lock.word = 2;
	mutex_init(&lock);
	KUNIT_EXPECT_TRUE(test, mutex_trylock(&lock));
	KUNIT_EXPECT_FALSE(test, mutex_trylock(&lock));
	mutex_unlock(&lock);
	KUNIT_EXPECT_EQ(test, mutex_lock_interruptible(&lock), 0);
	KUNIT_EXPECT_TRUE(test, mutex_is_locked(&lock));
	mutex_unlock(&lock);
	KUNIT_EXPECT_EQ(test, mutex_lock_killable(&lock), 0);
	KUNIT_EXPECT_TRUE(test, mutex_is_locked(&lock));
	mutex_unlock(&lock);
	mutex_lock_nested(&lock, 1);
	KUNIT_EXPECT_TRUE(test, mutex_is_locked(&lock));
	mutex_unlock(&lock);
	{
		guard(mutex)(&lock);
		KUNIT_EXPECT_TRUE(test, mutex_is_locked(&lock));
	}
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&lock));
	mutex_destroy(&lock);
}

static void sleeping_ones_have_forms(struct kunit *test)
{
	struct rw_semaphore rw = __RWSEM_INITIALIZER(rw);
	struct semaphore sem = __SEMAPHORE_INITIALIZER(sem, 1);
	struct completion done = COMPLETION_INITIALIZER(done);

	rw.word = 1;
	init_rwsem(&rw);
	{
		guard(rwsem_write)(&rw);
		KUNIT_EXPECT_FALSE(test, down_read_trylock(&rw));
	}
	{
		guard(rwsem_read)(&rw);
		KUNIT_EXPECT_FALSE(test, down_write_trylock(&rw));
	}
	KUNIT_EXPECT_TRUE(test, down_write_trylock(&rw));
	KUNIT_EXPECT_EQ(test, down_killable(&sem), 0);
	KUNIT_EXPECT_EQ(test, down_trylock(&sem), 1);
	sema_init(&sem, 2);
	KUNIT_EXPECT_EQ(test, down_interruptible(&sem), 0);
	KUNIT_EXPECT_EQ(test, down_trylock(&sem), 0);
	KUNIT_EXPECT_EQ(test, down_trylock(&sem), 1);
	up(&sem);
	KUNIT_EXPECT_EQ(test, down_trylock(&sem), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&done));
	complete(&done);
	complete(&done);
	KUNIT_EXPECT_EQ(test, wait_for_completion_interruptible(&done), 0);
	KUNIT_EXPECT_EQ(test, wait_for_completion_killable(&done), 0);
	KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&done));
	complete(&done);
	init_completion(&done);
	KUNIT_EXPECT_FALSE(test, completion_done(&done));
}

static void guards_give_back(struct kunit *test)
{
	DEFINE_SPINLOCK(lock);

	{
		guard(spinlock_irq)(&lock);
		HELD(&lock, 1);
	}
	FREE(&lock);
	{
		guard(spinlock_irqsave)(&lock);
		HELD(&lock, 1);
	}
	FREE(&lock);
	{
		guard(raw_spinlock)(&lock);
		HELD(&lock, 1);
	}
	FREE(&lock);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(spinlocks_have_forms), KUNIT_CASE(raw_ones_too),
	KUNIT_CASE(readers_share),        KUNIT_CASE(interrupts_are_sections),
	KUNIT_CASE(mutexes_have_forms),   KUNIT_CASE(sleeping_ones_have_forms),
	KUNIT_CASE(guards_give_back),     {},
};
static struct kunit_suite suite = { .name = "locks", .test_cases = cases };
kunit_test_suite(suite);
