/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pages and addresses.
 *
 * All memory of the direct map lies in one window of address space.  The
 * "physical" address of a byte is its offset in the window, and on a machine of
 * the library's own (docs/porting.md) its real one; its pfn is that address in
 * pages, and its struct page the entry of that number in one array:
 *
 *	address -> kmem_page_offset -> physical -> pfn -> kmem_mem_map -> page
 *
 * So every conversion is arithmetic on two words that never change once the
 * first allocation was made.  None of it applies to vmalloc'ed memory.
 */
#ifndef KMEM_LINUX_MM_H
#define KMEM_LINUX_MM_H

#include <kmem/abi.h>
#include <kmem/page.h>
#include <kmem/types.h>

#include "gfp.h"
#include "mm_types.h"

KMEM_EXTERN_C_BEGIN

KMEM_API extern unsigned long kmem_page_offset KMEM_ABI(kmem_page_offset);
KMEM_API extern struct page *kmem_mem_map KMEM_ABI(kmem_mem_map);

/* Has this address of the window ever held memory?  False for any other. */
KMEM_API bool __virt_addr_valid(unsigned long addr) KMEM_ABI(__virt_addr_valid);
KMEM_API bool is_vmalloc_addr(const void *addr) KMEM_ABI(is_vmalloc_addr);

/* A block without __GFP_COMP becomes 2^order pages, each freed by itself. */
KMEM_API void split_page(struct page *page, unsigned int order)
	KMEM_ABI(split_page);
/*
 * A shrinker says what it gave to the system past this library: reclaim counts
 * it as if it were free pages.
 */
KMEM_API void mm_account_reclaimed_pages(unsigned long pages)
	KMEM_ABI(mm_account_reclaimed_pages);
/* Drops a reference; the last one frees the block. */
/* Is memory cleared then, as KMEM_OPTIONS says? */
KMEM_API bool want_init_on_alloc(gfp_t flags) KMEM_ABI(want_init_on_alloc);
KMEM_API bool want_init_on_free(void) KMEM_ABI(want_init_on_free);
KMEM_API void put_page(struct page *page) KMEM_ABI(put_page);

/* In pages. */
KMEM_API unsigned long totalram_pages(void) KMEM_ABI(totalram_pages);
KMEM_API unsigned long nr_free_pages(void) KMEM_ABI(nr_free_pages);
KMEM_API unsigned long nr_free_buffer_pages(void)
	KMEM_ABI(nr_free_buffer_pages);
KMEM_API long si_mem_available(void) KMEM_ABI(si_mem_available);

/* The page of zeros behind ZERO_PAGE(). */
KMEM_API struct page *kmem_zero_page(void) KMEM_ABI(kmem_zero_page);

/*
 * <linux/slab.h> declares kvfree() too; old code looks for it here.  The
 * reference has one page of it.
 */
#if !defined(KMEM_REFERENCE)
KMEM_API void kvfree(const void *p) KMEM_ABI(kvfree);
#endif

KMEM_EXTERN_C_END

/**
 * virt_to_phys() - the physical address
 * @addr: in the direct map
 *
 * Context: Any.
 * Return: in a process the offset in the window; on a machine of the library's
 * own the address that a device can be told.
 */
static inline kmem_phys_t virt_to_phys(const volatile void *addr)
{
	return (unsigned long)addr - kmem_page_offset;
}

/**
 * phys_to_virt() - the address of a physical one
 * @phys: as virt_to_phys() returns it
 *
 * Context: Any.
 * Return: the address.
 */
static inline void *phys_to_virt(kmem_phys_t phys)
{
	return (void *)(kmem_page_offset + (unsigned long)phys);
}

/**
 * page_to_pfn() - the number of a page
 * @page: its record
 *
 * Context: Any.
 * Return: the number: virt_to_phys() of its memory, in pages.
 */
static inline unsigned long page_to_pfn(const struct page *page)
{
	return (unsigned long)(page - kmem_mem_map);
}

