/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The file `pools` of a device, in its version 0.1. */
#include <kmem/dma.h>

#include "alloc/device.h"
#include "info/table.h"

static void add_pool(const struct dma_pool_counts *c, void *data)
{
	table_add(data, "%-16s %4zu %4zu %4u %2zu\n", c->name,
		  (size_t)c->active, (size_t)c->blocks, (unsigned int)c->size,
		  (size_t)c->pages);
}

/**
 * kmem_dma_pools() - the pools of a device as the kernel shows them
 * @dev: the device; NULL for the pools of no device
 * @buf: where the text goes; may be NULL when @size is 0
 * @size: bytes at @buf; the last of them written is a NUL
 *
 * A line has the name of a pool, blocks in use, blocks in all, bytes of a
 * block, and pages.
 *
 * Return: the length of the whole text without the NUL.  When that is not below
 * @size it was cut, and a longer buffer gets all of it.
 * Context: may sleep.
 * Source: ours; the format is that of /sys/devices/.../pools.
 */
size_t kmem_dma_pools(const struct device *dev, char *buf, size_t size)
{
	struct table t;

	table_begin(&t, buf, size);
	table_add(&t, "poolinfo - 0.1\n");
	dma_pools_each(dev, add_pool, &t);
	return table_end(&t);
}
