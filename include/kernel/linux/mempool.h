/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ours, and what the kernel's brings along.
 */
#include_next <linux/mempool.h>

#ifndef KMEM_KERNEL_MEMPOOL_H
#define KMEM_KERNEL_MEMPOOL_H

#include <linux/wait.h>
#include <linux/spinlock.h>

#endif
