/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Spans: runs of any number of pages up to the largest block.
 *
 * A span is cut out of a block that holds it and is aligned as asked; what is
 * left over goes back at once, as the few aligned blocks it consists of.
 *
 * So what lies behind a span is often free, and the span can grow over it: a
 * free block that holds the page behind a span begins with that page, since a
 * block is free as a whole.
 *
 * Spans belong to callers that may sleep.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "debug/report.h"
#include "port/port.h"

/* Puts pages that are no longer part of a block on the zone's lists. */
void page_give_range(unsigned long from, unsigned long to, bool purged)
{
	struct zone *z = zone_of_pfn(from);

	if (from == to)
		return;
	if (unlikely(page_fills))
		page_fill_freed(window.map + from, to - from, purged);
	pages_given((int32_t)(to - from));
	zone_lock(z);
	__buddy_give_range(z, from, to, purged);
	z->nr_free_calls++;
	zone_unlock(z);
	page_pass_due();
}

static const char *span_contradiction(const struct page *head)
{
	if (page_bits(head) & (PG_MASK(PG_buddy) | PG_MASK(PG_pcp)))
		return "page is free already";
	if (!page_test(head, PG_span))
		return "page is not the head of a run";
	if (head->_refcount.counter != 1)
		return "wrong _refcount";
	if (!head->private || head->private > 1ul << PG_MAX_ORDER)
		return "run of an impossible length";
	return NULL;
}

struct page *page_alloc_span(gfp_t gfp, unsigned long nr,
			     unsigned int align_order)
{
	unsigned int order = align_order;
	struct page *head;
	unsigned long pfn;
	bool zero;

	if (!nr)
		return NULL;
	while (order <= PG_MAX_ORDER && 1ul << order < nr)
		order++;
	/* do not clear what is not kept */
	head = page_alloc_known(gfp & ~(__GFP_COMP | __GFP_ZERO), order, &zero);
	if (!head)
		return NULL;
	pfn = page_pfn(head);
	head->order = 0;
	head->private = nr;
	page_set_bits(head, page_bits(head) | PG_MASK(PG_span));
	total_add(&page_totals()->span_pages, (long)nr);
	page_give_range(pfn + nr, pfn + (1ul << order), zero);
	if (page_fill_gfp(gfp) & __GFP_ZERO)
		page_make_zero(head, nr, zero);
	return head;
}

void page_free_span(struct page *head)
{
	const char *reason = span_contradiction(head);
	unsigned long pfn = page_pfn(head), nr = head->private;

	if (unlikely(reason)) {
		page_report_bad(head, 0, reason);
		return;
	}
	head->_refcount.counter = 0;
	head->private = 0;
	page_set_bits(head, 0);
	total_add(&page_totals()->span_pages, -(long)nr);
	page_give_range(pfn, pfn + nr, false);
	page_pass();
}

/* Pages that others did not have in hand before. */
static void fill_taken(struct page *page, unsigned long nr)
{
	page_check_free(page, nr, false);
	if (page_clears(OPT_INIT_ON_ALLOC))
		memset(page_addr(page), 0, nr << PG_SHIFT);
}

bool page_grow_span(struct page *head, unsigned long nr)
{
	const char *reason = span_contradiction(head);
	unsigned long pfn = page_pfn(head), old = head->private;
	struct zone *z = zone_of_pfn(pfn);
	bool ok;

	if (unlikely(!reason && nr < old))
		reason = "run cannot grow to that length";
	if (unlikely(reason)) {
		page_report_bad(head, 0, reason);
		return false;
	}
	if (nr > 1ul << PG_MAX_ORDER)
		return false;
	zone_lock(z);
	ok = __zone_free_until(z, pfn + old, pfn + nr) == pfn + nr &&
	     __zone_mark_ok(z, 0, z->mark[MARK_LOW] + (nr - old),
			    ZONE_ID_NORMAL);
	if (ok)
		__zone_take_range(z, pfn + old, pfn + nr);
	zone_unlock(z);
	if (!ok)
		return false;
	if (unlikely(page_fills))
		fill_taken(head + old, nr - old);
	for (unsigned long i = old; i < nr; i++) {
		page_set_bits(head + i, 0);
		head[i].order = 0;
	}
	head->private = nr;
	total_add(&page_totals()->span_pages, (long)(nr - old));
	return true;
}

void page_shrink_span(struct page *head, unsigned long nr)
{
	const char *reason = span_contradiction(head);
	unsigned long pfn = page_pfn(head), old = head->private;

	if (unlikely(!reason && (!nr || nr > old)))
		reason = "run cannot be cut to that length";
	if (unlikely(reason)) {
		page_report_bad(head, 0, reason);
		return;
	}
	head->private = nr;
	total_add(&page_totals()->span_pages, (long)nr - (long)old);
	page_give_range(pfn + nr, pfn + old, false);
	page_pass();
}
