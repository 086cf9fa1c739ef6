/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sheaves that are filled ahead and handed to the caller, so that so many
 * allocations cannot fail later, whatever the context and the memory then.
 *
 * Such a sheaf is one of the cache's where it holds enough: taken from the barn
 * or made new, and main of a CPU again when it comes back.  A caller who wants
 * more than a sheaf holds, or a cache without sheaves, gets an odd one: a block
 * of another size, in the same form, whose objects go to their slabs.
 *
 * Invariant: while a sheaf is lent, its word 0, which links it in the barn and
 * stops a pop at home, is the address above its last object.  What a sheaf can
 * hold is told by the block that it is: an object of the caches of words, or
 * pages, whose record then has the sheaf's cache in private.
 *
 * A lent sheaf belongs to its borrower alone, so nothing here has a lock.  Its
 * objects are in use as far as the cache is concerned: it is no part of
 * kmem_cache.sheaves, and a cache is not empty while one is lent.
 */
#include "slab/sites.h"
#include "slab/slab.h"

#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "lib/errno.h"
#include "page/reclaim.h"

struct slab_sheaf {
	void **top; /* above the last object */
	void *slot[];
};

/* Bytes of the block that a sheaf of this cache is; 0: it is none. */
static size_t sheaf_bytes(const struct kmem_cache *s, const void *sheaf)
{
	const struct kmem_cache *words = page_owner(sheaf);
	const struct page *page;

	if (words) {
		if (words->size > PCS_SHEAF_MAX_BYTES ||
		    words != slab_words(words->size))
			return 0;
		return (uintptr_t)sheaf % words->size ? 0 : words->size;
	}
	if (!page_is_usable(sheaf) || (uintptr_t)sheaf % PG_BYTES)
		return 0;
	page = addr_page(sheaf);
	return page->private == (unsigned long)s ? PG_BYTES << page->order : 0;
}

static unsigned int lent_count(const struct slab_sheaf *sheaf)
{
	return (unsigned int)(sheaf->top - sheaf->slot);
}

static size_t lent_room(const struct kmem_cache *s,
			const struct slab_sheaf *sheaf)
{
	return sheaf_bytes(s, sheaf) / sizeof(void *) - 1;
}

/* Is it lent, and of this cache?  If not, that is reported. */
static bool is_lent(struct kmem_cache *s, const struct slab_sheaf *sheaf,
		    const char *call, const void *caller)
{
	size_t bytes;

	if (!slab_expect_cache(s, call, caller))
		return false;
	bytes = sheaf_bytes(s, sheaf);
	if (likely(bytes && sheaf->top >= sheaf->slot &&
		   sheaf->top <= sheaf->slot + bytes / sizeof(void *) - 1 &&
		   (sheaf->top == sheaf->slot ||
		    page_owner(sheaf->top[-1]) == s)))
		return true;
	report_warn(__FILE__, __LINE__, caller, "%s(%s, %p): no sheaf of it",
		    call, slab_name(s), (const void *)sheaf);
	return false;
}

/* A sheaf of the cache itself, which may have objects in it. */
static struct slab_sheaf *lend_own(struct kmem_cache *s, enum lock_wait how)
{
	struct slab_sheaf *sheaf;
	void **top, **none = NULL;

	top = barn_trade_empty(s->barn, &none, how);
	if (!top)
		top = barn_get_empty(s->barn, how);
	if (!top)
		top = slab_sheaf_new(s, how);
	if (!top)
		return NULL;
	sheaf = (struct slab_sheaf *)pcs_base(&s->pcs, top);
	sheaf->top = top;
	__atomic_fetch_sub(&s->sheaves, 1, __ATOMIC_RELAXED);
	return sheaf;
}

static struct slab_sheaf *lend_odd(struct kmem_cache *s, gfp_t gfp, size_t n)
{
	size_t bytes = (n + 1) * sizeof(void *);
	struct slab_sheaf *sheaf;
	void *block = NULL;
	struct page *page;

