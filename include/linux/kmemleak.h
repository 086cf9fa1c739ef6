/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a search for leaks is told of objects in use: docs/leaks.md.
 *
 * It is kept beside the call site of an object, so while call sites are
 * accounted (mem_profiling=1, leak_check=1, kmem_mem_profiling_set()).  A call
 * at another time, and one of what is no object, has no effect, and "kmem
 * leaks" says that there was one.  With its free an object loses it.
 */
#ifndef _LINUX_KMEMLEAK_H
#define _LINUX_KMEMLEAK_H

#include <kmem/abi.h>
#include <kmem/compiler.h>
#include <linux/gfp_types.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <stddef.h>

KMEM_EXTERN_C_BEGIN

/* ptr is the start of an object, or NULL, of which nothing is said. */
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

/* By the "physical" address of the same start. */
static inline void kmemleak_alloc_phys(kmem_phys_t phys, size_t size, gfp_t gfp)
{
	kmemleak_alloc(__va(phys), size, 0, gfp);
}

static inline void kmemleak_ignore_phys(kmem_phys_t phys)
{
	kmemleak_ignore(__va(phys));
}

/*
 * Areas and per-CPU objects are known to a search from their allocation on:
 * there is nothing to tell.
 */
static inline void kmemleak_vmalloc(const struct vm_struct *area, size_t size,
				    gfp_t gfp)
{
	(void)area;
	(void)size;
	(void)gfp;
}

static inline void kmemleak_alloc_percpu(const void __percpu *ptr, size_t size,
					 gfp_t gfp)
{
	(void)ptr;
	(void)size;
	(void)gfp;
}

/*
 * All of an object is read, and not only this: that can hide a leak, and makes
 * none up.
 */
static inline void kmemleak_scan_area(const void *ptr, size_t size, gfp_t gfp)
{
	(void)ptr;
	(void)size;
	(void)gfp;
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
