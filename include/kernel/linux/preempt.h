/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include_next <linux/preempt.h>

#ifndef KMEM_KERNEL_PREEMPT_H
#define KMEM_KERNEL_PREEMPT_H

#include <linux/compiler.h>

#endif
