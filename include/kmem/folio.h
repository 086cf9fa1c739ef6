/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Folios, for <linux/mm.h>, which includes this: a folio is the record of a
 * page that is no tail, so of a compound block or of a single page.
 */
#ifndef KMEM_FOLIO_H
#define KMEM_FOLIO_H

#include "../linux/mm.h"

/* The same record: a folio and its first page have one address. */
struct folio {
	struct page page;
};

/* Of any page, the block it belongs to. */
static inline struct folio *page_folio(const struct page *page)
{
	return (struct folio *)(void *)compound_head(page);
}

static inline struct page *folio_page(struct folio *folio, size_t n)
{
	return &folio->page + n;
}

static inline unsigned int folio_order(const struct folio *folio)
{
	return compound_order(&folio->page);
}

static inline unsigned long folio_nr_pages(const struct folio *folio)
{
	return compound_nr(&folio->page);
}

static inline size_t folio_size(const struct folio *folio)
{
	return page_size(&folio->page);
}

static inline bool folio_test_large(const struct folio *folio)
{
	return PageHead(&folio->page);
}

static inline void *folio_address(const struct folio *folio)
{
	return page_address(&folio->page);
}

static inline unsigned long folio_pfn(const struct folio *folio)
{
	return page_to_pfn(&folio->page);
}

static inline int folio_nid(const struct folio *folio)
{
	return page_to_nid(&folio->page);
}

static inline struct folio *pfn_folio(unsigned long pfn)
{
	return page_folio(pfn_to_page(pfn));
}

static inline struct folio *virt_to_folio(const void *addr)
{
	return page_folio(virt_to_page(addr));
}

static inline int folio_ref_count(const struct folio *folio)
{
	return page_count(&folio->page);
}

static inline void folio_get(struct folio *folio)
{
	get_page(&folio->page);
}

/* False when it is free; the caller then holds no reference. */
static inline bool folio_try_get(struct folio *folio)
{
	return get_page_unless_zero(&folio->page);
}

/* Drops a reference; the last one frees the block. */
static inline void folio_put(struct folio *folio)
{
	put_page(&folio->page);
}

static inline void folio_ref_add(struct folio *folio, int n)
{
	__atomic_fetch_add(&folio->page._refcount.counter, n, __ATOMIC_RELAXED);
}

/* Drops so many references that the caller holds. */
static inline void folio_put_refs(struct folio *folio, int n)
{
	if (n > 1)
		__atomic_fetch_sub(&folio->page._refcount.counter, n - 1,
				   __ATOMIC_RELEASE);
	folio_put(folio);
}

KMEM_EXTERN_C_BEGIN

/*
 * Drops a reference to each block of an array, or of a list that is linked by
 * the records' lru, which is empty afterwards.
 */
KMEM_API void kmem_release_pages(struct page **pages, int nr)
	KMEM_ABI(release_pages);
KMEM_API void put_pages_list(struct kmem_list_head *pages)
	KMEM_ABI(put_pages_list);

KMEM_EXTERN_C_END

#if defined(__cplusplus)

inline void release_pages(struct page **pages, int nr)
{
	kmem_release_pages(pages, nr);
}

inline void release_pages(struct folio **folios, int nr)
{
	kmem_release_pages((struct page **)(void *)folios, nr);
}

#else

/* Of pages or of folios. */
typedef union {
	struct page **pages;
	struct folio **folios;
} release_pages_arg __attribute__((transparent_union));

KMEM_API void release_pages(release_pages_arg pages, int nr)
	KMEM_ABI(release_pages);

#endif

#endif
