/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A block of pages freed twice: refused, and the free lists stay whole.
 *
 * Expect:
 *	BUG: Bad page state in process <any>  pfn:<hex>
 *	page: refcount:0 order:<n> freed as order:4 pfn:<hex>
 *	flags: <hex> slab_cache:<hex> private:<hex>
 *	page dumped because: page is free already
 */
#include <linux/gfp.h>
#include <kmem/kmem.h>

int main(void)
{
	unsigned long p = __get_free_pages(GFP_KERNEL, 4);

	free_pages(p, 4);
	free_pages(p, 4);
	if (!kmem_validate())
		return 1;
	return 0;
}
