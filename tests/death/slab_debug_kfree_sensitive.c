/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A byte behind a block that is wiped when it is freed; what was asked for is
 * wiped, and no byte more.
 *
 * Expect:
 *	[kmalloc Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x1 instead of 0xcc
 *	=============================================================================
 *	BUG kmalloc-32 (Not tainted): kmalloc Redzone overwritten
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
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Object   <hex>: 00 00 00 00 01 cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX kmalloc-32: Restoring kmalloc Redzone <hex>-<hex>=0xcc
 *	FIX kmalloc-32: Object at <hex> not freed
 *
 * Options: slab_debug
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include "death/hide.h"

int main(void)
{
	char *p = kmalloc(20, GFP_KERNEL);

	hide(p)[20] = 1;
	kfree_sensitive(p);
	return 0;
}
