/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The sizes of a cache: of its slabs, of an object's slot, of its sheaves.
 */
#include "slab/debug.h"

/* The highest order tried when the ordinary ones waste too much. */
#define SLAB_BIG_ORDER 6
#define SLAB_MIN_OBJECTS 8
/* Empty slabs that a cache may keep, but one at least. */
#define EMPTY_BYTES (64ul << 10)

static unsigned int order_objects(unsigned int order, unsigned int size)
{
	unsigned long n = (PG_BYTES << order) / size;

	return n > SLAB_OBJECTS_MAX ? SLAB_OBJECTS_MAX : (unsigned int)n;
}

static unsigned int order_of(size_t bytes)
{
	unsigned int order = 0;

	while ((PG_BYTES << order) < bytes)
		order++;
	return order;
}

/* Does a slab of this order waste at most one part in fraction? */
static bool order_fits(unsigned int order, unsigned int size,
		       unsigned int fraction)
{
	unsigned long bytes = PG_BYTES << order;

	return bytes % size <= bytes / fraction;
}

/* The smallest order in [min, max] that wastes little enough; max+1: none. */
static unsigned int order_search(unsigned int size, unsigned int min,
				 unsigned int max, unsigned int fraction)
{
	unsigned int order;

	for (order = min; order <= max; order++)
		if (order_fits(order, size, fraction))
			break;
	return order;
}

/*
 * Prefers slabs of at least SLAB_MIN_OBJECTS objects and at most 1/16 waste, or
 * half of that where it is asked for; relaxes waste first, then the number of
 * objects.
 */
static unsigned int order_choose(unsigned int size, bool thrifty)
{
	unsigned int want = SLAB_MIN_OBJECTS, fraction, order;
	unsigned int most = order_objects(SLAB_MAX_ORDER, size);

	if (want > most)
		want = most;
	for (; want > 1; want--) {
		unsigned int min = order_of((size_t)want * size);

		for (fraction = thrifty ? 32 : 16; fraction >= 4;
		     fraction /= 2) {
			order = order_search(size, min, SLAB_MAX_ORDER,
					     fraction);
			if (order <= SLAB_MAX_ORDER)
				return order;
		}
	}
	return order_of(size);
}

/* Sets order, objects and the reciprocal from size. */
static void order_set(struct kmem_cache *s)
{
	unsigned int order = order_choose(s->size, s->thrifty), better;

	if (s->size > PG_BYTES && !order_fits(order, s->size, 8)) {
		better = order_search(s->size, order, SLAB_BIG_ORDER, 8);
		if (better <= SLAB_BIG_ORDER)
			order = better;
	}
	s->order = (unsigned char)order;
	s->min_order = (unsigned char)order_of(s->size);
	s->objects = (unsigned short)order_objects(order, s->size);
	s->min_objects = (unsigned short)order_objects(s->min_order, s->size);
	s->max_empty = (unsigned int)(EMPTY_BYTES >> order >> PG_SHIFT);
	if (!s->max_empty)
		s->max_empty = 1;
	/*
	 * offset * recip >> 32 == offset / size for every offset in a slab:
	 * with recip = ceil(2^32 / size) the product exceeds offset * 2^32 /
	 * size by less than offset, and offset < 2^22 < 2^32 / size as long
	 * as size <= 1024; above that the divisor is large enough for a slab
	 * to hold few objects and off_index() divides.
	 */
	s->recip = s->size <= 1024 ?
			   (uint32_t)(((1ull << 32) + s->size - 1) / s->size) :
			   0;
}

static unsigned int ilog2(unsigned int x)
{
	return 31 - (unsigned int)__builtin_clz(x);
}

size_t slab_align(const struct slab_params *p)
{
	size_t line = CACHE_LINE, align = p->align;

	while (align & (align - 1))
		align += align & -align;
	if (p->flags & SLAB_HWCACHE_ALIGN) {
		while (p->size <= line / 2)
			line /= 2;
		if (align < line)
			align = line;
	}
	if (align < ARCH_SLAB_MINALIGN)
		align = ARCH_SLAB_MINALIGN;
	return ALIGN_UP(align, sizeof(void *));
}

/*
 * Objects in a sheaf by size: what fits in half a MiB, 15 to 511.  Many, since
 * a refill costs a hundred times what a pop does; a sheaf fills up only with
 * what its CPU frees.  None above 32 KiB, where using the object costs far more
 * than the slab's lock, and a node's sheaves would keep megabytes.
 */
#define SHEAF_OBJECT_BYTES (512ul << 10)

unsigned int slab_capacity(size_t size)
{
	size_t n = PCS_SHEAF_MAX_BYTES / sizeof(void *);

	if (size > 32 * 1024)
		return 0;
	while (n * size > SHEAF_OBJECT_BYTES)
		n /= 2;
	return (unsigned int)n - 1;
}

void slab_geometry(struct kmem_cache *s, const struct slab_params *p)
{
	size_t size = ALIGN_UP(p->size, sizeof(void *));
	unsigned int keep;

	s->align = (unsigned int)slab_align(p);
	s->object_size = (unsigned int)p->size;
	s->size = (unsigned int)(slab_debugged(s) ?
					 debug_layout(s, size) :
					 ALIGN_UP(size, (size_t)s->align));
	s->zero_size = p->whole_zero && !slab_debugged(s) ? s->size :
							    s->object_size;
	s->thrifty = p->thrifty;
	s->checked = p->checked;
	order_set(s);
	keep = ilog2(s->size) / 2;
	s->min_partial = keep < 5 ? 5 : keep > 10 ? 10 : keep;
}