/**
 * pfn_to_page() - the record of a page
 * @pfn: its number
 *
 * Context: Any.
 * Return: the record; whether there is memory behind it is not checked.
 */
static inline struct page *pfn_to_page(unsigned long pfn)
{
	return kmem_mem_map + pfn;
}

/**
 * page_address() - where a page's memory begins
 * @page: its record
 *
 * Context: Any.
 * Return: the address, never NULL: there is no high memory.
 */
static inline void *page_address(const struct page *page)
{
	return phys_to_virt((kmem_phys_t)page_to_pfn(page) << PAGE_SHIFT);
}

/* virt_to_phys() of its memory. */
static inline kmem_phys_t page_to_phys(const struct page *page)
{
	return (kmem_phys_t)page_to_pfn(page) << PAGE_SHIFT;
}

static inline struct page *phys_to_page(kmem_phys_t phys)
{
	return pfn_to_page((unsigned long)(phys >> PAGE_SHIFT));
}

/* These take an address as a pointer or as an unsigned long. */
#define __pa(addr) ((unsigned long)virt_to_phys((void *)(unsigned long)(addr)))
#define __va(phys) phys_to_virt((kmem_phys_t)(phys))
#define virt_to_pfn(addr) (__pa(addr) >> PAGE_SHIFT)
#define pfn_to_virt(pfn) __va((kmem_phys_t)(pfn) << PAGE_SHIFT)
#define virt_to_page(addr) pfn_to_page(virt_to_pfn(addr))
#define page_to_virt(page) page_address(page)
#define virt_addr_valid(addr) __virt_addr_valid((unsigned long)(addr))

/**
 * pfn_valid() - is there memory behind a page number?
 * @pfn: the number
 *
 * Context: Any.
 * Return: true when that page ever held memory.
 */
static inline bool pfn_valid(unsigned long pfn)
{
	return pfn <= ~kmem_page_offset >> PAGE_SHIFT &&
	       __virt_addr_valid(kmem_page_offset + (pfn << PAGE_SHIFT));
}

/* There is one node. */
static inline int page_to_nid(const struct page *page)
{
	(void)page;
	return 0;
}

/**
 * PageTail() - is this a page of a compound block, but not its first?
 * @page: its record
 *
 * Context: Any; the answer lasts while somebody holds the block.
 * Return: 1 or 0.
 */
static inline int PageTail(const struct page *page)
{
	unsigned long head =
		__atomic_load_n(&page->compound_head, __ATOMIC_RELAXED);

	return (int)(head & 1);
}

/**
 * PageHead() - is this the first page of a compound block?
 * @page: its record
 *
 * Context: Any; the answer lasts while somebody holds the block.
 * Return: 1 or 0.
 */
static inline int PageHead(const struct page *page)
{
	unsigned long flags = __atomic_load_n(&page->flags, __ATOMIC_RELAXED);

	return (int)(flags >> PG_head & 1);
}

/* Is the page any part of a compound block? */
static inline int PageCompound(const struct page *page)
{
	return PageHead(page) || PageTail(page);
}

/**
 * compound_head() - the first page of the block a page belongs to
 * @page: its record
 *
 * Context: Any; the answer lasts while somebody holds the block.
 * Return: the head of a compound block, or @page itself.
 */
static inline struct page *compound_head(const struct page *page)
{
	unsigned long head =
		__atomic_load_n(&page->compound_head, __ATOMIC_RELAXED);

	return head & 1 ? (struct page *)(head - 1) :
			  (struct page *)(uintptr_t)page;
}

/**
 * compound_order() - log2 of the pages in a compound block
 * @page: its head
 *
 * Context: Any; the answer lasts while somebody holds the block.
 * Return: the order; 0 for a page that heads no compound block.
 */
static inline unsigned int compound_order(const struct page *page)
{
	return PageHead(page) ? page->order : 0;
}

/* Pages, and bytes, of the compound block that a page is the head of. */
static inline unsigned long compound_nr(const struct page *page)
{
	return 1UL << compound_order(page);
}

