/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The malloc front, internal. */
#ifndef FRONT_FRONT_H
#define FRONT_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/gfp_types.h>

#include "debug/watch.h"
#include "lib/mem.h"
#include "lib/options.h"
#include "slab/slab.h"

/* A caller of malloc() may wait, and expects NULL and no report. */
#define FRONT_GFP (GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/* Every class is a multiple of this, and so every block is aligned to it. */
#define FRONT_ALIGN_LOG2 4
#define FRONT_ALIGN (1ul << FRONT_ALIGN_LOG2)

/*
 * Size classes: 16 32 48 64, then four to a doubling up to 32 KiB, so that
 * above 64 bytes less than 20 % of a block is unused.
 */
#define CLASS_SMALL_MAX 1024ul
#define CLASS_MAX 32768ul
#define CLASSES 40u

/* From here up blocks are whole pages, and above SPAN_MAX mapped regions. */
#define SPAN_MAX (4ul << 20)

/*
 * classes.c; a NULL in class_small or class_cache means the slow path: there
 * is no cache yet, kmem torture decides each request, or check= looks at each.
 * class_made has all caches that there are; class_make() makes that of a class,
 * or is NULL: no memory.
 */
extern struct kmem_cache *class_small[CLASS_SMALL_MAX / FRONT_ALIGN + 1];
extern struct kmem_cache *class_cache[CLASSES];
extern struct kmem_cache *class_made[CLASSES];
int classes_boot(void);
struct kmem_cache *class_make(unsigned int cls);
size_t class_bytes(unsigned int cls);

/* The class of n, 1 <= n <= CLASS_MAX. */
static inline unsigned int class_index(size_t n)
{
	size_t last = n - 1;
	unsigned int top;

	if (n <= 64)
		return (unsigned int)(last / FRONT_ALIGN);
	top = 63 - (unsigned int)__builtin_clzl(last);
	/* the two bits below the highest one choose among the four */
	return 4 * (top - 6) + (unsigned int)(last >> (top - 2));
}

/*
 * The cache for n bytes, n <= CLASS_MAX, or NULL.  What a cache
 * holds was written before its address was; a reader gets there through the
 * address, so the dependency orders the two loads.
 */
static inline struct kmem_cache *class_for(size_t n)
{
	if (likely(n <= CLASS_SMALL_MAX))
		return __atomic_load_n(
			&class_small[(n + FRONT_ALIGN - 1) / FRONT_ALIGN],
			__ATOMIC_ACQUIRE);
	return __atomic_load_n(&class_cache[class_index(n)], __ATOMIC_ACQUIRE);
}

/* init.c: true when malloc can be served */
bool front_start(void);

/* malloc.c: n bytes; align is a power of two; NULL with ENOMEM. */
void *front_aligned(size_t align, size_t n, const void *caller);

/*
 * malloc.c: has a block that is freed as one of n bytes, aligned to align, that
 * size?  If not, that is reported.  call is the function's name.
 */
bool free_fits(const char *call, const void *p, size_t align, size_t n,
	       const void *caller);

/* save.c: slabinfo=FILE, every=SEC, slabinfo_pid=PID */
void save_start(void);
void save_finish(void);

/*
 * check=: CHECK_OFF, or every call takes the way on which it is checked.  It is
 * off where a tool watches, which is told of each free at once: a quarantine or
 * a fence of ours would keep a freed block from it.
 */
extern int front_check;

/* Blocks of a class that is checked keep the size that was asked for. */
extern bool front_asked;

/* torture.c: torture=FILE answers the question of debug/fail.h. */
bool torture_wanted(void);
void torture_start(void);

#endif
