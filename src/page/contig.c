/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Runs: pages side by side in one zone, any number of them, each with a
 * reference of its own and freed by itself, as split_page() leaves them.
 *
 * A run that fits into the largest block is cut out of a block, and what is
 * left over goes back at once.  A longer one is looked for: from one multiple
 * of the largest block to the next, whether all pages from there on are free;
 * if they are nowhere, the zone grows by that much.  The look is made in
 * pieces, so that the zone's lock is held for a bounded time, except over the
 * pages of one candidate.
 *
 * No page is moved: what is in use in the middle of a range stays there, and
 * the next range is tried, or the caller gets nothing.
 *
 * Runs belong to callers that may sleep; those that must not get what fits into
 * a block that is free already.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/sites.h"
#include "page/zone.h"

#include <linux/gfp.h>
#include <linux/mm.h>

#include "debug/watch.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "lib/errno.h"
#include "port/port.h"

#define BLOCK_PAGES (1ul << PG_MAX_ORDER)
/* Starts that are tried in one hold of the zone's lock. */
#define STARTS 64

/* --- of a zone, whose lock is held ---------------------------------------- */

/* Where the free block ends that the page lies in; pfn itself: none. */
static unsigned long __free_end(const struct zone *z, unsigned long pfn)
{
	if (pfn >= z->grown)
		return pfn;
	for (unsigned int o = 0; o <= PG_MAX_ORDER; o++) {
		unsigned long at = ALIGN_DOWN(pfn, 1ul << o);
		const struct page *head = window.map + at;

		if (page_test(head, PG_buddy) &&
		    at + (1ul << head->order) > pfn)
			return at + (1ul << head->order);
	}
	return pfn;
}

unsigned long __zone_free_until(const struct zone *z, unsigned long from,
				unsigned long to)
{
	while (from < to) {
		unsigned long end = __free_end(z, from);

		if (end == from || __is_highatomic(z, from))
			return from;
		from = end;
	}
	return to;
}

void __zone_take_range(struct zone *z, unsigned long from, unsigned long to)
{
	z->nr_alloc++;
	while (from < to) {
		struct page *page = window.map + from;
		unsigned long end = __free_end(z, from);
		unsigned int order = PG_MAX_ORDER;

		end = end < to ? end : to;
		if (from & (BLOCK_PAGES - 1))
			order = (unsigned int)__builtin_ctzl(from);
		while (from + (1ul << order) > end)
			order--;
		__buddy_isolate(z, page, order);
		page->order = (unsigned char)order;
		if (page_test(page, PG_purged))
			z->retaken += 1ul << order;
		from += 1ul << order;
	}
	__zone_note_depth(z);
}

/* May ordinary requests have so many pages of it? */
static bool __may_take(const struct zone *z, unsigned long nr,
		       enum zone_mark mark, unsigned int class)
{
	return z->free - z->free_highatomic >=
	       z->mark[mark] + z->reserve[class] + nr;
}

/* --- one run -------------------------------------------------------------- */

/*
 * What is asked for: nr pages, of which the one behind the first `before` lies
 * at a multiple of align, a power of two.
 */
struct want {
	gfp_t gfp;
	unsigned long before, nr, align;
	unsigned long bits; /* of each page's flags, then */
	unsigned int class;
};

/* Pages between a multiple of align and the run's first one. */
static unsigned long lead(const struct want *w)
{
	return ALIGN_UP(w->before, w->align) - w->before;
}

/* Makes pages, of which the caller has the content in hand, those of a run. */
static struct page *make_run(unsigned long from, unsigned long to,
			     unsigned long bits)
{
	struct page *page = window.map + from, *end = window.map + to;

	if (sites_on())
		site_run(page, to - from);
	for (; page < end; page++) {
		page->order = 0;
		page->private = 0;
		page_set_bits(page, bits);
		__atomic_store_n(&page->_refcount.counter, 1, __ATOMIC_RELEASE);
	}
	return window.map + from;
}

