/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Split and merge: the binary buddy algorithm over one zone.
 *
 * A block of order k starts at a pfn that is a multiple of 2^k, and its buddy
 * is the block whose pfn differs in bit k alone.  Two free buddies are one
 * free block of the next order; that holds whenever the zone's lock is free.
 * Every step is bounded by the number of orders.
 *
 * Free blocks in highatomic ranges (highatomic.c) are on lists of their own; a
 * range is as large as the largest block, so no merge crosses its end.
 *
 * A block knows whether its memory still reads as zero (PG_purged).  Halves
 * inherit it; a merged block has it only if both parts had.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "debug/report.h"
#include "lib/list.h"
#include "port/port.h"

static struct page *page_of(struct list_head *e)
{
	return list_entry_of(e, struct page, lru);
}

static void add_purged(struct zone *z, const struct page *page,
		       unsigned int order, bool add)
{
	if (!page_test(page, PG_purged))
		return;
	if (add)
		z->nr_purged += 1ul << order;
	else
		z->nr_purged -= 1ul << order;
}

/* The word is read without the lock: purge.c adds them up. */
static void add_dirty(struct zone *z, unsigned int order, bool add)
{
	unsigned long n = 1ul << order;

	if (order < purge_order)
		return;
	__atomic_store_n(&z->dirty, add ? z->dirty + n : z->dirty - n,
			 __ATOMIC_RELAXED);
}

static void add_free(struct zone *z, long n)
{
	__atomic_store_n(&z->free, z->free + (unsigned long)n,
			 __ATOMIC_RELAXED);
}

static void add_highatomic(struct zone *z, unsigned int order, bool add)
{
	unsigned long n = 1ul << order;

	__atomic_store_n(&z->free_highatomic,
			 add ? z->free_highatomic + n : z->free_highatomic - n,
			 __ATOMIC_RELAXED);
	if (add)
		z->area[order].nr_highatomic++;
	else
		z->area[order].nr_highatomic--;
	if (z->free_highatomic > z->most_highatomic)
		z->most_highatomic = z->free_highatomic;
}

static void link_free(struct zone *z, struct page *page, unsigned int order,
		      bool purged)
{
	struct free_area *area = &z->area[order];

	page->order = (unsigned char)order;
	page->private = 0;
	page_set_bits(page,
		      PG_MASK(PG_buddy) | (purged ? PG_MASK(PG_purged) : 0));
	if (unlikely(__is_highatomic(z, page_pfn(page)))) {
		add_highatomic(z, order, true);
		/* what is here is taken first */
		if (purged)
			ring_push_back(&area->highatomic, &page->lru);
		else
			ring_push_front(&area->highatomic, &page->lru);
	} else if (purged) {
		ring_push_front(&area->away, &page->lru);
	} else {
		ring_push_front(&area->list, &page->lru);
		add_dirty(z, order, true);
	}
	area->nr_free++;
	add_purged(z, page, order, true);
}

/* Clears all flags except PG_purged. */
static void unlink_free(struct zone *z, struct page *page, unsigned int order)
{
	DEBUG_ASSERT(page_test(page, PG_buddy) && page->order == order);
	add_purged(z, page, order, false);
	if (unlikely(__is_highatomic(z, page_pfn(page))))
		add_highatomic(z, order, false);
	else if (!page_test(page, PG_purged))
		add_dirty(z, order, false);
	ring_remove(&page->lru);
	page->private = 0;
	page_set_bits(page, page_bits(page) & PG_MASK(PG_purged));
	z->area[order].nr_free--;
}

/* Gives back the upper halves of page until it has the wanted order. */
static void split(struct zone *z, struct page *page, unsigned int from,
		  unsigned int order)
{
	bool purged = page_test(page, PG_purged);

	while (from > order) {
		from--;
		link_free(z, page + (1ul << from), from, purged);
	}
}

enum which { WHICH_HERE, WHICH_AWAY, WHICH_HIGHATOMIC };

static struct list_head *list_of(struct free_area *area, enum which which)
{
	if (which == WHICH_HIGHATOMIC)
		return &area->highatomic;
	return which == WHICH_AWAY ? &area->away : &area->list;
}

/* The smallest block that is large enough, still on its list, or NULL. */
static struct page *smallest(struct zone *z, unsigned int order,
			     enum which which)
{
	for (; order < PG_ORDERS; order++) {
		struct list_head *list = list_of(&z->area[order], which);

		if (!ring_empty(list))
			return page_of(list->next);
	}
	return NULL;
}

struct page *__buddy_away(struct zone *z)
{
	return smallest(z, 0, WHICH_AWAY);
}

