/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * struct page: one record of 64 bytes for each page of the direct map.
 *
 * The records form one array, so pointer -> pfn -> record is arithmetic and
 * costs no load.  A fresh record is all zero bytes, and all zero bytes must
 * mean "nothing known of this page, not the head of a free block": the array
 * is committed lazily and never initialised.
 *
 *	byte	 0  flags		PG_* below
 *		 8  lru | compound_head	list link of a head; of a tail the
 *					address of its head with bit 0 set
 *		24  private | slab counts
 *		32  free bitmap of a slab of up to 192 objects
 *		56  _refcount
 *		60  order		of a free block, compound block or slab
 *
 * Users of the kernel's names touch flags only through the Page*() tests,
 * and may use lru and private of pages that they own.
 */
#ifndef KMEM_LINUX_MM_TYPES_H
#define KMEM_LINUX_MM_TYPES_H

#include <kmem/types.h>

enum pageflags {
	PG_buddy,   /* head of a block on a zone's free list */
	PG_pcp,     /* head of a block on a CPU's page list */
	PG_head,    /* head of a compound block */
	PG_slab,    /* head of a slab */
	PG_large,   /* head of a block that kmalloc() took whole */
	PG_span,    /* head of an exact run: private = pages */
	PG_purged,  /* free block whose memory is with the OS: reads 0 */
	PG_reserve, /* came from below the min watermark */
	PG_objects, /* head of a slab, counted or not yet */
	PG_hole,    /* head of 1 MiB that is not usable */
	PG_retired, /* head of a slab that was found corrupt */
	PG_vmalloc, /* page of a vmalloc area */
	PG_guard,   /* page beside one, which faults */
	PG_shared,  /* its memory can be seen at a second address */
	PG_shares,  /* head of an allocated block with such a page */
};

#define PAGE_SLAB_WORDS 3

struct page {
	unsigned long flags;
	union {
		struct kmem_list_head lru;
		unsigned long compound_head;
	};
	union {
#if defined(__cplusplus)
		unsigned long private_;
#else
		unsigned long private;
#endif
		struct {
			unsigned short inuse;   /* objects not free */
			unsigned short objects; /* objects in all */
			unsigned short first; /* no free bit in a lower word */
			unsigned short on_list; /* linked on a partial list */
		};
	};
	unsigned long free_map[PAGE_SLAB_WORDS];
	kmem_atomic_t _refcount;
	unsigned char order;
	unsigned char spare_;
	unsigned short aliases; /* second addresses of a shared page */
};

#endif
