/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Zones and what pages are grouped by, as far as the flags of a request name
 * them.  Memory is in the first three zones; one without memory is passed by,
 * downwards.
 */
#ifndef KMEM_LINUX_MMZONE_H
#define KMEM_LINUX_MMZONE_H

enum zone_type {
	ZONE_DMA,    /* the first 16 MiB of the window */
	ZONE_DMA32,  /* below 4 GiB */
	ZONE_NORMAL, /* the rest */
	ZONE_MOVABLE,
	__MAX_NR_ZONES
};

#define MAX_NR_ZONES __MAX_NR_ZONES

enum migratetype {
	MIGRATE_UNMOVABLE,
	MIGRATE_MOVABLE,
	MIGRATE_RECLAIMABLE,
	MIGRATE_TYPES
};

/* Where a request may go when its node has nothing. */
enum {
	ZONELIST_FALLBACK,
	ZONELIST_NOFALLBACK, /* nowhere: __GFP_THISNODE */
	MAX_ZONELISTS
};

struct zone;

#endif
