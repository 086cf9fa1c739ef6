/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A byte before an object in use.
 *
 * Expect:
 *	[Left Redzone overwritten] <hex>-<hex> @offset=7. First byte 0x33 instead of 0xcc
 *	=============================================================================
 *	BUG death (<any>): Left Redzone overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Allocated in <sym> age=<n> cpu=<n> pid=<pid>
 *	<frames>
 *	Slab <hex> objects=26 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=8 fp=<hex>
 *	
 *	Redzone  <hex>: cc cc cc cc cc cc cc 33                          .......3
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5              kkkkkkkkkkk.
 *	Redzone  <hex>: cc cc cc cc                                      ....
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 *	FIX death: Restoring Left Redzone <hex>-<hex>=0xcc
 *	FIX death: Object at <hex> not freed
 *
 * Options: slab_debug=FZPU,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	__asm__("" : "+r"(p));
	p[-1] = 0x33;
	kmem_cache_free(s, p);
	return 0;
}
