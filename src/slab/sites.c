/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The call sites of objects; page/sites.h has the theory.
 *
 * A slab gets an array of words when the first of its objects is charged, and
 * keeps it until it becomes pages.  Without memory for one its objects stay
 * unaccounted.  Arrays come from the caches that sheaves come from, or are
 * pages, and are charged to nobody.
 *
 * Whoever writes an object's word has the object, so its slab stays; who reads
 * it holds the list_lock, under which a slab leaves.
 */
#include "slab/sites.h"

#include <linux/alloc_tag.h>

#include "debug/atomic.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/shown.h"
#include "page/sites.h"
#include "slab/debug.h"
#include "sync/gate.h"

/* What alloc_hooks() looks at. */
SHOWN(shown_profiling, "kmem_mem_profiling");

/* --- arrays of a slab ----------------------------------------------------- */

long sites_pages;

static uint64_t *array_in(uint64_t word)
{
	return word >> SITE_EPOCH_SHIFT ? NULL : (uint64_t *)(uintptr_t)word;
}

static size_t array_bytes(const struct page *slab)
{
	return slab->objects * sizeof(uint64_t);
}

static gfp_t array_gfp(enum lock_wait how)
{
	return (how == LOCK_ONCE ? 0 : __GFP_KSWAPD_RECLAIM) |
	       __GFP_NOMEMALLOC | __GFP_NOWARN | __GFP_NORETRY | __GFP_COMP;
}

static unsigned int array_order(size_t bytes)
{
	unsigned int order = 0;

	while (PG_BYTES << order < bytes)
		order++;
	return order;
}

static uint64_t *array_new(size_t bytes, enum lock_wait how)
{
	struct page *page;
	void *p = NULL;

	if (bytes <= PCS_SHEAF_MAX_BYTES) {
		slub_take(slab_words(bytes), array_gfp(how), 1, &p);
	} else {
		page = page_alloc(array_gfp(how), array_order(bytes));
		if (page) {
			WRITE_ONCE(*site_word(page), 0);
			__atomic_fetch_add(&sites_pages,
					   1l << array_order(bytes),
					   __ATOMIC_RELAXED);
			p = page_addr(page);
		}
	}
	return p ? memset(p, 0, bytes) : NULL;
}

static void array_free(uint64_t *array, size_t bytes, enum lock_wait how)
{
	void *p = array;

	if (bytes <= PCS_SHEAF_MAX_BYTES) {
		slub_give(slab_words(bytes), 1, &p, how);
		return;
	}
	__atomic_fetch_sub(&sites_pages, 1l << array_order(bytes),
			   __ATOMIC_RELAXED);
	page_put(addr_page(p), array_order(bytes), how);
}

