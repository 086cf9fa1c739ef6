/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Around fork every lock of every cache is held, the dead caches' too, rank
 * by rank, so that the child finds all of them at rest.
 */
#include "slab/defer.h"

#include "sync/fork.h"

static struct list_head *const rings[] = { &slab_caches, &slab_dead_caches };

static void each_cache(void (*fn)(struct kmem_cache *s))
{
	struct list_head *pos;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(rings); i++)
		ring_for_each(pos, rings[i])
			fn(list_entry_of(pos, struct kmem_cache, list));
}

static bool cache_fork_fenced;

static void park_slots(struct kmem_cache *s)
{
	pcs_park(&s->pcs);
}

static void hold_slots(struct kmem_cache *s)
{
	pcs_hold(&s->pcs, cache_fork_fenced);
}

static void freeze_barn(struct kmem_cache *s)
{
	lock_take_nested(&s->barn0.lock, LOCK_BARN);
}

static void freeze_list(struct kmem_cache *s)
{
	lock_take_nested(&s->node0.list_lock, LOCK_LIST);
}

static void thaw(struct kmem_cache *s)
{
	lock_drop_nested(&s->node0.list_lock, LOCK_LIST);
	lock_drop_nested(&s->barn0.lock, LOCK_BARN);
	pcs_thaw(&s->pcs);
}

static void thaw_in_child(struct kmem_cache *s)
{
	if (!cache_fork_fenced)
		pcs_forget(&s->pcs);
	defer_adopt(s);
	thaw(s);
	lock_reset(&s->node0.list_lock);
	lock_reset(&s->barn0.lock);
}

static void cache_fork_prepare(void)
{
	lock_take(&slab_mutex, LOCK_CACHES);
	each_cache(park_slots);
	cache_fork_fenced = pcs_fence();
	each_cache(hold_slots);
	each_cache(freeze_barn);
	each_cache(freeze_list);
}

static void cache_fork_parent(void)
{
	each_cache(thaw);
	lock_drop(&slab_mutex, LOCK_CACHES);
}

static void cache_fork_child(void)
{
	defer_forked();
	each_cache(thaw_in_child);
	lock_drop(&slab_mutex, LOCK_CACHES);
	lock_reset(&slab_mutex);
}

const struct fork_ops slab_fork = {
	.prepare = cache_fork_prepare,
	.parent = cache_fork_parent,
	.child = cache_fork_child,
};
