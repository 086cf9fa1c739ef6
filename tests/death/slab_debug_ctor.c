/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Objects with a constructor keep what they are: a write to a free one is
 * none, a write behind it is.
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
 *	Freed in <sym> age=<n> cpu=<n> pid=<pid>
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n> fp=<hex>
 *	
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Object   <hex>: 63 63 63 63 63 63 63 63 63 63 64 63 63 63 63 63  ccccccccccdccccc
 *	Object   <hex>: 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63  cccccccccccccccc
 *	Object   <hex>: 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63 63  cccccccccccccccc
 *	Object   <hex>: 63 63 63 63 63 63 63 63 63 63 63 63              cccccccccccc
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
#include <string.h>

static void make(void *obj)
{
	memset(obj, 'c', 60);
}

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, make);
	char *p = kmem_cache_alloc(s, GFP_KERNEL), *q;

	if (p[0] != 'c' || p[59] != 'c')
		return 1;
	kmem_cache_free(s, p);
	__asm__("" : "+r"(p));
	p[10] = 'd';
	q = kmem_cache_alloc(s, GFP_KERNEL);
	if (q != p || q[10] != 'd' || q[59] != 'c')
		return 2;
	q[60] = 1;
	kmem_cache_free(s, q);
	return 0;
}
