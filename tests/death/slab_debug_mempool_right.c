/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A byte behind an element of kmalloc(): seen when the pool gives it back.
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
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b a5 01 cc cc cc cc cc cc cc cc cc cc cc  kkk.............
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
#include <linux/mempool.h>
#include <linux/slab.h>
#include "death/hide.h"

int main(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(1, 20);
	char *p = mempool_alloc_preallocated(pool);

	hide(p)[20] = 1;
	mempool_free(p, pool);
	mempool_destroy(pool);
	return 0;
}
