/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools: an allocator with a reserve of min_nr elements behind it, so that a
 * request that may sleep does not fail.
 *
 * Element functions take their mask as gfp_t (today) or as int (2.6); both
 * are accepted wherever one is passed.
 */
#ifndef KMEM_LINUX_MEMPOOL_H
#define KMEM_LINUX_MEMPOOL_H

#include <kmem/compiler.h>
#include <kmem/types.h>
#include <linux/numa.h>

#include "gfp_types.h"

struct kmem_cache;

typedef void *(mempool_alloc_t)(gfp_t flags, void *pool_data);
typedef void(mempool_free_t)(void *element, void *pool_data);

#if defined(__cplusplus)
typedef mempool_alloc_t *mempool_alloc_arg;
#else
/* Passed as its first member, so this is a plain pointer to the callee. */
typedef union {
	mempool_alloc_t *gfp;
	void *(*with_int)(int flags, void *pool_data);
} mempool_alloc_arg __attribute__((transparent_union));
#endif

/*
 * Public, for embedding; all zero is a pool that mempool_exit() accepts.
 * 128 bytes, for good.  Users may read the members without kmem_, which are
 * the kernel's; the others are the library's and what they hold may change.
 */
typedef struct mempool_s {
	int min_nr;        /* elements the reserve should hold */
	int kmem_full;     /* a free passes the reserve by from here on */
	int curr_nr;       /* elements it holds */
	unsigned kmem_pid; /* of the process that counted them */
	void **elements;   /* its slots, those without an element NULL */
	void *pool_data;
	mempool_alloc_t *alloc;
	mempool_free_t *free;
	struct kmem_cache *kmem_slab; /* of a pool of objects, else NULL */
	void *kmem_private[9];
} mempool_t;

KMEM_EXTERN_C_BEGIN

KMEM_API mempool_t *mempool_create(int min_nr, mempool_alloc_arg alloc_fn,
				   mempool_free_t *free_fn, void *pool_data)
	KMEM_ABI(mempool_create);
KMEM_API mempool_t *mempool_create_node(int min_nr, mempool_alloc_arg alloc_fn,
					mempool_free_t *free_fn,
					void *pool_data, gfp_t flags, int node)
	KMEM_ABI(mempool_create_node);
KMEM_API void mempool_destroy(mempool_t *pool) KMEM_ABI(mempool_destroy);
/* 0 or -ENOMEM. */
KMEM_API int mempool_init(mempool_t *pool, int min_nr,
			  mempool_alloc_arg alloc_fn, mempool_free_t *free_fn,
			  void *pool_data) KMEM_ABI(mempool_init);
KMEM_API int mempool_init_node(mempool_t *pool, int min_nr,
			       mempool_alloc_arg alloc_fn,
			       mempool_free_t *free_fn, void *pool_data,
			       gfp_t flags, int node)
	KMEM_ABI(mempool_init_node);
KMEM_API void mempool_exit(mempool_t *pool) KMEM_ABI(mempool_exit);
/* 0 or -ENOMEM; the second form is of 2.6, the first asks GFP_KERNEL. */
KMEM_API int mempool_resize(mempool_t *pool, int new_min_nr)
	KMEM_ABI(mempool_resize);
KMEM_API int mempool_resize_gfp(mempool_t *pool, int new_min_nr, gfp_t flags)
	KMEM_ABI(mempool_resize_gfp);

KMEM_API void *mempool_alloc(mempool_t *pool, gfp_t flags)
	KMEM_ABI(mempool_alloc) KMEM_MALLOC;
KMEM_API void mempool_free(void *element, mempool_t *pool)
	KMEM_ABI(mempool_free);
/* From the reserve or not at all; never sleeps. */
KMEM_API void *mempool_alloc_preallocated(mempool_t *pool)
	KMEM_ABI(mempool_alloc_preallocated) KMEM_MALLOC;
