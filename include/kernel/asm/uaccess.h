/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_ASM_UACCESS_H
#define KMEM_KERNEL_ASM_UACCESS_H

#include <linux/uaccess.h>

#endif
