/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * krealloc() of a block that is free: reported, and refused.
 *
 * Expect:
 *	=============================================================================
 *	BUG kmalloc-32 (<any>): Object already free
 *	-----------------------------------------------------------------------------
 *	
 *	Allocated in <sym> age=<n> cpu=<n> pid=<pid>
 *	<frames>
 *	Freed in <sym> age=<n> cpu=<n> pid=<pid>
 *	<frames>
 *	Slab <hex> objects=25 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=32 fp=<hex>
 *	
 *	Redzone  <hex>: bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb  ................
 *	Redzone  <hex>: bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb bb  ................
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  kkkkkkkkkkkkkkk.
 *	Redzone  <hex>: bb bb bb bb bb bb bb bb                          ........
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 *
 * Options: slab_debug
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>

int main(void)
{
	void *p = kmalloc(18, GFP_KERNEL), *q = p;

	__asm__("" : "+r"(q));
	kfree(p);
	if (krealloc(q, 20, GFP_KERNEL))
		return 1;
	return 0;
}
