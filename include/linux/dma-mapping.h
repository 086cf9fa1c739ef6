/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory that a device can reach.
 *
 * A device address is the physical one, virt_to_phys().  In a process that is
 * an offset in the window of the direct map; a program that maps the window for
 * a device at 0, as VFIO can, hands out addresses that the device may use.
 * Nothing is cached apart from memory, so there is nothing to synchronise.
 *
 * The mask of a device decides which zone serves it.  Without one it is 32
 * bits; no device, NULL, reaches everything.
 */
#ifndef KMEM_LINUX_DMA_MAPPING_H
#define KMEM_LINUX_DMA_MAPPING_H

#include <kmem/compiler.h>
#include <kmem/types.h>
#include "device.h"
#include "mm.h"

#include "gfp_types.h"

/* The highest address of n bits. */
#define DMA_BIT_MASK(n) ((n) == 64 ? ~0ULL : (1ULL << ((n) % 64)) - 1)

#define DMA_MAPPING_ERROR (~(kmem_phys_t)0)

enum dma_data_direction {
	DMA_BIDIRECTIONAL = 0,
	DMA_TO_DEVICE = 1,
	DMA_FROM_DEVICE = 2,
	DMA_NONE = 3,
};

/*
 * Attributes.  Those on caches, on speed and on a kernel mapping ask for no
 * more than what all memory here is.
 */
#define DMA_ATTR_WEAK_ORDERING (1UL << 1)
#define DMA_ATTR_WRITE_COMBINE (1UL << 2)
#define DMA_ATTR_NO_KERNEL_MAPPING (1UL << 4)
#define DMA_ATTR_SKIP_CPU_SYNC (1UL << 5)
#define DMA_ATTR_FORCE_CONTIGUOUS (1UL << 6)
#define DMA_ATTR_ALLOC_SINGLE_PAGES (1UL << 7)
#define DMA_ATTR_NO_WARN (1UL << 8)
#define DMA_ATTR_PRIVILEGED (1UL << 9)

KMEM_EXTERN_C_BEGIN

/* Zeroed, and aligned to its size rounded up to a power of two of pages. */
KMEM_API void *dma_alloc_attrs(struct device *dev, size_t size,
			       kmem_phys_t *handle, gfp_t gfp,
			       unsigned long attrs) KMEM_ABI(dma_alloc_attrs)
	KMEM_SIZE(2);
KMEM_API void dma_free_attrs(struct device *dev, size_t size, void *p,
			     kmem_phys_t handle, unsigned long attrs)
	KMEM_ABI(dma_free_attrs);
/* The same, and given back with the device. */
KMEM_API void *dmam_alloc_attrs(struct device *dev, size_t size,
				kmem_phys_t *handle, gfp_t gfp,
				unsigned long attrs) KMEM_ABI(dmam_alloc_attrs)
	KMEM_SIZE(2);
KMEM_API void dmam_free_coherent(struct device *dev, size_t size, void *p,
				 kmem_phys_t handle)
	KMEM_ABI(dmam_free_coherent);

/* 0; -EIO for a mask below 24 bits, which no zone can serve; -ENOMEM. */
KMEM_API int dma_set_mask(struct device *dev, unsigned long long mask)
	KMEM_ABI(dma_set_mask);
KMEM_API int dma_set_coherent_mask(struct device *dev, unsigned long long mask)
	KMEM_ABI(dma_set_coherent_mask);
KMEM_API int dma_set_mask_and_coherent(struct device *dev,
				       unsigned long long mask)
	KMEM_ABI(dma_set_mask_and_coherent);
KMEM_API unsigned long long dma_get_mask(struct device *dev)
	KMEM_ABI(dma_get_mask);

/* Where a device finds this memory, or DMA_MAPPING_ERROR. */
KMEM_API kmem_phys_t dma_map_single(struct device *dev, const void *p,
				    size_t size, enum dma_data_direction dir)
	KMEM_ABI(dma_map_single);
KMEM_API kmem_phys_t dma_map_page(struct device *dev, struct page *page,
				  size_t offset, size_t size,
				  enum dma_data_direction dir)
	KMEM_ABI(dma_map_page);

KMEM_EXTERN_C_END

/**
 * dma_alloc_coherent() - memory that a device can reach
 * @dev: the device, or NULL
 * @size: bytes
 * @handle: where the device's address goes
 * @gfp: what may be done to get it; the zone is the mask's affair
 *
 * Context: As @gfp says.
 * Return: as dma_alloc_attrs().
 */
static inline void *dma_alloc_coherent(struct device *dev, size_t size,
				       kmem_phys_t *handle, gfp_t gfp)
{
	return dma_alloc_attrs(dev, size, handle, gfp,
			       gfp & __GFP_NOWARN ? DMA_ATTR_NO_WARN : 0);
}

/**
 * dma_free_coherent() - gives back what dma_alloc_coherent() returned
 * @dev: the device
 * @size: bytes, as given there
 * @p: the memory; NULL is allowed
 * @handle: its device address
 *
 * Context: Any; never sleeps (the kernel's may).
 */
static inline void dma_free_coherent(struct device *dev, size_t size, void *p,
				     kmem_phys_t handle)
{
	dma_free_attrs(dev, size, p, handle, 0);
}

/**
 * dmam_alloc_coherent() - dma_alloc_coherent(), given back with the device
 * @dev: the device
 * @size: bytes
 * @handle: where the device's address goes
 * @gfp: what may be done to get it
 *
 * Context: As @gfp says.
 * Return: as dma_alloc_attrs().
 */
static inline void *dmam_alloc_coherent(struct device *dev, size_t size,
					kmem_phys_t *handle, gfp_t gfp)
{
	return dmam_alloc_attrs(dev, size, handle, gfp, 0);
}

/* Name of up to 5.0, of when memory was not always zeroed. */
static inline void *dma_zalloc_coherent(struct device *dev, size_t size,
					kmem_phys_t *handle, gfp_t gfp)
{
	return dma_alloc_coherent(dev, size, handle, gfp | __GFP_ZERO);
}

static inline int dma_coerce_mask_and_coherent(struct device *dev,
					       unsigned long long mask)
{
	return dma_set_mask_and_coherent(dev, mask);
}

/* 0, or -ENOMEM for what dma_map_single() returned when it failed. */
static inline int dma_mapping_error(struct device *dev, kmem_phys_t addr)
{
	(void)dev;
	return addr == DMA_MAPPING_ERROR ? -12 : 0;
}

/* A mapping is arithmetic: there is nothing to undo. */
static inline void dma_unmap_single(struct device *dev, kmem_phys_t addr,
				    size_t size, enum dma_data_direction dir)
{
	(void)dev;
	(void)addr;
	(void)size;
	(void)dir;
}

static inline void dma_unmap_page(struct device *dev, kmem_phys_t addr,
				  size_t size, enum dma_data_direction dir)
{
	dma_unmap_single(dev, addr, size, dir);
}

/* Nor to copy. */
static inline void dma_sync_single_for_cpu(struct device *dev, kmem_phys_t addr,
					   size_t size,
					   enum dma_data_direction dir)
{
	dma_unmap_single(dev, addr, size, dir);
}

static inline void dma_sync_single_for_device(struct device *dev,
					      kmem_phys_t addr, size_t size,
					      enum dma_data_direction dir)
{
	dma_unmap_single(dev, addr, size, dir);
}

#endif
