/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Slabs: blocks of pages cut into objects of one kind.  THEORY.
 *
 * 1. What it is for.  Turning pages into objects and back, with metadata that
 *    no user of an object can reach.  Everything above moves whole sheaves; one
 *    in a few hundred requests gets to this layer.
 *
 * 2. The nouns.  A slab is a compound block of 2^order pages.  Its record is
 *    the struct page of its head: how many objects, how many in use, and a
 *    bitmap of the free ones.  128 bits fit the record; a slab with more
 *    objects uses the 64 bytes that the window keeps for each page, which
 *    is enough for the smallest object (8 bytes) on every page.  "In use"
 *    means not in the bitmap: objects in sheaves count as in use.
 *
 *	  node->partial --> [slab 1..10.11] --> [slab 11111111 = empty]
 *	  full slabs: on no list            bit 1 = free
 *
 * 3. One take: under list_lock, whole bitmap words of the first partial slab
 *    are claimed until the sheaf is full; a slab without free objects leaves
 *    the list.  A new slab is made when there was nothing, or, if that needs no
 *    reserve and no wait, less than a quarter of a sheaf.  One give: the bits
 *    of neighbours are set together; a slab that was full comes onto the list,
 *    one that is empty moves to its end, and leaves for the page layer when the
 *    list has min_partial with it, or empty slabs of 64 KiB.  A caller that
 *    must not wait and finds the lock held: a take makes a slab of its own and
 *    claims from it before it is listed; a give notes its objects (defer.c).
 *
 * 4. Invariants (cache_validate() checks them).
 *    - inuse + bits set == objects; bits at and above objects are clear.
 *    - on_list <=> at least one bit is set.
 *    - first <= the index of the lowest word with a bit set.
 *    - every page of the slab names the cache (page_cache()) and the column
 *      that it has until its end (page_column()).
 *    - node: nr_slabs, total_objects, free_objects are the sums over the slabs
 *      with PG_slab, which is set and cleared under list_lock: a slab in a
 *      thread's hand, being made or given back, is not one of them, and neither
 *      is one on leaving, or a new one that is only noted.  Slabs that other
 *      threads held so when the process forked are lost to the child.
 *
 * 5. Locking.  Bitmaps, counts and the list belong to the node's list_lock.
 *    The constructor runs and pages are taken and freed with no lock held.
 *
 * 6. Failure.  No memory: slub_take() returns what it has, or 0.  A new slab
 *    that cannot be listed now is noted and listed later (defer.c).
 *
 * 7. Debugging.  A bit that is already set is a double free: reported, and
 *    the object is left alone.  A pointer that is not an object's start, or
 *    an object of another cache, is reported and leaked.
 *
 * 8. Where this differs from the kernel.  There is no free pointer in or
 *    behind an object, so a constructor, RCU or poison cost no bytes.  There
 *    are no frozen or per-CPU slabs (as in kernels since 7.0).  Orders above
 *    SLAB_MAX_ORDER are used where three pages' orders waste over an eighth.
 */
#include "slab/debug.h"
#include "slab/defer.h"
#include "slab/kfence.h"

#include "debug/report.h"
#include "lib/atomic.h"
#include "page/reclaim.h"

#define BITS 64u

unsigned long *slub_map(struct page *slab)
{
	if (slab->objects <= PAGE_SLAB_WORDS * BITS)
		return slab->free_map;
	return (unsigned long *)(void *)(window.slab_map +
					 page_pfn(slab) * CACHE_LINE);
}

void slub_all_free(struct page *slab)
{
	unsigned long *map = slub_map(slab);

	slab->inuse = 0;
	slab->first = 0;
	slab->on_list = 0;
	memset(map, 0xff, slab->objects / BITS * sizeof(*map));
	if (slab->objects % BITS)
		map[slab->objects / BITS] = (1ul << slab->objects % BITS) - 1;
}

static unsigned int map_words(const struct page *slab)
{
	return (slab->objects + BITS - 1) / BITS;
}

struct page *slub_of(const void *obj)
{
	struct page *page;

	if (!page_known(obj))
		return NULL;
	/*
	 * The link of a slab's head changes under a lock that the caller may
	 * not have; that of the other pages says where the head is.
	 */
	page = addr_page(obj);
	if (!page_test(page, PG_objects))
		page = page_head(page);
	return page_cache(page) ? page : NULL;
}

/* The index of the object that a slab's byte off lies in. */
static inline unsigned int off_index(uint32_t recip, unsigned int size,
				     unsigned long off)
{
	return likely(recip) ? (unsigned int)(off * recip >> 32) :
			       (unsigned int)off / size;
}

