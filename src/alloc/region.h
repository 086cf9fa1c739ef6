/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Mapped regions: blocks above the largest page block, each a mapping of its
 * own, found from any address in it by a tree.
 */
#ifndef ALLOC_REGION_H
#define ALLOC_REGION_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/*
 * size bytes (rounded up to the OS's page; there may be an eighth more),
 * aligned to align (power of two; at least the OS's page), all of them zero
 * if __GFP_ZERO is set, charged to the hard limit.  NULL when there is no
 * room, or gfp does not allow system calls.
 */
void *region_alloc(size_t size, size_t align, gfp_t gfp);

/* Usable bytes of the region that starts at p; 0: p is no region's start. */
size_t region_size(const void *p);

/*
 * Frees it; false, and nothing done, when p is no region's start.  In an
 * atomic section what there is to unmap is left to a later call, and a p that
 * is no region's start may be reported by that one.
 */
bool region_free(void *p);

/*
 * Ends what was freed in atomic sections; returns bytes that were unmapped.
 * Two loads when there is nothing.  Made by every call on regions that may
 * sleep.
 */
size_t region_settle(void);

/* Resizes, moving pages; NULL leaves the old as it is. New bytes are zero. */
void *region_resize(void *p, size_t size, gfp_t gfp);

struct region_counts {
	unsigned long nr, bytes;
};
void region_counts(struct region_counts *c);
/* Calls fn with the bytes and the site of each; region_lock is held. */
void region_each(void (*fn)(void *ctx, size_t bytes, uint64_t site), void *ctx);
bool region_validate(void);

#endif
