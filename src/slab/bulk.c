/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The calls on objects of a cache: one, and many at once.
 *
 * Many at once takes what main has in one sequence, then fills the caller's
 * array straight from the slabs: no sheaf is filled for objects that leave
 * at once.  Where the slabs have none, the other sheaves may.
 */
#include "slab/sites.h"
#include "slab/slab.h"

#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "slab/debug.h"

/**
 * kmem_cache_alloc - an object
 * @s: the cache
 * @flags: what may be done to get it (GFP_*); __GFP_ZERO clears it
 *
 * Return: the object, aligned as the cache, constructed if the cache has a
 * constructor, otherwise with any content; NULL when there is no memory.
 * Context: as @flags say: without __GFP_DIRECT_RECLAIM it does not sleep.
 * Source: Linux 7.x.
 */
FAST_PATH void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
{
	return slab_alloc(s, flags);
}

/* <kmem/inline.h> */
#if KMEM_RSEQ
extern KMEM_API __typeof__(kmem_cache_alloc) kmem_called_cache_alloc
	__attribute__((malloc, alias("kmem_kmem_cache_alloc")));
extern KMEM_API __typeof__(kmem_cache_free) kmem_called_cache_free
	__attribute__((alias("kmem_kmem_cache_free")));
#endif

/**
 * kmem_cache_zalloc - an object of zero bytes
 * @s: the cache
 * @flags: GFP_*
 *
 * Return: the object or NULL.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *kmem_cache_zalloc(struct kmem_cache *s, gfp_t flags)
{
	return slab_alloc(s, flags | __GFP_ZERO);
}

/**
 * kmem_cache_alloc_node - an object near a node
 * @s: the cache
 * @flags: GFP_*
 * @node: a wish; there is one node, so every wish is met
 *
 * Return: the object or NULL; with __GFP_THISNODE also NULL for a node that
 * does not exist.
 * Context: as @flags say.
 * Source: Linux 7.x without NUMA.
 */
void *kmem_cache_alloc_node(struct kmem_cache *s, gfp_t flags, int node)
{
	if (unlikely(flags & __GFP_THISNODE) && node > 0)
		return NULL;
	return slab_alloc(s, flags);
}

/**
 * kmem_cache_alloc_lru - kmem_cache_alloc()
 * @s: the cache
 * @lru: concerns control groups, of which there are none
 * @flags: GFP_*
 *
 * Return: the object or NULL.
 * Context: as @flags say.
 * Source: Linux 7.x without memory control groups.
 */
void *kmem_cache_alloc_lru(struct kmem_cache *s, struct list_lru *lru,
			   gfp_t flags)
{
	(void)lru;
	return slab_alloc(s, flags);
}

/*
 * Is obj from a slab of s?  If not, it is freed here, being guarded; or it is
 * reported and stays where it is.
 */
static bool owner_is(struct kmem_cache *s, void *obj, const void *caller)
{
	struct kmem_cache *owner = page_owner(obj);

	if (likely(owner == s && s))
		return true;
	if (kfence_holds(obj)) {
		kfence_free(s, obj, caller);
		return false;
	}
	slab_report_wrong_cache(s, owner, obj, caller);
	return false;
}

/* A full sheaf or none, an object outside the main zone or of others. */
static __attribute__((noinline)) void free_checked(struct kmem_cache *s,
						   void *obj)
{
	if (owner_is(s, obj, WARN_CALLER()))
		slab_free(s, obj, LOCK_SPIN);
}

/**
 * kmem_cache_free - gives an object back
 * @s: the cache it came from
 * @obj: the object, in constructed state if the cache has a constructor;
 *	not NULL
 *
 * An object of another cache is reported and leaked; so is any object when @s
 * is no cache.
 *
 * Context: any but an NMI; never sleeps, never fails.
 * Source: Linux 7.x.
 */
FAST_PATH void kmem_cache_free(struct kmem_cache *s, const void *obj)
{
	void *o = (void *)(uintptr_t)obj;

	/* what is in no slab has no owner, and s may be NULL */
	if (unlikely(!s) || unlikely(!page_owner_is(o, s)) ||
	    unlikely(!pcs_push_first(&s->pcs, o)))
		free_checked(s, o);
}

