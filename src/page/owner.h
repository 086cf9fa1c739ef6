/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Whose slab an address lies in, and where who frees an object puts it.
 * page/page.h includes it.
 */
#ifndef PAGE_OWNER_H
#define PAGE_OWNER_H

#include "page/page.h"

/* Whose slab a page is part of: a word for each page, NULL for no slab. */
static inline struct kmem_cache **page_owner_word(const struct page *page)
{
	return window.owner + page_pfn(page);
}

static inline struct kmem_cache *page_cache(const struct page *page)
{
	return __atomic_load_n(page_owner_word(page), __ATOMIC_RELAXED);
}

/* The column of its slab, or 0. */
static inline uintptr_t page_column(const struct page *page)
{
	uintptr_t column = __atomic_load_n(&window.column[page_pfn(page)],
					   __ATOMIC_RELAXED);

	return column ? column + window.no_column : 0;
}

static inline void page_set_cache(const struct page *page, struct kmem_cache *s,
				  uintptr_t column)
{
	__atomic_store_n(page_owner_word(page), s, __ATOMIC_RELAXED);
	__atomic_store_n(&window.column[page_pfn(page)],
			 column ? column - window.no_column : 0,
			 __ATOMIC_RELAXED);
}

/*
 * A thread that has an address from the window got it after its part became
 * usable, so a plain load sees that; a compiler may then compare with memory.
 */
#if defined(__SANITIZE_THREAD__)
#define MAIN_PAGES() __atomic_load_n(&window.main_pages, __ATOMIC_ACQUIRE)
#define MAIN_OWNER(n) __atomic_load_n(&window.main_owner[n], __ATOMIC_RELAXED)
#define COLUMN_PAGES() __atomic_load_n(&window.column_pages, __ATOMIC_ACQUIRE)
#else
#define MAIN_PAGES() (window.main_pages)
#define MAIN_OWNER(n) (window.main_owner[n])
#define COLUMN_PAGES() (window.column_pages)
#endif

/* Is a slab of that cache there?  false: page_owner() may know more. */
static inline bool page_owner_is(const void *p, const struct kmem_cache *s)
{
	unsigned long n = main_page(p);

	return likely(n < MAIN_PAGES()) && likely(MAIN_OWNER(n) == s);
}

/*
 * The same of the column, of a multiple of 1 << align; false: page_owner() may
 * know more.  A page that is in no slab has no_column.  The bits that must be
 * zero are turned to the top, so one comparison sees them and the range.
 */
static inline __attribute__((always_inline)) bool
page_column_first(const void *p, unsigned int align, uintptr_t *column)
{
	uintptr_t n = (uintptr_t)p - (uintptr_t)window.main_base;

	n = n >> align | n << (8 * sizeof(n) - align);
	n >>= PG_SHIFT - align;
	if (unlikely(n >= COLUMN_PAGES()))
		return false;
	*column = __atomic_load_n(&window.main_column[n], __ATOMIC_RELAXED) +
		  window.no_column;
	return true;
}

/* The cache of the slab that the address lies in, or NULL. */
static inline struct kmem_cache *page_owner(const void *p)
{
	return page_known(p) ? page_cache(addr_page(p)) : NULL;
}

#endif
