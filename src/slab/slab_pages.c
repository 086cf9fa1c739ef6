/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A slab is made of pages, with every object constructed and free, and becomes
 * pages again.  No lock is held here.
 */
#include "slab/debug.h"
#include "slab/given.h"
#include "slab/sites.h"

#include "debug/report.h"
#include "debug/watch.h"
#include "lib/atomic.h"
#include "page/reclaim.h"

/* Flags of the caller's request that a slab's pages inherit. */
#define SLAB_PAGE_GFP (GFP_RECLAIM_MASK | GFP_CONSTRAINT_MASK)

static void run_ctors(struct kmem_cache *s, struct page *slab)
{
	unsigned int i;
	void *obj;

	for (i = 0; i < slab->objects; i++) {
		obj = slab_obj(s, slab, i);
		if (s->ctor)
			s->ctor(obj);
		else
			s->ctor3(obj, s, SLAB_CTOR_CONSTRUCTOR);
	}
}

static struct page *slab_pages(struct kmem_cache *s, gfp_t gfp)
{
	gfp_t first = gfp | __GFP_NOWARN | __GFP_NORETRY;
	struct page *slab;

	if (s->order == s->min_order)
		return page_alloc(gfp, s->order);
	first &= ~(__GFP_NOFAIL | __GFP_DIRECT_RECLAIM);
	slab = page_alloc(first | __GFP_NOMEMALLOC, s->order);
	return slab ? slab : page_alloc(gfp, s->min_order);
}

/* The same; a failure's report names the cache. */
static struct page *slab_pages_named(struct kmem_cache *s, gfp_t gfp)
{
	const struct kmem_cache_node *node = s->node;
	struct port_task *task = port_task();
	const struct page_asker *outer = task->asker;
	const struct page_asker asker = {
		.name = s->name,
		.object_size = s->object_size,
		.size = s->size,
		.order = s->order,
		.min_order = s->min_order,
		.slabs = READ_ONCE(node->nr_slabs),
		.objects = READ_ONCE(node->total_objects),
		.free = READ_ONCE(node->free_objects),
		.flags = task->flags,
	};
	struct page *slab;

	task->asker = &asker;
	slab = slab_pages(s, gfp);
	task->asker = outer;
	return slab;
}

/* What the pages of its slabs tell. */
uintptr_t slab_column(const struct kmem_cache *s)
{
	return s->checked ? 0 : pcs_column(&s->pcs);
}

struct page *slab_new(struct kmem_cache *s, gfp_t gfp)
{
	unsigned int i, pages;
	struct page *slab;

	warn_once_if((s->ctor || s->ctor3) && gfp & __GFP_ZERO,
		     "%s: __GFP_ZERO on a cache with a constructor", s->name);
	warn_once_if(gfp & (__GFP_DMA32 | __GFP_HIGHMEM),
		     "%s: Unexpected gfp: %#x, not for slabs", s->name,
		     (unsigned int)gfp);
	gfp = (gfp & SLAB_PAGE_GFP) | s->allocflags | __GFP_COMP;
	slab = slab_pages_named(s, gfp);
	if (!slab)
		return NULL;
	pages = 1u << slab->order;
	for (i = 0; i < pages; i++)
		page_set_cache(slab + i, s, slab_column(s));
	page_set_bits(slab, page_bits(slab) | PG_MASK(PG_objects));
	slab->objects = slab->order == s->order ? s->objects : s->min_objects;
	slub_all_free(slab);
	sites_slab_made(slab);
	if (s->checked)
		slab_given_clear(slab);
	if (slab_debugged(s))
		debug_slab_made(s, slab);
	if (s->ctor || s->ctor3)
		run_ctors(s, slab);
	if (s->flags & SLAB_WATCHED)
		watch_shut(page_addr(slab), PG_BYTES << slab->order);
	return slab;
}

static void slab_pages_free(struct kmem_cache *s, struct page *slab,
			    enum lock_wait how)
{
	unsigned int i, order = slab->order;

	watch_open(page_addr(slab), PG_BYTES << order, true);
	for (i = 0; s->dtor3 && i < slab->objects; i++)
		s->dtor3(slab_obj(s, slab, i), s, 0);
	sites_slab_gone(slab, how);
	slab->private = 0;
	for (i = 0; i < 1u << order; i++)
		page_set_cache(slab + i, NULL, 0);
	page_put(slab, order, how);
}

/* The list link of a slab that is on no list serves as the head. */
static void slab_after_grace(struct port_rcu *head)
{
	struct page *slab = list_entry_of(head, struct page, lru);

	slab_pages_free(page_cache(slab), slab, LOCK_SPIN);
}

void slab_release(struct kmem_cache *s, struct page *slab, enum lock_wait how)
{
	_Static_assert(sizeof(struct port_rcu) <= sizeof(slab->lru),
		       "the head must fit the list link");

	if (!(s->flags & SLAB_TYPESAFE_BY_RCU)) {
		slab_pages_free(s, slab, how);
		return;
	}
	port_rcu_call((struct port_rcu *)(void *)&slab->lru, slab_after_grace);
	page_pass_due();
}