/* The array of a slab, made if there is none; NULL: no memory. */
static uint64_t *array_of(const struct page *slab, enum lock_wait how)
{
	uint64_t *at = site_word(slab), *array;
	uint64_t word = __atomic_load_n(at, __ATOMIC_ACQUIRE);

	if (likely(word && array_in(word)))
		return array_in(word);
	array = array_new(array_bytes(slab), how);
	if (!array)
		return NULL;
	if (__atomic_compare_exchange_n(at, &word, (uintptr_t)array, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return array;
	/* another thread was faster, and nothing else changes it */
	array_free(array, array_bytes(slab), how);
	return array_in(word);
}

void sites_slab_gone(const struct page *slab, enum lock_wait how)
{
	uint64_t *at, word;

	if (KMEM_SMALL ||
	    likely(!__atomic_load_n(&sites_words, __ATOMIC_ACQUIRE)))
		return;
	at = site_word(slab);
	word = READ_ONCE(*at);
	WRITE_ONCE(*at, 0);
	if (word && array_in(word))
		array_free(array_in(word), array_bytes(slab), how);
}

/* --- objects -------------------------------------------------------------- */

static void site_charge(const struct kmem_cache *s, const void *obj,
			uint64_t site, enum lock_wait how)
{
	struct page *slab = slub_of(obj);
	uint64_t *array;
	int index;

	/* a guarded one lies in no slab */
	if (!slab || page_cache(slab) != s)
		return;
	array = array_of(slab, how);
	index = slub_index(s, slab, obj);
	if (array && index >= 0)
		WRITE_ONCE(array[index], site);
}

/* As site_charge(), where the slab has its array. */
static inline bool charge_quickly(const struct kmem_cache *s, void *obj,
				  uint64_t site)
{
	struct page *slab = page_head(addr_page(obj));
	uint64_t *array,
		word = __atomic_load_n(site_word(slab), __ATOMIC_ACQUIRE);
	unsigned long off = (uintptr_t)obj - (uintptr_t)slab_obj(s, slab, 0);

	array = array_in(word);
	if (unlikely(!array || !s->recip))
		return false;
	WRITE_ONCE(array[off * s->recip >> 32], site);
	return true;
}

void *sites_pop(struct kmem_cache *s, gfp_t gfp, const void *caller)
{
	void *obj = pcs_pop_behind(&s->pcs);
	uint64_t site = port_task()->site;
	uint64_t epoch = __atomic_load_n(&sites_epoch, __ATOMIC_ACQUIRE);

	if (unlikely(!obj))
		return NULL;
	if (!site)
		site = (uintptr_t)caller & SITE_ADDRESS;
	if (unlikely(!epoch ||
		     !charge_quickly(s, obj, site | epoch << SITE_EPOCH_SHIFT)))
		__sites_charge(s, &obj, 1, gfp);
	return slab_popped(s, obj, gfp);
}

void __sites_charge(const struct kmem_cache *s, void *const *p, size_t n,
		    gfp_t gfp)
{
	uint64_t site = site_of_call();

	for (; site && n; n--, p++)
		if (*p)
			site_charge(s, *p, site, gfp_wait(gfp));
}

void *__sites_charged(const struct kmem_cache *s, void *obj, gfp_t gfp)
{
	__sites_charge(s, &obj, 1, gfp);
	return obj;
}

uint64_t __sites_of(const struct page *slab, unsigned int index)
{
	uint64_t word = sites_words ? READ_ONCE(*site_word(slab)) : 0;

	if (!word || !array_in(word))
		return 0;
	word = READ_ONCE(array_in(word)[index]);
	return site_is_new(word) ? word : 0;
}

bool sites_mark(const void *obj, uint64_t take, uint64_t set)
{
	const struct kmem_cache *s = page_owner(obj);
	struct page *slab = s ? slub_of(obj) : NULL;
	uint64_t *array;
	int index;

	if (!slab)
		return false;
	index = slub_index(s, slab, obj);
	array = index < 0 ? NULL : array_of(slab, LOCK_ONCE);
	return array && site_mark(&array[index], take, set);
}

/* --- on and off ----------------------------------------------------------- */

static void each_gate(bool shut)
{
	struct list_head *pos;
	struct kmem_cache *s;

	ring_for_each(pos, &slab_caches)
	{
		s = list_entry_of(pos, struct kmem_cache, list);
		if (shut)
			pcs_gate(&s->pcs);
		else
			pcs_ungate(&s->pcs);
	}
}

int sites_turn(bool on)
{
	int err = 0;

	lock_take(&slab_mutex, LOCK_CACHES);
	if (on && !sites_now()) {
		err = sites_begin();
		if (!err) {
			pcs_keep_gates(true);
			each_gate(true);
		}
	} else if (!on && sites_now()) {
		sites_end();
		pcs_keep_gates(false);
		each_gate(false);
	}
	if (!err)
		shown_set(shown_profiling, on);
	lock_drop(&slab_mutex, LOCK_CACHES);
	return err;
}

/* --- alloc_hooks() -------------------------------------------------------- */

static uint64_t site_of_tag(const struct alloc_tag *tag)
{
	return tag ? ((uintptr_t)tag & SITE_ADDRESS) | SITE_TAG : 0;
}

/**
 * alloc_tag_save - what the thread allocates from now on is of a tag
 * @tag: which, in an object that is never unloaded; NULL: it is charged to
 *	the code that calls
 *
 * alloc_hooks() calls it.
 *
 * Return: the tag before, for alloc_tag_restore(); NULL for none.
 * Context: any.
 * Source: <linux/sched.h> of Linux 6.10 and later.
 */
struct alloc_tag *alloc_tag_save(struct alloc_tag *tag)
{
	struct port_task *task = port_task();
	uint64_t old = task->site;

	task->site = site_of_tag(tag);
	return (struct alloc_tag *)(uintptr_t)(old & SITE_ADDRESS);
}

/**
 * alloc_tag_restore - ends what alloc_tag_save() began
 * @tag: the tag that was given to it
 * @old: what it returned
 *
 * Context: any.
 * Source: <linux/sched.h> of Linux 6.10 and later.
 */
void alloc_tag_restore(struct alloc_tag *tag, struct alloc_tag *old)
{
	(void)tag;
	port_task()->site = site_of_tag(old);
}
