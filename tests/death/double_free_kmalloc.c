/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A block of kmalloc freed twice.
 *
 * Expect:
 *	=============================================================================
 *	BUG kmalloc-192 (<any>): Object already free <hex>
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=21 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n>
 *	FIX kmalloc-192: Object at <hex> not freed
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>

int main(void)
{
	void *p = kmalloc(150, GFP_KERNEL);

	kfree(p);
	kfree(p);
	kmem_trim();
	return 0;
}
