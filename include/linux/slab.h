/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Objects: kmalloc() by size, kmem_cache_alloc() by type.
 *
 * Two dialects share these names, today's and the one of the 2.6 books.  The
 * prototypes below are today's, with parameters as wide as either needs;
 * names that had several shapes (kmem_cache_create, kvrealloc) are told apart
 * by the number and the types of their arguments, in C by a macro of the same
 * name and in C++ by overloading.  To define or to name such a function where
 * a parenthesis follows, write (kmem_cache_create)(...).
 */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <kmem/abi.h>
#include <kmem/page.h>
#include <linux/cache.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/types.h>
#include <stdarg.h>

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

/* Features that do not exist here: legal, and without a bit. */
#define SLAB_ACCOUNT		KMEM_SLAB(0)
#define SLAB_DEBUG_OBJECTS	KMEM_SLAB(0)
#define SLAB_KASAN		KMEM_SLAB(0)
#define SLAB_SKIP_KFENCE	KMEM_SLAB(0)

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

/* Caches. */
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

/*
 * Frees ptr after a grace period.  head lies in the object ptr; NULL means
 * that there is none, and that the call may sleep.
 */
KMEM_API void kvfree_call_rcu(struct rcu_head *head, void *ptr)
	KMEM_ABI(kvfree_call_rcu);
/* Waits until all blocks handed over so far have been freed. */
KMEM_API void kvfree_rcu_barrier(void) KMEM_ABI(kvfree_rcu_barrier);

/* Copies.  They live here because <linux/string.h> is the system's. */
KMEM_API char *kstrdup(const char *s, gfp_t flags)
	KMEM_ABI(kstrdup) KMEM_MALLOC;
KMEM_API char *kstrndup(const char *s, size_t max, gfp_t flags)
	KMEM_ABI(kstrndup) KMEM_MALLOC;
KMEM_API void *kmemdup(const void *src, size_t len, gfp_t flags)
	KMEM_ABI(kmemdup) KMEM_MALLOC KMEM_SIZE(2);
KMEM_API char *kmemdup_nul(const char *s, size_t len, gfp_t flags)
	KMEM_ABI(kmemdup_nul) KMEM_MALLOC;
KMEM_API void *kmemdup_array(const void *src, size_t n, size_t size,
			     gfp_t flags) KMEM_ABI(kmemdup_array) KMEM_MALLOC
	KMEM_SIZE(2, 3);
KMEM_API void *kvmemdup(const void *src, size_t len, gfp_t flags)
	KMEM_ABI(kvmemdup) KMEM_MALLOC KMEM_SIZE(2);
KMEM_API char *kasprintf(gfp_t flags, const char *fmt, ...)
	KMEM_ABI(kasprintf) KMEM_MALLOC KMEM_PRINTF(2, 3);
KMEM_API char *kvasprintf(gfp_t flags, const char *fmt, va_list args)
	KMEM_ABI(kvasprintf) KMEM_MALLOC KMEM_PRINTF(2, 0);

/* Copies of what a user handed over: ERR_PTR() on failure. */
KMEM_API void *memdup_user(const void __user *src, size_t len)
	KMEM_ABI(memdup_user);
KMEM_API void *vmemdup_user(const void __user *src, size_t len)
	KMEM_ABI(vmemdup_user);
KMEM_API void *memdup_user_nul(const void __user *src, size_t len)
	KMEM_ABI(memdup_user_nul);
KMEM_API char *strndup_user(const char __user *s, long max)
	KMEM_ABI(strndup_user);

/*
 * Whether a string is read-only for ever cannot be known here, so the _const
 * forms are the plain ones: they always copy, and always free.
 */
KMEM_API const char *kstrdup_const(const char *s, gfp_t flags)
	KMEM_ABI(kstrdup);
KMEM_API void kfree_const(const void *p) KMEM_ABI(kfree);
KMEM_API const char *kvasprintf_const(gfp_t flags, const char *fmt,
				      va_list args) KMEM_ABI(kvasprintf)
	KMEM_PRINTF(2, 0);
KMEM_API const char *kasprintf_const(gfp_t flags, const char *fmt, ...)
	KMEM_ABI(kasprintf) KMEM_PRINTF(2, 3);

/* The name of kfree_sensitive() before 5.9. */
KMEM_API void kzfree(const void *p) KMEM_ABI(kfree_sensitive);

