/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Large buffers by the names of 2.6.  Those that cannot fail end the process.
 */
#ifndef KMEM_LINUX_BOOTMEM_H
#define KMEM_LINUX_BOOTMEM_H

#include <kmem/page.h>
#include <linux/cache.h>
#include "memblock.h"

KMEM_EXTERN_C_BEGIN

/* goal is a wish, low means below 4 GiB. */
KMEM_API void *__alloc_bootmem(unsigned long size, unsigned long align,
			       unsigned long goal) KMEM_ABI(__alloc_bootmem)
	KMEM_SIZE(1);
KMEM_API void *__alloc_bootmem_low(unsigned long size, unsigned long align,
				   unsigned long goal)
	KMEM_ABI(__alloc_bootmem_low) KMEM_SIZE(1);

KMEM_EXTERN_C_END

#define alloc_bootmem(size) __alloc_bootmem((size), SMP_CACHE_BYTES, 0)
#define alloc_bootmem_low(size) __alloc_bootmem_low((size), SMP_CACHE_BYTES, 0)
#define alloc_bootmem_pages(size) __alloc_bootmem((size), PAGE_SIZE, 0)
#define alloc_bootmem_low_pages(size) __alloc_bootmem_low((size), PAGE_SIZE, 0)
/* These may fail, with NULL. */
#define alloc_bootmem_nopanic(size) memblock_alloc((size), SMP_CACHE_BYTES)
#define alloc_bootmem_pages_nopanic(size) memblock_alloc((size), PAGE_SIZE)

/**
 * free_bootmem() - gives back memory, whole or in parts
 * @addr: its physical address
 * @size: bytes
 *
 * Context: May sleep.
 */
static inline void free_bootmem(unsigned long addr, unsigned long size)
{
	memblock_phys_free(addr, size);
}

#endif
