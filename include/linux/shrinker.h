/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Shrinkers: caches of a program that can do with less.
 *
 * A shrinker says how many objects it could free, and frees some of them when
 * memory is short.  It belongs to the library (shrinker_alloc(), since 6.7)
 * or to the caller (register_shrinker(), up to 6.6), whose forms with one
 * argument and with a name are told apart by the number of arguments.
 */
#ifndef KMEM_LINUX_SHRINKER_H
#define KMEM_LINUX_SHRINKER_H

#include <kmem/abi.h>
#include <kmem/hook.h>
#include <kmem/compiler.h>
#include <kmem/types.h>

#include "gfp_types.h"

struct mem_cgroup;

/* What one call of a callback is about. */
struct shrink_control {
	/*
	 * Of the allocation that is short of memory, scopes applied: without
	 * __GFP_FS or __GFP_IO a callback must not enter that, and answers
	 * SHRINK_STOP if it would have to.
	 */
	gfp_t gfp_mask;
	int nid; /* 0 */
	/* scan_objects: try so many; how many were looked at, if not all */
	unsigned long nr_to_scan;
	unsigned long nr_scanned;
	struct mem_cgroup *memcg; /* NULL */
};

/* clang-format off */

#define SHRINK_STOP		(~0UL)	   /* of scan: not now */
#define SHRINK_EMPTY		(~0UL - 1) /* of count: there are none */
#define DEFAULT_SEEKS		2

/* There is one node and no control group: these change nothing. */
#define SHRINKER_NUMA_AWARE	(1u << 2)
#define SHRINKER_MEMCG_AWARE	(1u << 3)
#define SHRINKER_NONSLAB	(1u << 4)

/* clang-format on */

struct shrinker {
	/* How many could be freed; 0: not known, pass by. Quick. */
	unsigned long (*count_objects)(struct shrinker *shrinker,
				       struct shrink_control *sc);
	/* Frees; returns how many, or SHRINK_STOP. */
	unsigned long (*scan_objects)(struct shrinker *shrinker,
				      struct shrink_control *sc);
	long batch; /* objects a call of scan; 0: 128 */
	int seeks;  /* what one object costs to make again; 0: nothing */
	unsigned int flags;
	void *private_data; /* the user's */

	/* the library's, from here on */
	struct kmem_hook hook;
	struct shrinker *self; /* made by shrinker_alloc() */
	char *name;
	unsigned long deferred; /* work put off */
	unsigned long calls, scanned, freed;
};

/* Of 2.6: nr_to_scan 0 asks for the number; returns what is left, or -1. */
typedef int (*shrinker_t)(int nr_to_scan, unsigned int gfp_mask);

KMEM_EXTERN_C_BEGIN

/* NULL without memory; seeks is DEFAULT_SEEKS, the rest 0. */
KMEM_API struct shrinker *shrinker_alloc(unsigned int flags, const char *fmt,
					 ...) KMEM_ABI(shrinker_alloc)
	KMEM_PRINTF(2, 3);
KMEM_API void shrinker_register(struct shrinker *shrinker)
	KMEM_ABI(shrinker_register);
/* Registered or not, or NULL. Waits until no call of it is under way. */
KMEM_API void shrinker_free(struct shrinker *shrinker) KMEM_ABI(shrinker_free);

/* The caller's struct. 0 or -ENOMEM, -EEXIST. */
KMEM_API int register_shrinker(struct shrinker *shrinker, const char *fmt, ...)
	KMEM_ABI(register_shrinker) KMEM_PRINTF(2, 3);
KMEM_API int kmem_register_shrinker_unnamed(struct shrinker *shrinker)
	KMEM_ABI(register_shrinker_unnamed);
KMEM_API void unregister_shrinker(struct shrinker *shrinker)
	KMEM_ABI(unregister_shrinker);
/* In two steps: what can fail, and what cannot. */
KMEM_API int prealloc_shrinker(struct shrinker *shrinker, const char *fmt, ...)
	KMEM_ABI(prealloc_shrinker) KMEM_PRINTF(2, 3);
KMEM_API int kmem_prealloc_shrinker_unnamed(struct shrinker *shrinker)
	KMEM_ABI(prealloc_shrinker_unnamed);
KMEM_API void register_shrinker_prepared(struct shrinker *shrinker)
	KMEM_ABI(register_shrinker_prepared);
KMEM_API void free_prealloced_shrinker(struct shrinker *shrinker)
	KMEM_ABI(free_prealloced_shrinker);

/* Of 2.6. NULL without memory. */
KMEM_API struct shrinker *set_shrinker(int seeks, shrinker_t fn)
	KMEM_ABI(set_shrinker);
KMEM_API void remove_shrinker(struct shrinker *shrinker)
	KMEM_ABI(remove_shrinker);

KMEM_EXTERN_C_END

#if defined(__cplusplus)

inline int register_shrinker(struct shrinker *shrinker)
{
	return kmem_register_shrinker_unnamed(shrinker);
}

inline int prealloc_shrinker(struct shrinker *shrinker)
{
	return kmem_prealloc_shrinker_unnamed(shrinker);
}

#else

/* The form for one argument, or for up to eleven. */
#define KMEM_SHRINKER_FORM(a, b, c, d, e, f, g, h, i, j, k, l, ...) l
#define register_shrinker(...)                                       \
	KMEM_SHRINKER_FORM(__VA_ARGS__, (register_shrinker),         \
			   (register_shrinker), (register_shrinker), \
			   (register_shrinker), (register_shrinker), \
			   (register_shrinker), (register_shrinker), \
			   (register_shrinker), (register_shrinker), \
			   (register_shrinker),                      \
			   kmem_register_shrinker_unnamed, 0)        \
	(__VA_ARGS__)
#define prealloc_shrinker(...)                                       \
	KMEM_SHRINKER_FORM(__VA_ARGS__, (prealloc_shrinker),         \
			   (prealloc_shrinker), (prealloc_shrinker), \
			   (prealloc_shrinker), (prealloc_shrinker), \
			   (prealloc_shrinker), (prealloc_shrinker), \
			   (prealloc_shrinker), (prealloc_shrinker), \
			   (prealloc_shrinker),                      \
			   kmem_prealloc_shrinker_unnamed, 0)        \
	(__VA_ARGS__)

#endif

#endif
