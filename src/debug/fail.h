/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Requests that are made to fail for a test. */
#ifndef DEBUG_FAIL_H
#define DEBUG_FAIL_H

#include <stdbool.h>

#include <kmem/fault.h>
#include <linux/gfp_types.h>

#include "lib/mem.h"
#include "port/port.h"

/* The kinds of <kmem/fault.h>, and what has no attributes. */
enum fail_kind {
	FAIL_SLAB = KMEM_FAILSLAB,
	FAIL_PAGE = KMEM_FAIL_PAGE_ALLOC,
	FAIL_POOL,
	FAIL_KINDS = FAIL_POOL
};

/*
 * Must it be asked?  Once it is set, caches get or keep no sheaves, so that
 * each request takes the slow path, where the question is: before the first
 * cache is made, or by alloc/fault.c.
 */
extern bool fail_on;
/* kmem torture asks only of requests to caches that slab_debug=A names. */
extern bool fail_filtered;
/* What kmem_fault_hook() set, or NULL. */
extern const struct kmem_fault_filter *fail_hook;
/*
 * Told of each request that is asked about, before it is served; NULL: nobody
 * is.
 */
typedef void fail_seen_fn(size_t bytes, bool fails);
extern fail_seen_fn *fail_seen;

/* The attributes of a kind, read and written word by word. */
void fail_attr_read(enum fail_kind kind, struct kmem_fault_attr *to);
void fail_attr_write(enum fail_kind kind, const struct kmem_fault_attr *from);

static inline bool fail_wanted(void)
{
	return !KMEM_SMALL &&
	       unlikely(__atomic_load_n(&fail_on, __ATOMIC_RELAXED));
}

/*
 * Reads the options; ask: kmem torture's question, or NULL.  Again: only that
 * question is another.
 */
void fail_boot(fail_fn *ask);

bool fail_asked(enum fail_kind kind, size_t bytes, gfp_t gfp, bool named,
		struct kmem_cache *cache);

/*
 * Shall this request for pages, or for what is made of them, fail?  Asked once
 * for each call of the API, after check_blocking(), which notes the call site.
 */
static inline bool should_fail(size_t bytes, gfp_t gfp)
{
	return fail_wanted() && fail_asked(FAIL_PAGE, bytes, gfp, false, NULL);
}

/* The same of objects of a cache, or NULL; is it one of those named? */
static inline bool should_fail_of(size_t bytes, gfp_t gfp, bool named,
				  struct kmem_cache *cache)
{
	return fail_wanted() && fail_asked(FAIL_SLAB, bytes, gfp, named, cache);
}

/* The same of an element of a pool, for a caller that may not get one. */
static inline bool should_fail_pool(gfp_t gfp)
{
	return fail_wanted() && !(gfp & __GFP_DIRECT_RECLAIM) &&
	       fail_asked(FAIL_POOL, 0, gfp, false, NULL);
}

/*
 * Between the two this thread's requests are parts of one for which it was
 * asked.
 */
static inline void fail_pause(void)
{
	port_task()->no_fail++;
}

static inline void fail_resume(void)
{
	port_task()->no_fail--;
}

#endif
