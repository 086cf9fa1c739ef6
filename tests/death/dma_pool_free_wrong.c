/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Frees of what is no block of a pool, in the words of the kernel.
 *
 * Expect:
 *	card: dma_pool_free ring, <hex>/0x0000000000003039 (bad dma)
 *	card: dma_pool_free ring, <hex> (bad vaddr)/0x<hex>
 *	card: dma_pool_free ring, dma 0x<hex> already free
 */
#include <kmem/kmem.h>
#include <linux/device.h>
#include <linux/dmapool.h>

int main(void)
{
	struct device dev = {};
	struct dma_pool *pool;
	dma_addr_t h;
	char *p;

	dev_set_name(&dev, "card");
	pool = dma_pool_create("ring", &dev, 64, 0, 0);
	p = dma_pool_alloc(pool, GFP_KERNEL, &h);
	dma_pool_free(pool, p, 12345);
	dma_pool_free(pool, p + 1, h);
	dma_pool_free(pool, p, h);
	dma_pool_free(pool, p, h);
	dma_pool_destroy(pool);
	devres_release_all(&dev);
	return !kmem_validate();
}
