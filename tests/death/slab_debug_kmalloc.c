/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write beyond the bytes that kmalloc() was asked for, inside of its class.
 *
 * Expect:
 *	[kmalloc Redzone overwritten] <hex>-<hex> @offset=50. First byte 0x1 instead of 0xcc
 *	=============================================================================
 *	BUG kmalloc-32 (<any>): kmalloc Redzone overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Allocated in <sym> age=<n> cpu=<n> pid=<pid>
 *	<frames>
 *	Slab <hex> objects=25 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=32 fp=<hex>
 *	
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b a5 01 cc cc cc cc cc cc cc cc cc cc cc cc 02  k...............
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 *	FIX kmalloc-32: Restoring kmalloc Redzone <hex>-<hex>=0xcc
 *	FIX kmalloc-32: Object at <hex> not freed
 *
 * Options: slab_debug
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>

int main(void)
{
	char *p = kmalloc(18, GFP_KERNEL);

	__asm__("" : "+r"(p));
	p[18] = 1;
	p[31] = 2;
	kfree(p);
	if (!kmem_validate())
		return 1;
	return 0;
}
