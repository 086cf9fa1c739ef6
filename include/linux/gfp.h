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
#include <kmem/contig.h>
#include <kmem/page.h>
#include <kmem/types.h>
#include <linux/alloc_tag.h>
#include <linux/cleanup.h>
#include <linux/numa.h>

#include "gfp_types.h"
#include "mmzone.h"
#include "page_frag_cache.h"

struct folio;
struct mempolicy;
struct page;
struct vm_area_struct;

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

/* Drops a reference to each of so many single pages; none of them is NULL. */
KMEM_API void free_pages_bulk(struct page **pages, unsigned long nr)
	KMEM_ABI(free_pages_bulk);

/*
 * Whole compound blocks under their newer name.  There is one node: a policy,
 * a mapping or a node that is asked for changes nothing.
 */
KMEM_API struct folio *folio_alloc(gfp_t gfp, unsigned int order)
	KMEM_ABI(folio_alloc);
KMEM_API struct folio *__folio_alloc_node(gfp_t gfp, unsigned int order,
					  int nid) KMEM_ABI(__folio_alloc_node);
KMEM_API struct folio *folio_alloc_noprof(gfp_t gfp, unsigned int order)
	KMEM_ABI(folio_alloc);
KMEM_API struct folio *__folio_alloc_node_noprof(gfp_t gfp, unsigned int order,
						 int nid)
	KMEM_ABI(__folio_alloc_node);

/*
 * Bits that requests may have; what is not in it is taken from every request
 * for which memory must be found.
 */
KMEM_API extern gfp_t gfp_allowed_mask KMEM_ABI(gfp_allowed_mask);

/* May this request of the running thread have all of the reserves? */
KMEM_API bool gfp_pfmemalloc_allowed(gfp_t gfp)
	KMEM_ABI(gfp_pfmemalloc_allowed);

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
KMEM_API unsigned long alloc_pages_bulk_noprof(gfp_t gfp, unsigned long nr,
					       struct page **pages)
	KMEM_ABI(alloc_pages_bulk);
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

/* Of 2.6: it matters to nothing here whether the page is in a CPU's cache. */
static inline void free_hot_page(struct page *page)
{
	__free_page(page);
}

static inline void free_cold_page(struct page *page)
{
	__free_page(page);
}

/* A policy says which nodes to take memory from: there is one. */
static inline struct page *alloc_pages_mpol(gfp_t gfp, unsigned int order,
					    struct mempolicy *pol,
					    unsigned long ilx, int nid)
{
	(void)pol;
	(void)ilx;
	return alloc_pages_node(nid, gfp, order);
}

static inline unsigned long
alloc_pages_bulk_mempolicy(gfp_t gfp, unsigned long nr, struct page **pages)
{
	return alloc_pages_bulk(gfp, nr, pages);
}

/* A mapping of a process says the same by the address. */
static inline struct page *alloc_page_vma(gfp_t gfp, struct vm_area_struct *vma,
					  unsigned long addr)
{
	(void)vma;
	(void)addr;
	return alloc_page(gfp);
}

static inline struct folio *vma_alloc_folio(gfp_t gfp, int order,
					    struct vm_area_struct *vma,
					    unsigned long addr)
{
	(void)vma;
	(void)addr;
	return folio_alloc(gfp, (unsigned int)order);
}

/* nodes: which ones, NULL is any; the pointer is not followed. */
static inline struct folio *__folio_alloc(gfp_t gfp, unsigned int order,
					  int nid, const void *nodes)
{
	(void)nodes;
	return __folio_alloc_node(gfp, order, nid);
}

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
 * gfp_has_flags() - are all of some flags set?
 * @gfp: the flags of a request
 * @flags: those asked for
 *
 * Context: Any.
 * Return: true when none of them is missing.
 */
static inline bool gfp_has_flags(gfp_t gfp, gfp_t flags)
{
	return (gfp & flags) == flags;
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
	return gfp_has_flags(gfp, __GFP_IO | __GFP_FS);
}

/* Pages in use are never moved, whatever the flags are. */
static inline bool gfp_compaction_allowed(gfp_t gfp)
{
	(void)gfp;
	return false;
}

/**
 * gfp_zone() - the highest zone that a request may have memory of
 * @gfp: the flags
 *
 * Context: Any.
 * Return: the zone; that of __GFP_MOVABLE with __GFP_HIGHMEM has no memory
 * here, and the zones below it serve the request.
 */
static inline enum zone_type gfp_zone(gfp_t gfp)
{
	if (gfp & __GFP_DMA)
		return ZONE_DMA;
	if (gfp & __GFP_DMA32)
		return ZONE_DMA32;
	return gfp_has_flags(gfp, __GFP_MOVABLE | __GFP_HIGHMEM) ?
		       ZONE_MOVABLE :
		       ZONE_NORMAL;
}

/* What a request says of a page: it can be moved, or reclaimed, or neither. */
static inline int gfp_migratetype(gfp_t gfp)
{
	if (gfp & __GFP_MOVABLE)
		return MIGRATE_MOVABLE;
	return gfp & __GFP_RECLAIMABLE ? MIGRATE_RECLAIMABLE :
					 MIGRATE_UNMOVABLE;
}

static inline int gfp_zonelist(gfp_t gfp)
{
	return gfp & __GFP_THISNODE ? ZONELIST_NOFALLBACK : ZONELIST_FALLBACK;
}

/* The flags that were given, or GFP_KERNEL when none were. */
#define default_gfp(...) KMEM_DEFAULT_GFP(__VA_ARGS__ __VA_OPT__(, ) GFP_KERNEL)
#define KMEM_DEFAULT_GFP(gfp, ...) (gfp)

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

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
#include <kmem/profiled_pages.h>
#endif

#endif