static inline unsigned long page_size(const struct page *page)
{
	return PAGE_SIZE << compound_order(page);
}

/**
 * virt_to_head_page() - the head of the block an address lies in
 * @addr: in the direct map
 *
 * Context: Any.
 * Return: its record.
 */
static inline struct page *virt_to_head_page(const void *addr)
{
	return compound_head(virt_to_page(addr));
}

/**
 * page_count() - references to the block a page belongs to
 * @page: its record
 *
 * Context: Any.  A glance: others may come and go meanwhile.
 * Return: the count; 0 for a free page, and for all but the first page of a
 * block that is not compound.
 */
static inline int page_count(const struct page *page)
{
	return __atomic_load_n(&compound_head(page)->_refcount.counter,
			       __ATOMIC_RELAXED);
}

/* For a page that is the caller's own: the count starts at one. */
static inline void init_page_count(struct page *page)
{
	__atomic_store_n(&page->_refcount.counter, 1, __ATOMIC_RELAXED);
}

/**
 * get_page() - one more reference
 * @page: any page of a block the caller holds a reference to
 *
 * Context: Any.
 */
static inline void get_page(struct page *page)
{
	__atomic_fetch_add(&compound_head(page)->_refcount.counter, 1,
			   __ATOMIC_RELAXED);
}

/**
 * get_page_unless_zero() - one more reference, if the page is not free
 * @page: its record
 *
 * Context: Any.
 * Return: true when the caller now holds one.
 */
static inline bool get_page_unless_zero(struct page *page)
{
	int *count = &compound_head(page)->_refcount.counter;
	int seen = __atomic_load_n(count, __ATOMIC_RELAXED);

	while (seen &&
	       !__atomic_compare_exchange_n(count, &seen, seen + 1, true,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		;
	return seen != 0;
}

/* A word in the record for the owner of the page; a keyword in C++. */
#if defined(__cplusplus)
#define KMEM_PAGE_PRIVATE private_
#else
#define KMEM_PAGE_PRIVATE private
#endif

static inline unsigned long page_private(const struct page *page)
{
	return page->KMEM_PAGE_PRIVATE;
}

static inline void set_page_private(struct page *page, unsigned long value)
{
	page->KMEM_PAGE_PRIVATE = value;
}

/**
 * clear_page() - fills a page with zeros
 * @to: its address
 *
 * Context: Any.
 */
static inline void clear_page(void *to)
{
	__builtin_memset(to, 0, PAGE_SIZE);
}

/**
 * copy_page() - copies a page
 * @to: address of the copy
 * @from: address of the original
 *
 * Context: Any.
 */
static inline void copy_page(void *to, const void *from)
{
	__builtin_memcpy(to, from, PAGE_SIZE);
}

/* Was it taken without regard to the marks, by a request that may be? */
static inline bool page_is_pfmemalloc(const struct page *page)
{
	unsigned long flags =
		__atomic_load_n(&compound_head(page)->flags, __ATOMIC_RELAXED);

	return flags >> PG_reserve & 1;
}

/* Do not write to it. The address plays no part: nothing is coloured. */
#define ZERO_PAGE(vaddr) ((void)(vaddr), kmem_zero_page())

/*
 * A macro, because struct sysinfo is the system's: this fits whichever
 * definition the caller included, and none need be included otherwise.
 */
#define si_meminfo(si)                                        \
	(__extension__({                                      \
		__typeof__(si) kmem_si_ = (si);               \
		kmem_si_->totalram = totalram_pages();        \
		kmem_si_->freeram = nr_free_pages();          \
		kmem_si_->sharedram = 0;                      \
		kmem_si_->bufferram = 0;                      \
		kmem_si_->totalhigh = 0;                      \
		kmem_si_->freehigh = 0;                       \
		kmem_si_->mem_unit = (unsigned int)PAGE_SIZE; \
		(void)0;                                      \
	}))

#include <kmem/folio.h>

#endif
