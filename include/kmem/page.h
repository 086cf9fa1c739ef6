/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The page as a unit: its size, its orders.
 *
 * PAGE_SIZE is the allocator's, not the OS's.  <sys/user.h> has the same
 * three macros; they are spelled token for token as there, so that either
 * header may come first.
 */
#ifndef KMEM_PAGE_H
#define KMEM_PAGE_H

#include <kmem/types.h>

/* clang-format off */
#if !defined(PAGE_SHIFT)
#define PAGE_SHIFT	12
#endif
#if !defined(PAGE_SIZE)
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#endif
#if !defined(PAGE_MASK)
#define PAGE_MASK	(~(PAGE_SIZE-1))
#endif

/* The largest block is 2^MAX_PAGE_ORDER pages: 4 MiB. */
#define MAX_PAGE_ORDER	10
#define NR_PAGE_ORDERS	(MAX_PAGE_ORDER + 1)
/*
 * The retired name, in its older sense: one more than the largest order, as
 * in every kernel up to 6.3.  (6.4 to 6.7 used it for the largest itself.)
 */
#define MAX_ORDER	NR_PAGE_ORDERS
#define MAX_ORDER_NR_PAGES (1UL << MAX_PAGE_ORDER)

/* Up to this order a request that may sleep is expected to succeed. */
#define PAGE_ALLOC_COSTLY_ORDER 3

#define PAGE_ALIGN(addr) \
	(((addr) + (PAGE_SIZE - 1)) & ~(__typeof__(addr))(PAGE_SIZE - 1))
#define PAGE_ALIGN_DOWN(addr) \
	((addr) & ~(__typeof__(addr))(PAGE_SIZE - 1))
#define PAGE_ALIGNED(addr)	(!((unsigned long)(addr) & (PAGE_SIZE - 1)))
#define PFN_UP(x)		(((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x)		((x) >> PAGE_SHIFT)
#define PFN_ALIGN(x) \
	(((unsigned long)(x) + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1))
#define PFN_PHYS(x)		((kmem_phys_t)(x) << PAGE_SHIFT)
#define PHYS_PFN(x)		((unsigned long)((x) >> PAGE_SHIFT))
#define offset_in_page(p)	((unsigned long)(p) & (PAGE_SIZE - 1))
/* clang-format on */

KMEM_STATIC_ASSERT(sizeof(void *) == 8, "libkmem wants addresses of 64 bits");
KMEM_STATIC_ASSERT(PAGE_SIZE == 4096,
		   "another PAGE_SIZE is in the way: "
		   "libkmem's is 4096, whatever the OS's pages are");

#if !KMEM_OWN_TYPES
/**
 * get_order() - the smallest order whose block holds so many bytes
 * @size: bytes
 *
 * Folds to a constant for a constant @size.  A size of 0 wraps round, as in
 * the kernel, and asks for the whole address space.
 *
 * Context: Any.
 * Return: the order; 52 for 0, which no allocation can meet.
 */
static inline KMEM_CONST int get_order(unsigned long size)
{
	unsigned long last = (size - 1) >> PAGE_SHIFT;

	return last ? (int)sizeof(last) * 8 - __builtin_clzl(last) : 0;
}
#endif

#endif
