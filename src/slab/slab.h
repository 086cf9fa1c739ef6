/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The slab layer, internal.
 *
 * Lock order: slab_mutex < slot < barn < list_lock (sync/lock.h has all).
 */
#ifndef SLAB_SLAB_H
#define SLAB_SLAB_H

#include <kmem/published.h>
#include <linux/gfp_types.h>
#include <linux/mm_types.h>
#include <linux/slab.h>
#include <linux/types.h>

#include "lib/defer.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "page/page.h"
#include "slab/barn.h"
#include "slab/kfence.h"
#include "sync/lock.h"
#include "sync/pcs.h"

#define SLAB_NAME_MAX 64
#define SLAB_MAX_ORDER 3 /* preferred; more only for big objects */
#define SLAB_OBJECTS_MAX 32767

/*
 * A node's slabs. Those with a free object are on partial, the rest nowhere.
 * Slabs on leaving are pages as soon as the lock is dropped.
 */
struct kmem_cache_node {
	struct lock list_lock;
	unsigned long nr_partial; /* on the list, empty ones included */
	unsigned long nr_empty;   /* of these, with no object in use */
	unsigned long nr_slabs;
	unsigned long total_objects;
	unsigned long free_objects; /* bits set in all slabs */
	struct list_head partial;
	struct list_head leaving;
	struct deferred late; /* slabs with something noted: defer.c */
	/* counters, under list_lock */
	unsigned long refills, flushes, slabs_made, slabs_freed;
	unsigned long taken, given; /* objects out of and into slabs */
	unsigned long slab_pages;
	unsigned long tallied, tallied_pages; /* what slab_tally has of it */
};

struct kmem_cache {
	/* read by every allocation and free; one cache line */
	struct pcs pcs; /* first: programs with KMEM_INLINE know */
	slab_flags_t flags;
	unsigned int size;        /* of a slot in the slab */
	unsigned int object_size; /* as the user asked */
	uint32_t recip;           /* obj offset / size; off_index() */
	kmem_ctor_t *ctor;
	struct kmem_cache_node *node;
	struct barn *barn; /* NULL: keeps no sheaves */

	/* the geometry, set at creation */
	unsigned int align;
	unsigned char order, min_order;
	bool thrifty; /* larger slabs for less waste than the kernel's */
	bool checked; /* given.c */
	unsigned short objects;     /* in a slab of order */
	unsigned short min_objects; /* in a slab of min_order */
	unsigned int min_partial;   /* partial slabs beyond which .. */
	unsigned int max_empty;     /* .. or these empty ones, none is kept */
	gfp_t allocflags;           /* added to every page request */
	unsigned int useroffset, usersize;
	unsigned int zero_size; /* what __GFP_ZERO clears */

	/* debug_object.c: from a slot to its object, and from that to .. */
	unsigned int left;
	unsigned int inuse, tracks, asked, info_end; /* 0: has none */
	bool poisons; /* the bytes of a free object are known */
	bool fails;   /* torture may let a request fail */
	unsigned long errors;

	/* expire.c */
	bool direct;              /* frees go to slabs */
	unsigned int sheaves;     /* in slots, in the barn and in hand */
	uint64_t direct_after;    /* ns; not before */
	unsigned long moves_seen; /* under slab_mutex, as the next */
	uint64_t looked_ns;

	/* 2.6 constructors and destructors */
	kmem_ctor3_t *ctor3, *dtor3;

	/* identity; under slab_mutex */
	struct list_head list;
	struct kmem_cache *next_name;
	int refcount; /* 1 until it is destroyed: caches are not merged */
	bool dead;    /* destroyed with live objects */
	char name[SLAB_NAME_MAX];
	struct kmem_pub_cache *pub; /* NULL: nobody may look */

	struct barn barn0;
	struct kmem_cache_node node0;

	struct pcs_slot slot[]; /* of the lock backend; slab_nr_slots of them */
} __attribute__((aligned(CACHE_LINE)));

/* Creation of internal caches: after boot fails only without memory. */
struct slab_params {
	const char *name;
	size_t size, align;
	slab_flags_t flags;
	unsigned int useroffset, usersize;
	unsigned int sheaf_capacity;
	kmem_ctor_t *ctor;
	kmem_ctor3_t *ctor3, *dtor3;
	bool whole_zero; /* __GFP_ZERO clears the slot, not the object */
	bool thrifty;    /* larger slabs, less waste; sheaves not at once */
	bool checked;    /* frees are checked at the call; given.c */
	/*
	 * Where the cache is found from then on, or NULL.  One that is there
	 * already, since another thread was faster, is the answer.
	 */
	struct kmem_cache **place;
	gfp_t gfp; /* for the record; 0: GFP_KERNEL */
};

/* slab_common.c */
extern struct list_head slab_caches;
extern struct lock slab_mutex;
/* Slots that a cache with sheaves has for the lock backend. */
extern unsigned int slab_nr_slots;
int slab_boot(void);
/*
 * Is it a cache?  One that was destroyed is none, unless objects were left.
 * Any pointer may be passed.
 */
