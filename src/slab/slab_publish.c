/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A cache's statistics, copied to where tools read them.
 *
 * The copy is made at the end of each hold of the lock that guards the
 * counters:  a few stores for a sheaf of objects, nothing on the fast path.  A
 * child made without fork handlers may share the record's memory, so nothing is
 * ever read back from it, and the slots, which the fast path reads and writes,
 * stay private: only their address is published.
 */
#include "debug/fail.h"
#include "debug/publish.h"
#include "lib/atomic.h"
#include "page/sites.h"
#include "slab/slab.h"
#include "slab/view.h"

struct slab_tally slab_tally;

/* The lock is held: the change since the last time is added. */
static void tally(const struct kmem_cache *s, struct kmem_cache_node *n)
{
	unsigned long used = n->total_objects - n->free_objects;

	if (s->flags & SLAB_NOLEAKTRACE)
		used = 0;
	__atomic_fetch_add(&slab_tally.bytes,
			   (long)(used - n->tallied) * (long)s->size,
			   __ATOMIC_RELAXED);
	__atomic_fetch_add(&slab_tally.pages,
			   (long)(n->slab_pages - n->tallied_pages),
			   __ATOMIC_RELAXED);
	n->tallied = used;
	n->tallied_pages = n->slab_pages;
}

void __slab_publish_counts(struct kmem_cache *s)
{
	struct kmem_cache_node *n = s->node;
	struct kmem_pub_cache *r = s->pub;

	if (fail_wanted())
		tally(s, n);
	if (!r || !publish_mine())
		return;
	publish_begin(&r->record);
	WRITE_ONCE(r->slabs, n->nr_slabs);
	WRITE_ONCE(r->slab_pages, n->slab_pages);
	WRITE_ONCE(r->total_objects, n->total_objects);
	WRITE_ONCE(r->free_objects, n->free_objects);
	WRITE_ONCE(r->partial, n->nr_partial);
	WRITE_ONCE(r->empty, n->nr_empty);
	WRITE_ONCE(r->taken, n->taken);
	WRITE_ONCE(r->given, n->given);
	WRITE_ONCE(r->refills, n->refills);
	WRITE_ONCE(r->flushes, n->flushes);
	WRITE_ONCE(r->slabs_made, n->slabs_made);
	WRITE_ONCE(r->slabs_freed, n->slabs_freed);
	publish_end(&r->record);
}

void __barn_publish(struct barn *b)
{
	struct kmem_pub_cache *r = b->pub;

	if (!r || !publish_mine())
		return;
	WRITE_ONCE(r->barn_full, b->nr_full);
	WRITE_ONCE(r->barn_empty, b->nr_empty);
	WRITE_ONCE(r->barn_gets, b->gets);
	WRITE_ONCE(r->barn_puts, b->puts);
}

/* slab_mutex is held, or no other thread knows the cache yet. */
void slab_publish_slots(struct kmem_cache *s)
{
	struct kmem_pub_cache *r = s->pub;

	if (!r || !publish_mine())
		return;
	WRITE_ONCE(r->slots, s->barn ? (uintptr_t)s->pcs.slots : 0);
	WRITE_ONCE(r->nr_slots, s->barn ? s->pcs.nr : 0);
	WRITE_ONCE(r->slot_stride, sizeof(struct pcs_slot));
	WRITE_ONCE(r->column, pcs_column(&s->pcs));
	WRITE_ONCE(r->nr_cpus, pcs_column(&s->pcs) ? pcs_cpus() : 0);
	WRITE_ONCE(r->column_stride, KMEM_SEQ_UNIT);
}

/* slab_mutex is held, or no other thread knows the cache yet. */
void slab_publish(struct kmem_cache *s)
{
	static uint32_t made;
	struct kmem_pub_cache *r = publish(KMEM_PUB_CACHE, sizeof(*r));

	made++;
	if (!r)
		return;
	r->number = made;
	memcpy(r->name, s->name, sizeof(r->name));
	r->size = s->size;
	r->object_size = s->object_size;
	r->objects = s->objects;
	r->order = s->order;
	r->align = s->align;
	r->sheaf_bytes = s->barn ? s->pcs.bytes : 0;
	r->flags = (uint32_t)s->flags;
	r->self = (uintptr_t)s;
	s->pub = r;
	s->barn0.pub = r;
	slab_publish_slots(s);
}

void slab_unpublish(struct kmem_cache *s)
{
	unpublish(s->pub);
	s->pub = NULL;
	s->barn0.pub = NULL;
}

void slab_publish_boot(void)
{
	struct kmem_pub_header *h = publish_header();
	const char *name = pcs_backend();

	total_add(&page_totals()->column_bytes, (long)pcs_columns_bytes());
	debug_view.window = &window;
	debug_view.zones = zones;
	debug_view.site_words = &sites_words;
	debug_view.sites_epoch = &sites_epoch;
	debug_view.layout = view_layout();
	total_set(&page_totals()->view, (uintptr_t)&debug_view);
	if (!h)
		return;
	memcpy(h->backend, name, text_len(name) + 1);
	h->standin = (uintptr_t)PCS_STANDIN;
}
