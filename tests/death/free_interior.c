/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A pointer into the middle of an object. It is seen when it comes to the slab.
 *
 * Expect:
 *	=============================================================================
 *	BUG death (<any>): Invalid object pointer <hex>
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=64 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=8
 *	FIX death: Object at <hex> not freed
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 64, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, p + 8);
	kmem_cache_shrink(s);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	return 0;
}
