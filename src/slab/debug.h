/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Caches whose objects are checked.  The theory is in debug_object.c.
 */
#ifndef SLAB_DEBUG_H
#define SLAB_DEBUG_H

#include "slab/slab.h"

/* Not for users: init_on_alloc and init_on_free, in a cache that may. */
#define SLAB_INIT_ALLOC KMEM_SLAB(0x02000000u)
#define SLAB_INIT_FREE KMEM_SLAB(0x04000000u)
/* Nor this: with SLAB_POISON, and the bytes of a free object are known. */
#define SLAB_OBJECT_POISON KMEM_SLAB(0x80000000u)
/* Nor this: a tool is told of the objects (debug/watch.h). */
#define SLAB_WATCHED KMEM_SLAB(0x08000000u)

/* Any of them, and the cache keeps no sheaves. */
#define SLAB_DEBUG_FLAGS                                                   \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON |           \
	 SLAB_STORE_USER | SLAB_TRACE | SLAB_INIT_ALLOC | SLAB_INIT_FREE | \
	 SLAB_WATCHED)
/* Those for which a slot is larger than its object. */
#define SLAB_DEBUG_ROOM \
	(SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER | SLAB_WATCHED)
/* Those that keep bytes beside it free. */
#define SLAB_DEBUG_ZONES (SLAB_RED_ZONE | SLAB_WATCHED)

static inline bool slab_debugged(const struct kmem_cache *s)
{
	return !KMEM_SMALL && unlikely(s->flags & SLAB_DEBUG_FLAGS);
}

/* A call that an object was allocated or freed by; zero bytes: not known. */
struct debug_track {
	const void *caller;
	uint32_t stack; /* number of debug/stack.h */
	uint32_t cpu, pid;
	uint32_t pad;
	uint64_t when; /* ms of the port's clock */
};

/* Places in the pair of tracks behind an object. */
enum { TRACK_ALLOC, TRACK_FREE, TRACKS };

/* What an allocation says of itself, while it takes from slabs. */
struct debug_call {
	struct debug_track track;
	size_t asked; /* bytes */
	bool corrupt; /* the object that it got was; its slab is out of use */
	bool made;    /* it made a slab, whose objects nobody has had */
};

/* debug_option.c */
struct debug_wish {
	slab_flags_t flags; /* those asked for, and the option's */
	bool slow;          /* no sheaves */
	bool fails;         /* torture may let its requests fail */
};

/* What is wanted of a new cache. */
struct debug_wish debug_wish(const struct slab_params *p);
/* Says what of the option is not understood; before there are caches. */
void debug_option_boot(void);
/* Must a slot not need pages of a higher order than its object alone? */
bool debug_keeps_order(void);

/* slub.c: slub_take() and slub_give() of any cache, checked or not */
unsigned int __slub_take(struct kmem_cache *s, gfp_t gfp, unsigned int n,
			 void **p);
void __slub_give(struct kmem_cache *s, unsigned int n, void **p,
		 enum lock_wait how);

/* slab_debug.c: something other than a free that needs an object in use */
void slab_report_bad(struct kmem_cache *s, struct page *slab, void *obj,
		     const char *reason);
/* Lines of an open report: a free was not done; the slab */
void slab_report_kept(struct kmem_cache *s, const void *obj);
void slab_line(struct kmem_cache *s, struct page *slab);
const void *slab_first_free(const struct kmem_cache *s, struct page *slab);
/* Counts a report, or what was mended. */
void slab_error(struct kmem_cache *s);

/* debug_object.c */
/* Where an object's parts lie.  Returns the bytes of a slot. */
size_t debug_layout(struct kmem_cache *s, size_t size);
/* slub_take() and slub_give() of a debugged cache. */
unsigned int debug_take(struct kmem_cache *s, gfp_t gfp, size_t asked,
			void **p);
void debug_give(struct kmem_cache *s, unsigned int n, void **p,
		enum lock_wait how);
/* For slub.c: of a new slab, before constructors; and of single objects. */
void debug_slab_made(struct kmem_cache *s, struct page *slab);
bool __debug_claimed(const struct kmem_cache *s, void *obj);
void __debug_freed(const struct kmem_cache *s, void *obj);

/* An object of a debugged cache that is one of kmalloc's classes. */
void *debug_alloc(struct kmem_cache *s, gfp_t gfp, size_t size);
/* The same for a caller that has said whose call it is, and was checked. */
void *__debug_alloc(struct kmem_cache *s, gfp_t gfp, size_t size);
/* Bytes that were asked for, of an object in use. */
size_t debug_asked(const struct kmem_cache *s, const void *obj);
/* The object was given another size, which is at most its cache's. */
void debug_resize(const struct kmem_cache *s, void *obj, size_t asked);
/* Is there an object in use?  If not, that is reported. */
bool debug_in_use(struct kmem_cache *s, const void *obj);
/* Bytes of an object that its owner may use. */
size_t debug_room(const struct kmem_cache *s, const void *obj);
/*
 * For the front's quarantine: an object that its owner freed, and that its slab
 * gets back later.  debug_hold() looks at it and overwrites it; false: it was
 * not sound, was reported, and stays in use.  debug_release() looks for what
 * was written since then, reports and mends that, and gives it to its slab;
 * debug_look() does all of it but the last.
 */
bool debug_hold(struct kmem_cache *s, void *obj);
void debug_look(struct kmem_cache *s, void *obj);
void debug_release(struct kmem_cache *s, void *obj);
/* Looks at all objects; others may use the cache meanwhile. */
void debug_look_at_all(struct kmem_cache *s);

/* The call that an object was allocated by was made for another one. */
void debug_blame(const struct kmem_cache *s, void *obj, const void *caller);

/* Of a watched cache: what is kept beside an object is going to be read. */
void debug_info(const struct kmem_cache *s, const void *obj, bool open);
/* The tracks of an object, or NULL. */
struct debug_track *debug_tracks(const struct kmem_cache *s, const void *obj);
/* Checks all objects; false after a report of each fault, which is mended. */
bool debug_validate_slab(struct kmem_cache *s, struct page *slab);

/* Bytes of an object's slot that must have one value. */
struct debug_range {
	const char *what;
	unsigned char *at;
	size_t n;
	unsigned char value;
};
#define DEBUG_RANGES 8

/* The running call. */
void debug_track_now(struct debug_track *t, enum lock_wait how);

/* debug_report.c */
/* Lines of an open report: when and where, and the stack; nothing if unknown */
void debug_line_track(const char *what, const struct debug_track *t);
/* A line for each fault of the ranges, and in the first the whole object. */
void debug_report_ranges(struct kmem_cache *s, struct page *slab, void *obj,
			 const struct debug_range *r, unsigned int nr);
/* Lines of an open report: the object, its bytes, its tracks. */
void debug_lines_object(struct kmem_cache *s, struct page *slab, void *obj);
void debug_lines_tracks(struct kmem_cache *s, const void *obj);
void debug_lines_here(void);
void debug_report_padding(struct kmem_cache *s, struct page *slab,
			  const unsigned char *at, size_t n);
void debug_report_retired(struct kmem_cache *s);
void debug_trace(struct kmem_cache *s, struct page *slab, void *obj,
		 bool alloc);

#endif
