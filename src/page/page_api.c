/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The kernel's page calls, <linux/gfp.h> and <linux/mm.h>, over this layer.
 */
#include "page/page.h"
#include "page/sites.h"
#include "page/zone.h"

#include <linux/gfp.h>
#include <linux/mm.h>

#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "port/port.h"

/*
 * There is one node, number 0.  With __GFP_THISNODE another one has no memory;
 * else any other number is reported as a mistake.
 */
static bool is_elsewhere(int nid, gfp_t gfp)
{
	if (likely(nid == NUMA_NO_NODE || nid == 0))
		return false;
	if (gfp & __GFP_THISNODE)
		return true;
	warn_once_if(true, "request for pages of node %d, which does not exist",
		     nid);
	return false;
}

/* For a call of the API, which has noted its call site. */
static struct page *api_alloc(gfp_t gfp, unsigned int order)
{
	if (order <= PG_MAX_ORDER && should_fail(PG_BYTES << order, gfp))
		return NULL;
	return page_alloc(gfp, order);
}

/**
 * alloc_pages() - a block of pages
 * @gfp: where, and what may be done to get it
 * @order: log2 of the number of pages, at most MAX_PAGE_ORDER
 *
 * The pages lie side by side and the first is aligned to the block's size.
 * The block has one reference, on its first page; pages of a block without
 * __GFP_COMP have none of their own.  What is in them is undefined unless
 * __GFP_ZERO is given.  A larger order warns once, unless __GFP_NOWARN.
 *
 * Context: May sleep if @gfp has __GFP_DIRECT_RECLAIM; otherwise neither sleeps
 * nor enters the OS, except for a report.
 * Return: the first page's record, or NULL.
 * Source: <linux/gfp.h>.
 */
struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	check_blocking(gfp);
	return api_alloc(gfp, order);
}

/**
 * alloc_pages_node() - a block of pages of a node
 * @nid: 0 or NUMA_NO_NODE; any other number warns once and is taken as 0,
 *	and with __GFP_THISNODE there is nothing
 * @gfp: where, and what may be done to get it
 * @order: log2 of the number of pages
 *
 * Context: As alloc_pages().
 * Return: the first page's record, or NULL.
 * Source: <linux/gfp.h>.
 */
struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order)
{
	check_blocking(gfp);
	return is_elsewhere(nid, gfp) ? NULL : api_alloc(gfp, order);
}

/**
 * __free_pages() - drops a reference to a block of pages
 * @page: what alloc_pages() returned; NULL and other junk is reported
 * @order: as given to alloc_pages()
 *
 * The last reference frees the block.  If others hold one, a block that is not
 * compound is freed except its first page, which is freed with the last of
 * them.  A smaller @order leaks the rest; a larger one, and a page that is free
 * already, is reported and leaked.
 *
 * Context: Any; never sleeps.
 * Source: <linux/gfp.h>.
 */
void __free_pages(struct page *page, unsigned int order)
{
	page_put(page, order, LOCK_SPIN);
}

/* What a request from any context may ask for besides. */
#define NOLOCK_GFP \
	(__GFP_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | __GFP_NOMEMALLOC)

/**
 * alloc_pages_nolock() - a small block of pages, from any context
 * @gfp: __GFP_ACCOUNT or 0; other flags are warned of once and dropped
 * @nid: a wish; there is one node
 * @order: log2 of the number of pages, at most 3
 *
 * Each lock on the way is tried once, so it may fail although there is memory.
 * Uses no reserve and reports no failure.
 *
 * Context: Any, a signal handler at any instruction included.
 * Return: the struct page of a compound block of zeros, or NULL.
 * Source: Linux 6.16 and later; 6.15's try_alloc_pages().
 */
struct page *alloc_pages_nolock(gfp_t gfp, int nid, unsigned int order)
{
	(void)nid;
	warn_once_if(gfp & ~NOLOCK_GFP, "alloc_pages_nolock: gfp %#x",
		     (unsigned int)gfp);
	if (order >= PCP_ORDERS || unlikely(!page_ready()))
		return NULL;
	return page_alloc(__GFP_NOWARN | __GFP_NOMEMALLOC | __GFP_ZERO |
				  __GFP_COMP | (gfp & __GFP_ACCOUNT),
			  order);
}