/* Off its list, and cut down to the order. */
static struct page *buddy_take_block(struct zone *z, struct page *page,
				     unsigned int order)
{
	unsigned int o = page->order;

	unlink_free(z, page, o);
	split(z, page, o, order);
	add_free(z, -(1l << order));
	return page;
}

/*
 * A block of that order or NULL.  Its flags say PG_purged if its memory
 * reads as zero, and nothing else.
 *
 * A block whose memory is here is split before a smaller one is taken whose
 * memory is away: that costs no page faults, and the process does not grow.
 * Of either kind the smallest is split, so a 2 MiB block of which a part is
 * in use is filled before another is opened.
 */
struct page *__buddy_take(struct zone *z, unsigned int order)
{
	struct page *page = smallest(z, order, WHICH_HERE);

	if (!page) {
		page = smallest(z, order, WHICH_AWAY);
		if (!page)
			return NULL;
		z->retaken += 1ul << order;
	}
	return buddy_take_block(z, page, order);
}

struct page *__buddy_take_highatomic(struct zone *z, unsigned int order)
{
	struct page *page = smallest(z, order, WHICH_HIGHATOMIC);

	return page ? buddy_take_block(z, page, order) : NULL;
}

/* The block is whole and has no owner; of its flags only PG_purged counts. */
void __buddy_give(struct zone *z, struct page *page, unsigned int order)
{
	bool purged = page_test(page, PG_purged);
	unsigned long pfn = page_pfn(page);

	DEBUG_ASSERT(!(pfn & ((1ul << order) - 1)));
	DEBUG_ASSERT(pfn >= z->start && pfn + (1ul << order) <= z->grown);
	DEBUG_ASSERT(!page_test(page, PG_buddy) && !page_test(page, PG_pcp));
	DEBUG_ASSERT(!page_cache(page) && !page->_refcount.counter);
	add_free(z, 1l << order);
	while (order < PG_MAX_ORDER) {
		unsigned long other = pfn ^ (1ul << order);
		struct page *buddy = window.map + other;

		/* zones start at multiples of the largest block */
		if (other + (1ul << order) > z->grown)
			break;
		if (!page_test(buddy, PG_buddy) || buddy->order != order)
			break;
		purged = purged && page_test(buddy, PG_purged);
		unlink_free(z, buddy, order);
		page_set_bits(buddy, 0);
		page_set_bits(window.map + pfn, 0);
		pfn &= other;
		order++;
	}
	link_free(z, window.map + pfn, order, purged);
}

void __buddy_isolate(struct zone *z, struct page *page, unsigned int order)
{
	unsigned long pfn = page_pfn(page);
	unsigned int o = order;
	struct page *head;

	/* Bound: PG_MAX_ORDER. */
	for (;; o++) {
		head = window.map + ALIGN_DOWN(pfn, 1ul << o);
		if (page_test(head, PG_buddy) &&
		    page_pfn(head) + (1ul << head->order) > pfn)
			break;
		DEBUG_ASSERT(o < PG_MAX_ORDER);
	}
	o = head->order;
	DEBUG_ASSERT(o >= order);
	unlink_free(z, head, o);
	/* keep the half that holds the page, give the other one back */
	while (o > order) {
		bool purged = page_test(head, PG_purged);
		struct page *upper = head + (1ul << --o);

		if (page < upper) {
			link_free(z, upper, o, purged);
			continue;
		}
		page_set_bits(upper, page_bits(head));
		link_free(z, head, o, purged);
		head = upper;
	}
	add_free(z, -(1l << order));
}

void __buddy_give_range(struct zone *z, unsigned long from, unsigned long to,
			bool purged)
{
	while (from < to) {
		struct page *page = window.map + from;
		unsigned int order = PG_MAX_ORDER;

		if (from)
			order = (unsigned int)__builtin_ctzl(from);
		if (order > PG_MAX_ORDER)
			order = PG_MAX_ORDER;
		while (from + (1ul << order) > to)
			order--;
		page_set_bits(page, purged ? PG_MASK(PG_purged) : 0);
		__buddy_give(z, page, order);
		from += 1ul << order;
	}
}

void __buddy_unlink_range(struct zone *z, unsigned long from, unsigned long to,
			  struct list_head *blocks)
{
	ring_init(blocks);
	while (from < to) {
		struct page *page = window.map + from;

		PORT_STEP();
		if (!page_test(page, PG_buddy)) {
			from++;
			continue;
		}
		unlink_free(z, page, page->order);
		ring_push_back(blocks, &page->lru);
		from += 1ul << page->order;
	}
}

void __buddy_relink(struct zone *z, struct list_head *blocks)
{
	/* Bound: the blocks on the list. */
	while (!ring_empty(blocks)) {
		struct page *page = page_of(blocks->next);

		ring_remove(&page->lru);
		link_free(z, page, page->order, page_test(page, PG_purged));
	}
}