int slub_index(const struct kmem_cache *s, struct page *slab, const void *p)
{
	unsigned long off = (uintptr_t)p - (uintptr_t)slab_obj(s, slab, 0);
	unsigned long i = off_index(s->recip, s->size, off);

	return i * s->size == off && i < slab->objects ? (int)i : -1;
}

bool slub_is_free(struct page *slab, unsigned int index)
{
	return READ_ONCE(slub_map(slab)[index / BITS]) >> (index % BITS) & 1;
}

/* Of a node; list_lock is held, and reports of failures read without it. */
static void count_add(unsigned long *n, long by)
{
	WRITE_ONCE(*n, *n + (unsigned long)by);
}

/* Frees a chain of slabs taken off the list; no lock held. */
static void release_chain(struct kmem_cache *s, struct list_head *chain,
			  enum lock_wait how)
{
	struct list_head *pos, *n;

	ring_for_each_safe(pos, n, chain)
	{
		PORT_STEP();
		slab_release(s, list_entry_of(pos, struct page, lru), how);
	}
}

bool node_get(struct kmem_cache *s, enum lock_wait how)
{
	struct kmem_cache_node *node = s->node;
	struct defer_twice twice;

	if (!lock_get(&node->list_lock, LOCK_LIST, how))
		return false;
	if (likely(!defer_any(&node->late)))
		return true;
	__defer_settle(s, how, &twice);
	if (unlikely(twice.slab))
		slab_report_bad_free(s, twice.slab,
				     slab_obj(s, twice.slab, twice.index),
				     "Object already free");
	return true;
}

void node_put(struct kmem_cache *s, enum lock_wait how)
{
	struct kmem_cache_node *node = s->node;
	struct list_head chain;

	__slab_publish_counts(s);
	if (likely(ring_empty(&node->leaving))) {
		lock_put(&node->list_lock, LOCK_LIST, how);
		return;
	}
	chain = node->leaving;
	chain.next->prev = chain.prev->next = &chain;
	ring_init(&node->leaving);
	lock_put(&node->list_lock, LOCK_LIST, how);
	release_chain(s, &chain, how);
	slab_gave_pages(s, how);
}

static void list_add_slab(struct kmem_cache_node *n, struct page *slab)
{
	ring_push_front(&n->partial, &slab->lru);
	slab->on_list = 1;
	n->nr_partial++;
}

static void list_del_slab(struct kmem_cache_node *n, struct page *slab)
{
	ring_remove(&slab->lru);
	slab->on_list = 0;
	n->nr_partial--;
}

/*
 * The objects of the n lowest bits set in *word go below end, each below the
 * one before; size is an object's, base the address of bit 0's.  Returns how
 * many there were.
 */
static inline unsigned int word_claim(unsigned long *word, unsigned int n,
				      char *base, size_t size, void **end)
{
	unsigned int first = (unsigned int)__builtin_ctzl(*word), run, i;
	unsigned long w = *word, high = w + (1ul << first);
	char *obj = base + first * size;

	if (!(high & w)) {
		/* one run of bits, as in every fresh slab */
		run = (high ? (unsigned int)__builtin_ctzl(high) : BITS) -
		      first;
		if (n > run)
			n = run;
		for (i = 0; i < n; i++, obj += size)
			*--end = obj;
		WRITE_ONCE(*word, n < run ? w & ~0ul << (first + n) : 0);
		return n;
	}
	for (i = 0; w && i < n; i++, w &= w - 1)
		*--end = base + (unsigned int)__builtin_ctzl(w) * size;
	WRITE_ONCE(*word, w);
	return i;
}

/*
 * Claims up to n free objects of a slab, lowest first, and lays them below
 * end, so that the lowest is the first to be popped.
 */
static unsigned int slab_claim(struct kmem_cache *s, struct page *slab,
			       unsigned int n, void **end)
{
	unsigned int got = 0, i = slab->first, words = map_words(slab);
	unsigned long *map = slub_map(slab);
	size_t size = s->size;
	char *base = slab_obj(s, slab, 0);

	for (base += i * BITS * size; i < words; i++, base += BITS * size) {
		if (!map[i])
			continue;
		if (got == n)
			break;
		got += word_claim(&map[i], n - got, base, size, end - got);
		if (map[i])
			break;
	}
	slab->first = (unsigned short)i;
	slab->inuse = (unsigned short)(slab->inuse + got);
	return got;
}

