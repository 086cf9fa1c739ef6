/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An object twice in one bulk free: the second is dropped.
 *
 * Expect:
 *	=============================================================================
 *	BUG death (Not tainted): Object already free
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
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5              kkkkkkkkkkk.
 *	Redzone  <hex>: bb bb bb bb                                      ....
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX death: Object at <hex> not freed
 *
 * Options: slab_debug=FZPU,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	void *p[3];

	if (!kmem_cache_alloc_bulk(s, GFP_KERNEL, 2, p))
		return 1;
	p[2] = p[0];
	kmem_cache_free_bulk(s, 3, p);
	kmem_cache_destroy(s);
	return 0;
}
