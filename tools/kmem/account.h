/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Where every byte is that an allocator has mapped.
 */
#ifndef KMEM_TOOL_ACCOUNT_H
#define KMEM_TOOL_ACCOUNT_H

#include "published.h"

/*
 * All in bytes. mapped is the sum of what follows it; other is the one figure
 * that is not counted: what the rest leaves of the usable pages.
 */
struct account {
	int64_t mapped;
	/* the window, page by page */
	int64_t usable;
	int64_t free_resident, free_purged, free_isolated;
	int64_t page_lists;
	int64_t slabs; /* the next five */
	int64_t used;  /* objects with the program, or in slots when unknown */
	int64_t in_slots, in_barn, in_slabs, waste;
	int64_t used_own; /* of used: sheaves, slots, records of caches */
	int64_t large, spans, vmalloc, other;
	/* outside of it */
	int64_t regions, kept; /* with an owner, and waiting for one */
	int64_t percpu;        /* of all CPUs, populated */
	int64_t page_records, slab_maps, area, own;
	int64_t columns;  /* address space of the CPUs' slots */
	int64_t metadata; /* the last four */
	bool slots_known;
};

void account_make(struct account *a, const struct books *b);

/* Does the allocator keep this cache for itself? */
bool cache_is_own(const struct kmem_pub_cache *c);

#endif
