/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The fast paths in the program itself: <linux/slab.h> includes this when
 * KMEM_INLINE is 1 before it.
 *
 * kmem_cache_alloc() and kmem_cache_free() try the sequence of
 * <kmem/sequence.h> where they are called, and call the library when that
 * misses or when the flags ask for more.  Everything else is as without: the
 * same objects, the same books, taking their address gives the library's
 * functions, and files built either way mix.
 *
 * With KMEM_INLINE 2, kmalloc() of a constant size does so as well.  The
 * compiler then no longer knows how large such blocks are: what it knows is
 * said of a call, and there is none.  So _FORTIFY_SOURCE,
 * __builtin_object_size() and warnings find less than with 1 or without.
 *
 * The price: about 50 bytes at each call, and kmem_cache_free() learns of an
 * object of another cache when the sheaf is emptied, not at the call.  Such a
 * program runs with any library of the same layout: it refers to kmem_rseq_1.
 *
 * A shared object that is built so stays in the process once it is loaded,
 * whatever dlclose() is told: a thread's last sequence names a table in it
 * until the thread is moved.  A constructor sees to that.
 */
#ifndef _KMEM_INLINE_H
#define _KMEM_INLINE_H

#include <kmem/sequence.h>

#include "../linux/slab.h"

#if KMEM_RSEQ

/*
 * The names under which the calls below reach the library.  They are symbols
 * of their own: clang takes a function that calls its own symbol for one that
 * calls itself, and does not inline it.
 */
KMEM_EXTERN_C_BEGIN
KMEM_API void *kmem_called_cache_alloc(struct kmem_cache *s, gfp_t flags);
KMEM_API void kmem_called_cache_free(struct kmem_cache *s, const void *obj);
KMEM_API void *kmem_called_kmalloc(size_t size, gfp_t flags) KMEM_SIZE(1);

/*
 * kmalloc()'s caches of the normal type, by index: 1 is 96 bytes, 2 is 192, n
 * is 1 << n.  NULL before the library has booted.
 */
#define KMEM_INLINE_CACHES 14
extern KMEM_API struct kmem_cache *kmem_inline_caches[KMEM_INLINE_CACHES];
KMEM_EXTERN_C_END

/* clang-format off */
/* Of a constant from 1 to KMALLOC_MAX_CACHE_SIZE. */
#define KMEM_INLINE_INDEX(n)                                       \
	((n) <= 8 ? 3 : (n) <= 16 ? 4 : (n) <= 32 ? 5 : (n) <= 64 ? 6 : \
	 (n) <= 96 ? 1 : (n) <= 128 ? 7 : (n) <= 192 ? 2 :             \
	 (n) <= 256 ? 8 : (n) <= 512 ? 9 : (n) <= 1024 ? 10 :          \
	 (n) <= 2048 ? 11 : (n) <= 4096 ? 12 : 13)
/* clang-format on */

KMEM_SEQ_FN void *(kmem_cache_alloc)(struct kmem_cache *s, gfp_t flags)
{
	void *obj = NULL;

	if (!(flags & __GFP_ZERO))
		obj = kmem_seq_pop((const struct kmem_seq *)(const void *)s);
	return __builtin_expect(!obj, 0) ? kmem_called_cache_alloc(s, flags) :
					   obj;
}

KMEM_SEQ_FN void kmem_cache_free(struct kmem_cache *s, const void *obj)
{
	if (__builtin_expect(
		    !obj || !kmem_seq_push(
				    (const struct kmem_seq *)(const void *)s,
				    (void *)(uintptr_t)obj),
		    0))
		kmem_called_cache_free(s, obj);
}

#if defined(KMEM_INLINE)
#if KMEM_INLINE > 1
KMEM_SEQ_FN void *(kmalloc)(size_t size, gfp_t flags)
{
	const struct kmem_seq *s;
	void *obj;

	if (!__builtin_constant_p(size) || !size ||
	    size > KMALLOC_MAX_CACHE_SIZE ||
	    flags & (__GFP_ZERO | __GFP_DMA | __GFP_RECLAIMABLE))
		return kmem_called_kmalloc(size, flags);
	s = (const struct kmem_seq *)(const void *)
		kmem_inline_caches[KMEM_INLINE_INDEX(size)];
	obj = __builtin_expect(!s, 0) ? NULL : kmem_seq_pop(s);
	return __builtin_expect(!obj, 0) ? kmem_called_kmalloc(size, flags) :
					   obj;
}
#endif
#endif

#endif
#endif
