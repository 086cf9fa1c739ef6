/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Caches that give back what they keep.
 *
 * Objects in sheaves and barn are free to nobody's loss while a cache is
 * busy.  When nearly all of its objects have been freed, those few lie
 * scattered over as many slabs, and each keeps its slab from going back: a
 * thousand of them can hold most of what the program has freed.
 *
 * Ebb.  Whoever returns objects to slabs looks, under the list_lock, whether
 * the cache has become sparse: not more objects outside of its slabs than
 * sheaves can hold twice, and their bytes not a quarter of the slabs'.  The
 * next free that finds its sheaf full, and may call the host, then empties the
 * sheaves, and until an allocation finds no sheaf, each free goes to its slab
 * directly.  That costs some ten ns for each of the last thousand objects.  If
 * the first allocation comes within the decay time, the ebb was an error, and
 * the next is put off by that time: a cache that breathes pays for one in a
 * while.
 *
 *	CALM --sparse--> SPARSE --a free, sheaf full--> EBB --no sheaf--> CALM
 *
 * Decay.  Once in a decay time a slow path looks through all caches, a few at
 * a time.  A cache in which no sheaf moved since the time before is idle, and
 * its sheaves and empty slabs go back.
 *
 * Both call the host, so only who may sleep does them.  No free waits for a
 * slot: they look first whether all slots are at rest; who comes to one after
 * that is another thread, and soon leaves it.
 *
 * The state is a hint: read and changed without a lock, but for SPARSE, which
 * the list_lock guards.  With decay_ms=-1 none of this happens.
 */
#include "slab/slab.h"

#include "lib/atomic.h"
#include "page/reclaim.h"
#include "page/zone.h"
#include "port/port.h"

/* Slabs of so few bytes are not worth a look. */
#define EBB_LEAST_BYTES (64ul << 10)
/* Bytes of slabs to bytes of objects outside them. */
#define EBB_SPARSE 4
/* Caches that are looked at in passing. */
#define DECAY_CACHES 8

static bool is_sparse(const struct kmem_cache *s)
{
	const struct kmem_cache_node *node = s->node;
	unsigned long outside = node->total_objects - node->free_objects;
	unsigned long bytes = node->slab_pages << PG_SHIFT;
	unsigned long most =
		READ_ONCE(s->barn->room) + 2ul * pcs_slots(&s->pcs);

	if (bytes <= EBB_LEAST_BYTES + EBB_SPARSE * outside * s->size)
		return false;
	return outside <= 2 * most * pcs_capacity(&s->pcs);
}

void __slab_watch(struct kmem_cache *s)
{
	unsigned char ebb = READ_ONCE(s->ebb);

	if (ebb == SLAB_EBB || !s->barn)
		return;
	if (is_sparse(s) != (ebb == SLAB_SPARSE))
		WRITE_ONCE(s->ebb,
			   ebb == SLAB_SPARSE ? SLAB_CALM : SLAB_SPARSE);
}

/*
 * Sheaves and empty slabs; false: not now. slab_mutex is held.  Columns of the
 * rseq backend have no holders: there nobody waits.
 */
static bool give_back(struct kmem_cache *s)
{
	if (!pcs_at_rest(&s->pcs))
		return false;
	slab_flush(s);
	slub_shrink(s);
	return true;
}

bool slab_ebb_slow(struct kmem_cache *s)
{
	int64_t decay = page_decay_ns();
	bool given;
	uint64_t now;

	if (slab_in_ebb(s))
		return true;
	if (decay < 0)
		return false;
	now = port_clock_ns();
	if (now < READ_ONCE(s->ebb_after) ||
	    !lock_try(&slab_mutex, LOCK_CACHES))
		return false;
	given = give_back(s);
	if (given) {
		WRITE_ONCE(s->ebb_since, now);
		WRITE_ONCE(s->ebb, SLAB_EBB);
	}
	lock_drop(&slab_mutex, LOCK_CACHES);
	return given;
}

void slab_flood(struct kmem_cache *s)
{
	uint64_t now, decay;

	if (!slab_in_ebb(s))
		return;
	WRITE_ONCE(s->ebb, SLAB_CALM);
	now = port_clock_ns();
	decay = (uint64_t)page_decay_ns();
	if (now - READ_ONCE(s->ebb_since) < decay)
		WRITE_ONCE(s->ebb_after, now + decay);
}

/*
 * The last slabs of a cache leave one by one, from all over the place.  On a
 * CPU's list each would keep its neighbours from becoming a larger block.
 */
void slab_gave_pages(struct kmem_cache *s, enum lock_wait how)
{
	if (slab_in_ebb(s))
		pcp_drain_local(how);
	page_pass_due();
}

/* Sheaves moved and slabs visited since the cache was made. */
static unsigned long moves(struct kmem_cache *s)
{
	struct kmem_cache_node *node = s->node;
	unsigned long n;

	node_get(s, LOCK_SLEEP);
	n = node->refills + node->flushes;
	node_put(s, LOCK_SLEEP);
	if (!s->barn)
		return n;
	lock_take(&s->barn->lock, LOCK_BARN);
	n += s->barn->gets + s->barn->puts;
	lock_drop(&s->barn->lock, LOCK_BARN);
	return n;
}

static bool keeps_something(struct kmem_cache *s)
{
	struct slab_counts c;
	bool empty;

	slab_counts(s, &c);
	node_get(s, LOCK_SLEEP);
	empty = s->node->nr_empty != 0;
	node_put(s, LOCK_SLEEP);
	return empty || c.free_in_sheaves;
}

static void decay(struct kmem_cache *s)
{
	unsigned long now = moves(s);

	if (now == s->moves_seen && keeps_something(s) && give_back(s))
		now = moves(s);
	s->moves_seen = now;
}

/* The cache at which the round goes on; NULL: it begins. Under slab_mutex. */
static struct kmem_cache *next;

void __slab_decay_forget(const struct kmem_cache *s)
{
	if (next == s)
		next = s->list.next == &slab_caches ?
			       NULL :
			       list_entry_of(s->list.next, struct kmem_cache,
					     list);
}

bool slab_decay(void)
{
	struct list_head *pos;
	unsigned int left = DECAY_CACHES;

	if (!lock_try(&slab_mutex, LOCK_CACHES))
		return false;
	pos = next ? &next->list : slab_caches.next;
	for (; pos != &slab_caches && left--; pos = pos->next)
		decay(list_entry_of(pos, struct kmem_cache, list));
	next = pos == &slab_caches ?
		       NULL :
		       list_entry_of(pos, struct kmem_cache, list);
	lock_drop(&slab_mutex, LOCK_CACHES);
	return pos != &slab_caches;
}
