/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The running thread, as far as drivers look at it, and kernel threads.
 */
#include_next <linux/sched.h>

#ifndef KMEM_KERNEL_SCHED_H
#define KMEM_KERNEL_SCHED_H

#include <kmem/names.h>
#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/types.h>

#define TASK_COMM_LEN 16
#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2

/* The first three are what threads read; the others are the library's. */
struct task_struct {
	int pid;
	int tgid;
	char comm[TASK_COMM_LEN];
	unsigned int wake;   /* of wake_up_process() that nobody slept for */
	unsigned int *waits; /* the word it waits on */
	unsigned int stop;   /* kthread_stop() was called */
	unsigned int exited;
	unsigned int state;
	int result;
	int (*fn)(void *data);
	void *data;
	unsigned long thread;
};

KMEM_EXTERN_C_BEGIN

struct task_struct *kmem_current(void);
int wake_up_process(struct task_struct *task) KMEM_KERNEL(wake_up_process);
/* Until woken or late; returns the ticks left. */
long schedule_timeout(long timeout) KMEM_KERNEL(schedule_timeout);
int cond_resched(void) KMEM_KERNEL(cond_resched);

KMEM_EXTERN_C_END

#if !defined(__cplusplus)
#define current kmem_current()
#endif
/* A wake from here on is not lost, one from before is forgotten. */
#define set_current_state(s)                                              \
	do {                                                              \
		struct task_struct *kmem_task_ = kmem_current();          \
		kmem_task_->state = (s);                                  \
		__atomic_store_n(&kmem_task_->wake, 0, __ATOMIC_SEQ_CST); \
	} while (0)
#define __set_current_state(s) set_current_state(s)
#define schedule() ((void)schedule_timeout(MAX_SCHEDULE_TIMEOUT))
/* A wake from before is forgotten. */
#define schedule_timeout_interruptible(t)              \
	(__extension__({                               \
		set_current_state(TASK_INTERRUPTIBLE); \
		schedule_timeout(t);                   \
	}))
#define schedule_timeout_uninterruptible(t)              \
	(__extension__({                                 \
		set_current_state(TASK_UNINTERRUPTIBLE); \
		schedule_timeout(t);                     \
	}))
#define yield() ((void)cond_resched())
#define signal_pending(task) ((void)(task), 0)
#define fatal_signal_pending(task) ((void)(task), 0)

#endif
