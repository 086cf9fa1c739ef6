/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Ours, and what the kernel's brings along. */
#include_next <linux/mmzone.h>

#ifndef KMEM_KERNEL_MMZONE_H
#define KMEM_KERNEL_MMZONE_H

#include <kmem/page.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#endif
