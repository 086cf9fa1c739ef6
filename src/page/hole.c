/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Holes: parts of a zone, of 1 MiB, that have records and no memory.
 *
 * There are two reasons for one.  Another library has mapped something in the
 * window, which is claimed and not mapped: growth skips it, for good.  Or the
 * OS counts what is mapped against a limit of the process (RLIMIT_AS,
 * RLIMIT_DATA, strict overcommit, mlockall), or has refused to map more: then
 * free blocks that are large enough are unmapped, and growth fills these holes
 * before it goes further.
 *
 * Whether it counts is asked where the OS is called anyway, by a pass that has
 * purged something, since a limit may be set at any time.  Without one nothing
 * becomes a hole: what is purged can be used by requests that must not call the
 * OS, and a hole cannot.  So the zone keeps its high mark, and what must be
 * resident.
 *
 * A hole's first record has PG_hole and no other flag, and no other record or
 * word of its pages names an owner.  A hole that begins at what was the zone's
 * end, inside an aligned block, is shorter, and each of its records has
 * PG_hole: a look-up tests the address's own record and the first one of the
 * aligned block.  Merging ends at it, since it is no free block.  A zone has at
 * most one mapping for each 2 MiB.
 *
 * All under grow_lock.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "debug/report.h"
#include "lib/list.h"
#include "port/port.h"

#define HOLE_PAGES (1ul << PG_HOLE_ORDER)
#define HOLE_BYTES (PG_BYTES << PG_HOLE_ORDER)
#define BATCH 16
/* Holes filled by one step of growth. */
#define FILL_MOST 64

bool page_counted;

void __holes_look(void)
{
	__atomic_store_n(&page_counted, port_counts(), __ATOMIC_RELAXED);
}

static struct page *hole_page_of(struct list_head *e)
{
	return list_entry_of(e, struct page, lru);
}

static void usable_changed(struct zone *z, long pages)
{
	__atomic_store_n(&z->absent, z->absent - (unsigned long)pages,
			 __ATOMIC_RELAXED);
	__limit_grown(pages);
	total_add(&page_totals()->usable_pages, pages);
}

static void add_hole(struct zone *z, struct page *page)
{
	ring_push_front(&z->holes, &page->lru);
	__atomic_store_n(&z->nr_holes, z->nr_holes + 1, __ATOMIC_RELAXED);
}

static void remove_hole(struct zone *z, struct page *page)
{
	ring_remove(&page->lru);
	__atomic_store_n(&z->nr_holes, z->nr_holes - 1, __ATOMIC_RELAXED);
}

/* --- away ----------------------------------------------------------------- */

/* Pages beyond what requests that must not call the OS may count on. */
static unsigned long __can_spare(const struct zone *z)
{
	unsigned long keep = z->mark[MARK_HIGH];

	keep = (z->keep > keep ? z->keep : keep) + z->free_highatomic;
	return z->free > keep ? z->free - keep : 0;
}

/* Still on its list, or NULL: the largest, purged ones first. */
static struct page *__spare(const struct zone *z, bool here)
{
	for (unsigned int o = PG_ORDERS; o-- > PG_HOLE_ORDER;)
		if (!ring_empty(&z->area[o].away))
			return hole_page_of(z->area[o].away.prev);
	for (unsigned int o = PG_ORDERS; here && o-- > PG_HOLE_ORDER;)
		if (!ring_empty(&z->area[o].list))
			return hole_page_of(z->area[o].list.prev);
	return NULL;
}

/* Off the lists, and no more of it than the zone can spare. */
static struct page *__take_spare(struct zone *z, bool here)
{
	unsigned long pages = __can_spare(z);
	struct page *page = NULL;
	unsigned int order;

	if (pages >= HOLE_PAGES)
		page = __spare(z, here);
	if (!page)
		return NULL;
	order = page->order;
	while (1ul << order > pages)
		order--;
	__buddy_isolate(z, page, order);
	page->order = (unsigned char)order;
	z->isolated += 1ul << order;
	return page;
}

/* The block is on no list; false: it stays as it was. */
static bool make_hole(struct page *page)
{
	if (!port_uncommit(page_addr(page), PG_BYTES << page->order))
		return false;
	purge_records_of(page, page->order);
	return true;
}

static void __settle_block(struct zone *z, struct page *page, bool hole)
{
	unsigned long pages = 1ul << page->order;

	z->isolated -= pages;
	if (!hole) {
		__buddy_give(z, page, page->order);
		return;
	}
	for (unsigned long i = 0; i < pages; i += HOLE_PAGES) {
		page_set_bits(page + i, PG_MASK(PG_hole));
		add_hole(z, page + i);
	}
	usable_changed(z, -(long)pages);
}

