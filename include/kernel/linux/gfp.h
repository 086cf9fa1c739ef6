/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ours, and what the kernel's brings along.
 */
#include_next <linux/gfp.h>

#ifndef KMEM_KERNEL_GFP_H
#define KMEM_KERNEL_GFP_H

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mmzone.h>
#include <linux/page_frag_cache.h>
#include <linux/types.h>

#endif
