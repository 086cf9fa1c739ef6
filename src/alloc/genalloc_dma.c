/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools of address ranges for drivers: ranges with their physical address,
 * and pools that belong to a device.
 */
#include "alloc/genalloc.h"

#include <linux/device.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "alloc/device.h"
#include "debug/atomic.h"
#include "lib/errno.h"

/**
 * gen_pool_dma_alloc_algo() - takes a range, with its physical address
 * @pool: the pool; NULL has nothing
 * @size: bytes, rounded up to granules
 * @dma: NULL, or where the physical address goes
 * @algo: which granules
 * @data: for @algo
 *
 * Context: Any.
 * Return: the address, or NULL.
 * Source: <linux/genalloc.h>.
 */
void *gen_pool_dma_alloc_algo(struct gen_pool *pool, size_t size,
			      dma_addr_t *dma, genpool_algo_t algo, void *data)
{
	unsigned long addr;

	if (!pool)
		return NULL;
	addr = gen_pool_alloc_algo(pool, size, algo, data);
	if (addr && dma)
		*dma = gen_pool_virt_to_phys(pool, addr);
	return (void *)addr;
}

/**
 * gen_pool_dma_alloc() - takes a range, with its physical address
 * @pool: the pool; NULL has nothing
 * @size: bytes, rounded up to granules
 * @dma: NULL, or where the physical address goes
 *
 * Context: Any.
 * Return: the address, or NULL.
 * Source: <linux/genalloc.h>.
 */
void *gen_pool_dma_alloc(struct gen_pool *pool, size_t size, dma_addr_t *dma)
{
	if (!pool || no_genpool(pool))
		return NULL;
	return gen_pool_dma_alloc_algo(pool, size, dma, pool->algo, pool->data);
}

/**
 * gen_pool_dma_alloc_align() - takes an aligned range
 * @pool: the pool; NULL has nothing
 * @size: bytes, rounded up to granules
 * @dma: NULL, or where the physical address goes
 * @align: bytes, a power of two
 *
 * Context: Any.
 * Return: the address, or NULL.
 * Source: <linux/genalloc.h>.
 */
void *gen_pool_dma_alloc_align(struct gen_pool *pool, size_t size,
			       dma_addr_t *dma, int align)
{
	struct genpool_data_align data = { .align = align };

	return gen_pool_dma_alloc_algo(pool, size, dma,
				       gen_pool_first_fit_align, &data);
}

static void *zeroed(void *p, size_t size)
{
	return p ? memset(p, 0, size) : NULL;
}

/**
 * gen_pool_dma_zalloc_algo() - gen_pool_dma_alloc_algo(), filled with zeros
 * @pool: the pool; NULL has nothing
 * @size: bytes, rounded up to granules; so many are zeroed
 * @dma: NULL, or where the physical address goes
 * @algo: which granules
 * @data: for @algo
 *
 * Context: Any.
 * Return: the address, or NULL.
 * Source: <linux/genalloc.h>.
 */
void *gen_pool_dma_zalloc_algo(struct gen_pool *pool, size_t size,
			       dma_addr_t *dma, genpool_algo_t algo, void *data)
{
	return zeroed(gen_pool_dma_alloc_algo(pool, size, dma, algo, data),
		      size);
}

/**
 * gen_pool_dma_zalloc() - gen_pool_dma_alloc(), filled with zeros
 * @pool: the pool; NULL has nothing
 * @size: bytes, rounded up to granules; so many are zeroed
 * @dma: NULL, or where the physical address goes
 *
 * Context: Any.
 * Return: the address, or NULL.
 * Source: <linux/genalloc.h>.
 */
void *gen_pool_dma_zalloc(struct gen_pool *pool, size_t size, dma_addr_t *dma)
{
	return zeroed(gen_pool_dma_alloc(pool, size, dma), size);
}

/**
 * gen_pool_dma_zalloc_align() - gen_pool_dma_alloc_align(), zeroed
 * @pool: the pool; NULL has nothing
 * @size: bytes, rounded up to granules; so many are zeroed
 * @dma: NULL, or where the physical address goes
 * @align: bytes, a power of two
 *
 * Context: Any.
 * Return: the address, or NULL.
 * Source: <linux/genalloc.h>.
 */
void *gen_pool_dma_zalloc_align(struct gen_pool *pool, size_t size,
				dma_addr_t *dma, int align)
{
	return zeroed(gen_pool_dma_alloc_align(pool, size, dma, align), size);
}

/* --- pools of devices ----------------------------------------------------- */

static void devm_gen_pool_release(struct device *dev, void *res)
{
	(void)dev;
	gen_pool_destroy(*(struct gen_pool **)res);
}

/* No name is a name, too. */
static int is_named(struct device *dev, void *res, void *data)
{
	const struct gen_pool *pool = *(struct gen_pool **)res;
	const char *name = data;

	(void)dev;
	if (!name || !pool->name)
		return !name && !pool->name;
	return text_equal(name, pool->name);
}

/**
 * gen_pool_get() - a pool of a device by its name
 * @dev: the device
 * @name: as for devm_gen_pool_create(), NULL for the pool without one
 *
 * Context: May sleep.
 * Return: the pool, or NULL.
 * Source: <linux/genalloc.h>.
 */
struct gen_pool *gen_pool_get(struct device *dev, const char *name)
{
	struct gen_pool **res;

	check_sleeping();
	res = devres_find(dev, devm_gen_pool_release, is_named,
			  (void *)(uintptr_t)name);
	return res ? *res : NULL;
}

/**
 * devm_gen_pool_create() - a pool that ends with a device
 * @dev: the device
 * @min_alloc_order: log2 of the bytes of a granule
 * @nid: node for the pool's own books, or NUMA_NO_NODE
 * @name: for gen_pool_get(); copied; or NULL
 *
 * Context: May sleep.
 * Return: the pool; ERR_PTR(-EINVAL) when the device has one of that name;
 * ERR_PTR(-ENOMEM).
 * Source: <linux/genalloc.h>.
 */
struct gen_pool *devm_gen_pool_create(struct device *dev, int min_alloc_order,
				      int nid, const char *name)
{
	struct gen_pool **res, *pool = NULL;
	const char *copy = NULL;

	check_blocking(GFP_KERNEL);
	if (no_device(dev) || gen_pool_get(dev, name))
		return ERR_PTR(-EINVAL);
	if (name)
		copy = kstrdup(name, GFP_KERNEL);
	res = devres_alloc(devm_gen_pool_release, sizeof(*res), GFP_KERNEL);
	if (res && (copy || !name))
		pool = gen_pool_create(min_alloc_order, nid);
	if (!pool) {
		devres_free(res);
		kfree(copy);
		return ERR_PTR(-ENOMEM);
	}
	pool->name = copy;
	*res = pool;
	devres_add(dev, res);
	return pool;
}
