/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An object freed twice, with other frees between: no neighbour's free hides it.
 *
 * Expect:
 *	=============================================================================
 *	BUG death (<any>): Object already free <hex>
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=64 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=64
 *	FIX death: Object at <hex> not freed
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 64, 0, 0, NULL);
	void *p[4];

	for (int i = 0; i < 4; i++)
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	kmem_cache_free(s, p[1]);
	kmem_cache_free(s, p[0]);
	kmem_cache_free(s, p[2]);
	kmem_cache_free(s, p[1]);
	kmem_cache_free(s, p[3]);
	kmem_cache_destroy(s);
	return 0;
}