/**
 * try_alloc_pages() - alloc_pages_nolock() without flags
 * @nid: a wish
 * @order: at most 3
 *
 * Context: Any.
 * Return: as alloc_pages_nolock().
 * Source: Linux 6.15.
 */
struct page *try_alloc_pages(int nid, unsigned int order)
{
	return alloc_pages_nolock(0, nid, order);
}

/**
 * free_pages_nolock() - drops a reference to a block, from any context
 * @page: of alloc_pages_nolock(), or of any call that gives blocks
 * @order: as given there
 *
 * Each lock is tried once; the free of a block is deferred if one is busy.
 *
 * Context: Any, a signal handler at any instruction included.
 * Source: Linux 6.16 and later.
 */
void free_pages_nolock(struct page *page, unsigned int order)
{
	page_put(page, order, LOCK_ONCE);
}

/**
 * __get_free_pages() - a block of pages, by address
 * @gfp: where, and what may be done; __GFP_HIGHMEM is dropped
 * @order: log2 of the number of pages
 *
 * Context: As alloc_pages().
 * Return: the address of the first byte, or 0.
 * Source: <linux/gfp.h>.
 */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page;

	check_blocking(gfp);
	page = api_alloc(gfp & ~__GFP_HIGHMEM, order);
	return page ? (unsigned long)page_addr(page) : 0;
}

/**
 * get_zeroed_page() - one page of zeros, by address
 * @gfp: where, and what may be done to get it
 *
 * Context: As alloc_pages().
 * Return: the address, or 0.
 * Source: <linux/gfp.h>.
 */
unsigned long get_zeroed_page(gfp_t gfp)
{
	check_blocking(gfp);
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

/**
 * free_pages() - gives back a block of pages by its address
 * @addr: what __get_free_pages() returned; 0 is allowed and does nothing
 * @order: as given there
 *
 * Context: Any; never sleeps.
 * Source: <linux/gfp.h>.
 */
void free_pages(unsigned long addr, unsigned int order)
{
	if (!addr)
		return;
	if (!warn_if(!page_is_usable((const void *)addr) ||
			     addr & (PG_BYTES - 1),
		     "free_pages() of %#lx, which is no page", addr))
		page_put(addr_page((const void *)addr), order, LOCK_SPIN);
}

/**
 * alloc_pages_exact() - whole pages for so many bytes
 * @size: bytes, at most the largest block's
 * @gfp: where, and what may be done; __GFP_COMP and __GFP_HIGHMEM make no
 *	sense here: they warn once and are dropped
 *
 * Takes the next power of two and gives the unused tail back.  Each page has
 * a reference of its own.  Free it with free_pages_exact().
 *
 * Context: As alloc_pages().
 * Return: the address, aligned to a page at least; or NULL.
 * Source: <linux/gfp.h>.
 */
void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	unsigned long used = (size + PG_BYTES - 1) >> PG_SHIFT;
	unsigned int order = (unsigned int)get_order(size);
	gfp_t senseless = __GFP_COMP | __GFP_HIGHMEM;
	struct page *page;

	check_blocking(gfp);
	warn_once_if((gfp & senseless) != 0,
		     "alloc_pages_exact() with __GFP_COMP or __GFP_HIGHMEM");
	page = api_alloc(gfp & ~senseless, order);
	if (!page)
		return NULL;
	split_page(page, order);
	for (unsigned long i = used; i < 1ul << order; i++)
		page_put(page + i, 0, LOCK_SPIN);
	return page_addr(page);
}

/**
 * alloc_pages_exact_nid() - whole pages of a node for so many bytes
 * @nid: as alloc_pages_node()
 * @size: bytes, at most the largest block's
 * @gfp: as alloc_pages_exact()
 *
 * Context: As alloc_pages().
 * Return: the address, or NULL.
 * Source: <linux/gfp.h>.
 */
