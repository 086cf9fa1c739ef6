/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * With O a cache whose slots would need larger slabs is not given room for
 * checks, and one whose slots do not is.
 *
 * Expect:
 *	[Right Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x1 instead of 0xcc
 *	=============================================================================
 *	BUG loose (Not tainted): Right Redzone overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n> fp=<hex>
 *	
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00              ............
 *	Redzone  <hex>: 01 cc cc cc                                      ....
 *	Padding  <hex>: 00 00 00 00 00 00 00 00                          ........
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX loose: Restoring Right Redzone <hex>-<hex>=0xcc
 *	FIX loose: Object at <hex> not freed
 *
 * Options: slab_debug=OZ
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include "death/hide.h"

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("tight", 4096, 0, 0, NULL);
	struct kmem_cache *t = kmem_cache_create("loose", 60, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	if (((unsigned long)p & 4095) || kmem_cache_size(s) != 4096)
		return 1;
	kmem_cache_free(s, p);
	p = kmem_cache_alloc(t, GFP_KERNEL);
	hide(p)[60] = 1;
	kmem_cache_free(t, p);
	return 0;
}
