/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Caches that give back what they keep: sheaves, barn and empty slabs.
 *
 * Idle.  A cache in which no sheaf moved and no slab was visited between two
 * looks gives back all of it.  Each round (page/purge.c) looks through the
 * caches, a few in a tick; two looks at one are at least half an idle age
 * apart.
 *
 * Sparse.  Objects in sheaves do no harm while a cache is busy.  When nearly
 * all of its objects have been freed, those few lie scattered over as many
 * slabs, and each keeps its slab from going back: a thousand of them can hold
 * most of what the program has freed.  So a free that finds its sheaf full, and
 * may call the OS, looks whether the objects that are surely in no sheaf fill
 * less than an eighth of the slabs.  If so, it gives back all that the cache
 * keeps, and from then on each free goes to its slab directly, until an
 * allocation finds no sheaf.  That costs some ten ns for each of the last
 * objects.  The allocation says that it was an error, so for some idle ages it
 * is not made again: a program that goes up and down pays for one of its
 * rounds.
 *
 * Both make system calls, so only a caller that may sleep does them.  No free
 * waits for a slot: it looks first whether all slots are at rest; a thread that
 * comes to one after that soon leaves it.
 *
 * What is read here without a lock is a guess.  With decay_ms=-1 none of this
 * happens.
 */
#include "slab/slab.h"

#include "lib/atomic.h"
#include "page/reclaim.h"
#include "page/zone.h"
#include "port/port.h"

/* Slabs of so few bytes are not worth a look. */
#define SPARSE_LEAST_BYTES (64ul << 10)
#define SPARSE_SMALL_BYTES (256ul << 10)
/* Objects that the slabs have to objects that are in use. */
#define SPARSE_RATIO 8
/* Idle ages from an error to the next time that frees go to slabs. */
#define DIRECT_PAUSE 4
/* Caches that are looked at in a tick. */
#define EXPIRE_CACHES 8

/*
 * Do the objects that are surely in no sheaf fill few of the slabs?  Nor is it
 * worth a flush when most of what is not in use lies in sheaves and is much.
 */
static bool is_sparse(const struct kmem_cache *s)
{
	const struct kmem_cache_node *node = s->node;
	unsigned long all = READ_ONCE(node->total_objects);
	unsigned long free = READ_ONCE(node->free_objects);
	unsigned long sheaves = READ_ONCE(s->sheaves);
	unsigned long empty = READ_ONCE(s->barn->nr_empty);

	if (all * s->size <= SPARSE_LEAST_BYTES ||
	    all / 4 * s->size > free * s->size + SPARSE_SMALL_BYTES)
		return false;
	sheaves -= empty < sheaves ? empty : sheaves;
	free += sheaves * pcs_capacity(&s->pcs);
	return all < free + all / SPARSE_RATIO;
}

void __slab_give_back(struct kmem_cache *s)
{
	slab_flush(s);
	slub_shrink(s);
}

bool slab_frees_slow(struct kmem_cache *s)
{
	bool given;

	if (!is_sparse(s) || page_idle_ns() < 0 ||
	    port_clock_ns() < READ_ONCE(s->direct_after) ||
	    !lock_try(&slab_mutex, LOCK_CACHES))
		return false;
	given = pcs_at_rest(&s->pcs);
	if (given) {
		__slab_give_back(s);
		WRITE_ONCE(s->direct, true);
	}
	lock_drop(&slab_mutex, LOCK_CACHES);
	return given;
}

void slab_wanted(struct kmem_cache *s)
{
	WRITE_ONCE(s->direct, false);
	WRITE_ONCE(s->direct_after,
		   port_clock_ns() + DIRECT_PAUSE * (uint64_t)page_idle_ns());
}

/*
 * The last slabs of a cache leave one by one, from all over the place.  On a
 * CPU's list each would keep its neighbours from becoming a larger block.
 */
void slab_gave_pages(struct kmem_cache *s, enum lock_wait how)
{
	if (slab_frees_direct(s))
		pcp_drain_local(how);
	page_pass_due();
}

/* A look that came late in its round, and this one early, may be too close. */
static void expire(struct kmem_cache *s, uint64_t then)
{
	struct slab_counts c;

	if (s->looked_ns > then + (uint64_t)page_idle_ns() / 2)
		return;
	s->looked_ns = port_clock_ns();
	slab_counts(s, &c);
	if ((c.num_empty || c.free_in_sheaves) && c.moves == s->moves_seen &&
	    pcs_at_rest(&s->pcs)) {
		__slab_give_back(s);
		slab_counts(s, &c);
	}
	s->moves_seen = c.moves;
}

/* The cache at which the round goes on; NULL: it begins. Under slab_mutex. */
static struct kmem_cache *next;

static struct kmem_cache *cache_at(struct list_head *pos)
{
	return pos == &slab_caches ?
		       NULL :
		       list_entry_of(pos, struct kmem_cache, list);
}

void __slab_expire_forget(const struct kmem_cache *s)
{
	if (next == s)
		next = cache_at(s->list.next);
}

bool slab_expire(uint64_t then)
{
	struct list_head *pos;
	unsigned int left = EXPIRE_CACHES;

	if (!lock_try(&slab_mutex, LOCK_CACHES))
		return false;
	pos = next ? &next->list : slab_caches.next;
	for (; pos != &slab_caches && left--; pos = pos->next)
		expire(list_entry_of(pos, struct kmem_cache, list), then);
	next = cache_at(pos);
	lock_drop(&slab_mutex, LOCK_CACHES);
	return pos != &slab_caches;
}
