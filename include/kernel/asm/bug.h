/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_ASM_BUG_H
#define KMEM_KERNEL_ASM_BUG_H

#include <linux/bug.h>

#endif