static unsigned int slice(size_t n)
{
	return n < SLAB_OBJECTS_MAX ? (unsigned int)n : SLAB_OBJECTS_MAX;
}

/* From the slabs; slub_take() puts first what must be used last. */
static unsigned int take_in_order(struct kmem_cache *s, gfp_t gfp,
				  unsigned int n, void **p)
{
	unsigned int i, got = slub_take(s, gfp, n, p);
	void *obj;

	for (i = 0; i < got / 2; i++) {
		obj = p[i];
		p[i] = p[got - 1 - i];
		p[got - 1 - i] = obj;
	}
	return got;
}

/* An object out of a sheaf that is not main; the slabs have none. */
static unsigned int take_parked(struct kmem_cache *s, gfp_t gfp, void **p)
{
	if (!s->barn)
		return 0;
	gfp &= ~(__GFP_DIRECT_RECLAIM | __GFP_ZERO);
	*p = slab_alloc_inner(s, gfp | __GFP_NOWARN);
	return *p ? 1 : 0;
}

unsigned int slab_take_some(struct kmem_cache *s, gfp_t gfp, size_t n, void **p)
{
	unsigned int want = slice(n), got = 0;

	if (s->barn)
		got = pcs_pop_bulk(&s->pcs, want, p);
	if (!got)
		got = take_in_order(s, gfp, want, p);
	return got ? got : take_parked(s, gfp, p);
}

/**
 * kmem_cache_alloc_bulk - many objects, or none
 * @s: the cache
 * @flags: GFP_*
 * @n: how many
 * @p: array of n pointers, need not be initialised; undefined on failure
 *
 * Return: @n, or 0 when not all could be had (or @n is 0), and after a warning
 * when @s is no cache.
 * Context: as @flags say.
 * Source: Linux 6.x; true and false of newer kernels compare alike.
 */
int kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t flags, size_t n, void **p)
{
	size_t got = 0, i;

	check_blocking(flags);
	if (n > INT32_MAX ||
	    !slab_expect_cache(s, "kmem_cache_alloc_bulk", WARN_CALLER()) ||
	    should_fail_of(n * s->object_size, flags, s->fails, s))
		return 0;
	if (kfence_wanted(&s->pcs) && n) {
		p[0] = kfence_sample(s, flags, s->object_size, WARN_CALLER());
		got = p[0] ? 1 : 0;
	}
	while (got < n) {
		unsigned int part = slab_take_some(s, flags, n - got, p + got);

		if (!part) {
			slab_free_bulk(s, got, p, LOCK_SPIN);
			return 0;
		}
		got += part;
	}
	sites_charge(s, p, n, flags);
	if (flags & __GFP_ZERO)
		for (i = 0; i < n; i++)
			if (!kfence_holds(p[i]))
				memset(p[i], 0, s->zero_size);
	return (int)n;
}

/* Moves objects of s to the front of p; others stay behind. Their number. */
static size_t mine_first(struct kmem_cache *s, size_t n, void **p,
			 const void *caller)
{
	size_t mine = 0, i;
	void *obj;

	for (i = 0; i < n; i++) {
		if (unlikely(!owner_is(s, p[i], caller)))
			continue;
		obj = p[mine];
		p[mine++] = p[i];
		p[i] = obj;
	}
	return mine;
}

void slab_free_bulk(struct kmem_cache *s, size_t n, void **p,
		    enum lock_wait how)
{
	size_t mine = mine_first(s, n, p, WARN_CALLER());
	size_t put;

	/* s is the owner of these; without any it may be junk */
	if (!mine)
		return;
	if (slab_debugged(s))
		port_task()->caller = WARN_CALLER();
	put = s->barn ? pcs_push_bulk(&s->pcs, slice(mine), p) : 0;

	while (put < mine) {
		slub_give(s, slice(mine - put), p + put, how);
		put += slice(mine - put);
	}
}
