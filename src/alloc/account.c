/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What each call site holds: a walk over everything that is in use.
 * page/sites.h has the theory.
 */
#include "alloc/account.h"

#include <linux/alloc_tag.h>

#include "alloc/alloc.h"
#include "alloc/region.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/options.h"
#include "lib/text.h"
#include "page/reclaim.h"
#include "page/zone.h"
#include "slab/sites.h"

#define ROOM_FIRST 2048ul

/* --- the table ------------------------------------------------------------ */

static size_t table_bytes(size_t room)
{
	return ALIGN_UP(room * sizeof(struct account_row), port_page_size());
}

static struct account_row *place_of(const struct account *a, uint64_t site,
				    const struct kmem_cache *cache)
{
	uint64_t key = site ^ (uintptr_t)cache << 7;
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15ull) >> 20);

	/* a quarter is free */
	for (i %= a->room; a->at[i].pub.calls; i = (i + 1) % a->room)
		if (a->at[i].pub.site == site && a->at[i].cache == cache)
			break;
	return &a->at[i];
}

static bool table_grow(struct account *a)
{
	struct account larger = { .room = a->room ? 2 * a->room : ROOM_FIRST };
	size_t i;

	if (a->room && a->nr < a->room / 4 * 3)
		return true;
	larger.at = port_map(table_bytes(larger.room), port_page_size(), false);
	if (!larger.at)
		return false;
	for (i = 0; i < a->room; i++)
		if (a->at[i].pub.calls)
			*place_of(&larger, a->at[i].pub.site, a->at[i].cache) =
				a->at[i];
	if (a->at)
		port_unmap(a->at, table_bytes(a->room), false);
	a->at = larger.at;
	a->room = larger.room;
	return true;
}

/* s: whose object it is, NULL: of none. */
static void account_add(struct account *a, const struct kmem_cache *s,
			uint64_t word, size_t bytes)
{
	struct kmem_pub_site *place = &a->none;
	struct account_row *row;

	if (!a->by_cache)
		s = NULL;
	if (word && table_grow(a)) {
		word &= SITE_ADDRESS | SITE_TAG;
		row = place_of(a, word, s);
		place = &row->pub;
		a->nr += !place->calls;
		place->site = word;
		row->cache = s;
		if (s && !place->calls)
			text_format(row->name, sizeof(row->name), "%s",
				    s->name);
	} else if (word) {
		a->failed = true;
	}
	place->bytes += bytes;
	place->calls++;
}

void account_end(struct account *a)
{
	if (a->at)
		port_unmap(a->at, table_bytes(a->room), false);
	*a = (struct account){ 0 };
}

/* --- the walk ------------------------------------------------------------- */

/* The head of a slab of s, which is listed as such: so s is there. */
static void account_slab(struct account *a, struct kmem_cache *s,
			 struct page *slab)
{
	unsigned int i;

	node_get(s, LOCK_SLEEP);
	/* the lock keeps it what it is */
	for (i = 0; page_test(slab, PG_slab) && i < slab->objects; i++)
		if (!slub_is_free(slab, i))
			account_add(a, s, __sites_of(slab, i), s->size);
	node_put(s, LOCK_SLEEP);
}

static void account_block(struct account *a, const struct page *page,
			  unsigned long nr)
{
	uint64_t word = sites_words ? READ_ONCE(*site_word(page)) : 0;

	account_add(a, NULL, site_is_new(word) ? word : 0, nr << PG_SHIFT);
}

/* What begins at a page; how many pages that is. */
static unsigned long account_pages(struct account *a, unsigned long pfn)
{
	struct page *page = window.map + pfn;
	unsigned long bits = page_bits(page), nr = 1ul << page->order;
	struct kmem_cache *s = page_cache(page);

	if (page_in_hole(pfn))
		return 1;
	if (bits & (PG_MASK(PG_buddy) | PG_MASK(PG_pcp)))
		return nr;
	if (s) {
		if (bits & PG_MASK(PG_slab))
			account_slab(a, s, page);
		return nr;
	}
	if (__atomic_load_n(&page->_refcount.counter, __ATOMIC_ACQUIRE) <= 0)
		return 1;
	if (bits & PG_MASK(PG_span))
		nr = page->private;
	account_block(a, page, nr);
	return nr ? nr : 1;
}

