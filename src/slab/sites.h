/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The call sites of objects; page/sites.h has the theory. */
#ifndef SLAB_SITES_H
#define SLAB_SITES_H

#include "page/sites.h"
#include "slab/slab.h"

void __sites_charge(const struct kmem_cache *s, void *const *p, size_t n,
		    gfp_t gfp);
void *__sites_charged(const struct kmem_cache *s, void *obj, gfp_t gfp);

/* Pages of arrays. */
extern long sites_pages __attribute__((visibility("hidden")));

/* An object off this CPU's sheaf, charged; NULL: go on. */
void *sites_pop(struct kmem_cache *s, gfp_t gfp, const void *caller);

/* The running thread has got n objects of the cache; NULLs are left out. */
static inline void sites_charge(const struct kmem_cache *s, void *const *p,
				size_t n, gfp_t gfp)
{
	if (sites_on())
		__sites_charge(s, p, n, gfp);
}

/* The same of one, which may be NULL and is returned. */
static inline void *sites_charged(const struct kmem_cache *s, void *obj,
				  gfp_t gfp)
{
	return sites_on() ? __sites_charged(s, obj, gfp) : obj;
}

/* Pages have become a slab: their word is one of a slab without an array. */
static inline void sites_slab_made(const struct page *slab)
{
	if (!KMEM_SMALL &&
	    unlikely(__atomic_load_n(&sites_words, __ATOMIC_ACQUIRE)))
		__atomic_store_n(site_word(slab), 0, __ATOMIC_RELAXED);
}

/* The slab becomes pages. */
void sites_slab_gone(const struct page *slab, enum lock_wait how);

/* Of an object in use, whose slab cannot leave: its site, 0: none. */
uint64_t __sites_of(const struct page *slab, unsigned int index);

/* As site_mark(), of an object of a slab; false also: there is no memory. */
bool sites_mark(const void *obj, uint64_t take, uint64_t set);

/* Accounting is on from now on, or off: 0 or -ENOMEM.  Takes slab_mutex. */
int sites_turn(bool on);

#endif