/* The free objects of the slab are in use, for ever.  How many were free. */
static unsigned int slab_retire(struct page *slab)
{
	unsigned int was = slab->objects - slab->inuse;

	memset(slub_map(slab), 0, map_words(slab) * sizeof(unsigned long));
	slab->first = (unsigned short)map_words(slab);
	slab->inuse = slab->objects;
	page_set_bits(slab, page_bits(slab) | PG_MASK(PG_retired));
	return was;
}

/* Claims from a listed slab and updates the node's counters. */
static unsigned int node_claim(struct kmem_cache *s, struct page *slab,
			       unsigned int n, void **end)
{
	struct kmem_cache_node *node = s->node;
	unsigned int got, gone;

	if (!slab->inuse)
		node->nr_empty--;
	gone = got = slab_claim(s, slab, n, end);
	if (slab_debugged(s) && !__debug_claimed(s, end[-1]))
		gone += slab_retire(slab);
	count_add(&node->free_objects, -(long)gone);
	node->taken += gone;
	if (slab->inuse == slab->objects)
		list_del_slab(node, slab);
	return got;
}

/* A new slab, of which some objects may be in use already. */
static void node_add_slab(struct kmem_cache *s, struct page *slab)
{
	struct kmem_cache_node *node = s->node;

	page_set_bits(slab, page_bits(slab) | PG_MASK(PG_slab));
	count_add(&node->nr_slabs, 1);
	node->slabs_made++;
	node->slab_pages += 1ul << slab->order;
	count_add(&node->total_objects, (long)slab->objects);
	count_add(&node->free_objects, (long)(slab->objects - slab->inuse));
	node->taken += slab->inuse;
	if (!slab->inuse)
		node->nr_empty++;
	if (slab->inuse < slab->objects)
		list_add_slab(node, slab);
}

static void node_remove_slab(struct kmem_cache *s, struct page *slab)
{
	struct kmem_cache_node *node = s->node;

	list_del_slab(node, slab);
	page_set_bits(slab, page_bits(slab) & ~PG_MASK(PG_slab));
	count_add(&node->nr_slabs, -1);
	node->slabs_freed++;
	node->slab_pages -= 1ul << slab->order;
	count_add(&node->total_objects, -(long)slab->objects);
	count_add(&node->free_objects, -(long)slab->objects);
	node->nr_empty--;
}

static unsigned int take_partial(struct kmem_cache *s, unsigned int n,
				 void **end, enum lock_wait how)
{
	struct kmem_cache_node *node = s->node;
	unsigned int got = 0;
	struct page *slab;

	if (!node_get(s, how))
		return 0;
	/* Bound: n, since each slab on the list has one. */
	while (got < n && !ring_empty(&node->partial)) {
		PORT_STEP();
		slab = list_entry_of(node->partial.next, struct page, lru);
		__builtin_prefetch(
			list_entry_of(slab->lru.next, struct page, lru), 1);
		got += node_claim(s, slab, n - got, end - got);
	}
	node->refills++;
	node_put(s, how);
	return got;
}

static unsigned int take_new(struct kmem_cache *s, gfp_t gfp, unsigned int n,
			     void **end)
{
	struct page *slab = slab_new(s, gfp);
	unsigned int got;

	if (!slab)
		return 0;
	if (node_get(s, gfp_wait(gfp))) {
		node_add_slab(s, slab);
		got = node_claim(s, slab, n, end);
		node_put(s, gfp_wait(gfp));
	} else {
		got = slab_claim(s, slab, n, end);
		if (slab_debugged(s))
			__debug_claimed(s, end[-1]);
		defer_slab(s, slab);
	}
	return got;
}

/*
 * A slab that is not strictly needed: partial slabs gave a few objects, say the
 * last of a slab that has one more than a sheaf.
 */
static gfp_t in_passing(gfp_t gfp)
{
	gfp &= ~(__GFP_DIRECT_RECLAIM | __GFP_NOFAIL | __GFP_HIGH |
		 __GFP_MEMALLOC);
	return gfp | __GFP_NOMEMALLOC | __GFP_NOWARN | __GFP_NORETRY;
}

unsigned int __slub_take(struct kmem_cache *s, gfp_t gfp, unsigned int n,
			 void **p)
{
	unsigned int got = take_partial(s, n, p + n, gfp_wait(gfp));

	if (!got) {
		got = take_new(s, gfp, n, p + n);
		/* meanwhile others freed objects of the cache */
		if (!got && gfp & __GFP_DIRECT_RECLAIM)
			got = take_partial(s, n, p + n, gfp_wait(gfp));
	} else if (got < n / 4)
		got += take_new(s, in_passing(gfp), n - got, p + n - got);
	if (got < n)
		memmove(p, p + n - got, got * sizeof(*p));
	return got;
}

