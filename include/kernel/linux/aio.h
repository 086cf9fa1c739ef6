/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_AIO_H
#define KMEM_KERNEL_AIO_H

#include <linux/fs.h>

#endif
