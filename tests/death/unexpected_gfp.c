/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A flag that has no meaning for objects: warned of, stripped, served.
 *
 * Expect:
 *	Unexpected gfp: 0x2 (__GFP_HIGHMEM). Fixing up to gfp: 0xcc0 (GFP_KERNEL). Fix your code!
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	void *p = kmalloc(20000, GFP_KERNEL | __GFP_HIGHMEM);

	if (!p)
		return 1;
	kfree(p);
	return 0;
}
