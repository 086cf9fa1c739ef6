/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to an element of kmalloc() that lies in the reserve of a pool.
 *
 * Expect:
 *	BUG: mempool element poison mismatch
 *	Mempool <hex> size 50
 *	 nr=0 @ <hex>: ... 0x6b 6b 6b 6b 6b 6b 6b 6b 1 
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: slab_debug
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>
#include "death/hide.h"

int main(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(1, 50);
	char *p = mempool_alloc_preallocated(pool);

	mempool_free(p, pool);
	hide(p)[49] = 1;
	p = mempool_alloc_preallocated(pool);
	mempool_free(p, pool);
	mempool_destroy(pool);
	return 0;
}
