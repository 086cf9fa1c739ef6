/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include_next <linux/sched/mm.h>

#ifndef KMEM_KERNEL_SCHED_MM_H
#define KMEM_KERNEL_SCHED_MM_H

#include <linux/sched.h>

#endif
