/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Fragments: pieces of a block of pages, handed out one behind the other, and
 * freed in any order.  The last of them that is freed frees the block.
 *
 * A cache is one user's at a time; fragments may be freed anywhere.
 */
#ifndef KMEM_LINUX_PAGE_FRAG_CACHE_H
#define KMEM_LINUX_PAGE_FRAG_CACHE_H

#include <kmem/compiler.h>
#include <kmem/types.h>

#include "gfp_types.h"

struct page;

/* A block is of this many bytes, or a page where there is none so large. */
#define PAGE_FRAG_CACHE_MAX_SIZE 32768U
#define PAGE_FRAG_CACHE_MAX_ORDER 3

/* All zero bytes is an empty one. */
struct page_frag_cache {
	struct page *kmem_page;    /* the block's first; NULL: there is none */
	unsigned int offset;       /* bytes of it that are handed out */
	unsigned int pagecnt_bias; /* references that are the cache's */
};

/* A piece of a page, for users who keep such notes. */
struct page_frag {
	struct page *page;
	unsigned int offset;
	unsigned int size;
};

KMEM_EXTERN_C_BEGIN

/* align_mask: the negative of an alignment, or ~0. */
KMEM_API void *__page_frag_alloc_align(struct page_frag_cache *nc,
				       unsigned int size, gfp_t gfp,
				       unsigned int align_mask)
	KMEM_ABI(__page_frag_alloc_align) KMEM_SIZE(2);
KMEM_API void page_frag_free(void *p) KMEM_ABI(page_frag_free);
KMEM_API void page_frag_cache_drain(struct page_frag_cache *nc)
	KMEM_ABI(page_frag_cache_drain);
/* Did its block come from below the watermark that keeps a reserve? */
KMEM_API bool page_frag_cache_is_pfmemalloc(struct page_frag_cache *nc)
	KMEM_ABI(page_frag_cache_is_pfmemalloc);
/* Drops count references at once. */
KMEM_API void __page_frag_cache_drain(struct page *page, unsigned int count)
	KMEM_ABI(__page_frag_cache_drain);

KMEM_EXTERN_C_END

/**
 * page_frag_cache_init() - makes a cache empty
 * @nc: the cache, whatever is in it
 *
 * Context: Any.
 */
static inline void page_frag_cache_init(struct page_frag_cache *nc)
{
	nc->kmem_page = NULL;
	nc->offset = 0;
	nc->pagecnt_bias = 0;
}

/**
 * page_frag_alloc_align() - an aligned fragment
 * @nc: the cache
 * @size: bytes
 * @gfp: what may be done to get a block, if one is needed
 * @align: bytes, a power of two
 *
 * Context: As __page_frag_alloc_align().
 * Return: as __page_frag_alloc_align().
 */
static inline void *page_frag_alloc_align(struct page_frag_cache *nc,
					  unsigned int size, gfp_t gfp,
					  unsigned int align)
{
	return __page_frag_alloc_align(nc, size, gfp, -align);
}

/**
 * page_frag_alloc() - a fragment
 * @nc: the cache
 * @size: bytes
 * @gfp: what may be done to get a block, if one is needed
 *
 * Context: As __page_frag_alloc_align().
 * Return: as __page_frag_alloc_align().
 */
static inline void *page_frag_alloc(struct page_frag_cache *nc,
				    unsigned int size, gfp_t gfp)
{
	return __page_frag_alloc_align(nc, size, gfp, ~0u);
}

#endif
