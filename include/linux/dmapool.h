/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools of small blocks that a device can reach: all of one size, aligned, and
 * none across a boundary.
 *
 * <kmem/dma.h> has the text of a device's file `pools`.
 */
#ifndef KMEM_LINUX_DMAPOOL_H
#define KMEM_LINUX_DMAPOOL_H

#include <kmem/compiler.h>
#include <kmem/types.h>

#include "gfp_types.h"

struct device;
struct dma_pool;

KMEM_EXTERN_C_BEGIN

KMEM_API struct dma_pool *
dma_pool_create_node(const char *name, struct device *dev, size_t size,
		     size_t align, size_t boundary, int node)
	KMEM_ABI(dma_pool_create_node);
/* A pool with blocks in use is reported, and stays. */
KMEM_API void dma_pool_destroy(struct dma_pool *pool)
	KMEM_ABI(dma_pool_destroy);
KMEM_API void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp,
			      kmem_phys_t *handle)
	KMEM_ABI(dma_pool_alloc) KMEM_MALLOC;
KMEM_API void dma_pool_free(struct dma_pool *pool, void *vaddr,
			    kmem_phys_t handle) KMEM_ABI(dma_pool_free);

/* Destroyed with the device. */
KMEM_API struct dma_pool *dmam_pool_create(const char *name, struct device *dev,
					   size_t size, size_t align,
					   size_t boundary)
	KMEM_ABI(dmam_pool_create);
KMEM_API void dmam_pool_destroy(struct dma_pool *pool)
	KMEM_ABI(dmam_pool_destroy);

KMEM_EXTERN_C_END

/**
 * dma_pool_create() - a pool of blocks for a device
 * @name: for the reports and the text of the pools; cut to 31 bytes
 * @dev: the device, or NULL for one that reaches everything
 * @size: bytes of a block, raised to 16 and to a multiple of @align
 * @align: a power of two, or 0
 * @boundary: no block lies across a multiple of it: a power of two not below
 *	the size, or 0
 *
 * Context: May sleep.
 * Return: as dma_pool_create_node().
 */
static inline struct dma_pool *dma_pool_create(const char *name,
					       struct device *dev, size_t size,
					       size_t align, size_t boundary)
{
	return dma_pool_create_node(name, dev, size, align, boundary,
				    NUMA_NO_NODE);
}

/**
 * dma_pool_zalloc() - a zeroed block
 * @pool: the pool
 * @gfp: what may be done to get it
 * @handle: where the device's address goes
 *
 * Context: As @gfp says.
 * Return: as dma_pool_alloc().
 */
static inline void *dma_pool_zalloc(struct dma_pool *pool, gfp_t gfp,
				    kmem_phys_t *handle)
{
	return dma_pool_alloc(pool, gfp | __GFP_ZERO, handle);
}

#endif
