/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ours, and what the kernel's brings along.
 */
#include_next <linux/highmem.h>

#ifndef KMEM_KERNEL_HIGHMEM_H
#define KMEM_KERNEL_HIGHMEM_H

#include <linux/bug.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#endif
