/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A request that must not block finds no memory: its report is written later,
 * and names the call and the cache all the same.
 *
 * Expect:
 *	<any>: page allocation failure: order:0, mode:<any>GFP_ATOMIC<any>, nodemask=(null)
 *	Call Trace:
 *	 fill_up+<any>
 *	SLUB: Unable to allocate memory on CPU <n>, gfp=<any>
 *	  cache: kmalloc-2k, object size: 2048, buffer size: 2048, default order: <n>, min order: 0
 *	  node 0: slabs: <n>, objs: <n>, free: <n>
 *	Mem-Info:
 *	...
 *
 * Options: mem=8M
 */
#include <linux/slab.h>

static __attribute__((noinline)) void fill_up(void)
{
	while (kmalloc(2048, GFP_ATOMIC))
		;
}

int main(void)
{
	fill_up();
	return 0;
}