/* Pages that became holes; here: blocks that are not purged, too. */
static unsigned long uncommit_zone(struct zone *z, bool here)
{
	struct page *block[BATCH];
	bool hole[BATCH], all = true;
	unsigned long pages = 0;
	unsigned int nr;

	/* Bound: the blocks that can be spared. */
	do {
		zone_lock(z);
		nr = 0;
		/* Bound: BATCH. */
		while (nr < BATCH && (block[nr] = __take_spare(z, here)))
			nr++;
		zone_unlock(z);
		for (unsigned int i = 0; i < nr; i++)
			hole[i] = make_hole(block[i]);
		zone_lock(z);
		for (unsigned int i = 0; i < nr; i++) {
			pages += hole[i] ? 1ul << block[i]->order : 0;
			all = all && hole[i];
			__settle_block(z, block[i], hole[i]);
		}
		zone_unlock(z);
		/* one that cannot be unmapped would be found first again */
	} while (nr == BATCH && all);
	return pages;
}

static unsigned long uncommit_all(bool here)
{
	unsigned long pages = 0;

	if (page_resident)
		return 0;
	for (unsigned int i = 0; i < ZONES; i++)
		pages += uncommit_zone(&zones[i], here);
	if (pages)
		zone_set_marks();
	return pages;
}

void __holes_make(void)
{
	__holes_look();
	if (page_counted)
		uncommit_all(false);
}

size_t page_uncommit(void)
{
	unsigned long pages;

	if (!page_ready())
		return 0;
	lock_take(&grow_lock, LOCK_GROW);
	/* too large for any OS perhaps, which does not prove a limit */
	__holes_look();
	pages = uncommit_all(true);
	lock_drop(&grow_lock, LOCK_GROW);
	return pages << PG_SHIFT;
}

/* --- and back ------------------------------------------------------------- */

/* A hole committed again; NULL: there is none, or the OS refuses. */
static struct page *fill_one(struct zone *z)
{
	/* Bound: the holes of the zone. */
	while (!ring_empty(&z->holes) &&
	       __limit_room(HOLE_PAGES) == HOLE_PAGES) {
		struct page *page = hole_page_of(z->holes.next);
		int err = port_commit(page_addr(page), HOLE_BYTES);

		if (err && err != PORT_TAKEN)
			break;
		remove_hole(z, page);
		if (!err)
			return page;
		/* another mapping took it: it stays a hole, on no list */
	}
	return NULL;
}

unsigned long __holes_fill(struct zone *z, unsigned long pages)
{
	unsigned long done = 0;
	struct page *page;

	/* Bound: FILL_MOST. */
	while (done < pages && done < FILL_MOST * HOLE_PAGES &&
	       (page = fill_one(z))) {
		unsigned long pfn = page_pfn(page);

		if (!__zone_backed(pfn, pfn + HOLE_PAGES)) {
			if (port_uncommit(page_addr(page), HOLE_BYTES))
				add_hole(z, page);
			break;
		}
		zone_lock(z);
		page_set_bits(page, PG_MASK(PG_purged));
		__buddy_give(z, page, PG_HOLE_ORDER);
		usable_changed(z, (long)HOLE_PAGES);
		zone_unlock(z);
		done += HOLE_PAGES;
	}
	return done;
}

/* A block that was passed or taken is on no list. */
static bool __is_passed(const struct page *page)
{
	return page_test(page, PG_hole) &&
	       (!page->lru.next || page->lru.next == &page->lru);
}

void core_memory(void *p, size_t n)
{
	unsigned long pfn = ALIGN_UP(addr_pfn(p), HOLE_PAGES);
	unsigned long end = addr_pfn((char *)p + n);

	if (!page_ready())
		return;
	lock_take(&grow_lock, LOCK_GROW);
	for (; pfn + HOLE_PAGES <= end; pfn += HOLE_PAGES) {
		struct zone *z = zone_of_pfn(pfn);

		if (pfn < z->grown && __is_passed(window.map + pfn))
			add_hole(z, window.map + pfn);
	}
	lock_drop(&grow_lock, LOCK_GROW);
}

bool __hole_pass(struct zone *z)
{
	unsigned long to = ALIGN_DOWN(z->grown, HOLE_PAGES) + HOLE_PAGES;
	bool rest = to - z->grown < HOLE_PAGES;

	if (to > z->end || window_commit_map(z, to))
		return false;
	for (unsigned long pfn = z->grown; pfn < (rest ? to : z->grown + 1);
	     pfn++)
		page_set_bits(window.map + pfn, PG_MASK(PG_hole));
	zone_lock(z);
	z->absent += to - z->grown;
	__zone_set_grown(z, to);
	zone_unlock(z);
	return true;
}
