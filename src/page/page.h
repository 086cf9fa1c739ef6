/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pages, internal: the window and its records, the page of an address, and
 * blocks of pages.  Callers above use the public calls of <linux/gfp.h> and
 * what stands here; zones are in page/zone.h, what is done when memory is short
 * or idle in page/reclaim.h.
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include <kmem/published.h>
#include <linux/gfp_types.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "debug/publish.h"
#include "lib/mem.h"
#include "lib/options.h"
#include "page/window.h"
#include "sync/lock.h"

#define PG_SHIFT 12
#define PG_BYTES (1ul << PG_SHIFT)
#define PG_MAX_ORDER 10
#define PG_ORDERS (PG_MAX_ORDER + 1)
/* Blocks of this order, 2 MiB, and above know since when they are free. */
#define PG_PURGE_ORDER 9
/* Holes are aligned blocks of this order, 1 MiB. */
#define PG_HOLE_ORDER 8
/* Bytes of late notes for each page. */
#define PG_LATE_BYTES 128

/* zone.c: brings the layer up. 0 or -ENOMEM. */
int page_boot(void);
/* From now on page_column_first() tells columns; none: one without room. */
void page_columns_set(uintptr_t none);
bool page_ready(void);

/*
 * The flags word of a block's head.  Merging looks at the word of a neighbour
 * whose owner may be writing it: PG_buddy only changes under the zone's lock,
 * and the owner leaves it alone, so the answer is right whatever happens to the
 * other bits.
 */
static inline unsigned long page_bits(const struct page *page)
{
	return __atomic_load_n(&page->flags, __ATOMIC_RELAXED);
}

static inline void page_set_bits(struct page *page, unsigned long flags)
{
	__atomic_store_n(&page->flags, flags, __ATOMIC_RELAXED);
}

static inline bool page_test(const struct page *page, enum pageflags bit)
{
	return page_bits(page) >> bit & 1;
}

#define PG_MASK(bit) (1ul << (bit))

static inline unsigned long addr_pfn(const void *p)
{
	return ((uintptr_t)p - (uintptr_t)window.base) >> PG_SHIFT;
}

static inline struct page *addr_page(const void *p)
{
	return window.map + addr_pfn(p);
}

static inline unsigned long page_pfn(const struct page *page)
{
	return (unsigned long)(page - window.map);
}

/* The number that callers know the page of the window by. */
static inline unsigned long page_number(unsigned long pfn)
{
	return pfn + (unsigned long)(window.physical >> PG_SHIFT);
}

/* And back; one that is below the window becomes one far beyond it. */
static inline unsigned long page_index(unsigned long number)
{
	return number - page_number(0);
}

static inline void *page_addr(const struct page *page)
{
	return window.base + (page_pfn(page) << PG_SHIFT);
}

static inline struct page *page_head(struct page *page)
{
	unsigned long head = page->compound_head;

	return head & 1 ? (struct page *)(head - 1) : page;
}

/* Does the address have a record, hole or not?  False for junk. */
bool page_has_record(const void *p);

/*
 * Has the address a record?  One comparison for nearly all blocks.  Any
 * address may be asked, NULL too, and before the layer has booted.
 */
static inline unsigned long main_page(const void *p)
{
	return ((uintptr_t)p - (uintptr_t)window.main_base) >> PG_SHIFT;
}

static inline bool page_known(const void *p)
{
	return likely(main_page(p) <
		      __atomic_load_n(&window.main_pages, __ATOMIC_ACQUIRE)) ||
	       page_has_record(p);
}

/* Is it the record of a page?  Any pointer may be asked. */
static inline bool page_is_record(const struct page *page)
{
	uintptr_t off = (uintptr_t)page - (uintptr_t)window.map;

	/* integers, as no pointer may be built of junk */
	return !(off % sizeof(*page)) &&
	       page_known((void *)((uintptr_t)window.base +
				   (off / sizeof(*page) << PG_SHIFT)));
}

