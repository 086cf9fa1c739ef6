/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An object freed twice: seen at the call, with who had freed it before.
 *
 * Expect:
 *	=============================================================================
 *	BUG death (<any>): Object already free
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
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5              kkkkkkkkkkk.
 *	Redzone  <hex>: bb bb bb bb                                      ....
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
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
	void *p = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, p);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	return 0;
}
