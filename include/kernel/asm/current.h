/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_ASM_CURRENT_H
#define KMEM_KERNEL_ASM_CURRENT_H

#include <linux/sched.h>

#endif
