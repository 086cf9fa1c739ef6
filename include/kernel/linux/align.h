/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_ALIGN_H
#define KMEM_KERNEL_ALIGN_H

#include <linux/math.h>

#endif