/* Fills the NULL slots; allocated of them are not. May sleep; returns 0. */
KMEM_API int mempool_alloc_bulk(mempool_t *pool, void **elems,
				unsigned int count, unsigned int allocated)
	KMEM_ABI(mempool_alloc_bulk);
/* How many from the front went into the reserve; the rest is the caller's. */
KMEM_API unsigned int mempool_free_bulk(mempool_t *pool, void **elems,
					unsigned int count)
	KMEM_ABI(mempool_free_bulk);

/* Element functions; pool_data is the cache, the size, or the order. */
KMEM_API void *mempool_alloc_slab(gfp_t flags, void *pool_data)
	KMEM_ABI(mempool_alloc_slab);
KMEM_API void mempool_free_slab(void *element, void *pool_data)
	KMEM_ABI(mempool_free_slab);
KMEM_API void *mempool_kmalloc(gfp_t flags, void *pool_data)
	KMEM_ABI(mempool_kmalloc);
KMEM_API void mempool_kfree(void *element, void *pool_data)
	KMEM_ABI(mempool_kfree);
KMEM_API void *mempool_kvmalloc(gfp_t flags, void *pool_data)
	KMEM_ABI(mempool_kvmalloc);
KMEM_API void mempool_kvfree(void *element, void *pool_data)
	KMEM_ABI(mempool_kvfree);
KMEM_API void *mempool_alloc_pages(gfp_t flags, void *pool_data)
	KMEM_ABI(mempool_alloc_pages);
KMEM_API void mempool_free_pages(void *element, void *pool_data)
	KMEM_ABI(mempool_free_pages);

/* The names behind alloc_hooks(). */
KMEM_API void *mempool_alloc_noprof(mempool_t *pool, gfp_t flags)
	KMEM_ABI(mempool_alloc) KMEM_MALLOC;
KMEM_API int mempool_init_noprof(mempool_t *pool, int min_nr,
				 mempool_alloc_arg alloc_fn,
				 mempool_free_t *free_fn, void *pool_data)
	KMEM_ABI(mempool_init);
KMEM_API int mempool_init_node_noprof(mempool_t *pool, int min_nr,
				      mempool_alloc_arg alloc_fn,
				      mempool_free_t *free_fn, void *pool_data,
				      gfp_t flags, int node)
	KMEM_ABI(mempool_init_node);
KMEM_API int mempool_alloc_bulk_noprof(mempool_t *pool, void **elems,
				       unsigned int count,
				       unsigned int allocated)
	KMEM_ABI(mempool_alloc_bulk);
KMEM_API mempool_t *
mempool_create_noprof(int min_nr, mempool_alloc_arg alloc_fn,
		      mempool_free_t *free_fn, void *pool_data)
	KMEM_ABI(mempool_create);
KMEM_API mempool_t *
mempool_create_node_noprof(int min_nr, mempool_alloc_arg alloc_fn,
			   mempool_free_t *free_fn, void *pool_data,
			   gfp_t flags, int node) KMEM_ABI(mempool_create_node);

KMEM_EXTERN_C_END

/**
 * mempool_initialized() - has this pool been set up?
 * @pool: one that was zeroed before
 *
 * Context: Any.
 * Return: true between mempool_init() and mempool_exit().
 */
static inline bool mempool_initialized(mempool_t *pool)
{
	return pool->elements != NULL;
}

/**
 * mempool_is_saturated() - is the reserve full?
 * @pool: the pool
 *
 * A glance, without the lock: the answer may be old when it arrives.
 *
 * Context: Any.
 * Return: true when it holds min_nr elements.
 */
static inline bool mempool_is_saturated(mempool_t *pool)
{
	return __atomic_load_n(&pool->curr_nr, __ATOMIC_RELAXED) >=
	       __atomic_load_n(&pool->min_nr, __ATOMIC_RELAXED);
}

/* Ready-made pools: of a cache's objects, of kmalloc() blocks, of pages. */
static inline int mempool_init_slab_pool(mempool_t *pool, int min_nr,
					 struct kmem_cache *cache)
{
	return mempool_init(pool, min_nr, mempool_alloc_slab, mempool_free_slab,
			    cache);
}

