/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A letter that is none is named, once, and the others count.
 *
 * Expect:
 *	slab_debug option 'x' unknown. skipped
 *	[Right Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x0 instead of 0xcc
 *	=============================================================================
 *	BUG death (Not tainted): Right Redzone overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n> fp=<hex>
 *	
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Object   <any>
 *	Object   <any>
 *	Object   <any>
 *	Object   <any>
 *	Redzone  <any>
 *	Padding  <any>
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX death: Restoring Right Redzone <hex>-<hex>=0xcc
 *	FIX death: Object at <hex> not freed
 *
 * Options: slab_debug=xZ,dea*
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <string.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 64, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	memset(p, 0, 65);
	kmem_cache_free(s, p);
	return 0;
}
