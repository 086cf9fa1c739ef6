/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Statistics of zones and per-CPU page lists where other processes can read
 * them, and the totals, to which the layers above add.
 *
 * A zone's are copied when its lock is dropped.  Totals are changed twice, in
 * private memory and where they are shown, so that nothing is read back.
 */
#include "debug/publish.h"
#include "lib/atomic.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

static struct kmem_pub_totals own_totals;
static struct kmem_pub_totals *shown_totals;
static struct kmem_pub_zone *zone_books[ZONES];
static struct kmem_pub_ask own_ask;

struct kmem_pub_ask *page_ask = &own_ask;

struct kmem_pub_totals *page_totals(void)
{
	return &own_totals;
}

/* Where a total of own_totals is shown, or NULL. */
static uint64_t *shown(const uint64_t *total)
{
	size_t at = (uintptr_t)total - (uintptr_t)&own_totals;

	if (!shown_totals || !publish_mine())
		return NULL;
	return (uint64_t *)(void *)((char *)shown_totals + at);
}

void total_add(uint64_t *total, long n)
{
	uint64_t *copy = shown(total);

	__atomic_fetch_add(total, (uint64_t)n, __ATOMIC_RELAXED);
	if (copy)
		__atomic_fetch_add(copy, (uint64_t)n, __ATOMIC_RELAXED);
}

void total_set(uint64_t *total, uint64_t value)
{
	uint64_t *copy = shown(total);

	WRITE_ONCE(*total, value);
	if (copy)
		WRITE_ONCE(*copy, value);
}

/* Publishes the totals; no other thread changes them now. */
static void show_totals(void)
{
	const size_t from = sizeof(own_totals.record);

	memcpy((char *)shown_totals + from, (char *)&own_totals + from,
	       sizeof(own_totals) - from);
}

void page_publish_forked(void)
{
	own_totals.number = port_publish_number();
	if (shown_totals && publish_mine())
		show_totals();
}

void __zone_publish(struct zone *z)
{
	struct kmem_pub_zone *r = zone_books[z - zones];

	if (!r || !publish_mine())
		return;
	publish_begin(&r->record);
	WRITE_ONCE(r->grown_pfn, page_number(z->grown));
	WRITE_ONCE(r->absent, z->absent);
	WRITE_ONCE(r->free, z->free);
	WRITE_ONCE(r->purged, z->nr_purged);
	WRITE_ONCE(r->isolated, z->isolated);
	for (unsigned int i = 0; i < MARKS; i++)
		WRITE_ONCE(r->mark[i], z->mark[i]);
	WRITE_ONCE(r->highatomic, (uint64_t)z->nr_highatomic << PG_MAX_ORDER);
	WRITE_ONCE(r->free_highatomic, z->free_highatomic);
	WRITE_ONCE(r->deepest, z->deepest);
	for (unsigned int o = 0; o < PG_ORDERS; o++)
		WRITE_ONCE(r->nr_free[o], z->area[o].nr_free);
	WRITE_ONCE(r->allocs, z->nr_alloc);
	WRITE_ONCE(r->frees, z->nr_free_calls);
	publish_end(&r->record);
}

static void copy_name(char *to, const char *from, size_t n)
{
	for (; n > 1 && *from; n--)
		*to++ = *from++;
	*to = 0;
}

/* After the zones have their ranges, before anything is allocated. */
void page_publish_boot(void)
{
	struct kmem_pub_totals *t;
	struct kmem_pub_ask *ask;
	struct kmem_pub_header *h;

	publish_boot();
	h = publish_header();
	t = publish(KMEM_PUB_TOTALS, sizeof(*t));
	ask = publish(KMEM_PUB_ASK, sizeof(*ask));
	shown_totals = t;
	page_publish_forked();
	if (ask)
		page_ask = ask;
	for (unsigned int i = 0; i < ZONES; i++) {
		struct kmem_pub_zone *r = publish(KMEM_PUB_ZONE, sizeof(*r));

		if (!r)
			continue;
		copy_name(r->name, zones[i].name, sizeof(r->name));
		r->start_pfn = page_number(zones[i].start);
		r->end_pfn = page_number(zones[i].end);
		r->grown_pfn = page_number(zones[i].grown);
		zone_books[i] = r;
	}
	if (h) {
		h->window_base = (uintptr_t)window.base;
		h->window_size = window.size;
		total_set(&own_totals.here, (uintptr_t)h);
	}
}
