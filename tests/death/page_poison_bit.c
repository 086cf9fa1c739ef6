/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A single bit of a free page that changed: memory, rather than a program.
 *
 * Expect:
 *	pagealloc: single bit error
 *	<hex>: a8                                               .
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
	p[4095] ^= 2;
	q = (char *)__get_free_page(GFP_KERNEL);
	free_page((unsigned long)q);
	return q != p;
}