void *alloc_pages_exact_nid(int nid, size_t size, gfp_t gfp)
{
	check_blocking(gfp);
	return is_elsewhere(nid, gfp) ? NULL : alloc_pages_exact(size, gfp);
}

/**
 * free_pages_exact() - gives back what alloc_pages_exact() returned
 * @addr: its address
 * @size: bytes, as given there
 *
 * Context: Any; never sleeps.
 * Source: <linux/gfp.h>.
 */
void free_pages_exact(void *addr, size_t size)
{
	for (size_t at = 0; at < size; at += PG_BYTES)
		free_pages((unsigned long)addr + at, 0);
}

/**
 * alloc_pages_bulk() - single pages into the empty slots of an array
 * @gfp: where, and what may be done to get them
 * @nr: slots of @pages
 * @pages: slots that are not NULL are left alone
 *
 * Stops at the first page that cannot be had.
 *
 * Context: As alloc_pages().
 * Return: how many slots from the beginning hold a page now, those that did
 * before included.
 * Source: <linux/gfp.h>.
 */
unsigned long alloc_pages_bulk(gfp_t gfp, unsigned long nr, struct page **pages)
{
	unsigned long i;

	check_blocking(gfp);
	for (i = 0; i < nr; i++) {
		if (pages[i])
			continue;
		pages[i] = api_alloc(gfp, 0);
		if (!pages[i])
			break;
	}
	return i;
}

/**
 * alloc_pages_bulk_node() - alloc_pages_bulk() from a node
 * @gfp: where, and what may be done to get them
 * @nid: as alloc_pages_node()
 * @nr: slots of @pages
 * @pages: slots that are not NULL are left alone
 *
 * Context: As alloc_pages().
 * Return: as alloc_pages_bulk().
 * Source: <linux/gfp.h>.
 */
unsigned long alloc_pages_bulk_node(gfp_t gfp, int nid, unsigned long nr,
				    struct page **pages)
{
	unsigned long i = 0;

	check_blocking(gfp);
	if (!is_elsewhere(nid, gfp))
		return alloc_pages_bulk(gfp, nr, pages);
	while (i < nr && pages[i])
		i++;
	return i;
}

/**
 * drain_all_pages() - every CPU's page lists back into the zones
 * @zone: NULL; the lists of one zone alone are not drained, all are
 *
 * Context: May sleep.
 * Source: <linux/gfp.h>.
 */
void drain_all_pages(struct zone *zone)
{
	(void)zone;
	if (page_ready())
		pcp_drain(true);
}

/**
 * drain_local_pages() - this CPU's page lists back into the zones
 * @zone: as drain_all_pages()
 *
 * Context: May sleep.  The caller may be moved to another CPU meanwhile.
 * Source: <linux/gfp.h>.
 */
void drain_local_pages(struct zone *zone)
{
	(void)zone;
	if (page_ready())
		pcp_drain(false);
}

/**
 * split_page() - makes single pages of a block
 * @page: the first page of a block that is not compound
 * @order: the block's
 *
 * Each page has one reference then and is freed by itself.
 *
 * Context: Any; the block is the caller's.
 * Source: <linux/mm.h>.
 */
void split_page(struct page *page, unsigned int order)
{
	unsigned long reserve;

	if (warn_if(!page_is_record(page) || PageCompound(page) ||
			    !page_count(page) || order > page->order,
		    "split_page() of order %u: no such block", order))
		return;
	reserve = page_bits(page) & PG_MASK(PG_reserve);
	page->order = 0;
	for (unsigned long i = 1; i < 1ul << order; i++) {
		page[i].order = 0;
		page[i].private = 0;
		page_set_bits(page + i,
			      reserve | (page_test(page + i, PG_shared) ?
						 PG_MASK(PG_shared) |
							 PG_MASK(PG_shares) :
						 0));
		init_page_count(page + i);
		if (unlikely(sites_words))
			*site_word(page + i) = *site_word(page);
	}
}

/**
 * put_page() - drops a reference
 * @page: any page of a compound block, or a single page
 *
 * The last one frees the block.  A block of several pages that is not compound
 * must be freed by __free_pages(), which knows its order.  What is no page, and
 * a page that is free, is reported.
 *
 * Context: Any; never sleeps.
 * Source: <linux/mm.h>.
 */
