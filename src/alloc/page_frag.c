/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Fragments of pages, <linux/page_frag_cache.h>.
 *
 * A fragment is a reference to its block.  Taking one by one would be an
 * exchange each, so the cache takes FRAG_REFS at once and counts down, in
 * pagecnt_bias, those that are not handed out.
 *
 * Invariant: the count of the block is pagecnt_bias and the fragments in use.
 * So when it is pagecnt_bias alone the block is the cache's whole, and used
 * again from its beginning.
 */
#include <linux/page_frag_cache.h>

#include <linux/gfp.h>
#include <linux/mm.h>

#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "page/page.h"

/* Fragments of a byte that a block has room for, and the cache's own. */
#define FRAG_REFS (PAGE_FRAG_CACHE_MAX_SIZE + 1)

_Static_assert(PAGE_FRAG_CACHE_MAX_SIZE == PG_BYTES
						   << PAGE_FRAG_CACHE_MAX_ORDER,
	       "a block and its order");

/* Drops n references; true, and the caller's to free, when it was the last. */
static bool refs_drop(struct page *head, unsigned int n)
{
	return __atomic_sub_fetch(&head->_refcount.counter, (int)n,
				  __ATOMIC_ACQ_REL) == 0;
}

static void refs_put(struct page *head, unsigned int n)
{
	if (refs_drop(head, n))
		page_release(head, compound_order(head), LOCK_SPIN);
}

/* The largest block without effort, else a page as the caller says. */
static struct page *frag_block(gfp_t gfp)
{
	gfp_t light = (gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_COMP |
		      __GFP_NOWARN | __GFP_NORETRY | __GFP_NOMEMALLOC;
	struct page *page;

	if (should_fail(PAGE_FRAG_CACHE_MAX_SIZE, gfp))
		return NULL;
	page = page_alloc(light, PAGE_FRAG_CACHE_MAX_ORDER);
	return page ? page : page_alloc(gfp, 0);
}

/* A block of which nothing is handed out. */
static bool frag_refill(struct page_frag_cache *nc, gfp_t gfp)
{
	struct page *page = nc->kmem_page;

	if (!page || !refs_drop(page, nc->pagecnt_bias)) {
		nc->kmem_page = NULL;
		page = frag_block(gfp);
	}
	if (!page)
		return false;
	__atomic_store_n(&page->_refcount.counter, (int)FRAG_REFS,
			 __ATOMIC_RELAXED);
	*nc = (struct page_frag_cache){
		.kmem_page = page,
		.pagecnt_bias = FRAG_REFS,
	};
	return true;
}

/* Where the fragment begins in the block; false: it has no such room. */
static bool frag_fits(const struct page_frag_cache *nc, unsigned int size,
		      unsigned int align_mask, unsigned long *at)
{
	unsigned long room;

	if (!nc->kmem_page)
		return false;
	room = page_size(nc->kmem_page);
	*at = ((unsigned long)nc->offset + ~align_mask) &
	      (~0ul << 32 | align_mask);
	return *at <= room && size <= room - *at;
}

/**
 * __page_frag_alloc_align() - a fragment whose address fits a mask
 * @nc: the cache; its user sees to it that no other call uses it
 * @size: bytes
 * @gfp: what may be done to get a block, if one is needed
 * @align_mask: the negative of the alignment, at most a page's; or ~0
 *
 * A fragment of up to a page succeeds whenever there is a page; a larger one,
 * up to 32 KiB, whenever there is a block of that size without effort.
 *
 * Context: As @gfp says.
 * Return: the fragment, for page_frag_free(); or NULL.
 * Source: <linux/page_frag_cache.h>.
 */
void *__page_frag_alloc_align(struct page_frag_cache *nc, unsigned int size,
			      gfp_t gfp, unsigned int align_mask)
{
	unsigned long at;

	check_blocking(gfp);
	if (!frag_fits(nc, size, align_mask, &at)) {
		if (size > PAGE_FRAG_CACHE_MAX_SIZE || !frag_refill(nc, gfp) ||
		    !frag_fits(nc, size, align_mask, &at))
			return NULL;
	}
	nc->pagecnt_bias--;
	nc->offset = (u32)(at + size);
	return (char *)page_addr(nc->kmem_page) + at;
}

/**
 * page_frag_free() - gives a fragment back
 * @p: the fragment, or any address in it; what is no page is reported
 *
 * Context: Any; never sleeps.
 * Source: <linux/page_frag_cache.h>.
 */
void page_frag_free(void *p)
{
	struct page *head;

	if (warn_if(!page_is_usable(p), "page_frag_free() of %p", p))
		return;
	head = page_head(addr_page(p));
	if (unlikely(page_count(head) <= 0)) {
		page_report_bad(head, 0, "page_frag_free() of a free page");
		return;
	}
	refs_put(head, 1);
}

/**
 * __page_frag_cache_drain() - drops references to a block
 * @page: the block's first page
 * @count: how many
 *
 * Context: Any; never sleeps.
 * Source: <linux/page_frag_cache.h>.
 */
void __page_frag_cache_drain(struct page *page, unsigned int count)
{
	if (unlikely(!page_is_record(page) || page_count(page) < (int)count)) {
		page_report_bad(page, 0, "more references dropped than taken");
		return;
	}
	refs_put(page, count);
}

/**
 * page_frag_cache_drain() - empties a cache
 * @nc: the cache; an empty one is fine
 *
 * The block goes with the last of its fragments.
 *
 * Context: Any; never sleeps.
 * Source: <linux/page_frag_cache.h>.
 */
void page_frag_cache_drain(struct page_frag_cache *nc)
{
	if (nc->kmem_page)
		__page_frag_cache_drain(nc->kmem_page, nc->pagecnt_bias);
	page_frag_cache_init(nc);
}

/**
 * page_frag_cache_is_pfmemalloc() - are its fragments of a reserve?
 * @nc: the cache
 *
 * Context: Any.
 * Return: true when its block came from below the watermark that keeps a
 * reserve: such fragments are for what makes memory free.
 * Source: <linux/page_frag_cache.h>.
 */
bool page_frag_cache_is_pfmemalloc(struct page_frag_cache *nc)
{
	return nc->kmem_page && page_is_pfmemalloc(nc->kmem_page);
}
