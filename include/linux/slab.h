/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Objects: kmalloc() by size, kmem_cache_alloc() by type.
 *
 * The prototypes are today's, with parameters as wide as either dialect needs;
 * <kmem/dialect.h> has the names of other times and those with several shapes,
 * <kmem/typed.h> what takes a type and not a size.
 */
#ifndef KMEM_LINUX_SLAB_H
#define KMEM_LINUX_SLAB_H

#include <kmem/abi.h>
#include <kmem/dialect.h>
#include <kmem/page.h>
#include <kmem/string.h>
#include <kmem/typed.h>
#include <kmem/types.h>
#include <linux/cache.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/numa.h>
#include <linux/overflow.h>

#include "gfp.h"

/*
 * What a request for no bytes gets: not NULL, not usable, and welcome
 * wherever a pointer from kmalloc() is.
 */
#define ZERO_SIZE_PTR ((void *)16)
#define ZERO_OR_NULL_PTR(x) ((unsigned long)(x) <= (unsigned long)ZERO_SIZE_PTR)

/* clang-format off */

#define ARCH_KMALLOC_MINALIGN	__alignof__(unsigned long long)
#define ARCH_SLAB_MINALIGN	__alignof__(unsigned long long)

/* kmalloc() serves [1 << LOW, 1 << HIGH] from caches, the rest as pages. */
#define KMALLOC_SHIFT_LOW	3
#define KMALLOC_SHIFT_HIGH	(PAGE_SHIFT + 1)
#define KMALLOC_SHIFT_MAX	(MAX_PAGE_ORDER + PAGE_SHIFT)
#define KMALLOC_MIN_SIZE	(1 << KMALLOC_SHIFT_LOW)
#define KMALLOC_MAX_CACHE_SIZE	(1UL << KMALLOC_SHIFT_HIGH)
#define KMALLOC_MAX_SIZE	(1UL << KMALLOC_SHIFT_MAX)
#define KMALLOC_MAX_ORDER	(KMALLOC_SHIFT_MAX - PAGE_SHIFT)
#define SLAB_OBJ_MIN_SIZE \
	(KMALLOC_MIN_SIZE < 16 ? KMALLOC_MIN_SIZE : 16)

/* Flags of a cache; the values are 6.1's. */
#define KMEM_SLAB(value)	((KMEM_FORCE slab_flags_t)(value))

#define SLAB_CONSISTENCY_CHECKS	KMEM_SLAB(0x00000100u)
#define SLAB_RED_ZONE		KMEM_SLAB(0x00000400u)
#define SLAB_POISON		KMEM_SLAB(0x00000800u)
#define SLAB_KMALLOC		KMEM_SLAB(0x00001000u)
#define SLAB_HWCACHE_ALIGN	KMEM_SLAB(0x00002000u)
#define SLAB_CACHE_DMA		KMEM_SLAB(0x00004000u)
#define SLAB_CACHE_DMA32	KMEM_SLAB(0x00008000u)
#define SLAB_STORE_USER		KMEM_SLAB(0x00010000u)
#define SLAB_RECLAIM_ACCOUNT	KMEM_SLAB(0x00020000u)
#define SLAB_PANIC		KMEM_SLAB(0x00040000u)
#define SLAB_TYPESAFE_BY_RCU	KMEM_SLAB(0x00080000u)
#define SLAB_TRACE		KMEM_SLAB(0x00200000u)
#define SLAB_NOLEAKTRACE	KMEM_SLAB(0x00800000u)
#define SLAB_NO_MERGE		KMEM_SLAB(0x01000000u)
#define SLAB_NO_USER_FLAGS	KMEM_SLAB(0x10000000u)
#define SLAB_SKIP_KFENCE	KMEM_SLAB(0x20000000u)

/* Features that do not exist here: legal, and without a bit. */
#define SLAB_ACCOUNT		KMEM_SLAB(0)
#define SLAB_DEBUG_OBJECTS	KMEM_SLAB(0)
#define SLAB_KASAN		KMEM_SLAB(0)

