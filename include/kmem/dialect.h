/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Two dialects share the names of <linux/slab.h>, which includes this: today's
 * and the one of the 2.6 books.  Names that had several shapes
 * (kmem_cache_create, kvrealloc) are told apart by the number and the types of
 * their arguments, in C by a macro of the same name and in C++ by overloading.
 * To define or to name such a function where a parenthesis follows, write
 * (kmem_cache_create)(...).
 */
#ifndef KMEM_DIALECT_H
#define KMEM_DIALECT_H

#include <kmem/abi.h>
#include <kmem/types.h>

/* clang-format off */
/* Retired names. */
#define SLAB_TEMPORARY		SLAB_RECLAIM_ACCOUNT
#define SLAB_DESTROY_BY_RCU	SLAB_TYPESAFE_BY_RCU
#define SLAB_MUST_HWCACHE_ALIGN	SLAB_HWCACHE_ALIGN
#define SLAB_MEM_SPREAD		KMEM_SLAB(0)
#define SLAB_NO_REAP		KMEM_SLAB(0)
#define SLAB_NOTRACK		KMEM_SLAB(0)
#define SLAB_DEBUG_FREE		SLAB_CONSISTENCY_CHECKS
#define SLAB_DEBUG_INITIAL	KMEM_SLAB(0)

/* What a 2.6 constructor is told; VERIFY and ATOMIC are never set. */
#define SLAB_CTOR_CONSTRUCTOR	0x001UL
#define SLAB_CTOR_ATOMIC	0x002UL
#define SLAB_CTOR_VERIFY	0x004UL

/* GFP flags under the names that went with kmem_cache_alloc() in 2.6. */
#define SLAB_NOFS		GFP_NOFS
#define SLAB_NOIO		GFP_NOIO
#define SLAB_ATOMIC		GFP_ATOMIC
#define SLAB_USER		GFP_USER
#define SLAB_KERNEL		GFP_KERNEL
#define SLAB_DMA		GFP_DMA
/* clang-format on */

/*
 * The n-th argument, for choosing by the number of arguments: the choices
 * follow the arguments, so that fewer arguments bring a later one here.
 */
#define KMEM_3RD(a, b, c, ...) c
#define KMEM_4TH(a, b, c, d, ...) d
#define KMEM_5TH(a, b, c, d, e, ...) e
#define KMEM_7TH(a, b, c, d, e, f, g, ...) g

struct kmem_cache;
struct list_lru;

typedef struct kmem_cache kmem_cache_t;

/* Constructors and destructors: of 2.6, and today's. */
typedef void kmem_ctor3_t(void *obj, struct kmem_cache *s, unsigned long flags);
typedef void kmem_ctor_t(void *obj);

/* The rarer wishes for a new cache; all zero is the default. */
struct kmem_cache_args {
	unsigned int align;      /* power of two; 0: natural */
	unsigned int useroffset; /* window that may go to and from users */
	unsigned int usersize;
	unsigned int freeptr_offset;
	bool use_freeptr_offset; /* else the line above is ignored */
	kmem_ctor_t *ctor;
	unsigned int sheaf_capacity; /* raises the default, never lowers it */
};

KMEM_EXTERN_C_BEGIN

KMEM_API struct kmem_cache *kmem_cache_create(const char *name, size_t size,
					      size_t align, slab_flags_t flags,
					      kmem_ctor_t *ctor)
	KMEM_ABI(kmem_cache_create);
KMEM_API struct kmem_cache *
__kmem_cache_create_args(const char *name, size_t size,
			 struct kmem_cache_args *args, slab_flags_t flags)
	KMEM_ABI(__kmem_cache_create_args);
/* For an untyped third argument: NULL is the defaults, else -EINVAL. */
KMEM_API struct kmem_cache *__kmem_cache_default_args(const char *name,
						      size_t size, void *args,
						      slab_flags_t flags)
	KMEM_ABI(__kmem_cache_default_args);
KMEM_API struct kmem_cache *
kmem_cache_create_ctor3(const char *name, size_t size, size_t align,
			unsigned long flags, kmem_ctor3_t *ctor)
	KMEM_ABI(kmem_cache_create_ctor3);
