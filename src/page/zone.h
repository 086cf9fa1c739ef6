/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Zones: free lists by order, the page lists of CPUs in front of them, holes,
 * watermarks and what is kept for GFP_ATOMIC.
 */
#ifndef PAGE_ZONE_H
#define PAGE_ZONE_H

#include "lib/defer.h"
#include "page/page.h"

enum zone_id { ZONE_ID_DMA, ZONE_ID_DMA32, ZONE_ID_NORMAL, ZONES };

/*
 * The free blocks of one order.  Those whose memory is with the OS
 * (PG_purged) are on a list of their own and are taken last: using one
 * costs page faults.  Both are kept newest first.  What lies in a highatomic
 * range (highatomic.c) is on the third list, here or away.
 */
struct free_area {
	struct list_head list;
	struct list_head away;
	struct list_head highatomic;
	unsigned long nr_free; /* blocks on all lists */
	unsigned long nr_highatomic;
};

#define HIGHATOMIC_MOST 16

enum zone_mark { MARK_MIN, MARK_LOW, MARK_HIGH, MARKS };

/*
 * A zone is the pfn range [start, end) of the window, of which [start, grown)
 * has records and is usable except holes (hole.c).  grown only goes up.
 */
struct zone {
	struct lock lock;
	const char *name;
	unsigned long start, grown, end;
	unsigned long free; /* pages on the free lists */
	unsigned long mark[MARKS];
	unsigned long reserve[ZONES]; /* kept from requests of that class */
	struct free_area area[PG_ORDERS];
	/* counters, under lock; for the reports */
	unsigned long nr_purged;   /* purged free pages */
	unsigned long dirty;       /* free pages that a pass would purge */
	unsigned long least_dirty; /* the least of that in this round */
	unsigned long retaken;     /* purged pages taken in this hold */
	unsigned long nr_alloc, nr_free_calls;
	struct deferred late;   /* blocks freed while the lock was busy */
	unsigned long isolated; /* free pages, purged or touched just now */
	unsigned long keep;     /* free pages that must stay resident */
	/* ranges of the largest order, by their first pfn */
	unsigned int nr_highatomic;
	unsigned long highatomic[HIGHATOMIC_MOST];
	unsigned long free_highatomic; /* pages; of free */
	unsigned long most_highatomic; /* the most of these, of these ranges */
	unsigned long deepest;  /* of the reserve used, pages, since a reset */
	unsigned long absent;   /* pages below grown that are not usable */
	struct list_head holes; /* blocks to commit again; LOCK_GROW */
	unsigned long nr_holes; /* on that list */
} __attribute__((aligned(CACHE_LINE)));

extern struct zone zones[ZONES];

/* Growth, purging and the balance of the hard limit. */
extern struct lock grow_lock;

/* Per-CPU lists hold blocks of orders 0..3. */
#define PCP_ORDERS 4

/* One CPU's lists. Index by order. */
struct pcp {
	struct lock lock;
	unsigned int count; /* pages on all lists */
	struct kmem_pub_pcp *pub;
	struct list_head list[ZONES][PCP_ORDERS];
} __attribute__((aligned(CACHE_LINE)));

static inline unsigned long zone_pages(const struct zone *z)
{
	return __atomic_load_n(&z->grown, __ATOMIC_RELAXED) - z->start -
	       __atomic_load_n(&z->absent, __ATOMIC_RELAXED);
}

/* zone.c */
struct zone *zone_of_pfn(unsigned long pfn);
/* More usable pages for the zone: at least 1 << order. Sleeps. */
bool zone_grow(struct zone *z, unsigned int order);
/* The same by so many pages, which begin at a multiple of the largest block. */
bool zone_grow_by(struct zone *z, unsigned long pages);
/*
 * Is there a block in the zone that serves most, if need be after a growth?
 * Sleeps.
 */
bool zone_grow_main(unsigned int order);
void zone_set_marks(void);
/* Sets grown and what goes with it; grow_lock and the zone's lock are held. */
void __zone_set_grown(struct zone *z, unsigned long to);
/*
 * Prepares [from, to), which is usable, for allocation; under grow_lock.
 * false: the OS has no memory.
 */
bool __zone_backed(unsigned long from, unsigned long to);
/* Could growth add pages to the zone now? A guess without the lock. */
bool zone_can_grow(const struct zone *z);
/* Usable pages of all zones. */
unsigned long zones_usable(void);
/* Do the zone's free lists hold one of this order above the mark? */
bool __zone_mark_ok(const struct zone *z, unsigned int order,
		    unsigned long mark, unsigned int class);
/* The same for requests that may use highatomic ranges. */
bool __zone_mark_ok_highatomic(const struct zone *z, unsigned int order,
			       unsigned long mark, unsigned int class);

/*
 * The zone's lock; false: not now.  The way in gives late blocks to the lists
 * first: all of them if the caller may sleep, else some.
 */
bool zone_get(struct zone *z, enum lock_wait how);
void zone_put(struct zone *z, enum lock_wait how);
/* Defers the free of a block to a holder of the lock.  Lock-free. */
void zone_defer(struct zone *z, struct page *page, unsigned int order);

static inline void zone_lock(struct zone *z)
{
	zone_get(z, LOCK_SLEEP);
}

static inline void zone_unlock(struct zone *z)
{
	zone_put(z, LOCK_SLEEP);
}
unsigned long zones_grown_calls(void);

/* buddy.c: the pure algorithm; the zone's lock is held by the caller. */
struct page *__buddy_take(struct zone *z, unsigned int order);
/* From the highatomic ranges only. */
struct page *__buddy_take_highatomic(struct zone *z, unsigned int order);
void __buddy_give(struct zone *z, struct page *page, unsigned int order);
/* The smallest purged block, still on its list, or NULL. */
struct page *__buddy_away(struct zone *z);
/* Takes this very block, which must be free as a whole, off its list. */
void __buddy_isolate(struct zone *z, struct page *page, unsigned int order);

