/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * __GFP_ZERO cannot be kept by a reserve: warned of, and not done.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	mempool_alloc: __GFP_ZERO cannot be honoured
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

int main(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(2, 64);
	void *p = mempool_alloc(pool, GFP_KERNEL | __GFP_ZERO);

	if (!p)
		return 1;
	mempool_free(p, pool);
	mempool_destroy(pool);
	return 0;
}
