/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Blocks of the largest order that are kept for GFP_ATOMIC.
 *
 * The min mark keeps single pages free, and not that two of them lie side by
 * side: one page of each pair in use is enough, and the reserve is worthless
 * for an order of 1 and above.  So a zone remembers a few aligned ranges of
 * 4 MiB, "highatomic" as the kernel calls them.  What is free in them stands
 * on lists of its own, from which only requests take that have __GFP_HIGH and
 * may not block, those of order 1 and above first of all, single pages last;
 * and those with a right to everything.  No free block crosses the end of such
 * a range, so the buddy algorithm need not know of them: link and unlink ask.
 *
 * Reserved	when a request of order 1 and above succeeded below the low
 *		mark: the range that its block lies in, with all that is free
 *		there, and what is freed there from then on.  kmem_reserve()
 *		reserves whole free ranges ahead of anybody's need.
 * At most	a hundredth of the zone, rounded up to a range, and none in a
 *		zone of less than 64 MiB, but one of a reserve without mem=;
 *		HIGHATOMIC_MOST in all.
 * Given back	before a request that may block fails, range by range, but not
 *		for __GFP_NORETRY; and by a trim, unless all is to stay
 *		resident.
 *
 * Ordinary requests count these pages as in use.  Blocks up to order 3 that
 * are freed may stay on a CPU's list, as any, where everybody finds them.
 * Their memory is not purged while they are kept.
 *
 * How deep they are used counts with the reserve (page_reserve_used()), from
 * the most that was free in them at once: of what is in a range when it is
 * reserved nobody knows whose it is.
 *
 * Locking: the zone's lock.  Reserving looks at each record of the range.
 */
#include "page/page.h"
#include "page/zone.h"

#include "lib/list.h"

#define RANGE_PAGES (1ul << PG_MAX_ORDER)
#define SHARE_OF_ZONE 100
/* A smaller zone would miss one. */
#define RANGES_LEAST 16

static unsigned int most(const struct zone *z)
{
	unsigned long pages = zone_pages(z), n;

	/* a zone that can grow may be small, and a reserve was asked for */
	if (pages < RANGES_LEAST * RANGE_PAGES)
		return page_resident && !window.limit;
	n = (pages / SHARE_OF_ZONE + RANGE_PAGES - 1) / RANGE_PAGES;
	return n < HIGHATOMIC_MOST ? (unsigned int)n : HIGHATOMIC_MOST;
}

void __highatomic_reserve(struct zone *z, const struct page *page)
{
	unsigned long from = ALIGN_DOWN(page_pfn(page), RANGE_PAGES);
	struct list_head free;

	if (z->nr_highatomic >= most(z) || __is_highatomic(z, from) ||
	    from + RANGE_PAGES > z->grown)
		return;
	__buddy_unlink_range(z, from, from + RANGE_PAGES, &free);
	z->highatomic[z->nr_highatomic++] = from;
	__buddy_relink(z, &free);
}

static void __unreserve(struct zone *z, unsigned long from)
{
	unsigned int i = 0;
	struct list_head free;

	while (z->highatomic[i] != from)
		i++;
	__buddy_unlink_range(z, from, from + RANGE_PAGES, &free);
	z->highatomic[i] = z->highatomic[--z->nr_highatomic];
	z->most_highatomic = z->free_highatomic;
	__buddy_relink(z, &free);
}

/* The largest free block that is kept; there is one. */
static struct page *__largest(struct zone *z)
{
	for (unsigned int o = PG_ORDERS; o-- > 0;)
		if (z->area[o].nr_highatomic)
			return list_entry_of(z->area[o].highatomic.next,
					     struct page, lru);
	return NULL;
}

bool highatomic_unreserve(unsigned int class)
{
	bool gave = false;

	for (unsigned int i = class + 1; i-- > 0 && !gave;) {
		struct zone *z = &zones[i];
		struct page *page;

		if (!__atomic_load_n(&z->free_highatomic, __ATOMIC_RELAXED))
			continue;
		zone_lock(z);
		page = __largest(z);
		gave = page != NULL;
		if (page)
			__unreserve(z, ALIGN_DOWN(page_pfn(page), RANGE_PAGES));
		zone_unlock(z);
	}
	return gave;
}

void highatomic_fill(struct zone *z)
{
	const struct free_area *area = &z->area[PG_MAX_ORDER];

	zone_lock(z);
	/* Bound: most(), HIGHATOMIC_MOST at most. */
	while (z->nr_highatomic < most(z)) {
		const struct list_head *list = &area->list;

		if (ring_empty(list))
			list = &area->away;
		if (ring_empty(list))
			break;
		__highatomic_reserve(z, list_entry_of(list->next, struct page,
						      lru));
	}
	zone_unlock(z);
}
