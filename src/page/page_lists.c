/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Folios, and many references dropped in one call.
 */
#include "page/page.h"
#include "page/reclaim.h"

#include <linux/gfp.h>
#include <linux/mm.h>

#include "debug/atomic.h"
#include "debug/report.h"
#include "lib/list.h"

/**
 * folio_alloc() - a compound block
 * @gfp: where, and what may be done to get it; __GFP_COMP is added
 * @order: log2 of the number of pages, at most MAX_PAGE_ORDER
 *
 * Context: As alloc_pages().
 * Return: the record of the first page, for folio_put(); or NULL.
 * Source: <linux/gfp.h>.
 */
struct folio *folio_alloc(gfp_t gfp, unsigned int order)
{
	check_blocking(gfp);
	return (struct folio *)(void *)alloc_pages(gfp | __GFP_COMP, order);
}

/**
 * __folio_alloc_node() - a compound block of a node
 * @gfp: as folio_alloc()
 * @order: log2 of the number of pages
 * @nid: as alloc_pages_node()
 *
 * Context: As alloc_pages().
 * Return: the record of the first page, for folio_put(); or NULL.
 * Source: <linux/gfp.h>.
 */
struct folio *__folio_alloc_node(gfp_t gfp, unsigned int order, int nid)
{
	check_blocking(gfp);
	return (struct folio *)(void *)alloc_pages_node(nid, gfp | __GFP_COMP,
							order);
}

/**
 * kmem_release_pages() - drops a reference to each page of an array
 * @pages: pages, or folios, none of them NULL
 * @nr: how many
 *
 * Context: Any; never sleeps.
 * Source: <linux/mm.h>, whose name has no prefix and takes folios as well.
 */
void kmem_release_pages(struct page **pages, int nr)
{
	for (int i = 0; i < nr; i++)
		put_page(pages[i]);
}

/**
 * free_pages_bulk() - drops a reference to each of many single pages
 * @pages: pages, none of them NULL
 * @nr: how many
 *
 * Context: Any; never sleeps.
 * Source: <linux/gfp.h> of 7.x, where it may sleep.
 */
void free_pages_bulk(struct page **pages, unsigned long nr)
{
	for (unsigned long i = 0; i < nr; i++)
		page_put(pages[i], 0, LOCK_SPIN);
}

/**
 * put_pages_list() - drops a reference to each block on a list
 * @pages: the head of a list through the lru of the blocks' first pages;
 *	empty afterwards; NULL is warned of
 *
 * Context: Any; never sleeps.
 * Source: <linux/mm.h>.
 */
void put_pages_list(struct list_head *pages)
{
	struct list_head *e, *next;

	if (warn_if(!pages, "put_pages_list() of no list"))
		return;
	ring_for_each_safe(e, next, pages)
		put_page(list_entry_of(e, struct page, lru));
	pages->next = pages->prev = pages;
}

/**
 * mm_account_reclaimed_pages() - what a shrinker freed past this library
 * @pages: how many pages' worth
 *
 * A callback that unmaps memory of its own, or drops what a file holds, says
 * so, and the request that memory is reclaimed for is tried again.
 *
 * Context: A shrinker's callback; elsewhere it has no effect.
 * Source: <linux/swap.h>, <linux/mm.h>.
 */
void mm_account_reclaimed_pages(unsigned long pages)
{
	pages_given(pages > INT32_MAX / 2 ? INT32_MAX / 2 : (int32_t)pages);
}
