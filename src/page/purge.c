/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory back to the host.
 *
 * Free blocks of 2 MiB and more go back when they have stayed free for the
 * decay time (KMEM_OPTIONS=decay_ms=N; 0 at once, -1 never).  They stay on
 * the zone's lists and stay mapped; using one again costs page faults, so
 * they are used last.
 *
 * The host's call is slow, so it is made without the zone's lock: the block
 * is taken off its list first and put back after.  All this happens under
 * grow_lock; who holds that lock sees every free block.  An allocation about
 * to fail makes its last try so.
 *
 * A layer above that keeps memory of its own for the same time registers a
 * step, which is run along with this.
 *
 * No thread does this in the background.  Slow paths look whether something
 * is due, which costs a few loads and, if anything is kept, the clock.
 */
#include "page/page.h"

#include "debug/report.h"
#include "lib/list.h"
#include "lib/text.h"
#include "port/port.h"

#define DECAY_MS 1000
/* Blocks that one call in passing returns: nobody shall wait for long. */
#define PURGE_BUDGET 16

static int64_t decay_ms = DECAY_MS;
static struct decay_step *step_above;

void purge_boot(const char *options)
{
	option_number(options, "decay_ms", &decay_ms);
}

int64_t purge_decay_ms(void)
{
	return decay_ms;
}

void decay_register(struct decay_step *step)
{
	/* pairs with the acquire in above() */
	__atomic_store_n(&step_above, step, __ATOMIC_RELEASE);
}

static struct decay_step *above(void)
{
	return __atomic_load_n(&step_above, __ATOMIC_ACQUIRE);
}

bool purge_due(void)
{
	struct decay_step *step = above();
	uint64_t oldest = UINT64_MAX, kept;

	if (decay_ms < 0)
		return false;
	kept = step ? __atomic_load_n(&step->oldest_ns, __ATOMIC_RELAXED) : 0;
	if (kept)
		oldest = kept;
	for (unsigned int i = 0; i < ZONES; i++) {
		uint64_t since = __atomic_load_n(&zones[i].oldest_free_ns,
						 __ATOMIC_RELAXED);

		if (since && since < oldest)
			oldest = since;
	}
	if (oldest == UINT64_MAX)
		return false;
	return port_clock_ns() >= oldest + (uint64_t)decay_ms * 1000000;
}

/* The block of the zone that has been free longest, if since before then. */
static struct page *__oldest(struct zone *z, uint64_t then)
{
	struct page *oldest = NULL;

	for (unsigned int o = PG_PURGE_ORDER; o < PG_ORDERS; o++) {
		struct list_head *list = &z->area[o].list;
		struct page *page;

		if (ring_empty(list))
			continue;
		page = list_entry_of(list->prev, struct page, lru);
		if (page->private <= then &&
		    (!oldest || page->private < oldest->private))
			oldest = page;
	}
	return oldest;
}

/* Purges up to budget blocks kept since before then; returns the bytes. */
static size_t purge_zone(struct zone *z, uint64_t then, unsigned int budget)
{
	size_t bytes = 0;

	while (budget--) {
		struct page *page;
		unsigned int order = 0;

		zone_lock(z);
		page = __oldest(z, then);
		if (page) {
			order = page->order;
			__buddy_isolate(z, page, order);
			z->isolated += 1ul << order;
		}
		zone_unlock(z);
		if (!page)
			break;
		port_purge(page_addr(page), PG_BYTES << order);
		total_add(&page_totals()->purge_calls, 1);
		bytes += PG_BYTES << order;
		zone_lock(z);
		z->isolated -= 1ul << order;
		page_set_bits(page, PG_MASK(PG_purged));
		__buddy_give(z, page, order);
		zone_unlock(z);
	}
	return bytes;
}

void page_decay(void)
{
	uint64_t now;

	if (!purge_due())
		return;
	/* the holder grows a zone or does this very thing */
	if (!lock_try(&grow_lock, LOCK_GROW))
		return;
	now = port_clock_ns() - (uint64_t)decay_ms * 1000000;
	for (unsigned int i = 0; i < ZONES; i++)
		purge_zone(&zones[i], now, PURGE_BUDGET);
	if (above())
		above()->__run(now);
	lock_drop(&grow_lock, LOCK_GROW);
}

size_t page_trim(void)
{
	size_t bytes = 0;

	if (!page_ready())
		return 0;
	pcp_drain(true);
	lock_take(&grow_lock, LOCK_GROW);
	for (unsigned int i = 0; i < ZONES; i++)
		bytes += purge_zone(&zones[i], UINT64_MAX, UINT32_MAX);
	lock_drop(&grow_lock, LOCK_GROW);
	return bytes;
}
