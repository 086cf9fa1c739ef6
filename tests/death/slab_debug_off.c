/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A dash and a name: that cache is not checked, others are; the first block
 * that names it counts, and a star ends a beginning.
 *
 * Expect:
 *	[Right Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x1 instead of 0xcc
 *	=============================================================================
 *	BUG other (Not tainted): Right Redzone overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Allocated in <sym> age=<n> cpu=<n> pid=<pid>
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n> fp=<hex>
 *	
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5              kkkkkkkkkkk.
 *	Redzone  <hex>: 01 cc cc cc                                      ....
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX other: Restoring Right Redzone <hex>-<hex>=0xcc
 *	FIX other: Object at <hex> not freed
 *
 * Options: slab_debug=FZPU;-,dea*;FZPU,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include "death/hide.h"

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	struct kmem_cache *t = kmem_cache_create("other", 60, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	hide(p)[60] = 1;
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	p = kmem_cache_alloc(t, GFP_KERNEL);
	hide(p)[60] = 1;
	kmem_cache_free(t, p);
	return 0;
}
