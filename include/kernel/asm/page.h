/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_ASM_PAGE_H
#define KMEM_KERNEL_ASM_PAGE_H

#include <linux/mm.h>

#endif
