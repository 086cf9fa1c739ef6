/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Freeing pages.  Nothing here fails, and nothing waits longer than the caller
 * allows: a CPU's list takes the block, or the zone, or a late list.  A free
 * that the record contradicts is reported, and the pages are leaked: a lost
 * page does no harm.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "debug/report.h"
#include "debug/watch.h"
#include "port/port.h"
#include "port/probe.h"

#define PG_NOT_A_BLOCK \
	(PG_MASK(PG_span) | PG_MASK(PG_vmalloc) | PG_MASK(PG_guard))

/* What contradicts this free, or NULL. */
static const char *contradiction(const struct page *page, unsigned int order,
				 bool released)
{
	unsigned long flags;
	int refs;

	if (unlikely(!page_is_record(page)))
		return "not a page of the window";
	flags = page_bits(page);
	refs = __atomic_load_n(&page->_refcount.counter, __ATOMIC_RELAXED);
	if (unlikely(flags & (PG_MASK(PG_buddy) | PG_MASK(PG_pcp))))
		return "page is free already";
	if (unlikely(flags & PG_MASK(PG_slab) || page_cache(page)))
		return "page belongs to a slab";
	if (unlikely(flags & PG_NOT_A_BLOCK))
		return flags & PG_MASK(PG_span) ?
			       "page is the head of a run" :
			       "page belongs to a vmalloc area";
	if (unlikely(released ? refs != 0 : refs <= 0))
		return "wrong _refcount";
	if (unlikely(page->compound_head & 1))
		return "tail of a compound page";
	if (unlikely(order > PG_MAX_ORDER ||
		     page_pfn(page) & ((1ul << order) - 1)))
		return "wrong order";
	if (unlikely(flags & PG_MASK(PG_head) && page->order != order))
		return "wrong order of a compound page";
	return NULL;
}

/* No tail may keep a flag that would mislead the page's next owner. */
static bool tails_are_clean(const struct page *page, unsigned int order)
{
	for (unsigned long i = 1; i < 1ul << order; i++)
		if (page_cache(page + i) || page[i].compound_head & 1 ||
		    page[i]._refcount.counter ||
		    page_bits(page + i) & (PG_MASK(PG_buddy) | PG_MASK(PG_pcp)))
			return false;
	return true;
}

/* The block has no owner and its record is valid. */
static void put_away(struct page *page, unsigned int order, enum lock_wait how)
{
	struct zone *z;

	if (unlikely(page_test(page, PG_shares))) {
		page_put_shared(page, order);
		return;
	}
	STAP_PROBE2(kmem, mm_page_free, PROBE_WORD(page_pfn(page)), order);
	if (page_test(page, PG_head))
		for (unsigned long i = 1; i < 1ul << order; i++)
			__atomic_store_n(&page[i].compound_head, 0,
					 __ATOMIC_RELAXED);
	DEBUG_ASSERT(tails_are_clean(page, order));
	if (unlikely(page_fills))
		page_fill_freed(page, 1ul << order, false);
	page->private = 0;
	page_set_bits(page, 0);
	pages_given(1 << order);
	if (order < PCP_ORDERS && pcp_give(page, order, how))
		return;
	page_pass_due();
	z = zone_of_pfn(page_pfn(page));
	if (!zone_get(z, how)) {
		zone_defer(z, page, order);
		return;
	}
	__buddy_give(z, page, order);
	z->nr_free_calls++;
	zone_put(z, how);
}

void page_release(struct page *page, unsigned int order, enum lock_wait how)
{
	const char *reason = contradiction(page, order, true);

	if (unlikely(reason))
		page_report_bad(page, order, reason);
	else
		put_away(page, order, how);
}

/*
 * Others still refer to the head of a block that is not compound.  They hold
 * one page: the rest is freed now, the head when the last reference is dropped.
 */
static void free_all_but_head(struct page *page, unsigned int order,
			      enum lock_wait how)
{
	bool shares = page_test(page, PG_shares);

	while (order-- > 0) {
		if (unlikely(shares))
			page_set_bits(page + (1ul << order),
				      page_bits(page + (1ul << order)) |
					      PG_MASK(PG_shares));
		put_away(page + (1ul << order), order, how);
	}
}

void page_put(struct page *page, unsigned int order, enum lock_wait how)
{
	const char *reason = contradiction(page, order, false);
	bool compound;

	if (unlikely(!reason && order > page->order))
		reason = "larger order than it was allocated with";
	if (unlikely(reason)) {
		page_report_bad(page, order, reason);
		watch_accuse(page_is_record(page) ? page_addr(page) : page);
		return;
	}
	compound = page_test(page, PG_head);
	/* only a holder of a reference can take another */
	if (likely(__atomic_load_n(&page->_refcount.counter,
				   __ATOMIC_ACQUIRE) == 1)) {
		__atomic_store_n(&page->_refcount.counter, 0, __ATOMIC_RELAXED);
		put_away(page, order, how);
		return;
	}
	/* before the reference goes: the head is another's from then on */
	if (!compound)
		page->order = 0;
	if (__atomic_sub_fetch(&page->_refcount.counter, 1, __ATOMIC_ACQ_REL) ==
	    0)
		put_away(page, order, how);
	else if (!compound)
		free_all_but_head(page, order, how);
}

void page_free(struct page *page, unsigned int order)
{
	page_put(page, order, LOCK_SLEEP);
	page_pass();
}
