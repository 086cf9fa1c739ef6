/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory of which every CPU has its own: a pointer to it is a cookie, which
 * per_cpu_ptr() and this_cpu_ptr() make an address of.
 */
#ifndef KMEM_LINUX_PERCPU_H
#define KMEM_LINUX_PERCPU_H

#include "gfp_types.h"
#include "percpu-defs.h"
#include "smp.h"
#include <kmem/types.h>

/* The largest object, and the largest alignment is PAGE_SIZE. */
#define PCPU_MIN_UNIT_SIZE (32 << 10)
#define PCPU_MIN_ALLOC_SHIFT 3
#define PCPU_MIN_ALLOC_SIZE (1 << PCPU_MIN_ALLOC_SHIFT)

KMEM_EXTERN_C_BEGIN

/* Zero on every possible CPU; NULL if there is none. */
KMEM_API void __percpu *__alloc_percpu(size_t size, size_t align)
	KMEM_ABI(__alloc_percpu);
KMEM_API void __percpu *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp)
	KMEM_ABI(__alloc_percpu_gfp);
KMEM_API void __percpu *__alloc_reserved_percpu(size_t size, size_t align)
	KMEM_ABI(__alloc_percpu);
KMEM_API void free_percpu(void __percpu *ptr) KMEM_ABI(free_percpu);

/* Is it in some CPU's instance of a variable? */
KMEM_API bool is_kernel_percpu_address(unsigned long addr)
	KMEM_ABI(is_kernel_percpu_address);
KMEM_API unsigned long pcpu_nr_pages(void) KMEM_ABI(pcpu_nr_pages);
KMEM_API size_t pcpu_alloc_size(void __percpu *ptr) KMEM_ABI(pcpu_alloc_size);

/* The names behind alloc_hooks(). */
KMEM_API void __percpu *pcpu_alloc_noprof(size_t size, size_t align,
					  bool reserved, gfp_t gfp)
	KMEM_ABI(pcpu_alloc_noprof);

KMEM_EXTERN_C_END

#define __alloc_percpu_noprof(size, align) __alloc_percpu(size, align)
#define __alloc_percpu_gfp_noprof(size, align, gfp) \
	__alloc_percpu_gfp(size, align, gfp)
#define __alloc_reserved_percpu_noprof(size, align) \
	__alloc_reserved_percpu(size, align)

#define alloc_percpu_gfp(type, gfp)                       \
	((__typeof__(type) __percpu *)__alloc_percpu_gfp( \
		sizeof(type), __alignof__(type), gfp))
#define alloc_percpu(type)                                         \
	((__typeof__(type) __percpu *)__alloc_percpu(sizeof(type), \
						     __alignof__(type)))
#define alloc_percpu_noprof(type) alloc_percpu(type)
#define alloc_percpu_gfp_noprof(type, gfp) alloc_percpu_gfp(type, gfp)

#if defined(DEFINE_FREE)
DEFINE_FREE(free_percpu, void __percpu *, free_percpu(_T))
#endif

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
#include <kmem/profiled_percpu.h>
#endif

#endif
