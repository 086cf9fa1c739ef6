/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The window and the array of page records.
 *
 * One claim holds six parts, so that an OS that has room for a fraction of
 * what is asked scales all of them alike:
 *
 *	base	+ size	  + size/64   + size/64	   + size/32  + size/512
 *	| pages	| records | slab maps | late notes | owners   | columns	|
 *
 * The arrays cost 64, 64, 128, 8 and 8 bytes for each page.  They become usable
 * as the zones grow and are never initialised: a page that was never used has a
 * record of zero bytes, and reading it costs no memory.
 *
 * A machine that has no addresses to spare gives the arrays memory of their
 * own, port_direct(), and the window is the claim.
 *
 * A claim is no mapping: mappings of others may be in it, which growth detects
 * (hole.c).  Where one is in an array the zone ends.
 */
#include "page/page.h"
#include "page/zone.h"

#include <kmem/page.h>
#include <linux/mm.h>

#include "debug/report.h"
#include "lib/errno.h"
#include "lib/options.h"
#include "lib/shown.h"
#include "port/port.h"

#define WINDOW_SIZE (1ull << 40)
#define WINDOW_MIN (16ull << 20)
#define WINDOW_STEP (PG_BYTES << PG_MAX_ORDER)
#define DMA_END (16ull << 20)
#define HOST_PAGE_MOST (64ul << 10)

_Static_assert(sizeof(struct page) == 64, "the window's arithmetic");
_Static_assert(PG_BYTES == PAGE_SIZE && PG_MAX_ORDER == MAX_PAGE_ORDER,
	       "one page size");

struct window window;

/* What <linux/mm.h> computes with; set once, by boot. */
SHOWN(shown_mem_map, "kmem_kmem_mem_map");
SHOWN(shown_page_offset, "kmem_kmem_page_offset");

/* The arrays beside the window, and how far they are usable in each zone. */
struct array {
	char *base;
	size_t each; /* bytes for a page */
	uint64_t *total;
	unsigned long end[ZONES]; /* pfn; LOCK_GROW */
};

#define ARRAYS 5
static struct array arrays[ARRAYS];

static void array_set(struct array *a, void *base, size_t each, uint64_t *total)
{
	a->base = base;
	a->each = each;
	a->total = total;
}

/* After the totals are set and the zones have their ranges. */
void window_arrays_set(void)
{
	struct kmem_pub_totals *t = page_totals();

	array_set(&arrays[0], window.map, sizeof(*window.map), &t->map_bytes);
	array_set(&arrays[1], window.slab_map, CACHE_LINE, &t->slab_map_bytes);
	array_set(&arrays[2], window.late, PG_LATE_BYTES, &t->slab_map_bytes);
	array_set(&arrays[3], window.owner, sizeof(*window.owner),
		  &t->map_bytes);
	array_set(&arrays[4], window.column, sizeof(*window.column),
		  &t->map_bytes);
	for (unsigned int i = 0; i < ARRAYS; i++)
		for (unsigned int z = 0; z < ZONES; z++)
			arrays[i].end[z] = zones[z].start;
}

/* Bytes of one word for each page; every array begins on a page of the OS. */
static uint64_t words_bytes(uint64_t size)
{
	return ALIGN_UP(size / 512, (uint64_t)port_page_size());
}

/* The whole claim for a window of this size. */
static uint64_t with_arrays(uint64_t size)
{
	return size + size / 32 + size / 32 + 2 * words_bytes(size);
}

/* Where the window ends and its records begin; false: there is no place. */
static bool window_place(char *base, uint64_t whole)
{
	struct port_direct d = { .dma_end = DMA_END };
	uint64_t size = ALIGN_DOWN(whole, WINDOW_STEP);
	int direct = port_direct(with_arrays(size) - size, &d);

	if (direct < 0)
		return false;
	if (!direct) {
		/* the inverse of with_arrays(), exact for what was asked */
		size = ALIGN_DOWN(whole / 273 * 256, WINDOW_STEP);
		/* Bound: the steps of the window. */
		while (with_arrays(size) > whole)
			size -= WINDOW_STEP;
		d.records = base + size;
	}
	window.size = size;
	window.direct = direct;
	window.map = d.records;
	window.physical = d.physical;
	window.dma_end = d.dma_end;
	return true;
}

