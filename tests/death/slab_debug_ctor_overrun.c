/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A constructor writes behind its objects: each is found when it is given, and
 * mended, as nobody has had it before.
 *
 * Expect:
 *	[Right Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x63 instead of 0xbb
 *	=============================================================================
 *	BUG death (Not tainted): Right Redzone overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n> fp=<hex>
 *	
 *	Redzone  <hex>: bb bb bb bb bb bb bb bb                          ........
 *	Object   <hex>: 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63  cccccccccccccccc
 *	Object   <hex>: 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63  cccccccccccccccc
 *	Object   <hex>: 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63  cccccccccccccccc
 *	Object   <hex>: 63 63 63 63 63 63 63 63 63 63 63 63              cccccccccccc
 *	Redzone  <hex>: 63 bb bb bb                                      c...
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX death: Restoring Right Redzone <hex>-<hex>=0xbb
 *	FIX death: Marking all objects used
 *
 * Options: slab_debug=FZP,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <string.h>

static void make(void *obj)
{
	memset(obj, 'c', 61);
}

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, make);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	if (!p || p[0] != 'c' || p[59] != 'c')
		return 1;
	/* what it was given does not make its free a fault */
	kmem_cache_free(s, p);
	return 0;
}