/* The same of [from, to), blocks off the zone's lists. */
static struct page *fill_run(unsigned long from, unsigned long to, gfp_t gfp,
			     unsigned long bits)
{
	unsigned long pfn = from, n;

	for (; pfn < to; pfn += n) {
		struct page *page = window.map + pfn;
		bool zero = page_test(page, PG_purged);

		n = 1ul << page->order;
		if (unlikely(page_fills))
			page_check_free(page, n, zero);
		if (page_fill_gfp(gfp) & __GFP_ZERO)
			page_make_zero(page, n, zero);
	}
	return make_run(from, to, bits);
}

/* page_give_range() for a caller that must not wait: page by page. */
static void put_range(struct page *page, unsigned long nr, enum lock_wait how)
{
	for (; nr--; page++) {
		page->order = 0;
		page_set_bits(page, 0);
		__atomic_store_n(&page->_refcount.counter, 1, __ATOMIC_RELAXED);
		page_put(page, 0, how);
	}
}

static struct page *cut_run(const struct want *w)
{
	unsigned long all = lead(w) + w->nr, skip = lead(w), pfn, end;
	unsigned int order = 0;
	struct page *head;
	bool zero;

	while (1ul << order < all || 1ul << order < w->align)
		order++;
	head = page_alloc_known(w->gfp & ~(__GFP_COMP | __GFP_ZERO), order,
				&zero);
	if (!head)
		return NULL;
	pfn = page_pfn(head);
	end = pfn + (1ul << order);
	head->_refcount.counter = 0;
	if (w->gfp & __GFP_DIRECT_RECLAIM) {
		page_give_range(pfn, pfn + skip, zero);
		page_give_range(pfn + all, end, zero);
	} else {
		put_range(head, skip, gfp_wait(w->gfp));
		put_range(head + all, end - pfn - all, gfp_wait(w->gfp));
	}
	if (page_fill_gfp(w->gfp) & __GFP_ZERO)
		page_make_zero(head + skip, w->nr, zero);
	return make_run(pfn + skip, pfn + all, w->bits);
}

/* A free range of the zone, off its lists; 0: there is none. */
static bool find_range(struct zone *z, const struct want *w,
		       enum zone_mark mark, unsigned long *at)
{
	unsigned long step = w->align > BLOCK_PAGES ? w->align : BLOCK_PAGES;
	unsigned long pfn = ALIGN_UP(z->start, step), from, until;
	unsigned int starts = 0;
	bool found = false;

	zone_lock(z);
	/* Bound: the blocks of the zone. */
	while (!found && __may_take(z, w->nr, mark, w->class)) {
		from = pfn + lead(w);
		if (from + w->nr > z->grown || from + w->nr < from)
			break;
		until = __zone_free_until(z, from, from + w->nr);
		found = until == from + w->nr;
		if (found) {
			__zone_take_range(z, from, from + w->nr);
			*at = from;
		}
		pfn = ALIGN_DOWN(until, step) + step;
		if (++starts % STARTS == 0) {
			zone_unlock(z);
			zone_lock(z);
		}
	}
	zone_unlock(z);
	return found;
}

static struct page *find_run(const struct want *w, enum zone_mark mark,
			     bool grow)
{
	unsigned long at;

	for (unsigned int i = w->class + 1; i-- > 0;) {
		struct zone *z = &zones[i];
		bool found;

		if (z->start == z->end)
			continue;
		found = find_range(z, w, mark, &at);
		/* Progress: others took what the zone grew by. */
		while (!found && grow && zone_can_grow(z) &&
		       zone_grow_by(z, lead(w) + w->nr))
			found = find_range(z, w, mark, &at);
		if (found) {
			pages_given(-(int32_t)w->nr);
			return fill_run(at, at + w->nr, w->gfp, w->bits);
		}
	}
	return NULL;
}

static struct page *long_run(const struct want *w)
{
	struct page *page;

