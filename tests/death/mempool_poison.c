/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to an element that lies in the reserve of a pool; seen when it is
 * taken.
 *
 * Expect:
 *	BUG: mempool element poison mismatch
 *	Mempool <hex> size 64
 *	 nr=0 @ <hex>: ... 0x6b 6b 6b 6b 6b 6b 6b 6b 1 6b 6b 6b 6b 6b 6b 6b ...
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 *
 * Options: slab_debug=P,death
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 64, 0, 0, NULL);
	mempool_t *pool = mempool_create_slab_pool(1, s);
	char *p = mempool_alloc_preallocated(pool), *q;

	mempool_free(p, pool);
	__asm__("" : "+r"(p));
	p[20] = 1;
	q = mempool_alloc_preallocated(pool);
	mempool_free(q, pool);
	mempool_destroy(pool);
	return q != p;
}
