/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The hard limit, KMEM_OPTIONS=mem=SIZE: zones and mapped regions together
 * behave like the memory of a machine of that size.
 *
 * The limit covers the pages of the zones (once usable, always usable) and
 * the bytes charged outside the window:
 *
 *	usable + charged - taken <= limit
 *
 * Pages are taken, that is, allocated and kept idle, their memory with the
 * OS, when a charge finds no room left for itself: then the region uses the
 * memory in their place.  They are given back when charges go.  So a region
 * can have what zones grew for and no longer use, and it cannot have what is
 * in use.
 *
 * All figures change under grow_lock.
 */
#include "page/page.h"
#include "page/zone.h"

#include "debug/report.h"
#include "lib/list.h"
#include "port/port.h"

static uint64_t usable, charged, taken;
static struct list_head taken_list = { &taken_list, &taken_list };

/* Bytes by which n more would exceed the limit. */
static uint64_t limit_excess(uint64_t n)
{
	uint64_t sum = usable + charged - taken + n;

	return window.limit && sum > window.limit ? sum - window.limit : 0;
}

unsigned long __limit_room(unsigned long want)
{
	uint64_t over = limit_excess((uint64_t)want << PG_SHIFT);
	unsigned long pages = (over + PG_BYTES - 1) >> PG_SHIFT;

	return pages < want ? want - pages : 0;
}

void __limit_grown(long pages)
{
	usable += (uint64_t)pages << PG_SHIFT;
}

unsigned long limit_mapped(void)
{
	return __atomic_load_n(&charged, __ATOMIC_RELAXED);
}

static void set_charged(uint64_t n)
{
	__atomic_store_n(&charged, n, __ATOMIC_RELAXED);
}

static void put_on_list(struct page *page, unsigned int order)
{
	page->private = order;
	ring_push_front(&taken_list, &page->lru);
	taken += PG_BYTES << order;
}

/* A block that the charges do not need, off the list, or NULL. */
static struct page *surplus(void)
{
	struct page *page;

	if (ring_empty(&taken_list))
		return NULL;
	page = list_entry_of(taken_list.next, struct page, lru);
	if (limit_excess(PG_BYTES << page->private))
		return NULL;
	ring_remove(&page->lru);
	taken -= PG_BYTES << page->private;
	return page;
}

static void give_surplus(void)
{
	/* Bound: the blocks that charges took. */
	for (;;) {
		struct page *page;
		unsigned int order;

		lock_take(&grow_lock, LOCK_GROW);
		page = surplus();
		lock_drop(&grow_lock, LOCK_GROW);
		if (!page)
			return;
		order = (unsigned int)page->private;
		page->private = 0;
		page_free(page, order);
	}
}

/* What the pages for a charge may do: no more than its request. */
static gfp_t charge_gfp(gfp_t gfp)
{
	return (gfp & (__GFP_RECLAIM | __GFP_IO | __GFP_FS)) | __GFP_NORETRY |
	       __GFP_NOMEMALLOC | __GFP_NOWARN;
}

/*
 * Takes about n bytes off the zones, as far as ordinary requests may go; false
 * when there was no page.  Takes more than n rather than less.
 */
static bool take_pages(uint64_t n, unsigned int *largest, gfp_t gfp)
{
	unsigned int order = 0;
	struct page *page;

	while (order < *largest && PG_BYTES << order < n)
		order++;
	/* Bound: PG_MAX_ORDER. */
	for (;; order--) {
		page = page_alloc(charge_gfp(gfp), order);
		if (page)
			break;
		if (!order)
			return false;
		*largest = order - 1;
	}
	if ((PG_BYTES << order) % port_page_size() == 0)
		port_purge(page_addr(page), PG_BYTES << order);
	lock_take(&grow_lock, LOCK_GROW);
	put_on_list(page, order);
	lock_drop(&grow_lock, LOCK_GROW);
	return true;
}

/*
 * Sleeps, may reclaim: the caller holds no lock that a client of reclaim takes
 * and no lock of this layer.
 */
bool mem_charge(size_t n, gfp_t gfp)
{
	unsigned int largest = PG_MAX_ORDER;

	if (page_boot() || (window.limit && n > window.limit))
		return false;
	/* Progress: another charge took what this one freed. */
	for (;;) {
		uint64_t over;

		lock_take(&grow_lock, LOCK_GROW);
		over = limit_excess(n);
		if (!over)
			set_charged(charged + n);
		lock_drop(&grow_lock, LOCK_GROW);
		if (!over)
			return true;
		if (!take_pages(over, &largest, gfp)) {
			give_surplus();
			return false;
		}
	}
}

bool mem_fits(size_t n)
{
	bool fits;

	if (!window.limit)
		return true;
	lock_take(&grow_lock, LOCK_GROW);
	fits = !limit_excess(n);
	lock_drop(&grow_lock, LOCK_GROW);
	return fits;
}

void __mem_uncharge(size_t n)
{
	DEBUG_ASSERT(n <= charged);
	set_charged(charged - n);
}

void mem_uncharge(size_t n)
{
	lock_take(&grow_lock, LOCK_GROW);
	__mem_uncharge(n);
	lock_drop(&grow_lock, LOCK_GROW);
	if (window.limit)
		give_surplus();
}
