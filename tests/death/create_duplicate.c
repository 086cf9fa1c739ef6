/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A second cache of a name: warned of, and made.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache of name 'death' already exists
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *a = kmem_cache_create("death", 64, 0, 0, NULL);
	struct kmem_cache *b = kmem_cache_create("death", 64, 0, 0, NULL);

	if (!a || !b || a == b)
		return 1;
	kmem_cache_destroy(b);
	kmem_cache_destroy(a);
	return 0;
}