static inline mempool_t *mempool_create_slab_pool(int min_nr,
						  struct kmem_cache *cache)
{
	return mempool_create(min_nr, mempool_alloc_slab, mempool_free_slab,
			      cache);
}

static inline int mempool_init_kmalloc_pool(mempool_t *pool, int min_nr,
					    size_t size)
{
	return mempool_init(pool, min_nr, mempool_kmalloc, mempool_kfree,
			    (void *)size);
}

static inline mempool_t *mempool_create_kmalloc_pool(int min_nr, size_t size)
{
	return mempool_create(min_nr, mempool_kmalloc, mempool_kfree,
			      (void *)size);
}

/* A client may define these two for itself. */
#if !KMEM_OWN_TYPES
static inline int mempool_init_kvmalloc_pool(mempool_t *pool, int min_nr,
					     size_t size)
{
	return mempool_init(pool, min_nr, mempool_kvmalloc, mempool_kvfree,
			    (void *)size);
}

static inline mempool_t *mempool_create_kvmalloc_pool(int min_nr, size_t size)
{
	return mempool_create(min_nr, mempool_kvmalloc, mempool_kvfree,
			      (void *)size);
}
#endif

static inline int mempool_init_page_pool(mempool_t *pool, int min_nr, int order)
{
	return mempool_init(pool, min_nr, mempool_alloc_pages,
			    mempool_free_pages, (void *)(long)order);
}

static inline mempool_t *mempool_create_page_pool(int min_nr, int order)
{
	return mempool_create(min_nr, mempool_alloc_pages, mempool_free_pages,
			      (void *)(long)order);
}

#if defined(__cplusplus)

/*
 * Templates, because a null pointer constant in place of the function deduces
 * no Data, and so means the plain form above.
 */
template <typename Data>
inline mempool_t *mempool_create(int min_nr, void *(*alloc_fn)(int, Data *),
				 mempool_free_t *free_fn, void *pool_data)
{
	return mempool_create(min_nr, (mempool_alloc_t *)alloc_fn, free_fn,
			      pool_data);
}

template <typename Data>
inline mempool_t *mempool_create_node(int min_nr,
				      void *(*alloc_fn)(int, Data *),
				      mempool_free_t *free_fn, void *pool_data,
				      gfp_t flags, int node)
{
	return mempool_create_node(min_nr, (mempool_alloc_t *)alloc_fn, free_fn,
				   pool_data, flags, node);
}

template <typename Data>
inline int mempool_init(mempool_t *pool, int min_nr,
			void *(*alloc_fn)(int, Data *), mempool_free_t *free_fn,
			void *pool_data)
{
	return mempool_init(pool, min_nr, (mempool_alloc_t *)alloc_fn, free_fn,
			    pool_data);
}

template <typename Data>
inline int mempool_init_node(mempool_t *pool, int min_nr,
			     void *(*alloc_fn)(int, Data *),
			     mempool_free_t *free_fn, void *pool_data,
			     gfp_t flags, int node)
{
	return mempool_init_node(pool, min_nr, (mempool_alloc_t *)alloc_fn,
				 free_fn, pool_data, flags, node);
}

inline int mempool_resize(mempool_t *pool, int new_min_nr, gfp_t flags)
{
	return mempool_resize_gfp(pool, new_min_nr, flags);
}

#else

#define KMEM_RESIZE_4TH(a, b, c, d, ...) d
#define mempool_resize(...)                                                   \
	KMEM_RESIZE_4TH(__VA_ARGS__, mempool_resize_gfp, (mempool_resize), 0, \
			0)                                                    \
	(__VA_ARGS__)

#endif

#if defined(KMEM_INLINE)
#if KMEM_INLINE
#include <kmem/inline_pool.h>
#endif
#endif

#if defined(CONFIG_MEM_ALLOC_PROFILING) && !defined(__cplusplus)
#include <kmem/profiled_pool.h>
#endif

#endif