	gfp &= GFP_RECLAIM_MASK;
	if (bytes <= PCS_SHEAF_MAX_BYTES) {
		slub_take(slab_words(bytes), gfp, 1, &block);
	} else {
		page = page_alloc(gfp, (unsigned int)get_order(bytes));
		if (page) {
			page->private = (unsigned long)s;
			block = page_addr(page);
		}
	}
	sheaf = block;
	if (sheaf)
		sheaf->top = sheaf->slot;
	return sheaf;
}

static struct slab_sheaf *lend(struct kmem_cache *s, gfp_t gfp, unsigned int n)
{
	struct slab_sheaf *sheaf = NULL;

	if (s->barn && n <= pcs_capacity(&s->pcs))
		sheaf = lend_own(s, gfp_wait(gfp));
	return sheaf ? sheaf : lend_odd(s, gfp, n);
}

/* At least n objects; false: those that could be had are in it. */
static bool lent_fill(struct kmem_cache *s, gfp_t gfp, struct slab_sheaf *sheaf,
		      unsigned int n)
{
	gfp &= ~__GFP_ZERO;
	/* Bound: n; each turn brings an object or is the last. */
	while (lent_count(sheaf) < n) {
		unsigned int got = slab_take_some(s, gfp, n - lent_count(sheaf),
						  sheaf->top);

		if (!got)
			return false;
		sites_charge(s, sheaf->top, got, gfp);
		sheaf->top += got;
	}
	return true;
}

/* An odd sheaf, or one of a cache that is gone. */
static void odd_back(struct kmem_cache *s, struct slab_sheaf *sheaf,
		     enum lock_wait how)
{
	unsigned int n = lent_count(sheaf), part, i;
	struct kmem_cache *words = page_owner(sheaf);
	struct page *page;
	void *block = sheaf;

	for (i = 0; i < n; i += part) {
		part = n - i < SLAB_OBJECTS_MAX ? n - i : SLAB_OBJECTS_MAX;
		slub_give(s, part, sheaf->slot + i, how);
	}
	if (words) {
		slub_give(words, 1, &block, how);
		return;
	}
	page = addr_page(block);
	page->private = 0;
	page_put(page, page->order, how);
}

static void lent_back(struct kmem_cache *s, struct slab_sheaf *sheaf,
		      enum lock_wait how)
{
	void **top = sheaf->top;

	if (!s->barn || sheaf_bytes(s, sheaf) != s->pcs.bytes) {
		odd_back(s, sheaf, how);
		return;
	}
	sheaf->top = NULL;
	__atomic_fetch_add(&s->sheaves, 1, __ATOMIC_RELAXED);
	if (pcs_is_empty(top) || slab_frees_direct(s))
		slab_sheaf_put_away(s, top, how);
	else
		slab_sheaf_install(s, top, how);
}

/**
 * kmem_cache_prefill_sheaf - objects in hand, for allocations that cannot fail
 * @s: the cache
 * @gfp: GFP_*; what may be done to get them
 * @size: how many at least; 0 gives NULL
 *
 * More than the cache's sheaves hold is slower to come and to go.
 *
 * Return: the sheaf, for kmem_cache_return_sheaf(); NULL when there is no
 * memory for so many, and after a warning when @s is no cache.
 * Context: as @gfp says.
 * Source: Linux 6.18 and later, which fill a sheaf to its capacity.
 */
struct slab_sheaf *kmem_cache_prefill_sheaf(struct kmem_cache *s, gfp_t gfp,
					    unsigned int size)
{
	struct slab_sheaf *sheaf;

	check_blocking(gfp);
	if (!size ||
	    !slab_expect_cache(s, "kmem_cache_prefill_sheaf", WARN_CALLER()) ||
	    should_fail_of((size_t)size * s->object_size, gfp, s->fails, s))
		return NULL;
	sheaf = lend(s, gfp, size);
	if (sheaf && !lent_fill(s, gfp, sheaf, size)) {
		lent_back(s, sheaf, gfp_wait(gfp));
		sheaf = NULL;
	}
	if (gfp & __GFP_DIRECT_RECLAIM)
		page_pass();
	return sheaf;
}