	if (!(w->gfp & __GFP_DIRECT_RECLAIM) || page_boot())
		return NULL;
	page = find_run(w, MARK_LOW, true);
	if (!page && pcp_drain(true))
		page = find_run(w, MARK_LOW, false);
	if (!page)
		page = find_run(w, MARK_MIN, false);
	if (!page && !(w->gfp & __GFP_NORETRY) &&
	    reclaim_run(page_gfp_context(w->gfp), PG_MAX_ORDER)) {
		pcp_drain(true);
		page = find_run(w, MARK_MIN, true);
	}
	if (page)
		page_pass();
	return page;
}

struct page *page_alloc_run(gfp_t gfp, unsigned long before, unsigned long nr,
			    unsigned long align, unsigned long bits)
{
	struct want w = {
		.gfp = gfp,
		.before = before,
		.nr = nr,
		.align = align,
		.bits = bits,
	};

	if (!nr || nr >= window.pages || align >= window.pages)
		return NULL;
	w.class = page_class(gfp);
	if (lead(&w) + nr <= BLOCK_PAGES && align <= BLOCK_PAGES)
		return cut_run(&w);
	return long_run(&w);
}

/* --- and back ------------------------------------------------------------- */

/* Nobody but the caller has a reference, and nothing is said of the page. */
static bool is_plain(const struct page *page)
{
	return !(page_bits(page) &
		 ~(PG_MASK(PG_reserve) | PG_MASK(PG_vmalloc))) &&
	       !(page->compound_head & 1) && !page->order &&
	       __atomic_load_n(&page->_refcount.counter, __ATOMIC_ACQUIRE) == 1;
}

unsigned long page_free_run(struct page *page, unsigned long nr)
{
	unsigned long from, end = page_pfn(page) + nr, pfn, held = 0;

	for (pfn = from = page_pfn(page); pfn < end; pfn++) {
		page = window.map + pfn;
		if (is_plain(page)) {
			page->_refcount.counter = 0;
			page->private = 0;
			page_set_bits(page, 0);
			continue;
		}
		page_give_range(from, pfn, false);
		from = pfn + 1;
		held++;
		page_set_bits(page, page_bits(page) & ~PG_MASK(PG_vmalloc));
		page_put(page, 0, LOCK_SLEEP);
	}
	page_give_range(from, end, false);
	return held;
}

bool page_grow_run(struct page *page, unsigned long nr, gfp_t gfp,
		   unsigned long bits)
{
	unsigned long pfn = page_pfn(page);
	struct zone *z = zone_of_pfn(pfn);
	bool ok;

	zone_lock(z);
	ok = pfn + nr <= z->grown &&
	     __zone_free_until(z, pfn, pfn + nr) == pfn + nr &&
	     __may_take(z, nr, MARK_LOW, ZONE_ID_NORMAL);
	if (ok)
		__zone_take_range(z, pfn, pfn + nr);
	zone_unlock(z);
	if (!ok)
		return false;
	pages_given(-(int32_t)nr);
	fill_run(pfn, pfn + nr, gfp, bits);
	return true;
}

/* Just this range, if it is free: what CPUs keep is drained once. */
int page_take_range(unsigned long from, unsigned long to, gfp_t gfp)
{
	struct zone *z = zone_of_pfn(from);
	bool ok = false;

	/* Bound: two tries. */
	for (int try = 0; try < 2 && !ok; try++) {
		if (try)
			pcp_drain(true);
		/* nothing is off the lists to be purged */
		lock_take(&grow_lock, LOCK_GROW);
		zone_lock(z);
		ok = to <= z->grown && __zone_free_until(z, from, to) == to;
		if (ok)
			__zone_take_range(z, from, to);
		zone_unlock(z);
		lock_drop(&grow_lock, LOCK_GROW);
	}
	if (!ok)
		return -EBUSY;
	pages_given(-(int32_t)(to - from));
	fill_run(from, to, gfp, 0);
	return 0;
}

/* --- guards --------------------------------------------------------------- */

unsigned long guard_pages(void)
{
	size_t os_page = port_page_size();

	return os_page > PG_BYTES ? os_page >> PG_SHIFT : 1;
}

