/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Threads that run a function until it returns or they are told to stop.
 */
#ifndef KMEM_KERNEL_KTHREAD_H
#define KMEM_KERNEL_KTHREAD_H

#include <linux/err.h>
#include <linux/sched.h>

KMEM_EXTERN_C_BEGIN

/* Starts at once; the task, or an ERR_PTR(). */
struct task_struct *kmem_kthread_run(int (*fn)(void *data), void *data,
				     const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool kthread_should_stop(void) KMEM_KERNEL(kthread_should_stop);
/* Wakes it, waits for its end, returns what the function did. */
int kthread_stop(struct task_struct *task) KMEM_KERNEL(kthread_stop);

KMEM_EXTERN_C_END

#define kthread_run(fn, data, fmt, ...) \
	kmem_kthread_run(fn, data, fmt, ##__VA_ARGS__)

#endif
