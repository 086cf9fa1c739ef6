/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A byte behind what krealloc() left of a block.
 *
 * Expect:
 *	[kmalloc Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x2 instead of 0xcc
 *	=============================================================================
 *	BUG kmalloc-64 (Not tainted): kmalloc Redzone overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Allocated in <sym> age=<n> cpu=<n> pid=<pid>
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n> fp=<hex>
 *	
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 02 cc cc cc cc cc cc cc cc cc cc cc cc cc  kk..............
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ZZZZZZZZZZZZZZZZ
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ZZZZZZZZZZZZZZZZ
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX kmalloc-64: Restoring kmalloc Redzone <hex>-<hex>=0xcc
 *	FIX kmalloc-64: Object at <hex> not freed
 *
 * Options: slab_debug
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include "death/hide.h"

int main(void)
{
	char *p = kmalloc(60, GFP_KERNEL), *q;

	hide(p)[50] = 1;
	q = krealloc(p, 50, GFP_KERNEL);
	if (q != p)
		return 1;
	hide(q)[50] = 2;
	kfree(q);
	return 0;
}
