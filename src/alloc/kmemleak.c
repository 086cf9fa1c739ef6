/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a search for leaks is told of objects: marks in the words of
 * page/sites.h, which the next allocation overwrites.
 */
#include <linux/kmemleak.h>

#include "alloc/region.h"
#include "alloc/vmalloc.h"
#include "slab/sites.h"

static void leak_mark(const void *p, uint64_t take, uint64_t set)
{
	struct page *page;

	if (!p || !sites_now() || sites_mark(p, take, set) ||
	    area_mark(p, take, set) || region_mark(p, take, set) ||
	    !page_is_usable(p))
		return;
	page = addr_page(p);
	if (page_addr(page) == p && page->_refcount.counter > 0)
		site_mark(site_word(page), take, set);
}

/**
 * kmemleak_not_leak - an object is no leak, whatever refers to it
 * @ptr: its start; NULL, and what is no object, is left alone
 *
 * What it refers to is none either.
 *
 * Context: any.
 * Source: <linux/kmemleak.h>; nothing is said of a pointer to no object.
 */
void kmemleak_not_leak(const void *ptr)
{
	leak_mark(ptr, SITE_BLACK, SITE_GREY);
}

/**
 * kmemleak_ignore - an object is no leak, and nothing in it is a reference
 * @ptr: its start; NULL, and what is no object, is left alone
 *
 * Context: any.
 * Source: <linux/kmemleak.h>.
 */
void kmemleak_ignore(const void *ptr)
{
	leak_mark(ptr, SITE_GREY, SITE_BLACK);
}

/**
 * kmemleak_no_scan - nothing in an object is a reference
 * @ptr: its start; NULL, and what is no object, is left alone
 *
 * It is reported if nothing refers to it.
 *
 * Context: any.
 * Source: <linux/kmemleak.h>.
 */
void kmemleak_no_scan(const void *ptr)
{
	leak_mark(ptr, 0, SITE_NO_SCAN);
}

/**
 * kmemleak_update_trace - an object was allocated for the caller
 * @ptr: its start; NULL, and what is no object, is left alone
 *
 * Its call site is that of this call.
 *
 * Context: any.
 * Source: <linux/kmemleak.h>.
 */
void kmemleak_update_trace(const void *ptr)
{
	uint64_t site = port_task()->site;

	if (!site)
		site = (uintptr_t)__builtin_return_address(0) & SITE_ADDRESS;
	leak_mark(ptr, SITE_ADDRESS | SITE_TAG, site);
}

/**
 * kmemleak_alloc - an object is looked for again
 * @ptr: its start; NULL, and what is no object, is left alone
 * @size: of no effect: it is known
 * @min_count: 0: it is no leak, as after kmemleak_not_leak(); below 0: as
 *	after kmemleak_ignore(); else it is one if nothing refers to it
 * @gfp: of no effect: nothing is allocated
 *
 * Objects are looked for from their allocation on.  Memory that is not the
 * library's is not, and counts as a root.
 *
 * Context: any.
 * Source: <linux/kmemleak.h>.
 */
void kmemleak_alloc(const void *ptr, size_t size, int min_count, gfp_t gfp)
{
	(void)size;
	(void)gfp;
	leak_mark(ptr, SITE_MARKS,
		  min_count < 0 ? SITE_BLACK :
		  min_count     ? 0 :
				  SITE_GREY);
}

/**
 * kmemleak_free - an object in use is not looked for any more
 * @ptr: its start; NULL, and what is no object, is left alone
 *
 * Context: any.
 * Source: <linux/kmemleak.h>.
 */
void kmemleak_free(const void *ptr)
{
	kmemleak_ignore(ptr);
}
