/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory at its end: NULL, and one report of what there is.
 *
 * Expect:
 *	<any>: page allocation failure: order:10, mode:0x44cc0(GFP_KERNEL|__GFP_RETRY_MAYFAIL|__GFP_COMP), nodemask=(null)
 *	Call Trace:
 *	 main<any>
 *	...
 *	Mem-Info:
 *	Node 0 DMA free:<n>kB min:<n>kB low:<n>kB high:<n>kB reserved_highatomic:0kB free_highatomic:0kB present:16384kB managed:16384kB
 *	lowmem_reserve[]: <n> <n> <n>
 *	Node 0 DMA: <any>0*4096kB = <n>kB
 *
 * Options: mem=16M
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	static void *p[64];

	for (int i = 0; i < 64; i++)
		p[i] = kmalloc(KMALLOC_MAX_SIZE,
			       GFP_KERNEL | __GFP_RETRY_MAYFAIL);
	if (p[63])
		return 1;
	for (int i = 0; i < 64; i++)
		kfree(p[i]);
	return 0;
}
