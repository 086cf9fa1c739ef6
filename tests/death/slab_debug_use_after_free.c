/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to a freed object; seen when it would be allocated again. Its slab goes
 * out of use, and the caller gets another object.
 *
 * Expect:
 *	[Poison overwritten] <hex>-<hex> @offset=18. First byte 0x3 instead of 0x6b
 *	=============================================================================
 *	BUG death (<any>): Poison overwritten
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
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 03 6b 6b 6b 6b 6b  kkkkkkkkkk.kkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5              kkkkkkkkkkk.
 *	Redzone  <hex>: bb bb bb bb                                      ....
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 *	FIX death: Restoring Poison <hex>-<hex>=0x6b
 *	FIX death: Marking all objects used
 *
 * Options: slab_debug=FZPU,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL), *q;

	kmem_cache_free(s, p);
	__asm__("" : "+r"(p));
	p[10] = 3;
	q = kmem_cache_alloc(s, GFP_KERNEL);
	if (!q || q == p)
		return 1;
	kmem_cache_free(s, q);
	if (!kmem_validate())
		return 2;
	return 0;
}
