/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The window and the array of page records.
 *
 * One reservation holds six parts, so that a host that grants only a
 * fraction of what is asked scales all of them alike:
 *
 *	base	+ size	  + size/64   + size/64	   + size/32  + size/512
 *	| pages	| records | slab maps | late notes | owners   | columns	|
 *
 * The arrays cost 64, 64, 128, 8 and 8 bytes for each page.  They become usable
 * as the zones grow and are never initialised: a page nobody has used has a
 * record of zero bytes, and reading it costs no memory.
 */
#include "page/page.h"

#include <kmem/page.h>
#include <linux/mm.h>

#include "debug/report.h"
#include "lib/options.h"
#include "lib/shown.h"
#include "port/port.h"

#define WINDOW_SIZE (1ull << 40)
#define WINDOW_MIN (16ull << 20)
#define WINDOW_STEP (PG_BYTES << PG_MAX_ORDER)
#define HOST_PAGE_MOST (64ul << 10)

_Static_assert(sizeof(struct page) == 64, "the window's arithmetic");
_Static_assert(PG_BYTES == PAGE_SIZE && PG_MAX_ORDER == MAX_PAGE_ORDER,
	       "one page size");

struct window window;

/* What <linux/mm.h> computes with; set once, by boot. */
SHOWN(shown_mem_map, "kmem_kmem_mem_map");
SHOWN(shown_page_offset, "kmem_kmem_page_offset");

/* Bytes of one word for each page; every array begins on a page of the host. */
static uint64_t words_bytes(uint64_t size)
{
	return ALIGN_UP(size / 512, (uint64_t)port_page_size());
}

/* The whole reservation for a window of this size. */
static uint64_t with_arrays(uint64_t size)
{
	return size + size / 32 + size / 32 + 2 * words_bytes(size);
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
	base = port_reserve(&whole, least, WINDOW_STEP);
	if (!base)
		return -12; /* -ENOMEM */
	/* the inverse of with_arrays(), exact for what was asked */
	window.size = ALIGN_DOWN(whole / 273 * 256, WINDOW_STEP);
	while (with_arrays(window.size) > whole)
		window.size -= WINDOW_STEP;
	/* a host that grants less makes the machine smaller */
	limit = limit > window.size ? window.size : limit;
	window.limit = ALIGN_DOWN(limit, PG_BYTES);
	window.pages = window.size >> PG_SHIFT;
	window.map = (struct page *)(void *)(base + window.size);
	window.slab_map = (char *)(window.map + window.pages);
	window.late = window.slab_map + window.pages * CACHE_LINE;
	window.owner = (void *)(window.late + window.pages * PG_LATE_BYTES);
	window.column =
		(void *)((char *)window.owner + words_bytes(window.size));
	window.base = base;
	shown_set(shown_mem_map, window.map);
	shown_set(shown_page_offset, base);
	return 0;
}

static int commit_records(void *array, size_t each, unsigned long from,
			  unsigned long to)
{
	size_t page = port_page_size();
	size_t start = ALIGN_UP(from * each, page);
	size_t end = ALIGN_UP(to * each, page);

	return start < end ? port_commit((char *)array + start, end - start) :
			     0;
}

/* Bytes of one array that lie between the records of two pages. */
static long records_bytes(size_t each, unsigned long from, unsigned long to)
{
	size_t page = port_page_size();

	return (long)(ALIGN_UP(to * each, page) - ALIGN_UP(from * each, page));
}

int window_commit_map(struct zone *z, unsigned long to)
{
	int err;

	/* 4 MiB of pages have 64 KiB of records: the host's page may be so */
	to = ALIGN_UP(to, 1ul << PG_MAX_ORDER);
	if (to <= z->map_grown)
		return 0;
	err = commit_records(window.map, sizeof(struct page), z->map_grown, to);
	if (!err)
		err = commit_records(window.slab_map, CACHE_LINE, z->map_grown,
				     to);
	if (!err)
		err = commit_records(window.owner, sizeof(*window.owner),
				     z->map_grown, to);
	if (!err)
		err = commit_records(window.column, sizeof(*window.column),
				     z->map_grown, to);
	if (!err)
		err = commit_records(window.late, PG_LATE_BYTES, z->map_grown,
				     to);
	if (err)
		return err;
	total_add(&page_totals()->map_bytes,
		  records_bytes(sizeof(struct page), z->map_grown, to) +
			  records_bytes(sizeof(*window.owner), z->map_grown,
					to) +
			  records_bytes(sizeof(*window.column), z->map_grown,
					to));
	total_add(&page_totals()->slab_map_bytes,
		  records_bytes(CACHE_LINE, z->map_grown, to) +
			  records_bytes(PG_LATE_BYTES, z->map_grown, to));
	z->map_grown = to;
	return 0;
}

struct zone *zone_of_pfn(unsigned long pfn)
{
	if (pfn >= zones[ZONE_ID_NORMAL].start)
		return &zones[ZONE_ID_NORMAL];
	if (pfn >= zones[ZONE_ID_DMA32].start)
		return &zones[ZONE_ID_DMA32];
	return &zones[ZONE_ID_DMA];
}

bool page_is_usable(const void *p)
{
	struct zone *z;
	unsigned long pfn;

	if (!page_in_window(p))
		return false;
	pfn = addr_pfn(p);
	z = zone_of_pfn(pfn);
	/* pairs with the release in zone_grow(): the records are there */
	return pfn < __atomic_load_n(&z->grown, __ATOMIC_ACQUIRE);
}

/**
 * __virt_addr_valid() - has this address of the window ever held memory?
 * @addr: any number
 *
 * Context: Any.
 * Return: true for an address of the direct map below what its zone has
 * grown to; false for all other memory of the process.
 * Source: <linux/mm.h>, virt_addr_valid().
 */
bool __virt_addr_valid(unsigned long addr)
{
	return page_is_usable((const void *)addr);
}