/* Is it in a hole, given that it has a record? */
static inline bool page_in_hole(unsigned long pfn)
{
	unsigned long first = ALIGN_DOWN(pfn, 1ul << PG_HOLE_ORDER);

	/* a short hole has it in each record */
	return page_test(window.map + first, PG_hole) ||
	       page_test(window.map + pfn, PG_hole);
}

/* Is it usable memory of a zone, now? */
static inline bool page_is_usable(const void *p)
{
	return page_known(p) && !page_in_hole(addr_pfn(p));
}

/*
 * How a request may wait for a lock: without __GFP_DIRECT_RECLAIM it must not
 * sleep, with neither bit of __GFP_RECLAIM it must not even spin.
 */
static inline enum lock_wait gfp_wait(gfp_t gfp)
{
	if (gfp & __GFP_DIRECT_RECLAIM)
		return LOCK_SLEEP;
	return gfp & __GFP_KSWAPD_RECLAIM ? LOCK_SPIN : LOCK_ONCE;
}

/* page_alloc.c: flags as <linux/gfp_types.h>; NULL, after a report, if none */
struct page *page_alloc(gfp_t gfp, unsigned int order);
/* Also says whether every byte of the block is known to be zero. */
struct page *page_alloc_known(gfp_t gfp, unsigned int order, bool *zero);
/* Sleeps before the next try of a request, the longer the higher nth is. */
void page_nap(unsigned int nth);
/* The scopes of the running thread (<linux/sched.h>) applied to gfp. */
gfp_t page_gfp_context(gfp_t gfp);

/* page_free.c */
/*
 * A block as page_alloc() gave it, whose owner has taken back what it wrote
 * to the record (slab fields, PG_slab).  Drops one reference.
 */
void page_put(struct page *page, unsigned int order, enum lock_wait how);
/* The same for a block whose last reference was dropped already. */
void page_release(struct page *page, unsigned int order, enum lock_wait how);
/* For callers that may sleep: page_put() and a pass. */
void page_free(struct page *page, unsigned int order);

/* span.c */
/* Pages that are part of no block any more, on their zone's lists; sleeps. */
void page_give_range(unsigned long from, unsigned long to, bool purged);
/*
 * A run of nr pages (not a power of two) aligned to 1 << align_order pages;
 * private of its head holds nr, PG_span is set, refcount 1.
 */
struct page *page_alloc_span(gfp_t gfp, unsigned long nr,
			     unsigned int align_order);
void page_free_span(struct page *head); /* may call the OS */
/*
 * Makes a span longer where it is, if the pages right behind it are free and
 * ordinary requests may have them; their bytes are whatever they are. false:
 * it is as it was.
 */
bool page_grow_span(struct page *head, unsigned long nr);
/* Cuts a span down to nr pages and frees the rest. */
void page_shrink_span(struct page *head, unsigned long nr);

/* contig.c */
/*
 * nr pages side by side, each with a reference of its own and these flags; the
 * one behind the first `before` of them lies at a multiple of align, a power of
 * two.  NULL, without a report for more than the largest block.
 */
struct page *page_alloc_run(gfp_t gfp, unsigned long before, unsigned long nr,
			    unsigned long align, unsigned long bits);
/*
 * Drops a reference of each; sleeps.  Returns how many others hold; the caller
 * makes a pass.
 */
unsigned long page_free_run(struct page *page, unsigned long nr);
/* Takes just these pages, if they are free; false: nothing is changed. */
bool page_grow_run(struct page *page, unsigned long nr, gfp_t gfp,
		   unsigned long bits);
/* The same for any pages of one zone, reserve or not: 0 or -EBUSY. */
int page_take_range(unsigned long from, unsigned long to, gfp_t gfp);
/* Pages of a guard: one of the OS's. */
unsigned long guard_pages(void);
/*
 * The pages, which are the caller's, of an area, fault when they are touched
 * and have PG_guard, unless the OS refuses.  The other call ends that; false:
 * the OS refuses, they cannot be used any more.
 */
