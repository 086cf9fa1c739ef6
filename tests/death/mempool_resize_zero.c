/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A pool resized to nothing.
 *
 * Expect:
 *	BUG: failure at <file>:<line>/mempool_resize()!
 *	Kernel panic - not syncing: BUG!
 *
 * Exit: SIGABRT
 */
#include <linux/mempool.h>

int main(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(2, 64);

	mempool_resize(pool, 0);
	return 0;
}
