/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Waiting until a condition holds: who changes it wakes the queue, and the
 * waiter looks again.  No signal ends a wait.
 */
#include_next <linux/wait.h>

#ifndef KMEM_KERNEL_WAIT_H
#define KMEM_KERNEL_WAIT_H

#include <kmem/wait.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>

/* Counts the wakes, so that none between a look and a wait is lost. */
struct wait_queue_head {
	unsigned int wakes;
};

typedef struct wait_queue_head wait_queue_head_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) \
	{                                   \
		0                           \
	}
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = { 0 }
#define init_waitqueue_head(wq) ((wq)->wakes = 0)

static inline void wake_up_all(wait_queue_head_t *wq)
{
	__atomic_fetch_add(&wq->wakes, 1, __ATOMIC_SEQ_CST);
	kmem_word_wake(&wq->wakes, true);
}

/* Each looks at its condition, which one that was woken in vain may hold. */
#define wake_up(wq) wake_up_all(wq)
#define wake_up_interruptible(wq) wake_up_all(wq)
#define wake_up_interruptible_all(wq) wake_up_all(wq)

/* What is left of the time: at least 1 if cond held, 0 if not. */
#define wait_event_timeout(wq, cond, timeout)                                  \
	(__extension__({                                                       \
		long kmem_time_ = (long)(timeout);                             \
		unsigned long kmem_end_ = jiffies + (unsigned long)kmem_time_; \
		might_sleep();                                                 \
		for (;;) {                                                     \
			unsigned int kmem_wakes_ = __atomic_load_n(            \
				&(wq).wakes, __ATOMIC_SEQ_CST);                \
			if (cond) {                                            \
				if (kmem_time_ < 1)                            \
					kmem_time_ = 1;                        \
				break;                                         \
			}                                                      \
			if (kmem_time_ <= 0)                                   \
				break;                                         \
			kmem_word_wait(&(wq).wakes, kmem_wakes_, kmem_time_);  \
			if (kmem_time_ != MAX_SCHEDULE_TIMEOUT)                \
				kmem_time_ = (long)(kmem_end_ - jiffies);      \
			if (kmem_time_ < 0)                                    \
				kmem_time_ = 0;                                \
		}                                                              \
		kmem_time_;                                                    \
	}))
#define wait_event(wq, cond) \
	((void)wait_event_timeout(wq, cond, MAX_SCHEDULE_TIMEOUT))
#define wait_event_interruptible(wq, cond) (wait_event(wq, cond), 0)
#define wait_event_killable(wq, cond) (wait_event(wq, cond), 0)
#define wait_event_interruptible_timeout(wq, cond, timeout) \
	wait_event_timeout(wq, cond, timeout)

#endif
