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

#endif
