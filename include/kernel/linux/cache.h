/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ours, and where a variable lies: a line of its own, or any.
 */
#include_next <linux/cache.h>

#ifndef KMEM_KERNEL_CACHE_H
#define KMEM_KERNEL_CACHE_H

#define __cacheline_aligned ____cacheline_aligned
#define __cacheline_aligned_in_smp ____cacheline_aligned
#if !defined(__read_mostly)
#define __read_mostly
#endif
#if !defined(__ro_after_init)
#define __ro_after_init
#endif

#endif
