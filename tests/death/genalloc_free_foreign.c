/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A range that is not in the pool, under panic_on_warn.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	kernel BUG at <file>:<line>!
 *	gen_pool_free(): 8 bytes at 0x1000: not in the pool
 *	Kernel panic - not syncing: Fatal exception
 *
 * Exit: SIGABRT
 * Options: panic_on_warn=1
 */
#include <linux/genalloc.h>

int main(void)
{
	struct gen_pool *pool = gen_pool_create(3, NUMA_NO_NODE);

	gen_pool_add(pool, 0x40000000, 4096, NUMA_NO_NODE);
	gen_pool_free(pool, 0x1000, 8);
	return 0;
}
