/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Mapping pages before use.  Every page has its address all the time, so a
 * mapping is the identity; code that nests and unmaps as if it were not runs
 * unchanged.
 */
#ifndef KMEM_LINUX_HIGHMEM_H
#define KMEM_LINUX_HIGHMEM_H

#include "mm.h"

static inline int PageHighMem(const struct page *page)
{
	(void)page;
	return 0;
}

static inline void *kmap(struct page *page)
{
	return page_address(page);
}

static inline void kunmap(const struct page *page)
{
	(void)page;
}

static inline void *kmap_atomic(struct page *page)
{
	return page_address(page);
}

static inline void kunmap_atomic(const void *addr)
{
	(void)addr;
}

static inline void *kmap_local_page(struct page *page)
{
	return page_address(page);
}

static inline void kunmap_local(const void *addr)
{
	(void)addr;
}

static inline void clear_highpage(struct page *page)
{
	clear_page(page_address(page));
}

static inline void copy_highpage(struct page *to, struct page *from)
{
	copy_page(page_address(to), page_address(from));
}

/*
 * Bytes in and out of pages: offset and length are the caller's care, and
 * neither block is larger than what lies behind its page.
 */
static inline void memcpy_from_page(char *to, struct page *page, size_t offset,
				    size_t len)
{
	__builtin_memcpy(to, (char *)page_address(page) + offset, len);
}

static inline void memcpy_to_page(struct page *page, size_t offset,
				  const char *from, size_t len)
{
	__builtin_memcpy((char *)page_address(page) + offset, from, len);
}

static inline void memcpy_page(struct page *to, size_t to_offset,
			       struct page *from, size_t from_offset,
			       size_t len)
{
	__builtin_memcpy((char *)page_address(to) + to_offset,
			 (char *)page_address(from) + from_offset, len);
}

static inline void memset_page(struct page *page, size_t offset, int value,
			       size_t len)
{
	__builtin_memset((char *)page_address(page) + offset, value, len);
}

static inline void memzero_page(struct page *page, size_t offset, size_t len)
{
	memset_page(page, offset, 0, len);
}

/* From start to before end; nothing when end is not above start. */
static inline void zero_user_segment(struct page *page, unsigned int start,
				     unsigned int end)
{
	if (end > start)
		memzero_page(page, start, end - start);
}

static inline void zero_user_segments(struct page *page, unsigned int start1,
				      unsigned int end1, unsigned int start2,
				      unsigned int end2)
{
	zero_user_segment(page, start1, end1);
	zero_user_segment(page, start2, end2);
}

static inline void zero_user(struct page *page, unsigned int start,
			     unsigned int size)
{
	zero_user_segment(page, start, start + size);
}

static inline void *kmap_local_folio(struct folio *folio, size_t offset)
{
	return (char *)folio_address(folio) + offset;
}

static inline void memcpy_from_folio(char *to, struct folio *folio,
				     size_t offset, size_t len)
{
	memcpy_from_page(to, &folio->page, offset, len);
}

static inline void memcpy_to_folio(struct folio *folio, size_t offset,
				   const char *from, size_t len)
{
	memcpy_to_page(&folio->page, offset, from, len);
}

static inline void folio_zero_range(struct folio *folio, size_t start,
				    size_t len)
{
	memzero_page(&folio->page, start, len);
}

static inline void folio_zero_segment(struct folio *folio, size_t start,
				      size_t end)
{
	if (end > start)
		folio_zero_range(folio, start, end - start);
}

static inline void folio_zero_segments(struct folio *folio, size_t start1,
				       size_t end1, size_t start2, size_t end2)
{
	folio_zero_segment(folio, start1, end1);
	folio_zero_segment(folio, start2, end2);
}

#endif
