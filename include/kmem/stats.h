/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Read-only views of what the allocators hold.
 */
#ifndef KMEM_STATS_H
#define KMEM_STATS_H

#include <kmem/abi.h>
#include <stddef.h>

/* One cache at one moment. */
struct kmem_cache_stats {
	const char *name;   /* valid during the callback */
	size_t object_size; /* bytes that are the user's */
	size_t size;        /* bytes from one object to the next */
	unsigned int objs_per_slab;
	unsigned int pages_per_slab;
	unsigned long active_objs; /* in use, or kept in sheaves */
	unsigned long num_objs;    /* room in all slabs */
	unsigned long active_slabs;
	unsigned long num_slabs;
};

/* One shrinker (<linux/shrinker.h>) at one moment. */
struct kmem_shrinker_stats {
	const char *name;             /* valid during the callback */
	unsigned long freeable;       /* objects that it says it could free */
	unsigned long deferred;       /* work put off */
	unsigned long calls;          /* of scan_objects() that did not stop */
	unsigned long scanned, freed; /* objects, in all these calls */
	int seeks;
	long batch;
};

KMEM_EXTERN_C_BEGIN

/* Calls fn for every cache; fn must not create or destroy one. */
KMEM_API void kmem_for_each_cache(void (*fn)(const struct kmem_cache_stats *st,
					     void *data),
				  void *data) KMEM_ABI(kmem_for_each_cache);
/*
 * The table of /proc/slabinfo, format 2.1.  Writes at most size bytes with a
 * NUL at their end, and returns the length that the whole table has.
 */
KMEM_API size_t kmem_slabinfo(char *buf, size_t size) KMEM_ABI(kmem_slabinfo);

/* The zones in the form of /proc/zoneinfo; as kmem_slabinfo(). */
KMEM_API size_t kmem_zoneinfo(char *buf, size_t size) KMEM_ABI(kmem_zoneinfo);

/* The areas in the form of /proc/vmallocinfo; as kmem_slabinfo(). */
KMEM_API size_t kmem_vmallocinfo(char *buf, size_t size)
	KMEM_ABI(kmem_vmallocinfo);

/* Guarded objects (<linux/kfence.h>): figures, and each; as kmem_slabinfo(). */
KMEM_API size_t kmem_kfence_stats(char *buf, size_t size)
	KMEM_ABI(kmem_kfence_stats);
KMEM_API size_t kmem_kfence_objects(char *buf, size_t size)
	KMEM_ABI(kmem_kfence_objects);

/* Calls fn for every registered shrinker, in their order. */
KMEM_API void kmem_for_each_shrinker(
	void (*fn)(const struct kmem_shrinker_stats *st, void *data),
	void *data) KMEM_ABI(kmem_for_each_shrinker);
/* A table of them; as kmem_slabinfo(). */
KMEM_API size_t kmem_shrinkers(char *buf, size_t size) KMEM_ABI(kmem_shrinkers);

KMEM_EXTERN_C_END

#endif
