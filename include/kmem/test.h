/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * For tests: limits of a test case, and the calls that the kernel's own tests
 * of its trees make.  Which requests fail is said by <kmem/fault.h>.
 */
#ifndef KMEM_TEST_H
#define KMEM_TEST_H

#include <kmem/abi.h>
#include <kmem/compiler.h>
#include <kmem/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "../linux/slab.h"

/*
 * A test case lies between kmem_test_begin() and kmem_test_end().  What all
 * threads allocate in between is its own.  From the first case on each request
 * takes the slow path, as with <kmem/fault.h>, so that all of them are seen.
 */
#define KMEM_TEST_ANY (~0ul) /* no limit */

struct kmem_test_limits {
	unsigned long leaks;       /* blocks that are left at its end */
	unsigned long peak;        /* bytes above what was in use before it */
	unsigned long allocations; /* requests that did not fail on purpose */
};

enum kmem_test_broken {
	KMEM_TEST_LEAKS = 1,
	KMEM_TEST_PEAK = 2,
	KMEM_TEST_ALLOCATIONS = 4,
};

struct kmem_test_result {
	unsigned long leaks, leaked_bytes;
	unsigned long peak;
	unsigned long allocations;
	unsigned long failed; /* requests that did, on purpose */
	unsigned int broken;  /* bits of enum kmem_test_broken */
};

/* What one call site has left in one cache. */
struct kmem_test_leak {
	const char *cache; /* "": pages, or a mapping of its own */
	const char *site;  /* "file:line func:name", or "name+0x1/0x20" */
	unsigned long blocks, bytes;
};

KMEM_EXTERN_C_BEGIN

/* A case begins; NULL: no limits.  Names that are NULL are "test". */
KMEM_API int kmem_test_begin(const char *name,
			     const struct kmem_test_limits *limits)
	KMEM_ABI(kmem_test_begin);
/* It ends: which limits it broke, after a report; result may be NULL. */
KMEM_API int kmem_test_end(struct kmem_test_result *result)
	KMEM_ABI(kmem_test_end);
/* What the case that ended last has left, the most bytes first. */
KMEM_API void kmem_test_for_each_leak(
	void (*fn)(const struct kmem_test_leak *leak, void *data), void *data)
	KMEM_ABI(kmem_test_for_each_leak);

/*
 * The same for malloc(), in a program that runs on libkmem-malloc.so; nothing
 * must be linked for them.  -1: it does not.
 */
int kmem_malloc_test_begin(const char *name,
			   const struct kmem_test_limits *limits)
	__attribute__((weak));
int kmem_malloc_test_end(struct kmem_test_result *result) __attribute__((weak));

static inline int kmem_test_malloc_begin(const char *name,
					 const struct kmem_test_limits *limits)
{
	return kmem_malloc_test_begin ? kmem_malloc_test_begin(name, limits) :
					-1;
}

static inline int kmem_test_malloc_end(struct kmem_test_result *result)
{
	return kmem_malloc_test_end ? kmem_malloc_test_end(result) : -1;
}

/*
 * What the kernel's tests of its trees ask of the allocator that they run on,
 * so that such a program's shim is this header.
 *
 * A file that says KMEM_TESTING before it includes this has the calls of
 * <linux/slab.h> that are defined at the end replaced by those here. Requests
 * that must not sleep then fail, as in those tests, until
 * kmem_cache_set_non_kernel() lets some of them through; others fail when
 * kmem_cache_fail_on() says so. The program is linked with -lkmem-kernel.
 *
 * Where a cache is asked for, NULL stands for kmalloc(). What leaves by a
 * call that is not replaced, as kfree_rcu(), stays counted.
 */

/* From here on n requests that must not sleep are served, then none. */
void kmem_cache_set_non_kernel(struct kmem_cache *s, unsigned int n);
/*
 * Called once with the private pointer after a request failed, when the next
 * one comes and before it is served: a caller that fails with a lock held has
 * dropped it by then, and asks again.  It may use the cache.  NULL: none.
 */
