/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to a page that no block is on: seen when the page is used again.
 *
 * Expect:
 *	pagealloc: memory corruption
 *	<hex>: 2a 2a                                            **
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	page: refcount:0 order:3 pfn:<hex>
 *	flags: <hex> slab_cache:<hex> private:<hex>
 *	page dumped because: pagealloc: corrupted page details
 *
 * Options: page_poison=1
 */
#include "death/front.h"

int main(void)
{
	enum { BLOCKS = 64 };
	char *p[BLOCKS];
	int i;

	for (i = 0; i < BLOCKS; i++)
		p[i] = get(32 * 1024);
	for (i = 0; i < BLOCKS; i++)
		free(p[i]);
	/* what nobody uses goes back to the pages */
	malloc_trim(SIZE_MAX / 2);
	store(p[BLOCKS / 2] + 100);
	store(p[BLOCKS / 2] + 101);
	for (i = 0; i < BLOCKS; i++)
		p[i] = get(32 * 1024);
	for (i = 0; i < BLOCKS; i++)
		free(p[i]);
	return 0;
}
