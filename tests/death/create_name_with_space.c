/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A blank in a name breaks the readers of slabinfo.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache name 'death cache' has a space: readers of slabinfo will fail on it
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death cache", 64, 0, 0, NULL);

	if (!s)
		return 1;
	kmem_cache_destroy(s);
	return 0;
}
