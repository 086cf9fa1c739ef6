/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_SCHED_SIGNAL_H
#define KMEM_KERNEL_SCHED_SIGNAL_H

#include <linux/sched.h>

#endif
