/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An object is freed to another cache: it stays where it is.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache_free(other, <hex>): object belongs to different cache death
 *
 * Options: slab_debug=FZPU,death,other
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	struct kmem_cache *t = kmem_cache_create("other", 60, 0, 0, NULL);
	void *p = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(t, p);
	kmem_cache_free(s, p);
	kmem_cache_destroy(t);
	kmem_cache_destroy(s);
	return 0;
}
