/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools of address ranges, internal: maps of granules, and what is a pool.  The
 * theory is in genalloc.c.
 */
#ifndef ALLOC_GENALLOC_H
#define ALLOC_GENALLOC_H

#include <linux/genalloc.h>

#include "alloc/alloc.h"
#include "debug/report.h"
#include "lib/mem.h"

#define WORD_BITS (8 * sizeof(unsigned long))

/* The part of [from, to) that is in the word of from. */
static inline unsigned long mask_in_word(unsigned long from, unsigned long to)
{
	unsigned long shift = from % WORD_BITS, n = to - from;

	if (n >= WORD_BITS - shift)
		return ~0ul << shift;
	return ((1ul << n) - 1) << shift;
}

/* Where the next word begins, or the end. */
static inline unsigned long word_after(unsigned long from, unsigned long to)
{
	from = ALIGN_DOWN(from, WORD_BITS) + WORD_BITS;
	return from < to ? from : to;
}

/* The first bit of [from, to) that is set, or clear; else to. */
static inline unsigned long next_bit(const unsigned long *map,
				     unsigned long from, unsigned long to,
				     bool set)
{
	/* Bound: the words of the range. */
	while (from < to) {
		unsigned long word = __atomic_load_n(map + from / WORD_BITS,
						     __ATOMIC_RELAXED);

		word = (set ? word : ~word) & mask_in_word(from, to);
		if (word)
			return ALIGN_DOWN(from, WORD_BITS) +
			       (unsigned long)__builtin_ctzl(word);
		from = word_after(from, to);
	}
	return to;
}

static inline bool pool_is_genpool(const struct gen_pool *pool)
{
	return memory_is_ours(pool, sizeof(*pool)) && pool->kmem_self == pool;
}

#define no_genpool(pool)                                                 \
	warn_if(!pool_is_genpool(pool), "%s(): %p is no pool", __func__, \
		(const void *)(pool))

#endif
