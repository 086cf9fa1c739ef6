/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem_cache_free() of NULL, on which the kernel ends.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache_free(death, <hex>): object is not in a slab page
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 64, 0, 0, NULL);

	kmem_cache_free(s, NULL);
	kmem_cache_destroy(s);
	return 0;
}
