/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Leaks of a process.  THEORY.
 *
 * 1. Nouns.  A block is memory that the allocator gave out as one, or a slab;
 *    it has places of one size, of which some are objects in use.  Roots are
 *    what a program can reach without an object: its data, its stacks from
 *    their tops on, its registers, mappings that are not the allocator's.
 *
 * 2. What counts as a reference is what kmemleak counts: a word at a multiple
 *    of its size whose value lies between the start and the end of an object.
 *    Of pages, the address of their struct page as well; of an area of
 *    vmalloc(), that of its record; of a per-CPU object, its cookie.
 *
 * 3. An object that a root refers to is reached, and so is what a reached
 *    object refers to; what is not reached is lost.  What is free is neither
 *    read nor reported: objects in slabs, in sheaves, in notes of late frees,
 *    mappings that are kept for reuse.
 *
 * 4. Not read: the allocator's own records (they know every object), and
 *    objects of caches with SLAB_NOLEAKTRACE.
 *
 * 5. Two passes.  The first, while the process runs, finds out how much there
 *    is and makes room; what it reads is thrown away.  Then all threads are
 *    stopped, all is read again into memory that is there, and they go on.
 *    The search is in the copy.
 */
#ifndef KMEM_TOOL_LEAKS_H
#define KMEM_TOOL_LEAKS_H

#include "stop.h"
#include "view.h"

enum block_kind {
	BLOCK_SLAB,
	BLOCK_PAGES,
	BLOCK_AREA,
	BLOCK_REGION,
	BLOCK_GUARDED,
	BLOCK_FENCED, /* of check=strict */
	BLOCK_PERCPU, /* a chunk; places are grains */
};

struct block {
	uint64_t addr, bytes;
	uint64_t first, slot, size; /* of places: offset, distance, length */
	uint64_t bits;              /* the first of them in used and so on */
	uint32_t nr, kind, cache;   /* which of heap.cache */
	uint32_t spare;
	uint64_t record;          /* address of what describes it; 0: none */
	uint64_t site;            /* word of page/sites.h */
	struct debug_track track; /* of BLOCK_FENCED */
};

struct heap_cache {
	uint64_t at;
	bool own; /* the library's */
	struct kmem_cache s;
};

/* Bytes of the process. */
struct piece {
	uint64_t from, to;
	uint64_t copy; /* offset in pieces.bytes */
};

struct pieces {
	struct piece *at;
	size_t nr, room;
	char *bytes; /* all copies, as many as used of them */
	size_t size, used;
};

/* A zone's pages: their records, what block they are in, and their bytes. */
struct heap_zone {
	uint64_t start, nr, room; /* page frames */
	struct page *record;
	struct kmem_cache **owner;
	uint64_t *site; /* words of page/sites.h, if there are any */
	uint32_t *what; /* block + 1, or 0 */
	char *copy;
};

struct range {
	uint64_t from, to;
};

struct ranges {
	struct range *at;
	size_t nr, room;
};

struct heap {
	struct view *v;
	struct heap_zone zone[ZONES];
	struct block *block;
	size_t nr_blocks, room_blocks;
	/* by place: in use, reached; ends: the last grain of an object */
	uint64_t *used, *seen, *ends;
	size_t bits, room_bits;
	struct heap_cache *cache;
	size_t nr_caches, room_caches;
	/* blocks outside the window, by address; of areas, by record */
	uint32_t *outer, *areas;
	size_t nr_outer, nr_areas;
	uint64_t cpus;       /* units of a chunk */
	struct pieces piece; /* of blocks outside the window */
	struct pieces root;
	struct ranges not_root;
	struct stopped stopped;
	uint64_t epoch; /* of page/sites.h; 0: no sites */
	int pagemap;    /* below 0: what is there is not known */
	bool failed;    /* memory is out */
	/* what the copy has */
	uint64_t objects, object_bytes, root_bytes;
	uint64_t took_ns, stopped_ns, scan_ns;
};

/* A copy of all that matters; false after a complaint. */
bool heap_take(struct heap *h, struct view *v, pid_t pid);
void heap_free(struct heap *h);

/* The bytes at an address, as many as lie side by side, or NULL. */
const char *heap_at(const struct heap *h, uint64_t at, size_t *n);
/* The start of a place, and its length. */
uint64_t heap_place(const struct heap *h, const struct block *b, uint32_t i,
		    uint64_t *size);

/*
 * leaks_take.c: a new block of nr places, none of which is in use; one that is
 * one object, in use; what lies at the address of an object of a slab.
 */
struct block *block_add(struct heap *h, const struct block *like);
struct block *block_whole(struct heap *h, uint32_t kind, uint64_t addr,
			  uint64_t bytes);
struct block *object_find(const struct heap *h, uint64_t at, uint32_t *i);
/* The pages from there on are the block's. */
void pages_claim(const struct heap *h, const struct block *b);
/* Which of the caches that is; UINT32_MAX: it cannot be read. */
uint32_t cache_find(struct heap *h, const struct kmem_cache *at);
/* leaks_outer.c */
bool take_outer(struct heap *h);
/* leaks_copy.c: reads what is there of these bytes, the rest is zero */
void copy_bytes(struct view *v, uint64_t at, void *to, uint64_t n);
/* Pages of a zone, by their numbers in it. */
void copy_pages(struct heap *h, struct heap_zone *hz, uint64_t from,
		uint64_t to);
/* dirty: without the pages that are a file's. */
void copy_piece(struct heap *h, struct pieces *p, uint64_t from, uint64_t to,
		bool dirty);
void pieces_sort(struct pieces *p);
void pieces_free(struct pieces *p);
/* The records of all zones, and room for their bytes. */
bool zones_read(struct heap *h);
void zone_free(struct heap_zone *hz);
struct heap_zone *zone_at(const struct heap *h, uint64_t at, uint64_t *page);
/* Which page a struct page is of. */
bool page_slot(const struct view *v, uint64_t at, uint64_t *pfn);
void ranges_add(struct ranges *r, uint64_t from, uint64_t to);
/* leaks_roots.c */
void take_roots(struct heap *h);

struct place {
	uint32_t block, index;
};

/* leaks_site.c: its word of page/sites.h; 0: there is none of this epoch */
uint64_t heap_site(const struct heap *h, struct place p);

/* Did the program say anything of objects, in this epoch? */
static inline bool heap_is_marked(const struct heap *h)
{
	return h->epoch && h->v->v.marks_epoch == h->epoch;
}

struct lost {
	struct place place;
	bool by_lost; /* another lost object refers to it */
};

struct losses {
	struct lost *at;
	size_t nr;
};

/* leaks_scan.c; progress is told how many of the objects have been read. */
bool heap_scan(struct heap *h, struct losses *l,
	       void (*progress)(uint64_t done, uint64_t of));

static inline bool bit_of(const uint64_t *map, uint64_t i)
{
	return map[i / 64] >> i % 64 & 1;
}

static inline void bit_set(uint64_t *map, uint64_t i)
{
	map[i / 64] |= 1ull << i % 64;
}

static inline void bit_clear(uint64_t *map, uint64_t i)
{
	map[i / 64] &= ~(1ull << i % 64);
}

uint64_t clock_ns(void);

#endif
