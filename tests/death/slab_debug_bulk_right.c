/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A byte behind one of the objects of a bulk free: it alone stays in use.
 *
 * Expect:
 *	[Right Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x1 instead of 0xcc
 *	=============================================================================
 *	BUG death (Not tainted): Right Redzone overwritten
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
 *	FIX death: Restoring Right Redzone <hex>-<hex>=0xcc
 *	FIX death: Object at <hex> not freed
 *
 * Options: slab_debug=FZPU,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>
#include "death/hide.h"

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	void *p[3];

	if (!kmem_cache_alloc_bulk(s, GFP_KERNEL, 3, p))
		return 1;
	hide(p[1])[60] = 1;
	kmem_cache_free_bulk(s, 3, p);
	if (kmem_cache_errors(s) != 3)
		return 2;
	/* no longer, as it was mended */
	kmem_cache_free(s, p[1]);
	kmem_cache_destroy(s);
	return 0;
}
