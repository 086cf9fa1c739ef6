/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Names that the tests use and Linux 6.1 does not have: they came later, or
 * were gone before.  A case that meets one is reported as different, whatever
 * else it finds.  Where another way to the same effect exists, it is taken,
 * and the rest of the case is still compared.
 *
 * MAX_PAGE_ORDER and INT32_MAX are other names for what is there, and no
 * difference.
 */
#ifndef CONFORM_KERNEL_COMPAT_H
#define CONFORM_KERNEL_COMPAT_H

#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/types.h>

#include "../mm/internal.h"

/* Notes it and goes on; notes it and ends the case. */
void conform_lacks(const char *what);
void conform_needs(const char *what);

#define CONFORM_LACKS(what, value)   \
	({                           \
		conform_lacks(what); \
		(value);             \
	})
#define CONFORM_NEEDS(what, value)   \
	({                           \
		conform_needs(what); \
		(value);             \
	})

#ifndef MAX_PAGE_ORDER
#define MAX_PAGE_ORDER (MAX_ORDER - 1)
#endif
#ifndef INT32_MAX
#define INT32_MAX S32_MAX
#endif

/* The newest flags, and the oldest. */
#define __GFP_COLD CONFORM_LACKS("__GFP_COLD", 0u)
#define __GFP_NOTRACK CONFORM_LACKS("__GFP_NOTRACK", 0u)
#define __GFP_WAIT CONFORM_LACKS("__GFP_WAIT", __GFP_DIRECT_RECLAIM)
#define __GFP_REPEAT CONFORM_LACKS("__GFP_REPEAT", __GFP_RETRY_MAYFAIL)

/* An int in 2.6, and here: whether the cache is still there. */
int conform_destroy(struct kmem_cache *s);
#define kmem_cache_destroy(s) conform_destroy(s)

/* The third argument of 2.6 was ignored in its last years. */
#define CONFORM_THIRD(a, b, c, ...) c
#define mempool_resize(pool, ...)                             \
	(CONFORM_THIRD(__VA_ARGS__,                           \
		       conform_lacks("mempool_resize() with " \
				     "a mask"),               \
		       (void)0),                              \
	 (mempool_resize)((pool), CONFORM_FIRST(__VA_ARGS__, 0)))
#define CONFORM_FIRST(a, ...) a

/* Three arguments since 6.12, four before. */
void *conform_kvrealloc(const void *p, size_t size, gfp_t gfp);
#define CONFORM_KVREALLOC(p, a, b, c, which, ...) which
#define kvrealloc(p, a, ...)                                                 \
	CONFORM_KVREALLOC(p, a, __VA_ARGS__, (kvrealloc)(p, a, __VA_ARGS__), \
			  conform_kvrealloc(p, a, __VA_ARGS__), 0)

#define mempool_alloc_preallocated(pool) \
	CONFORM_NEEDS("mempool_alloc_preallocated()", (void *)NULL)
#define mempool_is_saturated(pool)              \
	CONFORM_LACKS("mempool_is_saturated()", \
		      (pool)->curr_nr >= (pool)->min_nr)
#define mempool_alloc_bulk(pool, p, n, allocated) \
	CONFORM_NEEDS("mempool_alloc_bulk()", 0)
#define mempool_free_bulk(pool, p, n) CONFORM_NEEDS("mempool_free_bulk()", 0u)

#endif