unsigned int slub_take(struct kmem_cache *s, gfp_t gfp, unsigned int n,
		       void **p)
{
	return slab_debugged(s) ? debug_take(s, gfp, s->object_size, p) :
				  __slub_take(s, gfp, n, p);
}

static void slab_leaves(struct kmem_cache *s, struct page *slab)
{
	node_remove_slab(s, slab);
	ring_push_back(&s->node->leaving, &slab->lru);
}

/* Does the node have enough empty slabs?  The lock is held, as below. */
static bool too_many_empty(const struct kmem_cache *s)
{
	const struct kmem_cache_node *node = s->node;

	return node->nr_partial >= s->min_partial ||
	       node->nr_empty > s->max_empty || slab_frees_direct(s);
}

/* A slab of which all objects are free stays last, or leaves. */
static void slab_emptied(struct kmem_cache *s, struct page *slab)
{
	struct kmem_cache_node *node = s->node;

	node->nr_empty++;
	if (too_many_empty(s) && !__defer_pending(s, slab)) {
		slab_leaves(s, slab);
	} else {
		ring_remove(&slab->lru);
		ring_push_back(&node->partial, &slab->lru);
	}
}

/* count bits of the slab were set. */
static void slab_freed(struct kmem_cache *s, struct page *slab,
		       unsigned int count)
{
	slab->inuse = (unsigned short)(slab->inuse - count);
	if (!slab->on_list)
		list_add_slab(s->node, slab);
}

void __slub_settled(struct kmem_cache *s, struct page *slab, unsigned int freed)
{
	struct kmem_cache_node *node = s->node;

	if (!page_test(slab, PG_slab)) {
		slab->inuse = (unsigned short)(slab->inuse - freed);
		node_add_slab(s, slab);
		return;
	}
	if (!freed)
		return;
	count_add(&node->free_objects, (long)freed);
	node->given += freed;
	slab_freed(s, slab, freed);
	if (!slab->inuse)
		node->nr_empty++;
}

void __slub_idle(struct kmem_cache *s, struct page *slab)
{
	if (!slab->inuse && too_many_empty(s))
		slab_leaves(s, slab);
}

/* Up to GIVE_MAX objects under one hold of the lock. */
#define GIVE_MAX 64

/* Objects that cannot be given; reported when the lock is dropped. */
struct refused {
	unsigned int n;
	void *p[GIVE_MAX];
};

static void refuse(struct refused *bad, void *obj)
{
	bad->p[bad->n++] = obj;
}

/*
 * Sets the bits of the objects from *pp on as long as they lie in the slab,
 * those of one word together, and refuses what is no object or free already.
 * Moves *pp behind the last one looked at, which is one at least; returns
 * how many bits were set. Not inlined: its loop needs all registers.
 */
static __attribute__((noinline)) unsigned int
slab_set_run(const struct kmem_cache *s, struct page *slab, void ***pp,
	     void **end, struct refused *bad)
{
	unsigned int before = bad->n;
	void **p = *pp;
	const uintptr_t start = (uintptr_t)page_addr(slab);
	const uintptr_t bytes = PG_BYTES << slab->order;
	const unsigned int size = s->size, objects = slab->objects;
	const uint32_t recip = s->recip;
	unsigned long bits = 0, *map = slub_map(slab);
	unsigned int index, at = -1u;
	uintptr_t off;

	for (; p < end; p++) {
		/* The record is not read: the pointer may be anything. */
		off = (uintptr_t)*p - start;
		if (off >= bytes)
			break;
		index = off_index(recip, size, off);
		if (unlikely(index * size != off || index >= objects)) {
			refuse(bad, *p);
			continue;
		}
		if (index / BITS != at) {
			if (at != -1u)
				WRITE_ONCE(map[at], bits);
			at = index / BITS;
			bits = map[at];
			if (at < slab->first)
				slab->first = (unsigned short)at;
		}
		if (unlikely(bits >> index % BITS & 1))
			refuse(bad, *p);
		bits |= 1ul << index % BITS;
	}
	if (at != -1u)
		WRITE_ONCE(map[at], bits);
	before += (unsigned int)(p - *pp) - bad->n;
	*pp = p;
	return before;
}