void put_page(struct page *page)
{
	struct page *head;
	int *count;

	if (unlikely(!page_is_record(page))) {
		page_report_bad(page, 0, "not a page of the window");
		return;
	}
	head = compound_head(page);
	count = &head->_refcount.counter;
	if (__atomic_load_n(count, __ATOMIC_RELAXED) <= 0) {
		page_report_bad(head, 0, "put_page() of a free page");
		return;
	}
	if (__atomic_sub_fetch(count, 1, __ATOMIC_ACQ_REL) == 0)
		page_release(head, compound_order(head), LOCK_SPIN);
}

/* Pages that the hard limit still lets zones grow by; 0 without a limit. */
static unsigned long pages_to_grow(void)
{
	unsigned long grown, room;

	if (!window.limit)
		return 0;
	lock_take(&grow_lock, LOCK_GROW);
	grown = zones_usable();
	room = __limit_room(window.pages - grown);
	lock_drop(&grow_lock, LOCK_GROW);
	return room;
}

/**
 * totalram_pages() - how much memory there is
 *
 * With KMEM_OPTIONS=mem=SIZE that size.  Without, what the zones have grown
 * to so far, which is a careful answer: programs size tables by it.
 *
 * Context: May sleep, the first time.
 * Return: pages.
 * Source: <linux/mm.h>.
 */
unsigned long totalram_pages(void)
{
	if (page_boot())
		return 0;
	return window.limit ? window.limit >> PG_SHIFT : zones_usable();
}

/**
 * nr_free_pages() - pages that are not in use
 *
 * Pages on CPUs' lists count as free, and so do those that the zones can
 * still grow by under a hard limit.
 *
 * Context: May sleep.
 * Return: pages.
 * Source: <linux/mm.h>.
 */
unsigned long nr_free_pages(void)
{
	struct page_stats st;

	if (page_boot())
		return 0;
	page_stats(&st);
	return st.free + st.pcp + pages_to_grow();
}

/**
 * nr_free_buffer_pages() - pages that ordinary requests can use in all
 *
 * Context: May sleep, the first time.
 * Return: usable pages of all zones less their high marks.
 * Source: <linux/mm.h>.
 */
unsigned long nr_free_buffer_pages(void)
{
	unsigned long n = 0;

	if (page_boot())
		return 0;
	for (unsigned int i = 0; i < ZONES; i++) {
		struct zone *z = &zones[i];
		unsigned long size, high;

		zone_lock(z);
		size = zone_pages(z);
		high = z->mark[MARK_HIGH];
		zone_unlock(z);
		n += size > high ? size - high : 0;
	}
	return n;
}

/**
 * si_mem_available() - pages that can be allocated without touching reserves
 *
 * Context: May sleep.
 * Return: free pages less what watermarks and reserves keep; not negative.
 * Source: <linux/mm.h>.
 */
long si_mem_available(void)
{
	unsigned long n = nr_free_pages(), kept = 0;

	for (unsigned int i = 0; i < ZONES; i++) {
		struct zone *z = &zones[i];

		zone_lock(z);
		kept += z->mark[MARK_HIGH] + z->reserve[ZONE_ID_NORMAL];
		zone_unlock(z);
	}
	return n > kept ? (long)(n - kept) : 0;
}

static struct page *zero_page;

/**
 * kmem_zero_page() - the page of zeros behind ZERO_PAGE()
 *
 * Context: May sleep, the first time.
 * Return: its record; NULL only when no page could be had for it.
 */
struct page *kmem_zero_page(void)
{
	struct page *page = __atomic_load_n(&zero_page, __ATOMIC_ACQUIRE);
	struct page *none = NULL;

	if (page)
		return page;
	page = page_alloc(__GFP_RECLAIM | __GFP_IO | __GFP_FS | __GFP_ZERO, 0);
	if (!page)
		return NULL;
	if (__atomic_compare_exchange_n(&zero_page, &none, page, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return page;
	page_put(page, 0, LOCK_SPIN);
	return none;
}
