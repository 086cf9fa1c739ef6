/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory at its end: NULL, and one report of what there is.
 *
 * Expect:
 *	<any>: page allocation failure: order:10, mode:<hex>(GFP_KERNEL|__GFP_COMP<any>), nodemask=(null)<any>
 *	...
 *	Node 0 DMA <any>
 *	...
 *
 * Options: mem=16M
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	static void *p[64];

	for (int i = 0; i < 64; i++)
		p[i] = kmalloc(KMALLOC_MAX_SIZE, GFP_KERNEL | __GFP_RETRY_MAYFAIL);
	if (p[63])
		return 1;
	for (int i = 0; i < 64; i++)
		kfree(p[i]);
	return 0;
}
