/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Shared pages: pages of the window that can be seen at a second address.
 *
 * Private memory has one address.  A page that is to have another one is
 * shared first (port_share()), with its content, and stays so until it is free:
 * from then on it is private again.  So only sharing, and nothing that comes
 * after, is in danger of a store by another thread, which is lost if it falls
 * into the moment of the change.
 *
 *	PG_shared	this page's memory is shared
 *	PG_shares	head of a block, allocated, with such a page in it
 *
 * A block that is freed and has PG_shares goes onto the list `late`, whatever
 * the context, and to its zone once its memory is private: by the next pass, or
 * when reclaim asks.  A page that is freed while it has aliases is reported and
 * leaked: the mapping goes on showing it.
 *
 * A child of fork must not write into its parent's memory, so what is shared
 * is not inherited: the preparing handler has the port copy it, and the child
 * maps the copy at each place.  Where that fails the child has nothing there,
 * and faults; and so has a child that runs no handlers.
 *
 * share_lock guards the list of shared pages, which is linked through free_map
 * of their records, and their counts of aliases.  It is held across calls of
 * the OS; nothing is allocated under it.
 */
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"

#include "debug/report.h"
#include "lib/defer.h"
#include "lib/list.h"
#include "port/port.h"
#include "sync/fork.h"
#include "sync/lock.h"

static struct lock share_lock;
static struct list_head shared = { &shared, &shared };
static struct deferred late;
static void (*remap_all)(void);

static struct list_head *share_link(struct page *page)
{
	return (struct list_head *)(void *)page->free_map;
}

static struct page *shared_page(struct list_head *e)
{
	return list_entry_of(e, struct page, free_map);
}

static bool is_held(const struct page *page)
{
	return __atomic_load_n(&page->_refcount.counter, __ATOMIC_RELAXED) > 0;
}

/*
 * The head of the allocated block that the page is part of, or NULL.  Tails
 * have no reference, so the nearest candidate that has one is it.
 */
static struct page *block_of(struct page *page)
{
	unsigned long pfn = page_pfn(page);
	unsigned long never = PG_MASK(PG_buddy) | PG_MASK(PG_pcp) |
			      PG_MASK(PG_slab) | PG_MASK(PG_span) |
			      PG_MASK(PG_hole) | PG_MASK(PG_guard);

	if (page_cache(page))
		return NULL;
	for (unsigned int o = 0; o <= PG_MAX_ORDER; o++) {
		struct page *head = window.map + ALIGN_DOWN(pfn, 1ul << o);

		if (!is_held(head))
			continue;
		if (page_bits(head) & never ||
		    page_pfn(head) + (1ul << head->order) <= pfn)
			return NULL;
		return head;
	}
	return NULL;
}

static void set_flag(struct page *page, enum pageflags bit)
{
	__atomic_fetch_or(&page->flags, PG_MASK(bit), __ATOMIC_RELAXED);
}

bool page_share(struct page *page)
{
	struct page *head;
	bool ok = true;

	if (port_page_size() != PG_BYTES || !page_is_record(page))
		return false;
	lock_take(&share_lock, LOCK_SHARE);
	head = block_of(page);
	if (!head || page->aliases == UINT16_MAX)
		ok = false;
	else if (!page_test(page, PG_shared))
		ok = port_share(page_addr(page), PG_BYTES);
	if (ok) {
		if (!page_test(page, PG_shared))
			ring_push_back(&shared, share_link(page));
		set_flag(page, PG_shared);
		set_flag(head, PG_shares);
		page->aliases++;
	}
	lock_drop(&share_lock, LOCK_SHARE);
	return ok;
}

void page_unalias(struct page *page)
{
	lock_take(&share_lock, LOCK_SHARE);
	page->aliases--;
	lock_drop(&share_lock, LOCK_SHARE);
}

static void **late_link(struct page *page)
{
	return (void **)(void *)&page->private;
}

void page_put_shared(struct page *page, unsigned int order)
{
	for (unsigned long i = 0; i < 1ul << order; i++)
		if (page_test(page + i, PG_shared) && page[i].aliases) {
			page_report_bad(page, order, "page is mapped still");
			return;
		}
	page->order = (unsigned char)order;
	defer_push(&late, page, late_link(page));
	page_pass_due();
}

/* Back to what a page is that was never shared; false: not now. */
static bool __unshare(struct page *page)
{
	if (!page_test(page, PG_shared))
		return true;
	if (!port_unshare(page_addr(page), PG_BYTES))
		return false;
	ring_remove(share_link(page));
	memset(page->free_map, 0, sizeof(page->free_map));
	page_set_bits(page, page_bits(page) & ~PG_MASK(PG_shared));
	return true;
}

static bool end_shared(struct page *page)
{
	unsigned long n = 1ul << page->order, pfn = page_pfn(page);
	bool ok = true;

	lock_take(&share_lock, LOCK_SHARE);
	for (unsigned long i = 0; i < n; i++)
		ok = __unshare(page + i) && ok;
	lock_drop(&share_lock, LOCK_SHARE);
	if (!ok) {
		defer_push(&late, page, late_link(page));
		return false;
	}
	page->private = 0;
	page_set_bits(page, 0);
	page_give_range(pfn, pfn + n, false);
	return true;
}

unsigned long page_shares_settle(void)
{
	struct page *page, *next;
	unsigned long pages = 0;

	if (likely(!defer_any(&late)))
		return 0;
	page = __atomic_exchange_n(&late.in, NULL, __ATOMIC_ACQUIRE);
	for (; page; page = next) {
		unsigned long n = 1ul << page->order;

		next = *late_link(page);
		pages += end_shared(page) ? n : 0;
	}
	return pages;
}

void page_shares_remap(void (*fn)(void))
{
	remap_all = fn;
}

/* --- fork ----------------------------------------------------------------- */

/* What of it the port could copy. */
static void save_all(void)
{
	struct list_head *e;

	ring_for_each(e, &shared) if (!port_fork_save(page_addr(shared_page(e)),
						      PG_BYTES)) break;
}

static void child_maps(void)
{
	struct list_head *e;

	if (ring_empty(&shared))
		return;
	if (!port_fork_saved(true)) {
		report("kmem: no memory for a child's copy of what is mapped "
		       "twice: it faults");
		return;
	}
	ring_for_each(e, &shared)
	{
		char *p = page_addr(shared_page(e));

		port_alias(p, p, PG_BYTES);
	}
	if (remap_all)
		remap_all();
}

static void share_fork_prepare(void)
{
	lock_take(&share_lock, LOCK_SHARE);
	save_all();
}

static void share_fork_parent(void)
{
	if (!ring_empty(&shared))
		port_fork_saved(false);
	lock_drop(&share_lock, LOCK_SHARE);
}

static void share_fork_child(void)
{
	lock_reset(&share_lock);
	defer_forget(&late);
	child_maps();
}

/* Of a handler that interrupted this file nothing is copied. */
static void share_alone_before(void)
{
	if (ring_empty(&shared) || !lock_try(&share_lock, LOCK_SHARE))
		return;
	save_all();
	lock_drop(&share_lock, LOCK_SHARE);
}

static void share_alone_parent(void)
{
	if (!ring_empty(&shared))
		port_fork_saved(false);
}

void page_shares_boot(void)
{
	static const struct fork_ops ops = {
		.prepare = share_fork_prepare,
		.parent = share_fork_parent,
		.child = share_fork_child,
		.alone_before = share_alone_before,
		.alone_parent = share_alone_parent,
		.alone = child_maps,
	};

	fork_register(FORK_SHARE, &ops);
}
