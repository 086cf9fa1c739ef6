/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pages: blocks of 2^order pages, aligned to their own size.
 *
 * A call answers with the block's struct page, or with its address as an
 * unsigned long; failure is NULL or 0.  What may be done to find memory is in
 * the flags of <linux/gfp_types.h>.
 */
#ifndef KMEM_LINUX_GFP_H
#define KMEM_LINUX_GFP_H

#include <kmem/abi.h>
#include <kmem/page.h>
#include <kmem/types.h>
#include <linux/cleanup.h>
#include <linux/numa.h>

#include "gfp_types.h"

struct page;
struct zone;

/*
 * Kernel headers wrap each allocator's *_noprof twin in this to count its
 * callers.  The twins here are second names of the same functions.
 */
#if !defined(alloc_hooks)
#define alloc_hooks(call) (call)
#endif

KMEM_EXTERN_C_BEGIN

/* By struct page. */
KMEM_API struct page *alloc_pages(gfp_t gfp, unsigned int order)
	KMEM_ABI(alloc_pages);
KMEM_API struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order)
	KMEM_ABI(alloc_pages_node);
KMEM_API void __free_pages(struct page *page, unsigned int order)
	KMEM_ABI(__free_pages);

/* Small blocks, cleared and compound; from any context. */
KMEM_API struct page *alloc_pages_nolock(gfp_t gfp, int nid, unsigned int order)
	KMEM_ABI(alloc_pages_nolock);
KMEM_API void free_pages_nolock(struct page *page, unsigned int order)
	KMEM_ABI(free_pages_nolock);
/* Name and arguments of 6.15. */
KMEM_API struct page *try_alloc_pages(int nid, unsigned int order)
	KMEM_ABI(try_alloc_pages);

/* By address. */
KMEM_API unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
	KMEM_ABI(__get_free_pages);
KMEM_API unsigned long get_zeroed_page(gfp_t gfp) KMEM_ABI(get_zeroed_page);
KMEM_API void free_pages(unsigned long addr, unsigned int order)
	KMEM_ABI(free_pages);

/* Any number of bytes up to the largest block, in whole pages. */
KMEM_API void *alloc_pages_exact(size_t size, gfp_t gfp)
	KMEM_ABI(alloc_pages_exact) KMEM_SIZE(1);
KMEM_API void *alloc_pages_exact_nid(int nid, size_t size, gfp_t gfp)
	KMEM_ABI(alloc_pages_exact_nid) KMEM_SIZE(2);
KMEM_API void free_pages_exact(void *addr, size_t size)
	KMEM_ABI(free_pages_exact);

/* Single pages into the NULL slots of an array; returns the filled slots. */
KMEM_API unsigned long alloc_pages_bulk(gfp_t gfp, unsigned long nr,
					struct page **pages)
	KMEM_ABI(alloc_pages_bulk);
KMEM_API unsigned long
alloc_pages_bulk_node(gfp_t gfp, int nid, unsigned long nr, struct page **pages)
	KMEM_ABI(alloc_pages_bulk_node);

/* The per-CPU lists back into their zones; NULL is all zones. */
KMEM_API void drain_all_pages(struct zone *zone) KMEM_ABI(drain_all_pages);
KMEM_API void drain_local_pages(struct zone *zone) KMEM_ABI(drain_local_pages);

/* Names of 5.13 to 6.13. */
KMEM_API unsigned long alloc_pages_bulk_array(gfp_t gfp, unsigned long nr,
					      struct page **pages)
	KMEM_ABI(alloc_pages_bulk);
KMEM_API unsigned long alloc_pages_bulk_array_node(gfp_t gfp, int nid,
						   unsigned long nr,
						   struct page **pages)
	KMEM_ABI(alloc_pages_bulk_node);

/* The names behind alloc_hooks(). */
KMEM_API struct page *alloc_pages_noprof(gfp_t gfp, unsigned int order)
	KMEM_ABI(alloc_pages);
KMEM_API struct page *alloc_pages_node_noprof(int nid, gfp_t gfp,
					      unsigned int order)
	KMEM_ABI(alloc_pages_node);