/* The same for an object that comes alone; true when its bit was set. */
static inline bool slab_set_one(const struct kmem_cache *s, struct page *slab,
				void *obj, struct refused *bad)
{
	uintptr_t off = (uintptr_t)obj - (uintptr_t)slab_obj(s, slab, 0);
	unsigned int index = off_index(s->recip, s->size, off);
	unsigned long *word = slub_map(slab) + index / BITS;

	if (unlikely(index * s->size != off || index >= slab->objects ||
		     *word >> index % BITS & 1)) {
		refuse(bad, obj);
		return false;
	}
	if (slab_debugged(s))
		__debug_freed(s, obj);
	WRITE_ONCE(*word, *word | 1ul << index % BITS);
	if (index / BITS < slab->first)
		slab->first = (unsigned short)(index / BITS);
	return true;
}

/* A guess that the next lies in the same slab. */
static inline bool in_company(void **p, void **end)
{
	return p + 1 < end &&
	       !(((uintptr_t)p[0] ^ (uintptr_t)p[1]) >> PG_SHIFT);
}

static void report_bad(struct kmem_cache *s, void *obj)
{
	struct page *slab = slub_of(obj);
	int index;

	/* guarded, and freed by a call that was compiled into the program */
	if (kfence_holds(obj)) {
		kfence_free(s, obj, WARN_CALLER());
		return;
	}
	if (!slab || page_cache(slab) != s) {
		slab_report_wrong_cache(s, slab ? page_cache(slab) : NULL, obj,
					WARN_CALLER());
		return;
	}
	index = slub_index(s, slab, obj);
	slab_report_bad_free(s, slab, obj,
			     index < 0 ? "Invalid object pointer" :
					 "Object already free");
}

/* How far ahead the records of objects that lie anywhere are fetched. */
#define AHEAD 8

/* The lock is busy: each object is noted. */
static void give_deferred(struct kmem_cache *s, unsigned int n, void **p)
{
	struct page *slab;
	int index;

	for (; n; n--, p++) {
		PORT_STEP();
		slab = slub_of(*p);
		index = slab && page_cache(slab) == s ?
				slub_index(s, slab, *p) :
				-1;
		if (unlikely(index < 0))
			report_bad(s, *p);
		else if (unlikely(!defer_free(s, slab, (unsigned int)index)))
			slab_report_bad_free(s, slab, *p,
					     "Object already free");
	}
}

static void give_some(struct kmem_cache *s, unsigned int n, void **p,
		      enum lock_wait how)
{
	struct kmem_cache_node *node = s->node;
	void **end = p + n;
	unsigned int i, count, all = 0;
	struct refused bad;
	struct page *slab;

	bad.n = 0;
	if (!node_get(s, how)) {
		give_deferred(s, n, p);
		return;
	}
	while (p < end) {
		PORT_STEP();
		if (end - p > AHEAD)
			__builtin_prefetch(addr_page(p[AHEAD]), 1);
		slab = slub_of(*p);
		if (unlikely(!slab || page_cache(slab) != s)) {
			refuse(&bad, *p++);
			continue;
		}
		/* new, and not reached by a caller that settles only some */
		if (unlikely(!page_test(slab, PG_slab))) {
			give_deferred(s, 1, p++);
			continue;
		}
		if (in_company(p, end))
			count = slab_set_run(s, slab, &p, end, &bad);
		else
			count = slab_set_one(s, slab, *p++, &bad);
		if (unlikely(!count))
			continue;
		all += count;
		slab_freed(s, slab, count);
		if (!slab->inuse)
			slab_emptied(s, slab);
	}
	count_add(&node->free_objects, (long)all);
	node->given += all;
	node->flushes++;
	node_put(s, how);
	for (i = 0; i < bad.n; i++)
		report_bad(s, bad.p[i]);
}

void __slub_give(struct kmem_cache *s, unsigned int n, void **p,
		 enum lock_wait how)
{
	unsigned int part;

	for (; n; n -= part, p += part) {
		part = n < GIVE_MAX ? n : GIVE_MAX;
		give_some(s, part, p, how);
	}
}

void slub_give(struct kmem_cache *s, unsigned int n, void **p,
	       enum lock_wait how)
{
	if (slab_debugged(s))
		debug_give(s, n, p, how);
	else
		__slub_give(s, n, p, how);
}

unsigned long slub_shrink(struct kmem_cache *s)
{
	struct kmem_cache_node *node = s->node;
	struct list_head *pos, *next;
	unsigned long left;
	struct page *slab;

	node_get(s, LOCK_SLEEP);
	ring_for_each_safe(pos, next, &node->partial)
	{
		slab = list_entry_of(pos, struct page, lru);
		if (!slab->inuse && !__defer_pending(s, slab))
			slab_leaves(s, slab);
	}
	left = node->nr_slabs;
	node_put(s, LOCK_SLEEP);
	return left;
}
