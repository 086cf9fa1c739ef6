/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A cache destroyed while two of its objects live: both are named, and stay;
 * freed late, they go to no other cache.
 *
 * Expect:
 *	=============================================================================
 *	BUG orc-live (<any>): Objects remaining on __kmem_cache_shutdown()
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=30 used=2 fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=0
 *	Object <hex> @offset=136
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache_destroy orc-live: Slab cache still has objects when called from <sym>
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("orc-live", 136, 0, 0, NULL);
	char *a = kmem_cache_alloc(s, GFP_KERNEL);
	char *b = kmem_cache_alloc(s, GFP_KERNEL);
	char *c, *d;

	if (!kmem_cache_destroy(s))
		return 1;
	*a = *b = 1;
	s = kmem_cache_create("orc-next", 136, 0, 0, NULL);
	c = kmem_cache_alloc(s, GFP_KERNEL);
	kfree(a);
	kfree(b);
	d = kmem_cache_alloc(s, GFP_KERNEL);
	if (d == a || d == b)
		return 2;
	kmem_cache_free(s, c);
	kmem_cache_free(s, d);
	return kmem_cache_destroy(s);
}
