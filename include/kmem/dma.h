/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the kernel shows of a device's memory in files.
 */
#ifndef KMEM_DMA_H
#define KMEM_DMA_H

#include <kmem/abi.h>
#include <stddef.h>

struct device;

KMEM_EXTERN_C_BEGIN

/*
 * The text of the file `pools` of a device: its pools of <linux/dmapool.h>.
 * Writes at most size bytes with a NUL at their end, and returns the length
 * that the whole text has.
 */
KMEM_API size_t kmem_dma_pools(const struct device *dev, char *buf, size_t size)
	KMEM_ABI(kmem_dma_pools);

KMEM_EXTERN_C_END

#endif
