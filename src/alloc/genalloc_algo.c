/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The algorithms of <linux/genalloc.h>: each looks for granules in a map and
 * changes nothing.
 */
#include "alloc/genalloc.h"

/*
 * The first of nr clear bits from start on whose number plus off is a multiple
 * of mask + 1; size: there are none.
 */
static unsigned long find_area(const unsigned long *map, unsigned long size,
			       unsigned long start, unsigned long nr,
			       unsigned long mask, unsigned long off)
{
	/* Bound: the bits of the map. */
	while (start < size) {
		unsigned long taken;

		start = next_bit(map, start, size, false);
		start = ((start + off + mask) & ~mask) - off;
		if (start >= size || nr > size - start)
			break;
		taken = next_bit(map, start, start + nr, true);
		if (taken == start + nr)
			return start;
		start = taken + 1;
	}
	return size;
}

/**
 * gen_pool_first_fit() - an algorithm: the first place that is large enough
 * @map: bits of a chunk, set where a granule is in use
 * @size: their number
 * @start: where to begin
 * @nr: granules wanted
 * @data: not used
 * @pool: not used
 * @start_addr: not used
 *
 * Context: Any.
 * Return: the first of the granules, or a number not below @size.
 * Source: <linux/genalloc.h>.
 */
unsigned long gen_pool_first_fit(unsigned long *map, unsigned long size,
				 unsigned long start, unsigned int nr,
				 void *data, struct gen_pool *pool,
				 unsigned long start_addr)
{
	(void)data;
	(void)pool;
	(void)start_addr;
	return find_area(map, size, start, nr, 0, 0);
}

/**
 * gen_pool_first_fit_align() - an algorithm: the first aligned place
 * @map: bits of a chunk
 * @size: their number
 * @start: where to begin
 * @nr: granules wanted
 * @data: a struct genpool_data_align
 * @pool: whose granules these are
 * @start_addr: address of the chunk; the alignment is of addresses
 *
 * Context: Any.
 * Return: the first of the granules, or a number not below @size.
 * Source: <linux/genalloc.h>.
 */
unsigned long gen_pool_first_fit_align(unsigned long *map, unsigned long size,
				       unsigned long start, unsigned int nr,
				       void *data, struct gen_pool *pool,
				       unsigned long start_addr)
{
	const struct genpool_data_align *wish = data;
	unsigned long align = (unsigned long)wish->align;
	unsigned int order = (unsigned int)pool->min_alloc_order;
	unsigned long granules = (align + (1ul << order) - 1) >> order;

	if (granules <= 1)
		return find_area(map, size, start, nr, 0, 0);
	return find_area(map, size, start, nr, granules - 1,
			 (start_addr & (align - 1)) >> order);
}

/**
 * gen_pool_first_fit_order_align() - an algorithm: aligned to the request
 * @map: bits of a chunk
 * @size: their number
 * @start: where to begin
 * @nr: granules wanted; rounded up to a power of two it is the alignment
 * @data: not used
 * @pool: not used
 * @start_addr: not used: the alignment is within the chunk
 *
 * Context: Any.
 * Return: the first of the granules, or a number not below @size.
 * Source: <linux/genalloc.h>.
 */
unsigned long
gen_pool_first_fit_order_align(unsigned long *map, unsigned long size,
			       unsigned long start, unsigned int nr, void *data,
			       struct gen_pool *pool, unsigned long start_addr)
{
	unsigned long align = 1;

	(void)data;
	(void)pool;
	(void)start_addr;
	while (align < nr)
		align *= 2;
	return find_area(map, size, start, nr, align - 1, 0);
}

/**
 * gen_pool_fixed_alloc() - an algorithm: one place or none
 * @map: bits of a chunk
 * @size: their number
 * @start: where to begin
 * @nr: granules wanted
 * @data: a struct genpool_data_fixed; an offset that no granule begins at is
 *	warned of
 * @pool: whose granules these are
 * @start_addr: not used
 *
 * Context: Any.
 * Return: the granule at the offset, or a number not below @size.
 * Source: <linux/genalloc.h>.
 */
unsigned long gen_pool_fixed_alloc(unsigned long *map, unsigned long size,
				   unsigned long start, unsigned int nr,
				   void *data, struct gen_pool *pool,
				   unsigned long start_addr)
{
	const struct genpool_data_fixed *fixed = data;
	unsigned int order = (unsigned int)pool->min_alloc_order;
	unsigned long at = fixed->offset >> order;

	(void)start_addr;
	if (warn_if(fixed->offset & ((1ul << order) - 1),
		    "gen_pool_fixed_alloc(): offset %#lx is no granule's",
		    fixed->offset))
		return size;
	if (at > size - start || nr > size - start - at)
		return size;
	at += start;
	return next_bit(map, at, at + nr, true) == at + nr ? at : size;
}

/**
 * gen_pool_best_fit() - an algorithm: the smallest place that is large enough
 * @map: bits of a chunk
 * @size: their number
 * @start: where to begin
 * @nr: granules wanted
 * @data: not used
 * @pool: not used
 * @start_addr: not used
 *
 * Context: Any.
 * Return: the first of the granules, or a number not below @size.
 * Source: <linux/genalloc.h>.
 */
unsigned long gen_pool_best_fit(unsigned long *map, unsigned long size,
				unsigned long start, unsigned int nr,
				void *data, struct gen_pool *pool,
				unsigned long start_addr)
{
	unsigned long best = size, least = size + 1;

	(void)data;
	(void)pool;
	(void)start_addr;
	while (start < size && least > nr) {
		unsigned long from = next_bit(map, start, size, false);
		unsigned long to = next_bit(map, from, size, true);

		if (to - from >= nr && to - from < least && from < size) {
			best = from;
			least = to - from;
		}
		start = to + 1;
	}
	return best;
}

/**
 * gen_pool_set_algo() - what gen_pool_alloc() uses from now on
 * @pool: the pool
 * @algo: which granules; NULL is gen_pool_first_fit()
 * @data: for @algo; must stay as long as it is used
 *
 * Context: Any; no allocation may be under way.
 * Source: <linux/genalloc.h>.
 */
void gen_pool_set_algo(struct gen_pool *pool, genpool_algo_t algo, void *data)
{
	if (no_genpool(pool))
		return;
	pool->algo = algo ? algo : gen_pool_first_fit;
	pool->data = data;
}
