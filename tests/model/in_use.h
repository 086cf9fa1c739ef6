/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * How many bytes are in use, by the library's own counts: objects of all
 * caches that are not parked in sheaves, and pages that are neither free nor
 * a slab's.  A test takes it at its beginning and at its end.
 *
 * What the layers need for themselves (records of caches, sheaves)
 * comes and goes with the traffic and is left out.  No other thread may be
 * in the library meanwhile.
 */
#ifndef MODEL_IN_USE_H
#define MODEL_IN_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "page/page.h"
#include "slab/slab.h"

static inline bool in_use_internal(const char *name)
{
	return strcmp(name, "kmem_cache") == 0 ||
	       strncmp(name, "sheaf-", 6) == 0 ||
	       strcmp(name, "vm_region") == 0 || strcmp(name, "vmap_area") == 0;
}

/* Pages of a cache's slabs; some were made small, when memory was short. */
static inline unsigned long in_use_slab_pages(const struct kmem_cache *s,
					      const struct slab_counts *n)
{
	unsigned long few = 0;

	if (s->objects != s->min_objects)
		few = (n->num_slabs * s->objects - n->num_objs) /
		      (unsigned int)(s->objects - s->min_objects);
	return ((n->num_slabs - few) << s->order) + (few << s->min_order);
}

static inline unsigned long in_use_bytes(void)
{
	unsigned long bytes = 0, slab_pages = 0;
	const struct list_head *pos;
	struct page_stats pages;
	struct slab_counts n;
	struct kmem_cache *s;

	for (pos = slab_caches.next; pos != &slab_caches; pos = pos->next) {
		s = (struct kmem_cache *)((uintptr_t)pos -
					  offsetof(struct kmem_cache, list));
		slab_counts(s, &n);
		slab_pages += in_use_slab_pages(s, &n);
		if (!in_use_internal(s->name))
			bytes += (n.active_objs - n.free_in_sheaves) * s->size;
	}
	page_stats(&pages);
	return bytes +
	       (pages.total - pages.free - pages.pcp - slab_pages) * PG_BYTES;
}

#endif