/* clang-format on */

KMEM_EXTERN_C_BEGIN

/* Caches. */
/* 0, or not when objects were left; their memory then stays. */
KMEM_API int kmem_cache_destroy(struct kmem_cache *s)
	KMEM_ABI(kmem_cache_destroy);
/* 0 when nothing at all is left in the cache. */
KMEM_API int kmem_cache_shrink(struct kmem_cache *s)
	KMEM_ABI(kmem_cache_shrink);
KMEM_API unsigned int kmem_cache_size(struct kmem_cache *s)
	KMEM_ABI(kmem_cache_size);
KMEM_API const char *kmem_cache_name(struct kmem_cache *s)
	KMEM_ABI(kmem_cache_name);
/* True once objects can be allocated. */
KMEM_API bool slab_is_available(void) KMEM_ABI(slab_is_available);

KMEM_API void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
	KMEM_ABI(kmem_cache_alloc) KMEM_MALLOC KMEM_ALIGNED(8);
KMEM_API void *kmem_cache_zalloc(struct kmem_cache *s, gfp_t flags)
	KMEM_ABI(kmem_cache_zalloc) KMEM_MALLOC KMEM_ALIGNED(8);
KMEM_API void *kmem_cache_alloc_node(struct kmem_cache *s, gfp_t flags,
				     int node)
	KMEM_ABI(kmem_cache_alloc_node) KMEM_MALLOC KMEM_ALIGNED(8);
KMEM_API void *kmem_cache_alloc_lru(struct kmem_cache *s, struct list_lru *lru,
				    gfp_t flags)
	KMEM_ABI(kmem_cache_alloc_lru) KMEM_MALLOC KMEM_ALIGNED(8);
KMEM_API void kmem_cache_free(struct kmem_cache *s, const void *obj)
	KMEM_ABI(kmem_cache_free);
/* All n or none: returns n or 0. */
KMEM_API int kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t flags, size_t n,
				   void **p) KMEM_ABI(kmem_cache_alloc_bulk);
/* The order of p[] is lost. */
KMEM_API void kmem_cache_free_bulk(struct kmem_cache *s, size_t n, void **p)
	KMEM_ABI(kmem_cache_free_bulk);

/*
 * Objects in hand: after kmem_cache_prefill_sheaf() of n, so many calls of
 * kmem_cache_alloc_from_sheaf() cannot fail, in any context.
 */
struct slab_sheaf;

KMEM_API struct slab_sheaf *
kmem_cache_prefill_sheaf(struct kmem_cache *s, gfp_t gfp, unsigned int size)
	KMEM_ABI(kmem_cache_prefill_sheaf);
/* 0, -ENOMEM, -EINVAL; may put another sheaf in place of the one. */
KMEM_API int kmem_cache_refill_sheaf(struct kmem_cache *s, gfp_t gfp,
				     struct slab_sheaf **sheafp,
				     unsigned int size)
	KMEM_ABI(kmem_cache_refill_sheaf);
KMEM_API void *kmem_cache_alloc_from_sheaf(struct kmem_cache *s, gfp_t gfp,
					   struct slab_sheaf *sheaf)
	KMEM_ABI(kmem_cache_alloc_from_sheaf) KMEM_MALLOC KMEM_ALIGNED(8);
KMEM_API void kmem_cache_return_sheaf(struct kmem_cache *s, gfp_t gfp,
				      struct slab_sheaf *sheaf)
	KMEM_ABI(kmem_cache_return_sheaf);
KMEM_API unsigned int kmem_cache_sheaf_size(struct slab_sheaf *sheaf)
	KMEM_ABI(kmem_cache_sheaf_size);

