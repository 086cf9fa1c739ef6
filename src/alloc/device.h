/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Devices, internal.  A struct device is an address that stands for one; what
 * is known of it is here: its settings (device.c) and what it owns (devres.c).
 */
#ifndef ALLOC_DEVICE_H
#define ALLOC_DEVICE_H

#include <linux/gfp_types.h>
#include <linux/types.h>

#include "alloc/alloc.h"

struct device;

/* What LOCK_DEVICE guards: settings, and the lists of resources. */
extern struct lock device_lock;

/* A device that has told nothing reaches 4 GiB, as on most buses. */
#define DEVICE_MASK 0xffffffffull
/* No device, and no limit. */
#define ANY_MASK UINT64_MAX

enum mask_kind { MASK_STREAM, MASK_COHERENT, MASKS };

/* device.c; how: as for lock_get(), false if the lock was busy */
bool device_mask(const struct device *dev, enum mask_kind kind,
		 enum lock_wait how, u64 *mask);
/* Both if kind is MASKS.  0, -ENOMEM. */
int device_set_mask(struct device *dev, enum mask_kind kind, u64 mask);
/* "name: " for a report. */
void device_label(const struct device *dev, char *buf, size_t n);
void device_forget(const struct device *dev);

/* NULL is no device; reported. */
#define no_device(dev) warn_if(!(dev), "%s(): no device", __func__)

/* dmapool.c: fn is called under the lock, for each pool of the device */
struct dma_pool_counts {
	const char *name;
	unsigned long active, blocks, pages;
	size_t size;
};

void dma_pools_each(const struct device *dev,
		    void (*fn)(const struct dma_pool_counts *c, void *data),
		    void *data);

/* dma.c: pages below mask, aligned to the size's order */
struct page *dma_pages(u64 mask, size_t size, gfp_t gfp);
void dma_pages_free(struct page *page, size_t size);

#endif
