/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A pool with a full reserve would not have slept, and is told of all the
 * same; what its function asks for is part of it.
 *
 * Expect:
 *	BUG: sleeping function called from invalid context at <file>:<line>
 *	in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: <pid>, name: <any>
 *	preempt_count: 1, expected: 0
 *	request: mode:0xc40(GFP_NOFS)
 *	...
 *	Call Trace:
 *	<frames>
 *
 * Options: atomic_checks=1
 */
#include <linux/mempool.h>
#include <linux/preempt.h>
#include <linux/slab.h>

static void *element_alloc(gfp_t gfp, void *data)
{
	(void)gfp;
	return kmalloc((size_t)data, GFP_KERNEL);
}

/* One place: a compiler unrolls loops. */
static __attribute__((noinline)) void ask(mempool_t *pool)
{
	void *volatile p = mempool_alloc(pool, GFP_NOFS);

	mempool_free(p, pool);
}

int main(void)
{
	mempool_t *pool =
		mempool_create(4, element_alloc, mempool_kfree, (void *)64);

	preempt_disable();
	for (int i = 0; i < 3; i++)
		ask(pool);
	preempt_enable();
	mempool_destroy(pool);
	return 0;
}
