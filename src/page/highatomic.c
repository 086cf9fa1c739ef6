/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Blocks of the largest order that are kept for GFP_ATOMIC.
 *
 * The min mark keeps single pages free, which need not lie side by side: if one
 * page of each pair is in use, the reserve is worthless for orders of 1 and
 * above.  So a zone has a few aligned ranges of 4 MiB, "highatomic" as the
 * kernel calls them.  What is free in them is on lists of its own, from which
 * only requests take that have __GFP_HIGH and must not block, those of order 1
 * and above first of all, single pages last; and those with a right to
 * everything.  No free block crosses the end of such a range, so only link and
 * unlink in buddy.c distinguish them.
 *
 * Reserved	when a request of order 1 and above succeeded below the low
 *		mark: the range that its block lies in, with all that is free
 *		there, and what is freed there from then on.  kmem_reserve()
 *		reserves whole free ranges before they are needed.
 * At most	a hundredth of the zone, rounded up to a range, and none in a
 * zone of less than 64 MiB, except one for a reserve without mem=;
 *		HIGHATOMIC_MOST in all.
 * Given back	before a request that may block fails, range by range, but not
 * for __GFP_NORETRY; and by a trim, unless all must stay resident.
 *
 * Ordinary requests count these pages as in use.  Blocks up to order 3 that are
 * freed may stay on a CPU's list, as any, where every request finds them.
 * Their memory is not purged while they are kept.
 *
 * What is used of them counts in page_reserve_used(), from the most that was
 * free in them at once: whose the pages are that were in use when a range was
 * reserved is unknown.
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

	/* a zone that can grow may be small, and there is a reserve */
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