void page_guard(struct page *page);
bool page_unguard(struct page *page);

/* share.c */
/*
 * One more alias is going to show the page, of an allocated block that is no
 * slab's; false: it cannot.  page_unalias(): one less.  Sleep.
 */
bool page_share(struct page *page);
void page_unalias(struct page *page);
/* A block without an owner that has PG_shares.  Any context. */
void page_put_shared(struct page *page, unsigned int order);
/* Gives to the zones what was freed of these; pages.  May call the OS. */
unsigned long page_shares_settle(void);
/* In a child of fork: fn has every alias mapped again. */
void page_shares_remap(void (*fn)(void));
void page_shares_boot(void);

/* page_publish.c */
void page_publish_boot(void);
/* Around fork, in the child: what it shows is its own. */
void page_publish_forked(void);

/*
 * The totals of this process, private memory; these two change one of them, and
 * what is shown of it.  Adding needs no lock, setting has one.
 */
struct kmem_pub_totals *page_totals(void);
void total_add(uint64_t *total, long n);
void total_set(uint64_t *total, uint64_t value);

/* limit.c: the hard limit over window and mapped regions */
/* Pages that zones may still grow by, at most want. Under grow_lock. */
unsigned long __limit_room(unsigned long want);
void __limit_grown(long pages);
/* Bytes charged outside the window. */
unsigned long limit_mapped(void);
/*
 * Charges n bytes outside the window to the hard limit on behalf of a request
 * with gfp, which must have __GFP_DIRECT_RECLAIM; false: over it.
 */
bool mem_charge(size_t n, gfp_t gfp);
void mem_uncharge(size_t n);
/* Under grow_lock; pages taken for the charge are returned by a later one. */
void __mem_uncharge(size_t n);
/* Would a charge succeed without taking pages off the zones? */
bool mem_fits(size_t n);

/* fill.c: init_on_alloc=, init_on_free= and page_poison=; debug/watch.h */
extern bool page_fills; /* one of them is set */
void page_fill_boot(void);
/* Is memory cleared then?  OPT_INIT_ON_ALLOC or OPT_INIT_ON_FREE. */
bool page_clears(enum option_key when);
/* The flags of a request, which may have to clear what it gets. */
gfp_t page_fill_gfp(gfp_t gfp);
/* Pages about to be free; that were, until now; zero: all that is in them. */
void page_fill_freed(struct page *page, unsigned long nr, bool zero);
void page_check_free(struct page *page, unsigned long nr, bool zero);
/* What is in pages in hand, zero or not, becomes zero. */
void page_make_zero(struct page *page, unsigned long nr, bool zero);

/* page_debug.c */
/* Lines of an open report. */
void page_lines(struct page *page, const char *reason);
/* "BUG: Bad page state .."; the page is leaked. */
void page_report_bad(struct page *page, unsigned int order, const char *reason);
/*
 * What pages are asked for: lines of a failure's report.  A thread's
 * port_task() points to it meanwhile.
 */
struct page_asker {
	const char *name; /* of the cache */
	unsigned int object_size, size, order, min_order;
	unsigned long slabs, objects, free; /* guesses, without a lock */
	uint32_t flags; /* the thread's at that time: not those of reclaim */
};
/* "page allocation failure: .." and the state of the zones; rate-limited. */
void page_report_failure(gfp_t gfp, unsigned int order);
/* Prints a failure of a request that must not call the OS. */
void page_report_held(void);
/* Lets the next failure be reported without a rate limit. */
void page_report_rearm(void);

struct page_stats {
	unsigned long total; /* usable pages */
	unsigned long free;  /* on free lists */
	unsigned long pcp;
	unsigned long purged;
	unsigned long grown_calls;
	unsigned long mapped_out; /* bytes charged outside the window */
};
void page_stats(struct page_stats *st);

#include "page/owner.h"

#endif