int window_boot(void)
{
	uint64_t limit = (uint64_t)option_value(OPT_MEM), want = WINDOW_SIZE;
	size_t whole, least;
	char *base;

	if (window.base)
		return 0;
	if (limit)
		want = ALIGN_UP(limit, WINDOW_STEP);
	whole = ALIGN_UP(with_arrays(want), HOST_PAGE_MOST);
	least = with_arrays(want < WINDOW_MIN ? want : WINDOW_MIN);
	base = port_claim(&whole, least, WINDOW_STEP);
	if (!base || !window_place(base, whole))
		return -ENOMEM;
	/* an OS with less room makes the machine smaller */
	limit = limit > window.size ? window.size : limit;
	window.limit = ALIGN_DOWN(limit, PG_BYTES);
	window.pages = window.size >> PG_SHIFT;
	window.slab_map = (char *)(window.map + window.pages);
	window.late = window.slab_map + window.pages * CACHE_LINE;
	window.owner = (void *)(window.late + window.pages * PG_LATE_BYTES);
	window.column =
		(void *)((char *)window.owner + words_bytes(window.size));
	window.base = base;
	/* page 0 is at physical 0, even where the window begins above that */
	shown_set(shown_mem_map,
		  (uintptr_t)window.map -
			  (window.physical >> PG_SHIFT) * sizeof(struct page));
	shown_set(shown_page_offset, (uintptr_t)base - window.physical);
	return 0;
}

/* Bytes of an array from the record of one pfn to that of another; where. */
static size_t part(const struct array *a, unsigned long from, unsigned long to,
		   char **at)
{
	size_t page = port_page_size();
	size_t start = ALIGN_UP(from * a->each, page);
	size_t end = ALIGN_UP(to * a->each, page);

	/* arrays begin on pages of the OS, records may not */
	*at = a->base + start;
	return end > start ? end - start : 0;
}

int window_each_part(unsigned long from, unsigned long to,
		     int (*fn)(void *p, size_t n))
{
	int err = 0;
	char *at;

	for (unsigned int i = 0; i < ARRAYS && !err; i++) {
		size_t bytes = part(&arrays[i], from, to, &at);

		err = bytes ? fn(at, bytes) : 0;
	}
	return err;
}

/* What is usable of an array ends at another pfn now. */
static void set_end(struct array *a, const struct zone *z, unsigned long to)
{
	unsigned long *end = &a->end[z - zones];
	long more;
	char *at;

	more = *end < to ? (long)part(a, *end, to, &at) :
			   -(long)part(a, to, *end, &at);
	total_add(a->total, more);
	*end = to;
}

/* 4 MiB of pages have 64 KiB of records: the OS's page may be so. */
static unsigned long records_end(unsigned long to)
{
	return ALIGN_UP(to, 1ul << PG_MAX_ORDER);
}

/* Has a page of the OS words of this zone and of the one before? */
static bool shares_page(const struct zone *z)
{
	return z->start * sizeof(void *) % port_page_size();
}

/* What port_direct() gave is there for good, and holds what was written. */
static int commit_part(char *at, size_t bytes)
{
	if (!window.direct)
		return port_commit(at, bytes);
	memset(at, 0, bytes);
	return 0;
}

static bool uncommit_part(char *at, size_t bytes)
{
	return window.direct || port_uncommit(at, bytes);
}

void window_uncommit_map(struct zone *z)
{
	unsigned long to = records_end(z->grown);
	char *at;

	if (z + 1 < zones + ZONES && shares_page(z + 1))
		return;
	for (unsigned int i = 0; i < ARRAYS; i++) {
		struct array *a = &arrays[i];
		unsigned long end = a->end[z - zones];
		size_t bytes = part(a, to, end, &at);

		if (end > to && (!bytes || uncommit_part(at, bytes)))
			set_end(a, z, to);
	}
}

int window_commit_map(struct zone *z, unsigned long to)
{
	char *at;
	int err = 0;

	/* such a page is the lower zone's */
	if (shares_page(z))
		err = window_commit_map(z - 1, z->start);
	to = records_end(to);
	for (unsigned int i = 0; i < ARRAYS && !err; i++) {
		struct array *a = &arrays[i];
		unsigned long end = a->end[z - zones];
		size_t bytes = part(a, end, to, &at);

		if (end >= to)
			continue;
		err = bytes ? commit_part(at, bytes) : 0;
		if (!err)
			set_end(a, z, to);
	}
	if (err)
		window_uncommit_map(z);
	return err;
}

struct zone *zone_of_pfn(unsigned long pfn)
{
	if (pfn >= zones[ZONE_ID_NORMAL].start)
		return &zones[ZONE_ID_NORMAL];
	if (pfn >= zones[ZONE_ID_DMA32].start)
		return &zones[ZONE_ID_DMA32];
	return &zones[ZONE_ID_DMA];
}

bool page_has_record(const void *p)
{
	struct zone *z;
	unsigned long pfn;

	if ((uintptr_t)p - (uintptr_t)window.base >= window.size)
		return false;
	pfn = addr_pfn(p);
	z = zone_of_pfn(pfn);
	/* pairs with the release in zone_add(): the records are there */
	return pfn < __atomic_load_n(&z->grown, __ATOMIC_ACQUIRE);
}

/**
 * __virt_addr_valid() - is this an address of memory of the window?
 * @addr: any number
 *
 * Context: Any.
 * Return: true for an address of the direct map below what its zone has
 * grown to, unless that went back to the system; false for all other memory
 * of the process.
 * Source: <linux/mm.h>, virt_addr_valid().
 */
bool __virt_addr_valid(unsigned long addr)
{
	return page_is_usable((const void *)addr);
}