bool slab_is_cache(const struct kmem_cache *s);
/* Its name for a report, whatever the pointer is. */
const char *slab_name(const struct kmem_cache *s);
/* The same for a call of the API; false after a warning. */
bool slab_expect_cache(const struct kmem_cache *s, const char *call,
		       const void *caller);
/* Creates and lists a cache; NULL and *err set. Takes slab_mutex. */
struct kmem_cache *slab_create(const struct slab_params *p, int *err);
/*
 * All sheaves and empty slabs become free pages.  False: slab_mutex is taken,
 * and the caller does not want to wait for it.
 */
bool slab_give_back_all(bool wait);
/* Without waiting, as a client of reclaim: the number of pages. */
unsigned long slab_shrink(gfp_t gfp, unsigned int priority);

/* slab_common.c for slab_fork.c: destroyed caches of which objects are left. */
extern struct list_head slab_dead_caches;
extern const struct fork_ops slab_fork;

/* geometry.c: of a new cache; slab_capacity() is objects in a sheaf, or 0. */
size_t slab_align(const struct slab_params *p);
unsigned int slab_capacity(size_t size);
void slab_geometry(struct kmem_cache *s, const struct slab_params *p);

/* sheaf.c */
void *slab_alloc_slow(struct kmem_cache *s, gfp_t gfp);
/*
 * size is what was asked for, at most object_size; it and gfp stay where
 * kmalloc() got them.
 */
void *slab_alloc_slow_sized(size_t size, gfp_t gfp, struct kmem_cache *s);
/* For the layer's own needs: flags are not checked against the context. */
void *slab_alloc_inner(struct kmem_cache *s, gfp_t gfp);
void *slab_zero(struct kmem_cache *s, void *obj);
void slab_free_slow(void *obj, struct kmem_cache *s, enum lock_wait how);
/* The static probe of an allocation (port/probe.h). */
void slab_probe_alloc(const struct kmem_cache *s, gfp_t gfp, size_t size,
		      const void *obj, const void *caller);
/* Empties all CPUs' sheaves and the barn into the slabs. */
void slab_flush(struct kmem_cache *s);
void slab_flush_last(struct kmem_cache *s);
void slab_flush_all(struct list_head *caches);
bool slab_sheaf_boot(void);
void slab_sheaf_enable(struct kmem_cache *s, unsigned int capacity);

/*
 * For prefill.c.  A sheaf off its slot: a new and empty one, or NULL; its end,
 * when it is empty; into the barn if it is whole, else its objects to their
 * slabs; as main of this CPU.  And the cache of blocks for sheaves of at least
 * so many bytes, at most PCS_SHEAF_MAX_BYTES.
 */
void **slab_sheaf_new(struct kmem_cache *s, enum lock_wait how);
void slab_sheaf_delete(struct kmem_cache *s, void **top, enum lock_wait how);
void slab_sheaf_put_away(struct kmem_cache *s, void **top, enum lock_wait how);
void slab_sheaf_install(struct kmem_cache *s, void **top, enum lock_wait how);
struct kmem_cache *slab_words(size_t bytes);

/* expire.c */
bool slab_frees_slow(struct kmem_cache *s);
/* While frees went to slabs an allocation found no sheaf. */
void slab_wanted(struct kmem_cache *s);
/* All that the cache keeps; slab_mutex is held. */
void __slab_give_back(struct kmem_cache *s);
/* Part of a round over idle caches; false: the round is over. */
bool slab_expire(uint64_t then);
/* The cache leaves the list; slab_mutex is held. */
void __slab_expire_forget(const struct kmem_cache *s);

static inline bool slab_frees_direct(const struct kmem_cache *s)
{
	return __atomic_load_n(&s->direct, __ATOMIC_RELAXED);
}

/* Slabs became pages; no lock is held. */
void slab_gave_pages(struct kmem_cache *s, enum lock_wait how);

/* A free found its sheaf full: must the object go to its slab at once? */
static inline bool slab_frees_past(struct kmem_cache *s, enum lock_wait how)
{
	return slab_frees_direct(s) ||
	       (how == LOCK_SLEEP && slab_frees_slow(s));
}

/*
 * One object; the cache is ready. Zeroing and checks included.  The other
 * ways are tail calls, so that a caller on the way below needs no frame.
 */
#define ZERO_BIT 8
_Static_assert(___GFP_ZERO == 1u << ZERO_BIT, "one bit");

static inline __attribute__((always_inline)) void *
slab_popped(struct kmem_cache *s, void *obj, gfp_t gfp)
{
	if (unlikely(has_bit((uint32_t)gfp, ZERO_BIT)))
		return slab_zero(s, obj);
	return obj;
}

static inline __attribute__((always_inline)) void *
slab_alloc(struct kmem_cache *s, gfp_t gfp)
{
	void *obj = pcs_pop_first(&s->pcs);

	if (unlikely(!obj))
		return slab_alloc_slow(s, gfp);
	return slab_popped(s, obj, gfp);
}

