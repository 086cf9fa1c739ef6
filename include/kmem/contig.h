/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pages side by side beyond the largest block; <linux/gfp.h> includes this.
 */
#ifndef KMEM_CONTIG_H
#define KMEM_CONTIG_H

#include <kmem/abi.h>
#include <linux/gfp_types.h>
#include <linux/types.h>

struct page;

/* The third argument of alloc_contig_range(), which changes nothing here. */
typedef unsigned int acr_flags_t;
#define ACR_FLAGS_NONE 0u
#define ACR_FLAGS_CMA 1u

KMEM_EXTERN_C_BEGIN

/*
 * Any number of pages side by side, each with a reference of its own, or
 * frozen, without one.  There is one node: a nodemask is not looked at.
 */
KMEM_API struct page *alloc_contig_pages(unsigned long nr_pages, gfp_t gfp,
					 int nid, const void *nodemask)
	KMEM_ABI(alloc_contig_pages);
KMEM_API struct page *alloc_contig_frozen_pages(unsigned long nr_pages,
						gfp_t gfp, int nid,
						const void *nodemask)
	KMEM_ABI(alloc_contig_frozen_pages);
/* Just the pages from start to before end: 0 or a negative error. */
KMEM_API int alloc_contig_range(unsigned long start, unsigned long end,
				unsigned int alloc_flags, gfp_t gfp)
	KMEM_ABI(alloc_contig_range);
KMEM_API int alloc_contig_frozen_range(unsigned long start, unsigned long end,
				       unsigned int alloc_flags, gfp_t gfp)
	KMEM_ABI(alloc_contig_frozen_range);
KMEM_API void free_contig_range(unsigned long pfn, unsigned long nr_pages)
	KMEM_ABI(free_contig_range);
KMEM_API void free_contig_frozen_range(unsigned long pfn,
				       unsigned long nr_pages)
	KMEM_ABI(free_contig_frozen_range);

/* The names behind alloc_hooks(). */
KMEM_API struct page *alloc_contig_pages_noprof(unsigned long nr_pages,
						gfp_t gfp, int nid,
						const void *nodemask)
	KMEM_ABI(alloc_contig_pages);
KMEM_API struct page *alloc_contig_frozen_pages_noprof(unsigned long nr_pages,
						       gfp_t gfp, int nid,
						       const void *nodemask)
	KMEM_ABI(alloc_contig_frozen_pages);
KMEM_API int alloc_contig_range_noprof(unsigned long start, unsigned long end,
				       unsigned int alloc_flags, gfp_t gfp)
	KMEM_ABI(alloc_contig_range);
KMEM_API int
alloc_contig_frozen_range_noprof(unsigned long start, unsigned long end,
				 unsigned int alloc_flags, gfp_t gfp)
	KMEM_ABI(alloc_contig_frozen_range);

KMEM_EXTERN_C_END

#endif
