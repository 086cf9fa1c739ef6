/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_ASM_PGTABLE_H
#define KMEM_KERNEL_ASM_PGTABLE_H

#include <linux/mm.h>
#include <linux/vmalloc.h>

#endif
