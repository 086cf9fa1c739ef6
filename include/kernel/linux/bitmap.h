/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Arrays of bits of a length.
 */
#ifndef KMEM_KERNEL_BITMAP_H
#define KMEM_KERNEL_BITMAP_H

#include <linux/bitops.h>
#include <linux/string.h>

#include_next <linux/slab.h>

#define KMEM_BITMAP_BYTES(bits) (BITS_TO_LONGS(bits) * sizeof(unsigned long))

static inline unsigned long *bitmap_zalloc(unsigned int bits, gfp_t flags)
{
	return (unsigned long *)kcalloc(BITS_TO_LONGS((size_t)bits),
					sizeof(unsigned long), flags);
}

static inline unsigned long *bitmap_alloc(unsigned int bits, gfp_t flags)
{
	return (unsigned long *)kmalloc_array(BITS_TO_LONGS((size_t)bits),
					      sizeof(unsigned long), flags);
}

static inline void bitmap_free(const unsigned long *map)
{
	kfree(map);
}

static inline void bitmap_zero(unsigned long *map, unsigned int bits)
{
	memset(map, 0, KMEM_BITMAP_BYTES((size_t)bits));
}

static inline void bitmap_fill(unsigned long *map, unsigned int bits)
{
	memset(map, 0xff, KMEM_BITMAP_BYTES((size_t)bits));
}

static inline void bitmap_copy(unsigned long *to, const unsigned long *from,
			       unsigned int bits)
{
	memcpy(to, from, KMEM_BITMAP_BYTES((size_t)bits));
}

static inline void bitmap_set(unsigned long *map, unsigned int from,
			      unsigned int n)
{
	for (; n--; from++)
		__set_bit(from, map);
}

static inline void bitmap_clear(unsigned long *map, unsigned int from,
				unsigned int n)
{
	for (; n--; from++)
		__clear_bit(from, map);
}

static inline bool bitmap_empty(const unsigned long *map, unsigned int bits)
{
	return find_first_bit(map, bits) == bits;
}

static inline bool bitmap_full(const unsigned long *map, unsigned int bits)
{
	return find_first_zero_bit(map, bits) == bits;
}

static inline unsigned int bitmap_weight(const unsigned long *map,
					 unsigned int bits)
{
	unsigned int weight = 0;
	unsigned long n;

	for_each_set_bit(n, map, bits) weight++;
	return weight;
}

/* The first run of n clear bits at a multiple of mask + 1; size for none. */
static inline unsigned long bitmap_find_next_zero_area(unsigned long *map,
						       unsigned long size,
						       unsigned long from,
						       unsigned int n,
						       unsigned long mask)
{
	for (;;) {
		unsigned long end, taken;

		from = (find_next_zero_bit(map, size, from) + mask) & ~mask;
		end = from + n;
		if (end > size)
			return size;
		taken = find_next_bit(map, end, from);
		if (taken >= end)
			return from;
		from = taken + 1;
	}
}

#endif