/* By size. */
KMEM_API void *kmalloc(size_t size, gfp_t flags) KMEM_ABI(kmalloc) KMEM_MALLOC
	KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void *kzalloc(size_t size, gfp_t flags) KMEM_ABI(kzalloc) KMEM_MALLOC
	KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void *kmalloc_array(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kmalloc_array) KMEM_MALLOC KMEM_SIZE(1, 2) KMEM_ALIGNED(8);
KMEM_API void *kcalloc(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kcalloc) KMEM_MALLOC KMEM_SIZE(1, 2) KMEM_ALIGNED(8);
KMEM_API void *kmalloc_nolock(size_t size, gfp_t flags, int node)
	KMEM_ABI(kmalloc_nolock) KMEM_MALLOC KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void kfree_nolock(const void *p) KMEM_ABI(kfree_nolock);
KMEM_API void *kmalloc_node(size_t size, gfp_t flags, int node)
	KMEM_ABI(kmalloc_node) KMEM_MALLOC KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void *kzalloc_node(size_t size, gfp_t flags, int node)
	KMEM_ABI(kzalloc_node) KMEM_MALLOC KMEM_SIZE(1) KMEM_ALIGNED(8);
KMEM_API void *kmalloc_array_node(size_t n, size_t size, gfp_t flags, int node)
	KMEM_ABI(kmalloc_array_node) KMEM_MALLOC KMEM_SIZE(1, 2)
		KMEM_ALIGNED(8);
KMEM_API void *kcalloc_node(size_t n, size_t size, gfp_t flags, int node)
	KMEM_ABI(kcalloc_node) KMEM_MALLOC KMEM_SIZE(1, 2) KMEM_ALIGNED(8);
/* caller: the code address to charge the block to. */
KMEM_API void *__kmalloc_node_track_caller(size_t size, gfp_t flags, int node,
					   unsigned long caller)
	KMEM_ABI(__kmalloc_node_track_caller) KMEM_MALLOC KMEM_SIZE(1)
		KMEM_ALIGNED(8);
KMEM_API void *krealloc(const void *p, size_t size, gfp_t flags)
	KMEM_ABI(krealloc) KMEM_MUST_CHECK KMEM_SIZE(2) KMEM_ALIGNED(8);
KMEM_API void *krealloc_array(void *p, size_t n, size_t size, gfp_t flags)
	KMEM_ABI(krealloc_array) KMEM_MUST_CHECK KMEM_SIZE(2, 3)
		KMEM_ALIGNED(8);
KMEM_API void kfree(const void *p) KMEM_ABI(kfree);
KMEM_API void kfree_sensitive(const void *p) KMEM_ABI(kfree_sensitive);
/* Of any caches; the order of p[] is lost. */
KMEM_API void kfree_bulk(size_t n, void **p) KMEM_ABI(kfree_bulk);
KMEM_API size_t ksize(const void *p) KMEM_ABI(ksize);
KMEM_API size_t kmalloc_size_roundup(size_t size)
	KMEM_ABI(kmalloc_size_roundup);

/* By size, physically contiguous only where that is cheap. */
KMEM_API void *kvmalloc(size_t size, gfp_t flags) KMEM_ABI(kvmalloc) KMEM_MALLOC
	KMEM_SIZE(1);
KMEM_API void *kvzalloc(size_t size, gfp_t flags) KMEM_ABI(kvzalloc) KMEM_MALLOC
	KMEM_SIZE(1);
