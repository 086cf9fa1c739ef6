/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A pool destroyed with a block in use: it stays.
 *
 * Expect:
 *	(NULL device *): dma_pool_destroy ring busy
 */
#include <kmem/kmem.h>
#include <linux/dmapool.h>

int main(void)
{
	struct dma_pool *pool = dma_pool_create("ring", NULL, 64, 0, 0);
	dma_addr_t h;
	void *p = dma_pool_alloc(pool, GFP_KERNEL, &h);

	dma_pool_destroy(pool);
	dma_pool_free(pool, p, h);
	return !kmem_validate();
}
