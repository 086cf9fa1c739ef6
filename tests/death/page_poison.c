/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A page written to after it was freed; seen when it is allocated.
 *
 * Expect:
 *	pagealloc: memory corruption
 *	<hex>: 00 01 aa aa aa aa aa aa aa aa aa aa aa aa aa aa  ................
 *	<hex>: aa aa 02                                         ...
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 *	page: refcount:0 order:0 pfn:<hex>
 *	flags: <hex> slab_cache:<hex> private:<hex>
 *	page dumped because: pagealloc: corrupted page details
 *
 * Options: page_poison=1
 */
#include <linux/gfp.h>

int main(void)
{
	char *p = (char *)__get_free_page(GFP_KERNEL), *q;

	free_page((unsigned long)p);
	__asm__("" : "+r"(p));
	p[100] = 0;
	p[101] = 1;
	p[118] = 2;
	q = (char *)__get_free_page(GFP_KERNEL);
	free_page((unsigned long)q);
	return q != p;
}
