/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The classes of kmalloc(), for kmalloc.c and the private sets of buckets.c.
 *
 *	class	 8 16 32 64  96 128  192 256 512 1k 2k 4k 8k
 *	index	 3  4  5  6   1   7    2   8   9 10 11 12 13
 */
#ifndef ALLOC_SIZES_H
#define ALLOC_SIZES_H

#include <linux/slab.h>

#include "lib/mem.h"

#define INDEXES (KMALLOC_SHIFT_HIGH + 1)
/* Up to here the class is looked up, above it is computed. */
#define LOOKUP_MAX 192

/* By (size - 1) / 8. */
static const unsigned char size_index[LOOKUP_MAX / 8] = {
	3, 4, 5, 5, 6, 6, 6, 6, 1, 1, 1, 1, 7, 7, 7, 7, 2, 2, 2, 2, 2, 2, 2, 2,
};

static inline unsigned int index_of(size_t size)
{
	if (likely(size <= LOOKUP_MAX))
		return size_index[(size - 1) / 8];
	return 64 - (unsigned int)__builtin_clzl(size - 1);
}

static inline size_t kmalloc_class_bytes(unsigned int index)
{
	switch (index) {
	case 1:
		return 96;
	case 2:
		return 192;
	default:
		return (size_t)1 << index;
	}
}

#endif
