/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An address inside an element does not go into the reserve, but to the free
 * function, which reports it; nor does a block that was freed by kfree().
 *
 * Expect:
 *	=============================================================================
 *	BUG kmalloc-128 (Not tainted): Invalid object pointer <hex>
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<any>
 *	Object <hex> @offset=<n>
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX kmalloc-128: Object at <hex> not freed
 *	=============================================================================
 *	BUG kmalloc-128 (Tainted: G    B             ): Object already free
 *	-----------------------------------------------------------------------------
 *	
 *	...
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX kmalloc-128: Object at <hex> not freed
 *
 * Options: slab_debug=FZPU
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>
#include "death/hide.h"

int main(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(2, 100);
	char *p = mempool_alloc_preallocated(pool);
	char *q = mempool_alloc_preallocated(pool);

	mempool_free(hide(p) + 1, pool);
	if (pool->curr_nr != 0)
		return 1;
	kfree(q);
	mempool_free(hide(q), pool);
	if (pool->curr_nr != 0)
		return 1;
	mempool_free(p, pool);
	if (pool->curr_nr != 1)
		return 1;
	mempool_destroy(pool);
	return 0;
}