/*
 * Takes what is free in [from, to), which no free block crosses the ends of,
 * off the lists, and puts it on the right ones; between the two only the
 * highatomic ranges may change.
 */
void __buddy_unlink_range(struct zone *z, unsigned long from, unsigned long to,
			  struct list_head *blocks);
void __buddy_relink(struct zone *z, struct list_head *blocks);

/* Gives the pages [from, to) as the largest aligned blocks. */
void __buddy_give_range(struct zone *z, unsigned long from, unsigned long to,
			bool purged);

/* page_alloc.c: the highest zone that the flags allow */
unsigned int page_class(gfp_t gfp);

/*
 * contig.c, the zone's lock is held: where the pages from there on end that are
 * free and for any request, at most `to`; and takes such a range off the lists,
 * as blocks whose heads have their order and PG_purged or no flag.
 */
unsigned long __zone_free_until(const struct zone *z, unsigned long from,
				unsigned long to);
void __zone_take_range(struct zone *z, unsigned long from, unsigned long to);

/* highatomic.c */
static inline bool __is_highatomic(const struct zone *z, unsigned long pfn)
{
	for (unsigned int i = 0; i < z->nr_highatomic; i++)
		if (z->highatomic[i] == ALIGN_DOWN(pfn, 1ul << PG_MAX_ORDER))
			return true;
	return false;
}

/* Keeps the range that the page lies in, if there may be one more. */
void __highatomic_reserve(struct zone *z, const struct page *page);
/* As many free ranges as there may be. */
void highatomic_fill(struct zone *z);
/*
 * Ends one range that has free pages, in a zone of that class or below;
 * false: there is none.
 */
bool highatomic_unreserve(unsigned int class);

/* pcp.c */
int pcp_boot(void);
/* Pages on a CPU's lists before some go back, and how many go. */
void pcp_limits(unsigned int *high, unsigned int *batch);
void pcp_lock_all(void);
void pcp_unlock_all(bool child);
struct page *pcp_take(unsigned int zone, unsigned int order,
		      enum lock_wait how);
bool pcp_give(struct page *page, unsigned int order, enum lock_wait how);
/* Empties every CPU's lists, or the caller's; returns pages moved. Sleeps. */
unsigned long pcp_drain(bool all);
/* The caller's, waiting as how says. */
unsigned long pcp_drain_local(enum lock_wait how);
unsigned long pcp_pages(void);
/* Every list of every CPU; false after a report. */
bool pcp_validate(void);

/* memmap.c: claims window, records and slab maps. 0 or -ENOMEM. */
int window_boot(void);
void window_arrays_set(void);
/* Makes the zone's records usable up to there, or none: as port_commit(). */
int window_commit_map(struct zone *z, unsigned long to);
/* Ends that beyond grown, as far as the OS can. */
void window_uncommit_map(struct zone *z);
/* Calls fn for the usable part of each array, until it returns an error. */
int window_each_part(unsigned long from, unsigned long to,
		     int (*fn)(void *p, size_t n));

/* hole.c: parts of zones that are not usable; under grow_lock */
/*
 * Does the OS count what is mapped?  As it was when a pass, or a request
 * that was refused, looked last; or growth was refused since.
 */
extern bool page_counted;
void __holes_look(void);
/* Commits blocks that were uncommitted, of about that many pages. */
unsigned long __holes_fill(struct zone *z, unsigned long pages);
/*
 * Skips the block at the zone's end, where others have mapped; false:
 * impossible.
 */
bool __hole_pass(struct zone *z);
/* Uncommits purged blocks, if the OS counts. */
void __holes_make(void);
/* The same for all blocks that can be, after the OS refused.  Bytes. */
size_t page_uncommit(void);

/* reserve.c */
/* After page_reserve(): all memory of the zones stays resident. */
extern bool page_resident;
int page_reserve(size_t bytes);
/* As many bytes free above high, for any request, and no reserve. */
int page_stock(size_t bytes);
/* Pages that all zones had less than that, each at its worst. */
unsigned long page_reserve_used(bool reset);

/*
 * Each allocation from a zone records how deep its reserve is used: its deficit
 * below min and what is kept in ranges.  Isolated pages count as free.
 */
static inline void __zone_note_depth(struct zone *z)
{
	unsigned long whole = z->mark[MARK_MIN] + z->most_highatomic;
	unsigned long free = z->free + z->isolated;

	if (unlikely(free < whole) && whole - free > z->deepest)
		z->deepest = whole - free;
}

/* Pages [from, to) of the zone and its records; under grow_lock. */
int __page_make_resident(unsigned long from, unsigned long to);
/* zone.c: pages that min is higher by; under grow_lock. */
void zone_set_reserve(unsigned long pages);
/* pcp.c: the lists of all CPUs. 0 or -ENOMEM. */
int pcp_make_resident(void);

/* page_publish.c; the zone's lock is held */
void __zone_publish(struct zone *z);

/* page_debug.c: every invariant of zones and lists; false after a report. */
bool zone_validate(void);

/* A zone, its numbers taken together; of one of no pages start is end. */
struct zone_numbers {
	unsigned long start, end, free;
	unsigned long pages; /* usable */
	unsigned long mark[MARKS], reserve[ZONES];
	unsigned long deepest;
	unsigned long highatomic, free_highatomic; /* pages */
	unsigned long nr_free[PG_ORDERS];
};

/* false: the lock was busy. */
bool zone_numbers(struct zone *z, struct zone_numbers *n, enum lock_wait how);

#endif
