/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to pages that lie in the reserve of a pool.
 *
 * Expect:
 *	BUG: mempool element poison mismatch
 *	Mempool <hex> size 4096
 *	 nr=0 @ <hex>: 0x6b 6b 6b 6b 6b 1 6b 6b 6b 6b 6b 6b 6b ...
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: page_poison=1
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include "death/hide.h"

int main(void)
{
	mempool_t *pool = mempool_create_page_pool(1, 0);
	struct page *page = mempool_alloc_preallocated(pool);
	char *p = page_address(page);

	mempool_free(page, pool);
	hide(p)[5] = 1;
	page = mempool_alloc_preallocated(pool);
	mempool_free(page, pool);
	mempool_destroy(pool);
	return 0;
}