/**
 * kmem_cache_refill_sheaf - more objects into a sheaf
 * @s: the cache
 * @gfp: GFP_*
 * @sheafp: the sheaf, of the same cache; may be another one afterwards
 * @size: how many it must hold at least
 *
 * Return: 0; -ENOMEM when there is no memory for so many, and those that could
 * be had are in the sheaf; -EINVAL after a warning for what is no sheaf.
 * Context: as @gfp says.
 * Source: Linux 6.18 and later.
 */
int kmem_cache_refill_sheaf(struct kmem_cache *s, gfp_t gfp,
			    struct slab_sheaf **sheafp, unsigned int size)
{
	struct slab_sheaf *larger;

	check_blocking(gfp);
	if (!is_lent(s, sheafp ? *sheafp : NULL, "kmem_cache_refill_sheaf",
		     WARN_CALLER()))
		return -EINVAL;
	if (size <= lent_count(*sheafp))
		return 0;
	if (size > lent_room(s, *sheafp)) {
		larger = kmem_cache_prefill_sheaf(s, gfp, size);
		if (!larger)
			return -ENOMEM;
		lent_back(s, *sheafp, gfp_wait(gfp));
		*sheafp = larger;
		return 0;
	}
	if (should_fail_of((size_t)size * s->object_size, gfp, s->fails, s))
		return -ENOMEM;
	return lent_fill(s, gfp, *sheafp, size) ? 0 : -ENOMEM;
}

/**
 * kmem_cache_alloc_from_sheaf - an object that is in hand
 * @s: the cache
 * @gfp: __GFP_ZERO, __GFP_ACCOUNT, or 0
 * @sheaf: of kmem_cache_prefill_sheaf()
 *
 * Return: the object, for kmem_cache_free(); NULL when the sheaf is empty, and
 * after a warning for what is no sheaf.
 * Context: any; the sheaf is one caller's at a time.
 * Source: Linux 6.18 and later.
 */
void *kmem_cache_alloc_from_sheaf(struct kmem_cache *s, gfp_t gfp,
				  struct slab_sheaf *sheaf)
{
	void *obj;

	if (!is_lent(s, sheaf, "kmem_cache_alloc_from_sheaf", WARN_CALLER()) ||
	    sheaf->top == sheaf->slot)
		return NULL;
	obj = sites_charged(s, *--sheaf->top, gfp);
	return gfp & __GFP_ZERO ? slab_zero(s, obj) : obj;
}

/**
 * kmem_cache_return_sheaf - gives a sheaf back with what is left in it
 * @s: the cache
 * @gfp: GFP_*; whether the call may sleep
 * @sheaf: of kmem_cache_prefill_sheaf()
 *
 * Context: as @gfp says; never fails.
 * Source: Linux 6.18 and later.
 */
void kmem_cache_return_sheaf(struct kmem_cache *s, gfp_t gfp,
			     struct slab_sheaf *sheaf)
{
	if (!is_lent(s, sheaf, "kmem_cache_return_sheaf", WARN_CALLER()))
		return;
	check_blocking(gfp);
	lent_back(s, sheaf, gfp_wait(gfp));
	if (gfp & __GFP_DIRECT_RECLAIM)
		page_pass();
}

/**
 * kmem_cache_sheaf_size - objects that a sheaf still has
 * @sheaf: of kmem_cache_prefill_sheaf(), or NULL
 *
 * Return: their number, 0 for NULL.
 * Context: any.
 * Source: Linux 6.18 and later.
 */
unsigned int kmem_cache_sheaf_size(struct slab_sheaf *sheaf)
{
	return sheaf ? lent_count(sheaf) : 0;
}