KMEM_API struct page *alloc_pages_nolock_noprof(gfp_t gfp, int nid,
						unsigned int order)
	KMEM_ABI(alloc_pages_nolock);
KMEM_API unsigned long get_free_pages_noprof(gfp_t gfp, unsigned int order)
	KMEM_ABI(__get_free_pages);
KMEM_API unsigned long get_zeroed_page_noprof(gfp_t gfp)
	KMEM_ABI(get_zeroed_page);
KMEM_API void *alloc_pages_exact_noprof(size_t size, gfp_t gfp)
	KMEM_ABI(alloc_pages_exact) KMEM_SIZE(1);
KMEM_API void *alloc_pages_exact_nid_noprof(int nid, size_t size, gfp_t gfp)
	KMEM_ABI(alloc_pages_exact_nid) KMEM_SIZE(2);

KMEM_EXTERN_C_END

/**
 * alloc_page() - one page
 * @gfp: what may be done to get it
 *
 * Context: As @gfp says.
 * Return: its struct page, or NULL.
 */
static inline struct page *alloc_page(gfp_t gfp)
{
	return alloc_pages(gfp, 0);
}

/**
 * __free_page() - drops the reference alloc_page() gave
 * @page: not NULL
 *
 * Context: Any.
 */
static inline void __free_page(struct page *page)
{
	__free_pages(page, 0);
}

/**
 * __get_free_page() - one page, by address
 * @gfp: what may be done to get it
 *
 * Context: As @gfp says.
 * Return: the address, or 0.
 */
static inline unsigned long __get_free_page(gfp_t gfp)
{
	return __get_free_pages(gfp, 0);
}

/**
 * __get_dma_pages() - a block in the DMA zone
 * @gfp: what may be done to get it; the zone is added
 * @order: log2 of the number of pages
 *
 * Context: As @gfp says.
 * Return: the address, or 0.
 */
static inline unsigned long __get_dma_pages(gfp_t gfp, unsigned int order)
{
	return __get_free_pages(gfp | GFP_DMA, order);
}

/**
 * free_page() - gives back the page at an address
 * @addr: what __get_free_page() returned; 0 is allowed
 *
 * Context: Any.
 */
static inline void free_page(unsigned long addr)
{
	free_pages(addr, 0);
}

#if defined(DEFINE_FREE)
DEFINE_FREE(free_page, void *, free_page((unsigned long)_T))
#endif

/**
 * gfpflags_allow_blocking() - may a request with these flags sleep?
 * @gfp: the flags
 *
 * One bit decides; the names GFP_* do not matter.
 *
 * Context: Any.
 * Return: true when it may.
 */
static inline bool gfpflags_allow_blocking(const gfp_t gfp)
{
	return !!(gfp & __GFP_DIRECT_RECLAIM);
}

/**
 * gfpflags_allow_spinning() - may a request with these flags wait for a lock?
 * @gfp: the flags
 *
 * Context: Any.
 * Return: true when it may; flags without either reclaim bit may only try.
 */
static inline bool gfpflags_allow_spinning(const gfp_t gfp)
{
	return !!(gfp & __GFP_RECLAIM);
}

/**
 * gfp_has_io_fs() - may reclaim for this request do I/O and call file systems?
 * @gfp: the flags
 *
 * Context: Any.
 * Return: true when it may do both.
 */
static inline bool gfp_has_io_fs(gfp_t gfp)
{
	return (gfp & (__GFP_IO | __GFP_FS)) == (__GFP_IO | __GFP_FS);
}

/**
 * gfp_nested_mask() - flags for an allocation made on behalf of another one
 * @gfp: the flags of the outer request
 *
 * Keeps what the context allows, and gives up early, quietly and without
 * touching reserves.
 *
 * Context: Any.
 * Return: the flags of the inner request.
 */
static inline gfp_t gfp_nested_mask(gfp_t gfp)
{
	return (gfp & (GFP_KERNEL | GFP_ATOMIC | __GFP_NOLOCKDEP)) |
	       __GFP_NORETRY | __GFP_NOMEMALLOC | __GFP_NOWARN;
}

#endif
