/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A range of a pool freed twice: nothing changes.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	kernel BUG at <file>:<line>!
 *	gen_pool_free(): 64 bytes at 0x40000000: not all of it is in use
 */
#include <linux/genalloc.h>

int main(void)
{
	struct gen_pool *pool = gen_pool_create(3, NUMA_NO_NODE);
	unsigned long p;

	gen_pool_add(pool, 0x40000000, 4096, NUMA_NO_NODE);
	p = gen_pool_alloc(pool, 64);
	gen_pool_free(pool, p, 64);
	gen_pool_free(pool, p, 64);
	if (gen_pool_avail(pool) != 4096)
		return 1;
	gen_pool_destroy(pool);
	return 0;
}
