/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory for devices, <linux/dma-mapping.h>: blocks of pages, from the zone
 * that the mask of the device asks for.
 */
#include <linux/dma-mapping.h>

#include <linux/device.h>
#include <linux/mm.h>

#include "alloc/device.h"
#include "alloc/devres.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "lib/errno.h"
#include "lib/mem.h"

/* The highest zone that may have pages below the mask. */
static gfp_t zone_of_mask(u64 mask)
{
	if (mask <= DMA_BIT_MASK(24))
		return __GFP_DMA;
	return mask <= DMA_BIT_MASK(32) ? __GFP_DMA32 : 0;
}

/* A block, or, beyond the largest, pages side by side that are single. */
static struct page *dma_block(size_t size, gfp_t gfp)
{
	unsigned int order = (unsigned int)get_order(size);

	if (order <= PG_MAX_ORDER)
		return page_alloc(gfp, order);
	return page_alloc_run(gfp, 0, (size - 1) / PG_BYTES + 1, 1ul << order,
			      0);
}

void dma_pages_free(struct page *page, size_t size)
{
	unsigned int order = (unsigned int)get_order(size);

	if (order <= PG_MAX_ORDER) {
		page_put(page, order, LOCK_SPIN);
		return;
	}
	for (unsigned long nr = (size - 1) / PG_BYTES + 1; nr--; page++)
		page_put(page, 0, LOCK_SPIN);
}

struct page *dma_pages(u64 mask, size_t size, gfp_t gfp)
{
	gfp_t where = zone_of_mask(mask);
	struct page *page;

	if (!size || size > window.size / 2)
		return NULL;
	gfp &= ~(__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM);
	page = dma_block(size, gfp | where);
	if (!page || page_to_phys(page) + (size - 1) <= mask)
		return page;
	dma_pages_free(page, size);
	if (where == __GFP_DMA)
		return NULL;
	/* all of the next lower zone lies below such a mask */
	where = where ? __GFP_DMA : __GFP_DMA32;
	return dma_block(size, gfp | where);
}

/**
 * dma_alloc_attrs() - memory that a device can reach
 * @dev: the device, or NULL for one that reaches everything
 * @size: bytes
 * @handle: NULL, or where the device's address goes
 * @gfp: what may be done to get it; flags that name a zone are dropped, and
 *	__GFP_COMP is warned of once and refused
 * @attrs: DMA_ATTR_*; DMA_ATTR_NO_WARN is __GFP_NOWARN
 *
 * Whole pages of zeros, aligned to their size rounded up to a power of two.  Of
 * more than the largest block there are some only for callers that may sleep.
 *
 * Context: As @gfp says; a caller that must not wait gets NULL if the lock on
 * what is known of devices is busy.
 * Return: the address, or NULL.
 * Source: <linux/dma-mapping.h>.
 */
void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle,
		      gfp_t gfp, unsigned long attrs)
{
	struct page *page;
	u64 mask;

	check_blocking(gfp);
	if (warn_once_if((gfp & __GFP_COMP) != 0,
			 "dma_alloc_attrs() with __GFP_COMP"))
		return NULL;
	if (attrs & DMA_ATTR_NO_WARN)
		gfp |= __GFP_NOWARN;
	if (should_fail(size, gfp) ||
	    !device_mask(dev, MASK_COHERENT, gfp_wait(gfp), &mask))
		return NULL;
	page = dma_pages(mask, size, gfp | __GFP_ZERO);
	if (!page)
		return NULL;
	if (handle)
		*handle = page_to_phys(page);
	return page_addr(page);
}

/* Is it the block that the caller says? */
static const char *block_contradiction(size_t size, const void *p,
				       dma_addr_t handle)
{
	if (!page_is_usable(p) || (uintptr_t)p % PG_BYTES)
		return "no such memory";
	if (virt_to_phys(p) != handle)
		return "another address for the device";
	if (!size || size > window.size ||
	    !page_is_usable((const char *)p + (size - 1)))
		return "impossible size";
	return NULL;
}

/**
 * dma_free_attrs() - gives back what dma_alloc_attrs() returned
 * @dev: the device
 * @size: bytes, as given there
 * @p: the memory; NULL is allowed
 * @handle: its device address; another one is reported, and the memory leaked
 * @attrs: as given there
 *
 * Context: Any; never sleeps (the kernel's may).
 * Source: <linux/dma-mapping.h>.
 */
void dma_free_attrs(struct device *dev, size_t size, void *p, dma_addr_t handle,
		    unsigned long attrs)
{
	const char *reason;

	(void)dev;
	(void)attrs;
	if (!p)
		return;
	reason = block_contradiction(size, p, handle);
	if (!warn_if(reason, "dma_free_coherent() of %p/%#llx: %s", p,
		     (unsigned long long)handle, reason))
		dma_pages_free(addr_page(p), size);
}

/* --- given back with the device ------------------------------------------- */

struct dma_res {
	size_t size;
	void *p;
	dma_addr_t handle;
};

static void dmam_release(struct device *dev, void *res)
{
	const struct dma_res *r = res;

	dma_free_coherent(dev, r->size, r->p, r->handle);
}

static int is_dma_at(struct device *dev, void *res, void *match_data)
{
	const struct dma_res *r = res;

	(void)dev;
	return r->p == match_data;
}

/**
 * dmam_alloc_attrs() - dma_alloc_attrs(), given back with the device
 * @dev: the device
 * @size: bytes
 * @handle: NULL, or where the device's address goes
 * @gfp: what may be done to get it
 * @attrs: DMA_ATTR_*
 *
 * Context: As @gfp says.
 * Return: as dma_alloc_attrs().
 * Source: <linux/dma-mapping.h>.
 */
