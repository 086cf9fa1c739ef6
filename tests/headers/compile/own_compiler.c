/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client whose own <linux/compiler.h> stands in front of ours. */
#define _LINUX_COMPILER_H
#define likely(x) __builtin_expect(!!(x), 1)
#define __user
#define __force
#define __bitwise

#include <linux/slab.h>

#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/shrinker.h>

void *own_compiler(struct kmem_cache *s);

void *own_compiler(struct kmem_cache *s)
{
	return likely(s) ? kmem_cache_alloc(s, GFP_KERNEL) : NULL;
}
