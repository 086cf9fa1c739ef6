/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Readers may see a freed object as it was, so a write to one is no fault; a
 * write behind it is.
 *
 * Expect:
 *	[Right Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x1 instead of 0xbb
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
 *	Redzone  <hex>: bb bb bb bb bb bb bb bb                          ........
 *	Object   <hex>: 72 72 72 72 72 72 72 72 72 72 73 72 72 72 72 72  rrrrrrrrrrsrrrrr
 *	Object   <hex>: 72 72 72 72 72 72 72 72 72 72 72 72 72 72 72 72  rrrrrrrrrrrrrrrr
 *	Object   <hex>: 72 72 72 72 72 72 72 72 72 72 72 72 72 72 72 72  rrrrrrrrrrrrrrrr
 *	Object   <hex>: 72 72 72 72 72 72 72 72 72 72 72 72              rrrrrrrrrrrr
 *	Redzone  <hex>: 01 bb bb bb                                      ....
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX death: Restoring Right Redzone <hex>-<hex>=0xbb
 *	FIX death: Marking all objects used
 *
 * Options: slab_debug=FZPU,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <string.h>
#include "death/hide.h"

int main(void)
{
	struct kmem_cache *s =
		kmem_cache_create("death", 60, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL), *q;

	memset(p, 'r', 60);
	kmem_cache_free(s, p);
	__asm__("" : "+r"(p));
	if (p[0] != 'r' || p[59] != 'r')
		return 1;
	p[10] = 's';
	q = kmem_cache_alloc(s, GFP_KERNEL);
	if (q != p || q[10] != 's')
		return 2;
	kmem_cache_free(s, q);
	hide(p)[60] = 1;
	q = kmem_cache_alloc(s, GFP_KERNEL);
	return q == p;
}
