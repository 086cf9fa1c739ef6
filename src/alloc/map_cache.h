/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Freed mappings that are kept a while for the next region that fits.
 */
#ifndef ALLOC_MAP_CACHE_H
#define ALLOC_MAP_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/gfp_types.h>

/* A mapping that waits for a new owner. */
struct kept_block {
	char *start;
	size_t size;    /* without the guard */
	uint64_t since; /* not 0 */
};

/* From this size up a mapping is kept, and a request is served. */
#define KEPT_MIN (256ul << 10)

/*
 * Takes over a guarded mapping of size bytes, charged to the hard limit; false:
 * it is the caller's still.
 */
bool kept_put(void *p, size_t size);

/*
 * A guarded, charged mapping of *size bytes or up to an eighth more, which is
 * then stored in *size; or NULL.  All but its first *dirty bytes are zero.
 * May enter the OS and wait for locks.
 */
void *kept_take(size_t *size, size_t align, size_t *dirty, gfp_t gfp);

/* Unmaps all; returns the bytes. May enter the OS and wait for locks. */
size_t kept_empty(void);
/* The same for reclaim: pages. */
unsigned long kept_shrink(gfp_t gfp, unsigned int priority);

/* Registers what needs to be, once, before the first kept_put(). */
void kept_boot(void);

struct region_counts;
void kept_counts(struct region_counts *c);
/* Every invariant of the list; false when one is broken. */
bool kept_valid(void);

#endif