/* The names behind alloc_hooks(). */
KMEM_API void *kmem_cache_alloc_noprof(struct kmem_cache *s, gfp_t flags)
	KMEM_ABI(kmem_cache_alloc) KMEM_MALLOC KMEM_ALIGNED(8);
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
KMEM_API void *kvmalloc_array_noprof(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kvmalloc_array) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvcalloc_noprof(size_t n, size_t size, gfp_t flags)
	KMEM_ABI(kvcalloc) KMEM_MALLOC KMEM_SIZE(1, 2);
KMEM_API void *kvrealloc_noprof(const void *p, size_t size, gfp_t flags)
	KMEM_ABI(kvrealloc) KMEM_MUST_CHECK KMEM_SIZE(2);
KMEM_API void *kmemdup_noprof(const void *src, size_t len, gfp_t flags)
	KMEM_ABI(kmemdup) KMEM_MALLOC KMEM_SIZE(2);

KMEM_EXTERN_C_END

DEFINE_FREE(kfree, void *, if (!KMEM_IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(kvfree, void *, if (!KMEM_IS_ERR_OR_NULL(_T)) kvfree(_T))
DEFINE_FREE(kfree_sensitive, void *,
	    if (!KMEM_IS_ERR_OR_NULL(_T)) kfree_sensitive(_T))

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

/**
 * memdup_array_user() - memdup_user() of an array
 * @src: what the user handed over
 * @n: elements
 * @size: bytes of one
 *
 * Context: May sleep.
 * Return: the copy, for kfree(), or an ERR_PTR(): -EOVERFLOW, -ENOMEM.
 */
static inline void *memdup_array_user(const void __user *src, size_t n,
				      size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return (void *)-75L; /* EOVERFLOW */
	return memdup_user(src, bytes);
}

/**
 * vmemdup_array_user() - vmemdup_user() of an array
 * @src: what the user handed over
 * @n: elements
 * @size: bytes of one
 *
 * Context: May sleep.
 * Return: the copy, for kvfree(), or an ERR_PTR(): -EOVERFLOW, -ENOMEM.
 */
static inline void *vmemdup_array_user(const void __user *src, size_t n,
				       size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return (void *)-75L; /* EOVERFLOW */
	return vmemdup_user(src, bytes);
}

/* As kmalloc(), charged to the caller of the function this stands in. */
#define kmalloc_node_track_caller(size, flags, node) \
	__kmalloc_node_track_caller(                 \
		size, flags, node, (unsigned long)__builtin_return_address(0))
#define kmalloc_track_caller(size, flags) \
	kmalloc_node_track_caller(size, flags, NUMA_NO_NODE)

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

/*
 * The n-th argument, for choosing by the number of arguments: the choices
 * follow the arguments, so that fewer arguments bring a later one here.
 */
#define KMEM_3RD(a, b, c, ...) c
#define KMEM_4TH(a, b, c, d, ...) d
#define KMEM_5TH(a, b, c, d, e, ...) e
#define KMEM_7TH(a, b, c, d, e, f, g, ...) g

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

inline void *kvrealloc(const void *p, size_t oldsize, size_t newsize,
		       gfp_t flags)
{
	return kvrealloc_sized(p, oldsize, newsize, flags);
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

#define kvrealloc(...)                                               \
	KMEM_5TH(__VA_ARGS__, kvrealloc_sized, (kvrealloc), 0, 0, 0) \
	(__VA_ARGS__)

#endif

/*
 * Typed allocation: the result is a pointer to the type of the first
 * argument, which is a type or an expression (*p is usual); the flags may be
 * left out and are then GFP_KERNEL.
 *
 *	p = kmalloc_obj(*p);		p = kzalloc_objs(struct foo, n, gfp);
 */
#define KMEM_OBJ_1(alloc, type) KMEM_OBJ_2(alloc, type, GFP_KERNEL)
#define KMEM_OBJ_2(alloc, type, gfp) \
	((__typeof__(type) *)alloc(sizeof(__typeof__(type)), (gfp)))
#define KMEM_OBJ(alloc, ...) \
	KMEM_3RD(__VA_ARGS__, KMEM_OBJ_2, KMEM_OBJ_1, 0)(alloc, __VA_ARGS__)

#define KMEM_OBJS_2(alloc, type, n) KMEM_OBJS_3(alloc, type, n, GFP_KERNEL)
#define KMEM_OBJS_3(alloc, type, n, gfp)                                    \
	((__typeof__(type) *)alloc(size_mul((n), sizeof(__typeof__(type))), \
				   (gfp)))
#define KMEM_OBJS(alloc, ...)                                 \
	KMEM_4TH(__VA_ARGS__, KMEM_OBJS_3, KMEM_OBJS_2, 0, 0) \
	(alloc, __VA_ARGS__)

#define kmalloc_obj(...) KMEM_OBJ(kmalloc, __VA_ARGS__)
#define kzalloc_obj(...) KMEM_OBJ(kzalloc, __VA_ARGS__)
#define kvmalloc_obj(...) KMEM_OBJ(kvmalloc, __VA_ARGS__)
#define kvzalloc_obj(...) KMEM_OBJ(kvzalloc, __VA_ARGS__)
#define kmalloc_objs(...) KMEM_OBJS(kmalloc, __VA_ARGS__)
#define kzalloc_objs(...) KMEM_OBJS(kzalloc, __VA_ARGS__)
#define kvmalloc_objs(...) KMEM_OBJS(kvmalloc, __VA_ARGS__)
#define kvzalloc_objs(...) KMEM_OBJS(kvzalloc, __VA_ARGS__)

/*
 * A struct with n elements in its flexible array.  Where the compiler knows
 * which member counts them (__counted_by), that member is set, and an n that
 * it cannot hold fails.
 */
#if !defined(__cplusplus) && defined(__has_builtin)
#if __has_builtin(__builtin_counted_by_ref)
/* clang-format off */
#define KMEM_FLEX_COUNTER(array, none) \
	_Generic(__builtin_counted_by_ref(array), void *: (none), \
		 default: __builtin_counted_by_ref(array))
/* clang-format on */
#endif
#endif
#if !defined(KMEM_FLEX_COUNTER)
#define KMEM_FLEX_COUNTER(array, none) (none)
#endif

#define KMEM_FLEX_3(alloc, type, fam, n) \
	KMEM_FLEX_4(alloc, type, fam, n, GFP_KERNEL)
#define KMEM_FLEX_4(alloc, type, fam, n, gfp)                                  \
	(__extension__({                                                       \
		size_t kmem_n_ = (n), kmem_uncounted_ = 0;                     \
		__typeof__(type) *kmem_obj_ = NULL;                            \
		__typeof__(*KMEM_FLEX_COUNTER(kmem_obj_->fam,                  \
					      &kmem_uncounted_)) kmem_fits_;   \
		kmem_fits_ = (__typeof__(kmem_fits_))kmem_n_;                  \
		if ((size_t)kmem_fits_ == kmem_n_)                             \
			kmem_obj_ = (__typeof__(kmem_obj_))alloc(              \
				struct_size(kmem_obj_, fam, kmem_n_), (gfp));  \
		if (kmem_obj_)                                                 \
			*KMEM_FLEX_COUNTER(kmem_obj_->fam, &kmem_uncounted_) = \
				kmem_fits_;                                    \
		(void)kmem_uncounted_;                                         \
		kmem_obj_;                                                     \
	}))
#define KMEM_FLEX(alloc, ...)                                    \
	KMEM_5TH(__VA_ARGS__, KMEM_FLEX_4, KMEM_FLEX_3, 0, 0, 0) \
	(alloc, __VA_ARGS__)

#define kmalloc_flex(...) KMEM_FLEX(kmalloc, __VA_ARGS__)
#define kzalloc_flex(...) KMEM_FLEX(kzalloc, __VA_ARGS__)
#define kvmalloc_flex(...) KMEM_FLEX(kvmalloc, __VA_ARGS__)
#define kvzalloc_flex(...) KMEM_FLEX(kvzalloc, __VA_ARGS__)

/*
 * Frees an object when all present readers are done.  member is the struct
 * rcu_head inside it; without one the call may sleep.
 */
#define kvfree_rcu(ptr, member)                                             \
	do {                                                                \
		__typeof__(ptr) kmem_ptr_ = (ptr);                          \
		KMEM_STATIC_ASSERT(__builtin_offsetof(__typeof__(*(ptr)),   \
						      member) < 4096,       \
				   "rcu_head beyond the first 4096 bytes"); \
		if (kmem_ptr_)                                              \
			kvfree_call_rcu(&kmem_ptr_->member,                 \
					(void *)kmem_ptr_);                 \
	} while (0)
#define kfree_rcu(ptr, member) kvfree_rcu(ptr, member)
#define kvfree_rcu_mightsleep(ptr)                                \
	do {                                                      \
		__typeof__(ptr) kmem_ptr_ = (ptr);                \
		if (kmem_ptr_)                                    \
			kvfree_call_rcu(NULL, (void *)kmem_ptr_); \
	} while (0)
#define kfree_rcu_mightsleep(ptr) kvfree_rcu_mightsleep(ptr)

#if defined(KMEM_INLINE)
#if KMEM_INLINE
#include <kmem/inline.h>
#endif
#endif

#endif
