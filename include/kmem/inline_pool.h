/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The fast path of a pool of slab objects in the program itself, beside those
 * of <kmem/inline.h>: <linux/mempool.h> includes this when KMEM_INLINE is 1.
 *
 * The order of attempts is the library's: the allocator first, which for such
 * a pool begins with this CPU's sheaf; a free looks at the reserve first.
 */
#ifndef _KMEM_INLINE_POOL_H
#define _KMEM_INLINE_POOL_H

#include <kmem/sequence.h>

#include "../linux/gfp_types.h"
#include "../linux/mempool.h"

#if KMEM_RSEQ

/* Symbols of their own, as in <kmem/inline.h>. */
KMEM_EXTERN_C_BEGIN
KMEM_API void *kmem_called_mempool_alloc(mempool_t *pool, gfp_t flags);
KMEM_API void kmem_called_mempool_free(void *element, mempool_t *pool);
KMEM_EXTERN_C_END

KMEM_SEQ_FN void *(mempool_alloc)(mempool_t *pool, gfp_t flags)
{
	const struct kmem_seq *s =
		(const struct kmem_seq *)(void *)pool->kmem_slab;
	void *element = NULL;

	if (__builtin_expect(s && !(flags & __GFP_ZERO), 1))
		element = kmem_seq_pop(s);
	return __builtin_expect(!element, 0) ?
		       kmem_called_mempool_alloc(pool, flags) :
		       element;
}

KMEM_SEQ_FN void mempool_free(void *element, mempool_t *pool)
{
	if (__builtin_expect(!element, 0))
		return;
	/* a thread that gets the element sees the room it left */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__builtin_expect(
		    __atomic_load_n(&pool->curr_nr, __ATOMIC_RELAXED) <
				    __atomic_load_n(&pool->kmem_full,
						    __ATOMIC_RELAXED) ||
			    !kmem_seq_push((const struct kmem_seq *)(void *)
						   pool->kmem_slab,
					   element),
		    0))
		kmem_called_mempool_free(element, pool);
}

#endif
#endif
