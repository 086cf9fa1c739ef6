/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_ASM_BARRIER_H
#define KMEM_KERNEL_ASM_BARRIER_H

#include <linux/compiler.h>

#endif