/* The same of a block by size, of which a guarded one has no byte more. */
static inline __attribute__((always_inline)) void *
slab_alloc_sized(struct kmem_cache *s, gfp_t gfp, size_t size)
{
	void *obj = pcs_pop_first(&s->pcs);

	if (unlikely(!obj))
		return slab_alloc_slow_sized(size, gfp, s);
	return slab_popped(s, obj, gfp);
}

static inline __attribute__((always_inline)) void
slab_free(struct kmem_cache *s, void *obj, enum lock_wait how)
{
	if (unlikely(!pcs_push_first(&s->pcs, obj)))
		slab_free_slow(obj, s, how);
}

/*
 * Onto this CPU's sheaf of the object's cache; false: ask page_owner() and
 * slab_free().  An address that is no multiple of 1 << align, which divides
 * every object's, goes nowhere.
 */
static inline __attribute__((always_inline)) bool
slab_free_first(void *obj, unsigned int align)
{
	uintptr_t column;

	return likely(page_column_first(obj, align, &column)) &&
	       likely(pcs_push_column(column, obj));
}

/* slub.c: objects in and out of slabs */
/*
 * Up to n objects (n > 0) into p, the first to be used last: of what
 * one slab gives, the lowest address comes last.  Takes them from partial
 * slabs; makes at most one new slab, when there was no partial one or, without
 * blocking and without reserves, when they had less than a quarter of n.
 * Returns the number.
 */
unsigned int slub_take(struct kmem_cache *s, gfp_t gfp, unsigned int n,
		       void **p);
/*
 * Returns n objects of this cache to their slabs; bad ones are reported.  For a
 * caller that must not wait for the list_lock they are noted.
 */
void slub_give(struct kmem_cache *s, unsigned int n, void **p,
	       enum lock_wait how);
/*
 * The list_lock; false: not now.  What is noted is settled on the way in, all
 * of it if the caller may sleep, and slabs that leave are free pages
 * afterwards.
 */
bool node_get(struct kmem_cache *s, enum lock_wait how);
void node_put(struct kmem_cache *s, enum lock_wait how);
/* Frees every empty slab; returns the slabs that are left. */
unsigned long slub_shrink(struct kmem_cache *s);
/* Slabs whose objects are all free leave; prints those that are not. */
bool slub_shutdown(struct kmem_cache *s);
/* The slab of an object, or NULL. */
struct page *slub_of(const void *obj);
/* The object of an index. */
static inline void *slab_obj(const struct kmem_cache *s,
			     const struct page *slab, unsigned int index)
{
	return (char *)page_addr(slab) + s->left + (size_t)index * s->size;
}

/* Index of the object at p in its slab, or -1: p is not an object's start. */
int slub_index(const struct kmem_cache *s, struct page *slab, const void *p);
bool slub_is_free(struct page *slab, unsigned int index);
unsigned long *slub_map(struct page *slab);
/* Of a new slab, whose objects are counted. */
void slub_all_free(struct page *slab);

/* slab_pages.c: a slab that is free as a whole and on no list */
struct page *slab_new(struct kmem_cache *s, gfp_t gfp);
uintptr_t slab_column(const struct kmem_cache *s);
/* After a grace period, if readers may be inside of its objects. */
void slab_release(struct kmem_cache *s, struct page *slab, enum lock_wait how);

/*
 * bulk.c: objects of this cache; others are reported and left.  And up to n of
 * them in the order of their use, at least one unless there is no memory.
 */
unsigned int slab_take_some(struct kmem_cache *s, gfp_t gfp, size_t n,
			    void **p);
void slab_free_bulk(struct kmem_cache *s, size_t n, void **p,
		    enum lock_wait how);

/* slab_publish.c: statistics where other processes can read them */
void slab_publish_boot(void);
void slab_publish(struct kmem_cache *s);
void slab_unpublish(struct kmem_cache *s);
void __slab_publish_counts(struct kmem_cache *s); /* list_lock is held */
/*
 * What all caches but the library's own have in use, in bytes, and the pages of
 * all slabs, as far as locks were held since fail_on is set.
 */
struct slab_tally {
	long bytes, pages;
};
extern struct slab_tally slab_tally __attribute__((visibility("hidden")));
void __barn_publish(struct barn *b); /* its lock is held */
void slab_publish_slots(struct kmem_cache *s);

/* slab_debug.c: all invariants of a cache; false after a report. */
bool cache_validate(struct kmem_cache *s);
/* "kmem_cache_free(..): object belongs to different cache .."; it is leaked. */
void slab_report_wrong_cache(const struct kmem_cache *s,
			     const struct kmem_cache *owner, void *obj,
			     const void *caller);
void slab_report_bad_free(struct kmem_cache *s, struct page *slab, void *obj,
			  const char *reason);

struct slab_counts {
	unsigned long active_objs, num_objs, num_slabs, num_empty;
	unsigned long free_in_sheaves;
	unsigned long moves; /* of sheaves, and visits of slabs, so far */
};
void slab_counts(struct kmem_cache *s, struct slab_counts *c);

#endif
