/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Adds the statistics up.  While the process runs, figures of one reading may
 * differ by what moved meanwhile: a block that left one count and is not yet in
 * the next shows in "other", which may be below zero for that moment.
 */
#include "account.h"

#include <string.h>

#include <kmem/page.h>

bool cache_is_own(const struct kmem_pub_cache *c)
{
	return !strcmp(c->name, "kmem_cache") || !strncmp(c->name, "sheaf-", 6);
}

uint64_t cache_in_barn(const struct kmem_pub_cache *c)
{
	return c->sheaf_bytes < 16 ? 0 :
				     c->barn_full * (c->sheaf_bytes / 8 - 1);
}

static void add_zone(struct account *a, const struct kmem_pub_zone *z)
{
	a->usable += (int64_t)((z->grown_pfn - z->start_pfn - z->absent) *
			       PAGE_SIZE);
	a->free_purged += (int64_t)(z->purged * PAGE_SIZE);
	a->free_resident += (int64_t)((z->free - z->purged) * PAGE_SIZE);
	a->free_isolated += (int64_t)(z->isolated * PAGE_SIZE);
}

static void add_cache(struct account *a, const struct cache_books *c)
{
	const struct kmem_pub_cache *k = &c->pub;
	int64_t size = k->size, active, slots, barn;

	active = (int64_t)cache_active(k);
	/* slots, barn and slabs are not of one moment: not below zero */
	barn = (int64_t)cache_in_barn(k);
	barn = barn < active ? barn : active;
	slots = (int64_t)c->in_slots;
	slots = slots < active - barn ? slots : active - barn;
	a->in_barn += barn * size;
	a->in_slots += slots * size;
	a->used += (active - barn - slots) * size;
	if (cache_is_own(k))
		a->used_own += (active - barn - slots) * size;
	a->in_slabs += (int64_t)k->free_objects * size;
	a->waste += (int64_t)(k->slab_pages * PAGE_SIZE) -
		    (int64_t)k->total_objects * size;
	a->slabs += (int64_t)(k->slab_pages * PAGE_SIZE);
}

void account_make(struct account *a, const struct books *b)
{
	size_t i;

	memset(a, 0, sizeof(*a));
	for (i = 0; i < b->nr_zones; i++)
		add_zone(a, &b->zone[i]);
	for (i = 0; i < b->nr_pcps; i++)
		a->page_lists += (int64_t)(b->pcp[i].pages * PAGE_SIZE);
	for (i = 0; i < b->nr_caches; i++)
		add_cache(a, &b->cache[i]);
	a->slots_known = b->slots_known;
	a->large = (int64_t)(b->totals.large_pages * PAGE_SIZE);
	a->spans = (int64_t)(b->totals.span_pages * PAGE_SIZE);
	a->vmalloc = (int64_t)(b->totals.vmalloc_pages * PAGE_SIZE);
	a->other = a->usable - a->free_resident - a->free_purged -
		   a->free_isolated - a->page_lists - a->slabs - a->large -
		   a->spans - a->vmalloc;
	a->regions = (int64_t)b->totals.region_bytes;
	a->kept = (int64_t)b->totals.kept_bytes;
	a->percpu = (int64_t)b->totals.percpu_bytes;
	a->page_records = (int64_t)b->totals.map_bytes;
	a->slab_maps = (int64_t)b->totals.slab_map_bytes;
	a->area = (int64_t)b->area_bytes;
	a->own = (int64_t)b->totals.own_bytes;
	a->columns = (int64_t)b->totals.column_bytes;
	a->metadata =
		a->page_records + a->slab_maps + a->area + a->own + a->columns;
	a->mapped = a->usable + a->regions + a->kept + a->percpu + a->metadata;
}
