/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to the last byte of a freed object; kmem_validate() sees it, once.
 *
 * Expect:
 *	[End Poison overwritten] <hex>-<hex> @offset=67. First byte 0x6b instead of 0xa5
 *	=============================================================================
 *	BUG death (<any>): End Poison overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Allocated in <sym> age=<n> cpu=<n> pid=<pid>
 *	<frames>
 *	Freed in <sym> age=<n> cpu=<n> pid=<pid>
 *	<frames>
 *	Slab <hex> objects=26 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=8 fp=<hex>
 *	
 *	Redzone  <hex>: bb bb bb bb bb bb bb bb                          ........
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b              kkkkkkkkkkkk
 *	Redzone  <hex>: bb bb bb bb                                      ....
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 *	FIX death: Restoring End Poison <hex>-<hex>=0xa5
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

	kmem_cache_free(s, p);
	__asm__("" : "+r"(p));
	p[59] = 0x6b;
	if (kmem_validate() || !kmem_validate())
		return 1;
	kmem_cache_destroy(s);
	return 0;
}
