/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a search for leaks is told of objects in use: docs/leaks.md.
 *
 * It is kept beside the call site of an object, so while that is accounted
 * (mem_profiling=1, leak_check=1, kmem_mem_profiling_set()); else all this does
 * nothing, as in a kernel with kmemleak=off.  An object loses it with its free.
 */
#ifndef _LINUX_KMEMLEAK_H
#define _LINUX_KMEMLEAK_H

#include <kmem/abi.h>
#include <linux/gfp_types.h>
#include <linux/slab.h>
#include <stddef.h>

KMEM_EXTERN_C_BEGIN

/* ptr is the start of an object; NULL and what is none are left alone. */
KMEM_API void kmemleak_not_leak(const void *ptr) KMEM_ABI(kmemleak_not_leak);
KMEM_API void kmemleak_ignore(const void *ptr) KMEM_ABI(kmemleak_ignore);
KMEM_API void kmemleak_no_scan(const void *ptr) KMEM_ABI(kmemleak_no_scan);
KMEM_API void kmemleak_update_trace(const void *ptr)
	KMEM_ABI(kmemleak_update_trace);
KMEM_API void kmemleak_alloc(const void *ptr, size_t size, int min_count,
			     gfp_t gfp) KMEM_ABI(kmemleak_alloc);
KMEM_API void kmemleak_free(const void *ptr) KMEM_ABI(kmemleak_free);

static inline void kmemleak_alloc_recursive(const void *ptr, size_t size,
					    int min_count, slab_flags_t flags,
					    gfp_t gfp)
{
	if (!(flags & SLAB_NOLEAKTRACE))
		kmemleak_alloc(ptr, size, min_count, gfp);
}

static inline void kmemleak_free_recursive(const void *ptr, slab_flags_t flags)
{
	if (!(flags & SLAB_NOLEAKTRACE))
		kmemleak_free(ptr);
}

/* A pointer that is not to be found any more. */
static inline void kmemleak_erase(void **ptr)
{
	*ptr = NULL;
}

static inline void kmemleak_init(void)
{
}

KMEM_EXTERN_C_END

#endif
