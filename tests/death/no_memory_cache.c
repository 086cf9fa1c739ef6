/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * No memory for an object: the report says which cache, and who asked.
 *
 * Expect:
 *	<any>: page allocation failure: order:0, mode:<any>, nodemask=(null)
 *	Call Trace:
 *	 fill_up+<any>
 *	 main+<any>
 *	...
 *	SLUB: Unable to allocate memory on CPU <n>, gfp=<any>
 *	  cache: hungry, object size: 1000, buffer size: 1000, default order: <n>, min order: 0
 *	  node 0: slabs: <n>, objs: <n>, free: <n>
 *	Mem-Info:
 *	...
 *
 * Options: mem=8M
 */
#include <linux/slab.h>

static __attribute__((noinline)) unsigned long fill_up(struct kmem_cache *s)
{
	unsigned long n = 0;

	while (kmem_cache_alloc(s, GFP_KERNEL))
		n++;
	return n;
}

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("hungry", 1000, 0, 0, NULL);

	/* a second failure is not told: it is too soon */
	return !fill_up(s) || fill_up(s);
}