void page_guard(struct page *page)
{
	unsigned long n = guard_pages();

	lock_take(&grow_lock, LOCK_GROW);
	if (port_guard(page_addr(page), n << PG_SHIFT, true))
		for (unsigned long i = 0; i < n; i++)
			page_set_bits(page + i, PG_MASK(PG_guard));
	lock_drop(&grow_lock, LOCK_GROW);
}

bool page_unguard(struct page *page)
{
	unsigned long n = guard_pages(), pfn = page_pfn(page);
	bool ok = true;

	if (!page_test(page, PG_guard))
		return true;
	lock_take(&grow_lock, LOCK_GROW);
	ok = port_guard(page_addr(page), n << PG_SHIFT, false);
	for (unsigned long i = 0; ok && i < n; i++)
		page_set_bits(page + i, PG_MASK(PG_vmalloc));
	watch_open(page_addr(page), n << PG_SHIFT, false);
	if (ok && page_resident)
		__page_make_resident(pfn, pfn + n);
	lock_drop(&grow_lock, LOCK_GROW);
	return ok;
}

/* --- the kernel's calls --------------------------------------------------- */

/* What makes one object of the pages has no meaning for a run. */
static bool contig_flags_bad(gfp_t gfp)
{
	return warn_once_if((gfp & __GFP_COMP) != 0,
			    "contiguous range with __GFP_COMP: %#x",
			    (unsigned int)gfp);
}

static bool no_such_range(unsigned long number, unsigned long nr)
{
	unsigned long pfn = page_index(number);

	return !nr || pfn >= window.pages || nr > window.pages - pfn ||
	       !page_is_usable(window.base + (pfn << PG_SHIFT)) ||
	       !page_is_usable(window.base + ((pfn + nr - 1) << PG_SHIFT));
}

static void set_frozen(struct page *page, unsigned long nr, bool frozen)
{
	for (; nr--; page++)
		__atomic_store_n(&page->_refcount.counter, !frozen,
				 __ATOMIC_RELAXED);
}

/**
 * alloc_contig_pages() - any number of pages side by side
 * @nr_pages: how many, beyond the largest block too; a power of two is aligned
 *	to itself
 * @gfp: where, and what may be done to get them; __GFP_COMP is refused with
 *	a warning
 * @nid: 0 or NUMA_NO_NODE
 * @nodemask: not looked at: there is one node
 *
 * Each page has a reference of its own.  Nothing is moved to make room: what
 * is free side by side is taken, or the zone grows.
 *
 * Context: May sleep; without __GFP_DIRECT_RECLAIM only what fits into the
 * largest block can be had.
 * Return: the first page's record, for free_contig_range(); or NULL.
 * Source: <linux/gfp.h>, Linux 5.5 and later; there pages are moved.
 */
struct page *alloc_contig_pages(unsigned long nr_pages, gfp_t gfp, int nid,
				const void *nodemask)
{
	bool power = nr_pages && !(nr_pages & (nr_pages - 1));

	check_blocking(gfp);
	(void)nodemask;
	if (contig_flags_bad(gfp) || (nid > 0 && gfp & __GFP_THISNODE))
		return NULL;
	if (should_fail(nr_pages << PG_SHIFT, gfp))
		return NULL;
	return page_alloc_run(gfp, 0, nr_pages, power ? nr_pages : 1, 0);
}

/**
 * alloc_contig_frozen_pages() - alloc_contig_pages() without references
 * @nr_pages: how many
 * @gfp: as there
 * @nid: as there
 * @nodemask: as there
 *
 * Context: As alloc_contig_pages().
 * Return: the first page's record, for free_contig_frozen_range(); or NULL.
 * Source: <linux/gfp.h>, Linux 7.0 and later.
 */
struct page *alloc_contig_frozen_pages(unsigned long nr_pages, gfp_t gfp,
				       int nid, const void *nodemask)
{
	struct page *page = alloc_contig_pages(nr_pages, gfp, nid, nodemask);

	if (page)
		set_frozen(page, nr_pages, true);
	return page;
}

