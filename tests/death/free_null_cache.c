/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem_cache_free() with a cache that was never created: the report says so
 * and the block is leaked.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> main<any>
 *	kmem_cache_free((null), <hex>): object belongs to different cache kmalloc-64
 */
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *never_created = NULL;

	kmem_cache_free(never_created, kmalloc(64, GFP_KERNEL));
	return 0;
}
