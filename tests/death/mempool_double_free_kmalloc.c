/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An element of kmalloc() that lies in the reserve is freed again.
 *
 * Expect:
 *	=============================================================================
 *	BUG mempool (Not tainted): Object already free <hex>
 *	-----------------------------------------------------------------------------
 *	
 *	Object <hex> of reserve <hex> min_nr=2 curr_nr=1
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX mempool: Object at <hex> not freed
 *
 * Options: slab_debug=FZPU
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

int main(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(2, 100);
	void *p = mempool_alloc_preallocated(pool);
	void *q = mempool_alloc_preallocated(pool);

	mempool_free(p, pool);
	mempool_free(p, pool);
	if (pool->curr_nr != 1)
		return 1;
	mempool_free(q, pool);
	mempool_destroy(pool);
	return 0;
}