KMEM_API struct kmem_cache *
kmem_cache_create_ctor3_dtor(const char *name, size_t size, size_t align,
			     unsigned long flags, kmem_ctor3_t *ctor,
			     kmem_ctor3_t *dtor)
	KMEM_ABI(kmem_cache_create_ctor3_dtor);

/* The name of kfree_sensitive() before 5.9. */
KMEM_API void kzfree(const void *p) KMEM_ABI(kfree_sensitive);

/* The names behind alloc_hooks(). */
KMEM_API void *kmem_cache_alloc_noprof(struct kmem_cache *s, gfp_t flags)
	KMEM_ABI(kmem_cache_alloc) KMEM_MALLOC KMEM_ALIGNED(8);
KMEM_API void *kmem_cache_zalloc_noprof(struct kmem_cache *s, gfp_t flags)
	KMEM_ABI(kmem_cache_zalloc) KMEM_MALLOC KMEM_ALIGNED(8);
KMEM_API void *kmem_cache_alloc_node_noprof(struct kmem_cache *s, gfp_t flags,
					    int node)
	KMEM_ABI(kmem_cache_alloc_node) KMEM_MALLOC KMEM_ALIGNED(8);
KMEM_API void *kmem_cache_alloc_lru_noprof(struct kmem_cache *s,
					   struct list_lru *lru, gfp_t flags)
	KMEM_ABI(kmem_cache_alloc_lru) KMEM_MALLOC KMEM_ALIGNED(8);
KMEM_API int kmem_cache_alloc_bulk_noprof(struct kmem_cache *s, gfp_t flags,
					  size_t n, void **p)
	KMEM_ABI(kmem_cache_alloc_bulk);
KMEM_API void *kmalloc_noprof(size_t size, gfp_t flags)
	KMEM_ABI(kmalloc) KMEM_MALLOC KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void *kzalloc_noprof(size_t size, gfp_t flags)
	KMEM_ABI(kzalloc) KMEM_MALLOC KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void *kmalloc_array_noprof(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kmalloc_array) KMEM_MALLOC KMEM_SIZE(1, 2) KMEM_ALIGNED(8);
KMEM_API void *kcalloc_noprof(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kcalloc) KMEM_MALLOC KMEM_SIZE(1, 2) KMEM_ALIGNED(8);
KMEM_API void *kmalloc_node_noprof(size_t size, gfp_t flags, int node)
	KMEM_ABI(kmalloc_node) KMEM_MALLOC KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void *kzalloc_node_noprof(size_t size, gfp_t flags, int node)
	KMEM_ABI(kzalloc_node) KMEM_MALLOC KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void *kmalloc_nolock_noprof(size_t size, gfp_t flags, int node)
	KMEM_ABI(kmalloc_nolock) KMEM_MALLOC KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void *kcalloc_node_noprof(size_t n, size_t size, gfp_t flags, int node)
	KMEM_ABI(kcalloc_node) KMEM_MALLOC KMEM_SIZE(1, 2) KMEM_ALIGNED(8);
KMEM_API void *kmalloc_array_node_noprof(size_t n, size_t size, gfp_t flags,
					 int node)
	KMEM_ABI(kmalloc_array_node) KMEM_MALLOC KMEM_SIZE(1, 2)
		KMEM_ALIGNED(8);
KMEM_API void *krealloc_noprof(const void *p, size_t size, gfp_t flags)
	KMEM_ABI(krealloc) KMEM_MUST_CHECK KMEM_SIZE(2) KMEM_ALIGNED(8);
KMEM_API void *krealloc_array_noprof(void *p, size_t n, size_t size,
				     gfp_t flags)
	KMEM_ABI(krealloc_array) KMEM_MUST_CHECK KMEM_SIZE(2, 3)
		KMEM_ALIGNED(8);
