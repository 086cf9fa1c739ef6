/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A block of kvmalloc() is freed twice.
 *
 * Expect:
 *	=============================================================================
 *	BUG kmalloc-32 (Not tainted): Object already free
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
 *	Redzone  <hex>: bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb  ................
 *	Redzone  <hex>: bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb  ................
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  kkkkkkkkkkkkkkk.
 *	Redzone  <hex>: bb bb bb bb bb bb bb bb                          ........
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX kmalloc-32: Object at <hex> not freed
 *
 * Options: slab_debug
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	void *p = kvmalloc(30, GFP_KERNEL), *q = p;

	__asm__("" : "+r"(q));
	kvfree(p);
	kvfree(q);
	return 0;
}
