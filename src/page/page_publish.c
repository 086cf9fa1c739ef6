/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The books of zones and per-CPU page lists where other processes can read
 * them, and the totals, to which the layers above add.
 *
 * A zone's are copied when its lock is dropped.  Totals are kept in place,
 * with atomic additions; a process that publishes nothing keeps them in
 * private memory.
 */
#include "debug/publish.h"
#include "page/page.h"

static struct kmem_pub_totals own_totals;
static struct kmem_pub_totals *totals = &own_totals;
static struct kmem_pub_zone *zone_books[ZONES];
static struct kmem_pub_ask own_ask;

struct kmem_pub_ask *page_ask = &own_ask;

static void set(uint64_t *to, uint64_t value)
{
	__atomic_store_n(to, value, __ATOMIC_RELAXED);
}

struct kmem_pub_totals *page_totals(void)
{
	return totals;
}

void __zone_publish(struct zone *z)
{
	struct kmem_pub_zone *r = zone_books[z - zones];

	if (!r)
		return;
	publish_begin(&r->record);
	set(&r->grown_pfn, z->grown);
	set(&r->absent, z->absent);
	set(&r->free, z->free);
	set(&r->purged, z->nr_purged);
	set(&r->isolated, z->isolated);
	for (unsigned int i = 0; i < MARKS; i++)
		set(&r->mark[i], z->mark[i]);
	set(&r->highatomic, (uint64_t)z->nr_highatomic << PG_MAX_ORDER);
	set(&r->free_highatomic, z->free_highatomic);
	set(&r->deepest, z->deepest);
	for (unsigned int o = 0; o < PG_ORDERS; o++)
		set(&r->nr_free[o], z->area[o].nr_free);
	set(&r->allocs, z->nr_alloc);
	set(&r->frees, z->nr_free_calls);
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
	if (t)
		totals = t;
	if (ask)
		page_ask = ask;
	for (unsigned int i = 0; i < ZONES; i++) {
		struct kmem_pub_zone *r = publish(KMEM_PUB_ZONE, sizeof(*r));

		if (!r)
			continue;
		copy_name(r->name, zones[i].name, sizeof(r->name));
		r->start_pfn = zones[i].start;
		r->end_pfn = zones[i].end;
		r->grown_pfn = zones[i].grown;
		zone_books[i] = r;
	}
	if (h) {
		h->window_base = (uintptr_t)window.base;
		h->window_size = window.size;
	}
}
