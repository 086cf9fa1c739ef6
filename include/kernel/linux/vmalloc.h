/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ours, and what the kernel's brings along.
 */
#include_next <linux/vmalloc.h>

#ifndef KMEM_KERNEL_VMALLOC_H
#define KMEM_KERNEL_VMALLOC_H

#include <linux/init.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/spinlock.h>

#endif
