/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Visits every cache, and checks every layer's invariants. */
#include <kmem/kmem.h>
#include <kmem/stats.h>

#include "alloc/alloc.h"
#include "alloc/region.h"
#include "alloc/vmalloc.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "lib/list.h"
#include "page/page.h"
#include "page/zone.h"
#include "slab/slab.h"

static void stats_read(struct kmem_cache *s, struct kmem_cache_stats *st)
{
	struct slab_counts c;

	slab_counts(s, &c);
	st->name = s->name;
	st->object_size = s->object_size;
	st->size = s->size;
	st->objs_per_slab = s->objects;
	st->pages_per_slab = 1u << s->order;
	st->active_objs = c.active_objs;
	st->num_objs = c.num_objs;
	st->active_slabs = c.num_slabs;
	st->num_slabs = c.num_slabs;
}

/**
 * kmem_for_each_cache - calls a function for every cache
 * @fn: gets the counts of one cache and @data; must neither create nor
 *	destroy a cache, nor ask for a block above KMALLOC_MAX_SIZE
 * @data: handed on
 *
 * Caches come in the order of their creation, the library's own included.
 * The counts of one cache belong together; those of two are not of the same
 * instant.
 *
 * Context: may sleep; slab_mutex is held around @fn.
 * Source: ours.
 */
void kmem_for_each_cache(void (*fn)(const struct kmem_cache_stats *st,
				    void *data),
			 void *data)
{
	struct kmem_cache_stats st;
	struct list_head *pos;

	if (kmalloc_boot())
		return;
	lock_take(&slab_mutex, LOCK_CACHES);
	ring_for_each(pos, &slab_caches)
	{
		stats_read(list_entry_of(pos, struct kmem_cache, list), &st);
		fn(&st, data);
	}
	lock_drop(&slab_mutex, LOCK_CACHES);
}

/**
 * kmem_validate - checks every invariant of every layer
 *
 * Takes time in proportion to the memory in use.
 *
 * Return: true; false after a report of what is broken.
 * Context: may sleep; takes slab_mutex and the locks below it.  No other
 * thread may use a cache meanwhile.
 * Source: ours.
 */
bool kmem_validate(void)
{
	struct list_head *pos;
	bool sound;

	check_sleeping();
	if (kmalloc_boot())
		return true;
	sound = region_validate();
	sound &= areas_validate();
	lock_take(&slab_mutex, LOCK_CACHES);
	ring_for_each(pos, &slab_caches) sound &=
		cache_validate(list_entry_of(pos, struct kmem_cache, list));
	lock_drop(&slab_mutex, LOCK_CACHES);
	return zone_validate() && sound;
}

/**
 * kmem_cache_validate - checks every invariant of one cache
 * @s: the cache
 *
 * Of a debugged cache every object is looked at; what is found is reported and
 * mended, so that the next call finds nothing of it.
 *
 * Return: true; false after a report, also when @s is no cache.
 * Context: may sleep; takes slab_mutex and the locks below it.  No other
 * thread may use the cache meanwhile.
 * Source: ours; the kernel's is the file validate of a cache.
 */
bool kmem_cache_validate(struct kmem_cache *s)
{
	bool sound;

	check_sleeping();
	if (!slab_expect_cache(s, "kmem_cache_validate", WARN_CALLER()))
		return false;
	lock_take(&slab_mutex, LOCK_CACHES);
	sound = cache_validate(s);
	lock_drop(&slab_mutex, LOCK_CACHES);
	return sound;
}

/**
 * kmem_cache_errors - how much was found wrong in a cache
 * @s: the cache
 *
 * Return: reports about the cache and fixes so far, objects left at its end
 * one by one; 0 after a warning when @s is no cache.
 * Context: any.
 * Source: ours; the kernel's tests count the same.
 */
unsigned long kmem_cache_errors(struct kmem_cache *s)
{
	if (!slab_expect_cache(s, "kmem_cache_errors", WARN_CALLER()))
		return 0;
	return __atomic_load_n(&s->errors, __ATOMIC_RELAXED);
}
