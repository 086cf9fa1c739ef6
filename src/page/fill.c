/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What is in memory that nobody owns: init_on_alloc, init_on_free, page_poison.
 *
 * With page_poison every page that is freed is filled with BYTE_PAGE, and
 * looked at when it is allocated.  One that the OS has taken back, or that was
 * never used, reads as zero: so a page of nothing but zeros is right as well,
 * and a late write of zeros to all of a page is not seen.  Whoever has the
 * pages in hand fills and clears them, with no lock held.
 *
 * Where a tool watches the program (debug/watch.h), free pages are shut, and
 * nothing is in them.
 */
#include "page/page.h"

#include <linux/mm.h>

#include "debug/bytes.h"
#include "debug/report.h"
#include "debug/stack.h"
#include "debug/watch.h"
#include "lib/options.h"
#include "port/port.h"
#include "sync/boot.h"

bool page_fills;

static bool poisons(void)
{
	return !KMEM_SMALL && option_value(OPT_PAGE_POISON) && !watcher;
}

bool page_clears(enum option_key when)
{
	return !KMEM_SMALL && option_value(when) && !poisons();
}

static bool clears_freed(void)
{
	return page_clears(OPT_INIT_ON_FREE) && !watcher;
}

void page_fill_boot(void)
{
	bool clears = option_value(OPT_INIT_ON_ALLOC) ||
		      option_value(OPT_INIT_ON_FREE);

	if (KMEM_SMALL)
		return;
	watcher = port_watch();
	watch_root(window.base, window.size, true);
	page_fills = clears || poisons() || watcher;
	if (clears && poisons())
		report("mem auto-init: page_poison is on, will take precedence "
		       "over init_on_alloc and init_on_free");
}

gfp_t page_fill_gfp(gfp_t gfp)
{
	return page_clears(OPT_INIT_ON_ALLOC) ? gfp | __GFP_ZERO : gfp;
}

void page_fill_freed(struct page *page, unsigned long nr, bool zero)
{
	if (poisons() && !zero)
		memset(page_addr(page), BYTE_PAGE, nr << PG_SHIFT);
	else if (clears_freed() && !zero)
		memset(page_addr(page), 0, nr << PG_SHIFT);
	watch_shut(page_addr(page), nr << PG_SHIFT);
}

void page_make_zero(struct page *page, unsigned long nr, bool zero)
{
	if (zero)
		watch_open(page_addr(page), nr << PG_SHIFT, true);
	else
		memset(page_addr(page), 0, nr << PG_SHIFT);
}

static bool is_one_bit(unsigned char bits)
{
	return bits && !(bits & (bits - 1));
}

static void page_report_poison(struct page *page, const unsigned char *from)
{
	const unsigned char *end = (unsigned char *)page_addr(page) + PG_BYTES;
	const unsigned char *last =
		bytes_last_other(from, BYTE_PAGE, (size_t)(end - from));

	report_error_begin();
	report_line("pagealloc: %s",
		    from == last && is_one_bit(*from ^ BYTE_PAGE) ?
			    "single bit error" :
			    "memory corruption");
	bytes_lines("", from, (size_t)(last - from) + 1);
	report_line_here();
	page_lines(page, "pagealloc: corrupted page details");
	report_end();
}

void page_check_free(struct page *page, unsigned long nr, bool zero)
{
	const unsigned char *from;

	watch_open(page_addr(page), nr << PG_SHIFT, false);
	if (!poisons() || zero)
		return;
	for (; nr; nr--, page++) {
		from = bytes_other(page_addr(page), BYTE_PAGE, PG_BYTES);
		if (unlikely(from && bytes_other(page_addr(page), 0, PG_BYTES)))
			page_report_poison(page, from);
	}
}

/**
 * want_init_on_alloc - is memory cleared when it is allocated?
 * @flags: GFP_* of the request
 *
 * Return: true with __GFP_ZERO, and with KMEM_OPTIONS=init_on_alloc=1; objects
 * with a constructor and those of SLAB_TYPESAFE_BY_RCU and SLAB_POISON are left
 * alone all the same.
 * Context: any.
 * Source: Linux 7.x.
 */
bool want_init_on_alloc(gfp_t flags)
{
	port_start();
	return flags & __GFP_ZERO || page_clears(OPT_INIT_ON_ALLOC);
}

/**
 * want_init_on_free - is memory cleared when it is freed?
 *
 * Return: true with KMEM_OPTIONS=init_on_free=1.
 * Context: any.
 * Source: Linux 7.x.
 */
bool want_init_on_free(void)
{
	port_start();
	return page_clears(OPT_INIT_ON_FREE);
}
