/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Where pages lie, and where what is known of them.
 */
#ifndef PAGE_WINDOW_H
#define PAGE_WINDOW_H

#include <linux/types.h>

struct kmem_cache;

/*
 * The direct map.  base is where the "physical address" called physical lies,
 * 0 in a process, and dma_end the first one that is not ZONE_DMA's; map is the
 * array of page records, one for each page of the window; slab_map gives each
 * page 64 bytes for the free bitmap of slabs with more objects than a record
 * holds; owner names the cache of each page of a slab, and column where that
 * cache's sheaves lie, 0 for one that has no such place; both are arrays of
 * their own because a free loads one word of one of them and no other: eight
 * pages share a line; late is where an object whose free is deferred is noted
 * (slab/defer.c).  Written once, before anything else of the layer can be
 * reached.
 *
 * main_*: the usable part of the highest zone there is, where nearly all
 * blocks lie: its first address, pages, and their words.
 *
 * The words of column are relative to no_column, so that a page of no cache,
 * whose word is 0, tells a column in which nothing has room, and who frees need
 * not look at the word.  column_pages is main_pages once that column is known.
 */
struct window {
	char *main_base;
	unsigned long column_pages;
	uintptr_t *main_column;
	uintptr_t no_column;
	unsigned long main_pages;
	struct kmem_cache **main_owner;
	char *base;
	size_t size;
	struct page *map;
	char *slab_map;
	struct kmem_cache **owner;
	uintptr_t *column;
	char *late;
	unsigned long pages;
	uint64_t physical, dma_end;
	bool direct;  /* the arrays lie where port_direct() says */
	size_t limit; /* mem=: bytes the process may map; 0 no limit */
	/* of these some may fault: what is made resident leaves them out */
	char *guarded;
	size_t guarded_bytes;
};

/* hidden: any other extern is reached through the GOT */
extern struct window window __attribute__((visibility("hidden")));

#endif
