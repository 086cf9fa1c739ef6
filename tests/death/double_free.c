/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An object freed twice. It is seen when the second one comes to its slab.
 *
 * Expect:
 *	=============================================================================
 *	BUG death (<any>): Object already free <hex>
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=64 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=0
 *	FIX death: Object at <hex> not freed
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 64, 0, 0, NULL);
	void *p = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, p);
	kmem_cache_free(s, p);
	kmem_cache_shrink(s);
	return 0;
}
