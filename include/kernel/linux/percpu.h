/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ours, and what the kernel's brings along.
 */
#include_next <linux/percpu.h>

#ifndef KMEM_KERNEL_PERCPU_H
#define KMEM_KERNEL_PERCPU_H

#include <linux/bug.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#endif
