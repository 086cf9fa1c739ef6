/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Caches whose requests fail when a test wants it, and are counted: what the
 * kernel's own tests of its trees ask of the allocator that they run on.
 *
 * A file that says KMEM_TESTING before it includes this has the calls of
 * <linux/slab.h> for caches replaced by those here. Requests that must not
 * sleep then fail, as in those tests, until kmem_cache_set_non_kernel() lets
 * some of them through; others fail when kmem_cache_fail_on() says so. The
 * program is linked with -lkmem-kernel.
 */
#ifndef KMEM_TESTING_H
#define KMEM_TESTING_H

#include <kmem/compiler.h>
#include <kmem/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "../linux/slab.h"

KMEM_EXTERN_C_BEGIN

/* From here on n requests that must not sleep are served, then none. */
void kmem_cache_set_non_kernel(struct kmem_cache *s, unsigned int n);
/* Called with the private pointer when one failed; NULL: nothing is. */
void kmem_cache_set_callback(struct kmem_cache *s, void (*call)(void *data));
void kmem_cache_set_private(struct kmem_cache *s, void *data);
/* After `after` more of them, requests with any of these bits fail; 0: none. */
void kmem_cache_fail_on(struct kmem_cache *s, gfp_t bits, unsigned int after);

/* Objects that are out; their bytes; all requests served since it was 0. */
unsigned int kmem_cache_nr_allocated(struct kmem_cache *s);
unsigned long kmem_cache_get_alloc(struct kmem_cache *s);
unsigned int kmem_cache_nr_tallocated(struct kmem_cache *s);
void kmem_cache_zero_nr_tallocated(struct kmem_cache *s);

/* What the calls become. */
void *kmem_test_alloc(struct kmem_cache *s, gfp_t gfp);
int kmem_test_alloc_bulk(struct kmem_cache *s, gfp_t gfp, size_t n, void **p);
void kmem_test_free(struct kmem_cache *s, const void *obj);
void kmem_test_free_bulk(struct kmem_cache *s, size_t n, void **p);
int kmem_test_destroy(struct kmem_cache *s);

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
#endif

#endif
