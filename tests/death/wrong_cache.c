/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An object given to another cache: warned of and leaked, as since 7.0.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache_free(orc-w2, <hex>): object belongs to different cache orc-w1
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *right = kmem_cache_create("orc-w1", 64, 0, 0, NULL);
	struct kmem_cache *wrong = kmem_cache_create("orc-w2", 64, 0, 0, NULL);
	void *p = kmem_cache_alloc(right, GFP_KERNEL);

	kmem_cache_free(wrong, p);
	kmem_cache_free(right, p);
	kmem_cache_destroy(wrong);
	kmem_cache_destroy(right);
	return 0;
}