/**
 * alloc_contig_range() - just these pages
 * @start: number of the first
 * @end: number behind the last, in the same zone
 * @alloc_flags: not looked at; a migrate type in older kernels
 * @gfp: __GFP_ZERO clears them; __GFP_COMP is refused with a warning
 *
 * Each page has a reference of its own then.  Nothing is moved: a page that is
 * in use, or kept for GFP_ATOMIC, is in the way.  Lists of free pages that CPUs
 * keep are drained first.
 *
 * Context: May sleep.
 * Return: 0; -EBUSY, with nothing changed, when a page is in the way or @gfp
 * does not allow sleeping; -EINVAL for a range that is empty or not of one
 * zone.
 * Source: <linux/gfp.h>, Linux 3.5 and later; there pages are moved.
 */
int alloc_contig_range(unsigned long start, unsigned long end,
		       unsigned int alloc_flags, gfp_t gfp)
{
	check_blocking(gfp);
	(void)alloc_flags;
	if (contig_flags_bad(gfp) || page_boot())
		return -EINVAL;
	start = page_index(start);
	end = page_index(end);
	if (start >= end || end > window.pages ||
	    zone_of_pfn(start) != zone_of_pfn(end - 1))
		return -EINVAL;
	if (should_fail((end - start) << PG_SHIFT, gfp) ||
	    !(gfp & __GFP_DIRECT_RECLAIM))
		return -EBUSY;
	return page_take_range(start, end, gfp);
}

/**
 * alloc_contig_frozen_range() - alloc_contig_range() without references
 * @start: number of the first page
 * @end: number behind the last
 * @alloc_flags: as there
 * @gfp: as there
 *
 * Context: May sleep.
 * Return: as alloc_contig_range().
 * Source: <linux/gfp.h>, Linux 7.0 and later.
 */
int alloc_contig_frozen_range(unsigned long start, unsigned long end,
			      unsigned int alloc_flags, gfp_t gfp)
{
	int err = alloc_contig_range(start, end, alloc_flags, gfp);

	if (!err)
		set_frozen(window.map + page_index(start), end - start, true);
	return err;
}

/**
 * free_contig_range() - drops a reference of each page of a range
 * @pfn: number of the first
 * @nr_pages: how many
 *
 * A part of what was allocated may be freed by itself.  Pages that others
 * refer to are warned of, and freed with their last reference.
 *
 * Context: May sleep, and may call the OS.
 * Source: <linux/gfp.h>.
 */
void free_contig_range(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long held;

	check_sleeping();
	if (warn_if(no_such_range(pfn, nr_pages),
		    "free_contig_range() of pfn %#lx, %lu pages: no such range",
		    pfn, nr_pages))
		return;
	held = page_free_run(window.map + page_index(pfn), nr_pages);
	page_pass();
	warn_if(held != 0, "%lu pages are still in use!", held);
}

/**
 * free_contig_frozen_range() - gives back pages that have no references
 * @pfn: number of the first
 * @nr_pages: how many
 *
 * Context: May sleep, and may call the OS.
 * Source: <linux/gfp.h>, Linux 7.0 and later.
 */
void free_contig_frozen_range(unsigned long pfn, unsigned long nr_pages)
{
	struct page *page;

	check_sleeping();
	if (warn_if(no_such_range(pfn, nr_pages),
		    "free_contig_frozen_range() of pfn %#lx, %lu pages: "
		    "no such range",
		    pfn, nr_pages))
		return;
	page = window.map + page_index(pfn);
	for (unsigned long i = 0; i < nr_pages; i++)
		if (warn_if(page_count(page + i) != 0 ||
				    page_test(page + i, PG_buddy),
			    "free_contig_frozen_range() of pfn %#lx: in use or "
			    "free",
			    pfn + i))
			return;
	set_frozen(page, nr_pages, false);
	page_free_run(page, nr_pages);
	page_pass();
}
