/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a search for leaks is told of objects: bits of the words of
 * page/sites.h, which the next allocation overwrites.
 */
#include <linux/kmemleak.h>

#include "alloc/vmalloc.h"
#include "debug/view.h"
#include "lib/atomic.h"
#include "slab/kfence.h"
#include "slab/sites.h"

static bool page_mark(const void *p, uint64_t take, uint64_t set)
{
	struct page *page = addr_page(p);

	return page_addr(page) == p && !page_test(page, PG_objects) &&
	       !page_cache(page) && page->_refcount.counter > 0 &&
	       site_mark(site_word(page), take, set);
}

static bool area_mark(const void *p, uint64_t take, uint64_t set)
{
	struct area *a = area_own(p);

	if (!a || !site_mark(&a->marks, take, set))
		return false;
	/* what tools read; vm is read under the lock */
	if (set & SITE_ADDRESS)
		WRITE_ONCE(a->pub.caller, set & SITE_ADDRESS);
	return true;
}

static bool object_mark(const void *p, uint64_t take, uint64_t set)
{
	if (kfence_holds(p))
		return kfence_mark(p, take, set);
	if (page_is_usable(p) && !page_test(addr_page(p), PG_vmalloc))
		return sites_mark(p, take, set) || page_mark(p, take, set);
	return area_mark(p, take, set);
}

/* What is not kept is counted, and kmem leaks tells of it. */
static void leak_mark(const void *p, uint64_t take, uint64_t set)
{
	if (!p)
		return;
	if (sites_on() && object_mark(p, take, set))
		WRITE_ONCE(debug_view.marks_epoch, sites_now());
	else
		__atomic_fetch_add(&debug_view.marks_lost, 1, __ATOMIC_RELAXED);
}

/**
 * kmemleak_not_leak - an object is no leak, whatever refers to it
 * @ptr: its start; NULL is left alone
 *
 * What it refers to is none either.
 *
 * While call sites are accounted (mem_profiling=1, leak_check=1); else, and of
 * what is no object, it has no effect, and kmem leaks says so.
 *
 * Context: any.
 * Source: <linux/kmemleak.h>.
 */
void kmemleak_not_leak(const void *ptr)
{
	leak_mark(ptr, SITE_BLACK, SITE_GREY);
}

/**
 * kmemleak_ignore - an object is no leak, and nothing in it is a reference
 * @ptr: its start; NULL is left alone
 *
 * While call sites are accounted (mem_profiling=1, leak_check=1); else, and of
 * what is no object, it has no effect, and kmem leaks says so.
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
 * @ptr: its start; NULL is left alone
 *
 * It is reported if nothing refers to it.
 *
 * While call sites are accounted (mem_profiling=1, leak_check=1); else, and of
 * what is no object, it has no effect, and kmem leaks says so.
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
 * @ptr: its start; NULL is left alone
 *
 * Its call site is that of this call.
 *
 * While call sites are accounted (mem_profiling=1, leak_check=1); else, and of
 * what is no object, it has no effect, and kmem leaks says so.
 *
 * Context: any.
 * Source: <linux/kmemleak.h>.
 */
void kmemleak_update_trace(const void *ptr)
{
	leak_mark(ptr, SITE_ADDRESS | SITE_TAG,
		  (uintptr_t)__builtin_return_address(0) & SITE_ADDRESS);
}

/**
 * kmemleak_alloc - an object is looked for again
 * @ptr: its start; NULL is left alone
 * @size: of no effect: it is known
 * @min_count: 0: it is no leak, as after kmemleak_not_leak(); below 0: as
 *	after kmemleak_ignore(); else it is one if nothing refers to it
 * @gfp: of no effect: nothing blocks
 *
 * Objects are looked for from their allocation on.  Memory that is not the
 * library's is not, and counts as a root.
 *
 * While call sites are accounted (mem_profiling=1, leak_check=1); else, and of
 * what is no object, it has no effect, and kmem leaks says so.
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
 * @ptr: its start; NULL is left alone
 *
 * As kmemleak_ignore().
 *
 * Context: any.
 * Source: <linux/kmemleak.h>.
 */
void kmemleak_free(const void *ptr)
{
	kmemleak_ignore(ptr);
}
