/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A pool destroyed with a range in use: it stays.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	kernel BUG at <file>:<line>!
 *	gen_pool_destroy(): 72 bytes at 0x40000000 in use
 */
#include <linux/genalloc.h>

int main(void)
{
	struct gen_pool *pool = gen_pool_create(3, NUMA_NO_NODE);
	unsigned long p;

	gen_pool_add(pool, 0x40000000, 4096, NUMA_NO_NODE);
	p = gen_pool_alloc(pool, 65);
	gen_pool_destroy(pool);
	gen_pool_free(pool, p, 65);
	gen_pool_destroy(pool);
	return 0;
}