static void account_zone(struct account *a, const struct zone *z)
{
	unsigned long pfn = z->start, end;

	end = __atomic_load_n(&z->grown, __ATOMIC_ACQUIRE);
	/* Bound: the pages of the zone. */
	while (pfn < end)
		pfn += account_pages(a, pfn);
}

static void account_region(void *ctx, size_t bytes, uint64_t site)
{
	account_add(ctx, NULL, site_is_new(site) ? site : 0, bytes);
}

/* Chunks of per-CPU memory are everybody's. */
static void account_percpu(struct account *a)
{
	uint64_t bytes = READ_ONCE(page_totals()->percpu_bytes);

	if (bytes)
		account_add(a, NULL, 0, bytes);
}

/* Slabs that were only noted so far (slab/defer.c) are listed as such. */
static void settle_caches(void)
{
	struct list_head *pos;
	struct kmem_cache *s;

	ring_for_each(pos, &slab_caches)
	{
		s = list_entry_of(pos, struct kmem_cache, list);
		node_get(s, LOCK_SLEEP);
		node_put(s, LOCK_SLEEP);
	}
}

void account_settle(void)
{
	lock_take(&slab_mutex, LOCK_CACHES);
	slab_flush_all(&slab_caches);
	settle_caches();
	lock_drop(&slab_mutex, LOCK_CACHES);
}

void account_take(struct account *a)
{
	unsigned int i;

	region_each(account_region, a);
	account_percpu(a);
	lock_take(&slab_mutex, LOCK_CACHES);
	slab_flush_all(&slab_caches);
	settle_caches();
	for (i = 0; i < ZONES; i++)
		if (zones[i].start < zones[i].end)
			account_zone(a, &zones[i]);
	lock_drop(&slab_mutex, LOCK_CACHES);
}

/* --- from outside --------------------------------------------------------- */

/* Makes records of the table, in its place, what has no site last. */
static void account_pack(struct account *a)
{
	struct kmem_pub_site *to;
	size_t i, n = 0;

	if (!table_grow(a))
		return;
	to = &a->at->pub;
	/* a record is smaller than a row, so none is overwritten unread */
	for (i = 0; i < a->room; i++)
		if (a->at[i].pub.calls)
			to[n++] = a->at[i].pub;
	if (a->none.calls)
		to[n++] = a->none;
	a->nr = n;
}

/* As called() of pressure.c: made by a thread that kmem put here. */
static void __attribute__((noreturn)) account_called(void)
{
	static struct account told;
	uint32_t wanted = READ_ONCE(page_ask->wanted), none = 0;
	uint32_t what = READ_ONCE(page_ask->what);
	int err = 0;

	if (what != KMEM_PUB_SITES_READ)
		err = sites_turn(what == KMEM_PUB_SITES_ON);
	account_end(&told);
	if (!err && sites_now()) {
		account_take(&told);
		account_pack(&told);
		err = told.failed ? -ENOMEM : 0;
	}
	WRITE_ONCE(page_ask->error, err);
	WRITE_ONCE(page_ask->on, sites_now() != 0);
	WRITE_ONCE(page_ask->nr_sites, told.nr);
	WRITE_ONCE(page_ask->sites, (uint64_t)(uintptr_t)told.at);
	/* a reader that sees the number here sees the result */
	__atomic_store_n(&page_ask->told, wanted, __ATOMIC_RELEASE);
	/* Sleeps: for ever. */
	for (;;)
		port_wait(&none, 0, -1);
}

void account_boot(void)
{
	if (KMEM_SMALL)
		return;
	WRITE_ONCE(page_ask->account, (uint64_t)(uintptr_t)account_called);
	if ((option_value(OPT_MEM_PROFILING) || option_value(OPT_LEAK_CHECK)) &&
	    sites_turn(true))
		report("kmem: no memory for the accounting of call sites");
}

/**
 * kmem_mem_profiling_set - turns the accounting of call sites on or off
 * @on: what it is from now on
 *
 * Blocks that were allocated before are unaccounted.
 *
 * Return: 0, or -ENOMEM: it is as it was, as always in a build with
 * KMEM_SMALL=1.
 * Context: may sleep; takes slab_mutex.
 * Source: ours; the kernel has the file /proc/sys/vm/mem_profiling.
 */
int kmem_mem_profiling_set(bool on)
{
	check_sleeping();
	return kmalloc_boot() ? -ENOMEM : sites_turn(on);
}
