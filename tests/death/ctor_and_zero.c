/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * __GFP_ZERO on a cache with a constructor: warned of once, zeroed all the same.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	death: __GFP_ZERO on a cache with a constructor
 */
#include <linux/gfp.h>
#include <linux/slab.h>

static void construct(void *obj)
{
	*(char *)obj = 1;
}

int main(void)
{
	struct kmem_cache *s =
		kmem_cache_create("death", 4096, 0, 0, construct);
	char *p[40];

	for (int i = 0; i < 40; i++) {
		p[i] = kmem_cache_zalloc(s, GFP_KERNEL);
		if (*p[i])
			return 1;
	}
	for (int i = 0; i < 40; i++)
		kmem_cache_free(s, p[i]);
	kmem_cache_destroy(s);
	return 0;
}