void *dmam_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle,
		       gfp_t gfp, unsigned long attrs)
{
	struct devres_node *n;
	struct dma_res *r;

	check_blocking(gfp);
	if (no_device(dev))
		return NULL;
	n = node_new(dmam_release, sizeof(*r),
		     gfp & ~(__GFP_ZERO | __GFP_DMA | __GFP_DMA32 |
			     __GFP_HIGHMEM | __GFP_COMP),
		     NUMA_NO_NODE, (unsigned long)__builtin_return_address(0));
	if (!n)
		return NULL;
	r = node_data(n);
	r->size = size;
	r->p = dma_alloc_attrs(dev, size, &r->handle, gfp, attrs);
	if (handle && r->p)
		*handle = r->handle;
	if (r->p && node_add(dev, n, gfp_wait(gfp)))
		return r->p;
	dma_free_attrs(dev, size, r->p, r->handle, attrs);
	node_drop(n);
	return NULL;
}

/**
 * dmam_free_coherent() - gives memory of a device back before its end
 * @dev: the device
 * @size: bytes
 * @p: of dmam_alloc_coherent(); other memory is reported and left alone
 * @handle: its device address
 *
 * Context: May sleep (the kernel's may, too).
 * Source: <linux/dma-mapping.h>.
 */
void dmam_free_coherent(struct device *dev, size_t size, void *p,
			dma_addr_t handle)
{
	check_sleeping();
	(void)size;
	(void)handle;
	warn_if(devres_release(dev, dmam_release, is_dma_at, p),
		"dmam_free_coherent() of %p, which is not the device's", p);
}

/* --- masks ---------------------------------------------------------------- */

static int mask_set(struct device *dev, enum mask_kind kind, u64 mask)
{
	if (no_device(dev) || mask < DMA_BIT_MASK(24))
		return -EIO;
	return device_set_mask(dev, kind, mask);
}

/**
 * dma_set_mask() - which addresses a device reaches by mappings
 * @dev: the device
 * @mask: its highest address
 *
 * Context: May sleep.
 * Return: 0; -EIO for a mask that no zone can serve; -ENOMEM.
 * Source: <linux/dma-mapping.h>.
 */
int dma_set_mask(struct device *dev, u64 mask)
{
	check_blocking(GFP_KERNEL);
	return mask_set(dev, MASK_STREAM, mask);
}

/**
 * dma_set_coherent_mask() - which addresses a device is given memory at
 * @dev: the device
 * @mask: its highest address
 *
 * Context: May sleep.
 * Return: 0; -EIO for a mask that no zone can serve; -ENOMEM.
 * Source: <linux/dma-mapping.h>.
 */
int dma_set_coherent_mask(struct device *dev, u64 mask)
{
	check_blocking(GFP_KERNEL);
	return mask_set(dev, MASK_COHERENT, mask);
}

/**
 * dma_set_mask_and_coherent() - both masks
 * @dev: the device
 * @mask: its highest address
 *
 * Context: May sleep.
 * Return: 0; -EIO for a mask that no zone can serve; -ENOMEM.
 * Source: <linux/dma-mapping.h>.
 */
int dma_set_mask_and_coherent(struct device *dev, u64 mask)
{
	check_blocking(GFP_KERNEL);
	return mask_set(dev, MASKS, mask);
}

/**
 * dma_get_mask() - which addresses a device reaches by mappings
 * @dev: the device
 *
 * Context: May sleep.
 * Return: the mask; 32 bits if none was set.
 * Source: <linux/dma-mapping.h>.
 */
u64 dma_get_mask(struct device *dev)
{
	u64 mask;

	check_sleeping();
	device_mask(dev, MASK_STREAM, LOCK_SLEEP, &mask);
	return mask;
}

/* --- mappings ------------------------------------------------------------- */

static dma_addr_t map_at(const struct device *dev, phys_addr_t phys,
			 size_t size)
{
	u64 mask;

	if (!device_mask(dev, MASK_STREAM, LOCK_SPIN, &mask))
		return DMA_MAPPING_ERROR;
	return size && phys + (size - 1) <= mask && phys <= mask ?
		       phys :
		       DMA_MAPPING_ERROR;
}

/**
 * dma_map_single() - where a device finds memory
 * @dev: the device
 * @p: memory of the window; other memory has no such address
 * @size: bytes
 * @dir: what the device does with it; plays no part
 *
 * Nothing is copied to where the device reaches: what is beyond its mask cannot
 * be mapped.
 *
 * Context: Any; an error if the lock on what is known of devices is busy.
 * Return: the address, or DMA_MAPPING_ERROR.
 * Source: <linux/dma-mapping.h>.
 */
dma_addr_t dma_map_single(struct device *dev, const void *p, size_t size,
			  enum dma_data_direction dir)
{
	(void)dir;
	if (!page_is_usable(p))
		return DMA_MAPPING_ERROR;
	return map_at(dev, virt_to_phys(p), size);
}

/**
 * dma_map_page() - where a device finds memory of a page
 * @dev: the device
 * @page: its record
 * @offset: bytes from the page's beginning
 * @size: bytes
 * @dir: what the device does with it; plays no part
 *
 * Context: Any; an error if the lock on what is known of devices is busy.
 * Return: the address, or DMA_MAPPING_ERROR.
 * Source: <linux/dma-mapping.h>.
 */
dma_addr_t dma_map_page(struct device *dev, struct page *page, size_t offset,
			size_t size, enum dma_data_direction dir)
{
	(void)dir;
	if (!page_is_record(page))
		return DMA_MAPPING_ERROR;
	return map_at(dev, page_to_phys(page) + offset, size);
}