KMEM_API void *kvmalloc_noprof(size_t size, gfp_t flags)
	KMEM_ABI(kvmalloc) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *kvzalloc_noprof(size_t size, gfp_t flags)
	KMEM_ABI(kvzalloc) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *kvmalloc_node_noprof(size_t size, gfp_t flags, int node)
	KMEM_ABI(kvmalloc_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *kvzalloc_node_noprof(size_t size, gfp_t flags, int node)
	KMEM_ABI(kvzalloc_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *kvmalloc_array_node_noprof(size_t n, size_t size, gfp_t flags,
					  int node)
	KMEM_ABI(kvmalloc_array_node) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvcalloc_node_noprof(size_t n, size_t size, gfp_t flags,
				    int node)
	KMEM_ABI(kvcalloc_node) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvmalloc_array_noprof(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kvmalloc_array) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvcalloc_noprof(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kvcalloc) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvrealloc_noprof(const void *p, size_t size, gfp_t flags)
	KMEM_ABI(kvrealloc) KMEM_MUST_CHECK KMEM_SIZE(2);
KMEM_API void *krealloc_node_align_noprof(const void *p, size_t size,
					  unsigned long align, gfp_t flags,
					  int node)
	KMEM_ABI(krealloc_node_align) KMEM_MUST_CHECK KMEM_SIZE(2)
		KMEM_ALIGNED(8);
KMEM_API void *kvmalloc_node_align_noprof(size_t size, unsigned long align,
					  gfp_t flags, int node)
	KMEM_ABI(kvmalloc_node_align) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *kvrealloc_node_align_noprof(const void *p, size_t size,
					   unsigned long align, gfp_t flags,
					   int node)
	KMEM_ABI(kvrealloc_node_align) KMEM_MUST_CHECK KMEM_SIZE(2);
KMEM_API void *kmemdup_noprof(const void *src, size_t len, gfp_t flags)
	KMEM_ABI(kmemdup) KMEM_MALLOC KMEM_SIZE(2);
KMEM_API void *memdup_user_noprof(const void __user *src, size_t len)
	KMEM_ABI(memdup_user);
KMEM_API void *vmemdup_user_noprof(const void __user *src, size_t len)
	KMEM_ABI(vmemdup_user);

KMEM_EXTERN_C_END

#if defined(__cplusplus)

inline struct kmem_cache *kmem_cache_create(const char *name, size_t size,
					    struct kmem_cache_args *args,
					    slab_flags_t flags)
{
	return __kmem_cache_create_args(name, size, args, flags);
}

/*
 * A template, because a null pointer constant in place of the constructor
 * deduces no Cache: NULL, 0 and nullptr all mean today's function.
 */
template <typename Cache>
inline struct kmem_cache *kmem_cache_create(const char *name, size_t size,
					    size_t align, unsigned long flags,
					    void (*ctor)(void *, Cache *,
							 unsigned long))
{
	return kmem_cache_create_ctor3(name, size, align, flags, ctor);
}

inline struct kmem_cache *kmem_cache_create(const char *name, size_t size,
					    size_t align, unsigned long flags,
					    kmem_ctor3_t *ctor,
					    kmem_ctor3_t *dtor)
{
	return kmem_cache_create_ctor3_dtor(name, size, align, flags, ctor,
					    dtor);
}

#else

/* clang-format off */
/*
 * kmem_cache_create(name, size, align, flags, ctor, dtor)	2.6
 * kmem_cache_create(name, size, align, flags, ctor)		either ctor
 * kmem_cache_create(name, size, args, flags)			args or NULL
 */
#define kmem_cache_create(...) \
	KMEM_7TH(__VA_ARGS__, KMEM_CREATE_6, KMEM_CREATE_5, KMEM_CREATE_4, \
		 0, 0, 0, 0)(__VA_ARGS__)

#define KMEM_CREATE_6(name, size, align, flags, ctor, dtor) \
	kmem_cache_create_ctor3_dtor(name, size, align, flags, ctor, dtor)

#define KMEM_CREATE_5(name, size, align, flags, ctor) \
	_Generic((ctor), \
		kmem_ctor3_t *: kmem_cache_create_ctor3, \
		default: (kmem_cache_create))(name, size, align, flags, ctor)

/* An integer, a literal 0 as well, is an align: one argument is missing. */
#define KMEM_CREATE_4(name, size, args, flags) \
	_Generic((args), \
		struct kmem_cache_args *: __kmem_cache_create_args, \
		KMEM_CREATE_NULLPTR \
		void *: __kmem_cache_default_args, \
		default: (kmem_cache_create))(name, size, args, flags)

#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L
#define KMEM_CREATE_NULLPTR __typeof__(nullptr) : __kmem_cache_default_args,
#else
#define KMEM_CREATE_NULLPTR
#endif
/* clang-format on */

#endif

#endif
