/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_ASM_IO_H
#define KMEM_KERNEL_ASM_IO_H

#include <linux/io.h>

#endif