KMEM_API void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kvmalloc_array) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvcalloc(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kvcalloc) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvmalloc_node(size_t size, gfp_t flags, int node)
	KMEM_ABI(kvmalloc_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *kvzalloc_node(size_t size, gfp_t flags, int node)
	KMEM_ABI(kvzalloc_node) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *kvmalloc_array_node(size_t n, size_t size, gfp_t flags, int node)
	KMEM_ABI(kvmalloc_array_node) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvcalloc_node(size_t n, size_t size, gfp_t flags, int node)
	KMEM_ABI(kvcalloc_node) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvrealloc(const void *p, size_t size, gfp_t flags)
	KMEM_ABI(kvrealloc) KMEM_MUST_CHECK KMEM_SIZE(2);
KMEM_API void kvfree(const void *p) KMEM_ABI(kvfree);
KMEM_API void kvfree_sensitive(const void *p, size_t len)
	KMEM_ABI(kvfree_sensitive);

/* To an alignment and near a node; a block that is not aligned so moves. */
KMEM_API void *krealloc_node_align(const void *p, size_t size,
				   unsigned long align, gfp_t flags, int node)
	KMEM_ABI(krealloc_node_align) KMEM_MUST_CHECK KMEM_SIZE(2)
		KMEM_ALIGNED(8);
KMEM_API void *kvmalloc_node_align(size_t size, unsigned long align,
				   gfp_t flags, int node)
	KMEM_ABI(kvmalloc_node_align) KMEM_MALLOC KMEM_SIZE(1);
KMEM_API void *kvrealloc_node_align(const void *p, size_t size,
				    unsigned long align, gfp_t flags, int node)
	KMEM_ABI(kvrealloc_node_align) KMEM_MUST_CHECK KMEM_SIZE(2);
/* As in an atomic section, whoever calls. */
KMEM_API void kvfree_atomic(const void *p) KMEM_ABI(kvfree_atomic);

/* A set of the kmalloc classes for one kind of user, for good. */
typedef struct kmem_cache *kmem_buckets[KMALLOC_SHIFT_HIGH + 1];

KMEM_API kmem_buckets *kmem_buckets_create(const char *name, slab_flags_t flags,
					   unsigned int useroffset,
					   unsigned int usersize,
					   kmem_ctor_t *ctor)
	KMEM_ABI(kmem_buckets_create);
KMEM_API void *kmem_buckets_alloc(kmem_buckets *b, size_t size, gfp_t flags)
	KMEM_ABI(kmem_buckets_alloc) KMEM_MALLOC KMEM_SIZE(2) KMEM_ALIGNED(8);
KMEM_API void *kmem_buckets_valloc(kmem_buckets *b, size_t size, gfp_t flags)
	KMEM_ABI(kmem_buckets_valloc) KMEM_MALLOC KMEM_SIZE(2);

/* Does the address lie in a slab?  And a line in the report about it. */
KMEM_API bool kmem_valid_obj(void *object) KMEM_ABI(kmem_valid_obj);
KMEM_API bool kmem_dump_obj(void *object) KMEM_ABI(kmem_dump_obj);

/*
 * Frees ptr after a grace period.  head lies in the object ptr; NULL means
 * that there is none, and that the call may sleep.
 */
KMEM_API void kvfree_call_rcu(struct rcu_head *head, void *ptr)
	KMEM_ABI(kvfree_call_rcu);
/* Waits until all blocks handed over so far have been freed. */
KMEM_API void kvfree_rcu_barrier(void) KMEM_ABI(kvfree_rcu_barrier);
KMEM_API void kvfree_rcu_barrier_on_cache(struct kmem_cache *s)
	KMEM_ABI(kvfree_rcu_barrier_on_cache);

KMEM_EXTERN_C_END

#if defined(DEFINE_FREE)
DEFINE_FREE(kfree, void *, if (!KMEM_IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(kvfree, void *, if (!KMEM_IS_ERR_OR_NULL(_T)) kvfree(_T))
DEFINE_FREE(kfree_sensitive, void *,
	    if (!KMEM_IS_ERR_OR_NULL(_T)) kfree_sensitive(_T))
#endif

/* At least this much for every object, whatever the cache. */
static inline unsigned int arch_slab_minalign(void)
{
	return ARCH_SLAB_MINALIGN;
}

/**
 * kmem_cache_create_usercopy() - a cache with a window for user copies
 * @name: for the reports; copied
 * @size: bytes of an object
 * @align: power of two, or 0
 * @flags: SLAB_*
 * @useroffset: where the window begins
 * @usersize: its bytes
 * @ctor: run once for each object, or NULL
 *
 * Context: May sleep.
 * Return: the cache, or NULL.
 */
static inline struct kmem_cache *
kmem_cache_create_usercopy(const char *name, size_t size, unsigned int align,
			   slab_flags_t flags, unsigned int useroffset,
			   unsigned int usersize, kmem_ctor_t *ctor)
{
	struct kmem_cache_args args;

	__builtin_memset(&args, 0, sizeof(args));
	args.align = align;
	args.useroffset = useroffset;
	args.usersize = usersize;
	args.ctor = ctor;
	return __kmem_cache_create_args(name, size, &args, flags);
}

/**
 * kmem_cache_charge() - charges an object to the caller's control group
 * @obj: the object
 * @flags: as for an allocation
 *
 * There are no control groups to charge.
 *
 * Context: Any.
 * Return: true.
 */
static inline bool kmem_cache_charge(void *obj, gfp_t flags)
{
	(void)obj;
	(void)flags;
	return true;
}

/**
 * kvrealloc_sized() - kvrealloc() as it was from 5.15 to 6.11
 * @p: the block, or NULL
 * @oldsize: bytes of it to keep
 * @newsize: bytes wanted
 * @flags: what may be done to get them
 *
 * Never shrinks a block.
 *
 * Context: As @flags say.
 * Return: @p when it is large enough already, else the new block, or NULL
 * with @p untouched.
 */
static inline KMEM_MUST_CHECK void *
kvrealloc_sized(const void *p, size_t oldsize, size_t newsize, gfp_t flags)
{
	void *bigger;

	if (oldsize >= newsize)
		return (void *)(uintptr_t)p;
	bigger = kvmalloc(newsize, flags);
	if (!bigger)
		return NULL;
	if (oldsize)
		__builtin_memcpy(bigger, p, oldsize);
	kvfree(p);
	return bigger;
}

/* Both shapes, told apart by the number of arguments. */
#if defined(__cplusplus)
inline void *kvrealloc(const void *p, size_t oldsize, size_t newsize,
		       gfp_t flags)
{
	return kvrealloc_sized(p, oldsize, newsize, flags);
}
#else
#define kvrealloc(...)                                               \
	KMEM_5TH(__VA_ARGS__, kvrealloc_sized, (kvrealloc), 0, 0, 0) \
	(__VA_ARGS__)
#endif

/* As kmalloc(), charged to the caller of the function this stands in. */
#define kmalloc_node_track_caller(size, flags, node) \
	__kmalloc_node_track_caller(                 \
		size, flags, node, (unsigned long)__builtin_return_address(0))
#define kmalloc_track_caller(size, flags) \
	kmalloc_node_track_caller(size, flags, NUMA_NO_NODE)

#define kmem_buckets_alloc_track_caller(b, size, flags) \
	kmem_buckets_alloc(b, size, flags)

#define krealloc_node(p, size, flags, node) \
	krealloc_node_align(p, size, 1, flags, node)

/* A cache for objects of a struct, called after it. */
#define KMEM_CACHE(tag, flags)                                 \
	((kmem_cache_create)(#tag, sizeof(struct tag),         \
			     __alignof__(struct tag), (flags), \
			     (kmem_ctor_t *)NULL))
#define KMEM_CACHE_USERCOPY(tag, flags, field)                            \
	kmem_cache_create_usercopy(#tag, sizeof(struct tag),              \
				   __alignof__(struct tag), (flags),      \
				   __builtin_offsetof(struct tag, field), \
				   sizeof(((struct tag *)NULL)->field), NULL)

#if defined(KMEM_INLINE)
#if KMEM_INLINE
#include <kmem/inline.h>
#endif
#endif

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
#include <kmem/profiled_slab.h>
#endif

#endif