void kmem_cache_set_callback(struct kmem_cache *s, void (*call)(void *data));
void kmem_cache_set_private(struct kmem_cache *s, void *data);
/* After `after` more of them, requests with any of these bits fail; 0: none. */
void kmem_cache_fail_on(struct kmem_cache *s, gfp_t bits, unsigned int after);

/* Objects that are out; their bytes; all that were given since it was 0. */
unsigned int kmem_cache_nr_allocated(struct kmem_cache *s);
unsigned long kmem_cache_get_alloc(struct kmem_cache *s);
unsigned int kmem_cache_nr_tallocated(struct kmem_cache *s);
void kmem_cache_zero_nr_tallocated(struct kmem_cache *s);
/* Objects that are out of all caches, without kmalloc(). */
int kmem_test_nr_allocated(void);

/* What the calls become. */
void *kmem_test_alloc(struct kmem_cache *s, gfp_t gfp);
int kmem_test_alloc_bulk(struct kmem_cache *s, gfp_t gfp, size_t n, void **p);
void kmem_test_free(struct kmem_cache *s, const void *obj);
void kmem_test_free_bulk(struct kmem_cache *s, size_t n, void **p);
int kmem_test_destroy(struct kmem_cache *s);
struct slab_sheaf *kmem_test_prefill_sheaf(struct kmem_cache *s, gfp_t gfp,
					   unsigned int size);
int kmem_test_refill_sheaf(struct kmem_cache *s, gfp_t gfp,
			   struct slab_sheaf **sheafp, unsigned int size);
void *kmem_test_alloc_from_sheaf(struct kmem_cache *s, gfp_t gfp,
				 struct slab_sheaf *sheaf);
void *kmem_test_kmalloc(size_t size, gfp_t gfp, int node);
void *kmem_test_kmalloc_array(size_t n, size_t size, gfp_t gfp);
void *kmem_test_krealloc(const void *p, size_t size, gfp_t gfp);
void kmem_test_kfree(const void *p);

KMEM_EXTERN_C_END

#if defined(KMEM_TESTING)
#define kmem_cache_alloc(s, gfp) kmem_test_alloc(s, gfp)
#define kmem_cache_zalloc(s, gfp) kmem_test_alloc(s, (gfp) | __GFP_ZERO)
#define kmem_cache_alloc_node(s, gfp, node) \
	((void)(node), kmem_test_alloc(s, gfp))
#define kmem_cache_alloc_lru(s, lru, gfp) ((void)(lru), kmem_test_alloc(s, gfp))
#define kmem_cache_alloc_bulk(s, gfp, n, p) kmem_test_alloc_bulk(s, gfp, n, p)
#define kmem_cache_free(s, obj) kmem_test_free(s, obj)
#define kmem_cache_free_bulk(s, n, p) kmem_test_free_bulk(s, n, p)
#define kmem_cache_destroy(s) kmem_test_destroy(s)
#define kmem_cache_prefill_sheaf(s, gfp, n) kmem_test_prefill_sheaf(s, gfp, n)
#define kmem_cache_refill_sheaf(s, gfp, p, n) \
	kmem_test_refill_sheaf(s, gfp, p, n)
#define kmem_cache_alloc_from_sheaf(s, gfp, p) \
	kmem_test_alloc_from_sheaf(s, gfp, p)
#define kmalloc_node(size, gfp, node) kmem_test_kmalloc(size, gfp, node)
#define kzalloc_node(size, gfp, node) \
	kmem_test_kmalloc(size, (gfp) | __GFP_ZERO, node)
#define kmalloc(size, gfp) kmem_test_kmalloc(size, gfp, NUMA_NO_NODE)
#define kzalloc(size, gfp) kzalloc_node(size, gfp, NUMA_NO_NODE)
#define kmalloc_array(n, size, gfp) kmem_test_kmalloc_array(n, size, gfp)
#define kcalloc(n, size, gfp) kmalloc_array(n, size, (gfp) | __GFP_ZERO)
#define krealloc(p, size, gfp) kmem_test_krealloc(p, size, gfp)
#define kfree(p) kmem_test_kfree(p)
#endif

#endif
