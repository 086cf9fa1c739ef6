/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Caches whose objects are checked.  THEORY.
 *
 * 1. What it is for.  Who wrote beyond an object, or into one that he had
 *    freed, or freed it twice, is found when the object is next allocated,
 *    freed or looked at, and the report says who had it.
 *
 * 2. The nouns.  A debugged cache has one of SLAB_DEBUG_FLAGS.  It keeps no
 *    sheaves, so that both fast paths miss and each call gets here; caches that
 *    have none of the flags never do.  Its slots are larger than its objects:
 *
 *	left  | object           | right | gap   | tracks | asked | padding |
 *	cc cc | 6b .. a5 | cc cc | cc cc | 5a 5a |  2     | bytes | 5a 5a   |
 *	0       left    ^ asked          ^ inuse
 *
 *    red zone	Z: left, right of the object, and in it beyond what was asked
 *		for; BYTE_RED_ACTIVE in use and BYTE_RED_INACTIVE when free
 *    poison	P: of free objects, unless a constructor or readers under RCU
 *		need their content; padding; the rest of the slab.  The gap is
 *		where the kernel has its free pointer, so that places and sizes
 *		are the kernel's; ours are bits beside the slab.
 *    track	U: who allocated and who freed it, with the stack
 *    asked	bytes that kmalloc() was asked for; of kmalloc's caches
 *
 * 3. One allocation.  Under list_lock, as part of taking it from its slab, a
 *    free object is looked at, and if it is sound becomes one in use: so
 *    debug_validate_slab(), which holds the lock, never sees one in between.
 *    If it is not, its slab goes out of use: all its free objects count as in
 *    use for ever.  The report is made when the lock is dropped, and another
 *    object is taken; but one of a slab that was made for this call is mended
 *    and given, since its constructor would spoil those of the next slab, too.
 *
 * 4. One free.  The object is looked at while it is still its caller's, without
 *    a lock.  If it is sound it gets its track and goes to its slab, where it
 *    becomes free as its bit is set: at once under the lock, or when the note
 *    is settled that a caller leaves who must not wait for the lock (defer.c).
 *    If it is not, it is mended and stays in use.
 *
 * 5. A tool that watches the program (W, debug/watch.h) is told of each object,
 *    and none of the above is done to its bytes.  Objects lie apart as with Z,
 *    and all that is not an object in use is shut: tracks and the bytes asked
 *    for are opened for the moment that they are looked at.
 *
 * 6. Locking.  Nothing is reported while a lock is held: a report looks names
 *    up and writes.
 */
#include "slab/debug.h"
#include "slab/defer.h"
#include "slab/sites.h"

#include "debug/atomic.h"
#include "debug/bytes.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "debug/stack.h"
#include "debug/watch.h"
#include "lib/atomic.h"
#include "page/reclaim.h"
#include "port/port.h"

#define WORD sizeof(void *)

/* --- the layout ----------------------------------------------------------- */

/* May the bytes of a free object be overwritten? */
static bool may_poison(const struct kmem_cache *s)
{
	return s->flags & SLAB_POISON && !(s->flags & SLAB_TYPESAFE_BY_RCU) &&
	       !s->ctor && !s->ctor3;
}

static size_t layout(struct kmem_cache *s, size_t size)
{
	s->left = s->tracks = s->asked = 0;
	if (s->flags & SLAB_DEBUG_ZONES && size == s->object_size)
		size += WORD;
	s->inuse = (unsigned int)size;
	if (s->flags & SLAB_POISON)
		size += WORD;
	if (s->flags & SLAB_STORE_USER) {
		s->tracks = (unsigned int)size;
		size += TRACKS * sizeof(struct debug_track);
	}
	if (s->flags & SLAB_KMALLOC &&
	    s->flags & (SLAB_DEBUG_ZONES | SLAB_STORE_USER)) {
		s->asked = (unsigned int)size;
		size += WORD;
	}
	s->info_end = (unsigned int)size;
	if (s->flags & SLAB_DEBUG_ZONES) {
		/* before the left red zone of the next object: padding */
		size += WORD;
		s->left = (unsigned int)ALIGN_UP(WORD, (size_t)s->align);
		size += s->left;
	}
	return ALIGN_UP(size, (size_t)s->align);
}

static unsigned int pages_order(size_t size)
{
	unsigned int order = 0;

	while (PG_BYTES << order < size)
		order++;
	return order;
}

size_t debug_layout(struct kmem_cache *s, size_t size)
{
	size_t slot = layout(s, size);

	if (slot > KMALLOC_MAX_SIZE ||
	    (debug_keeps_order() &&
	     pages_order(slot) > pages_order(s->object_size))) {
		s->flags &= ~SLAB_DEBUG_ROOM;
		slot = layout(s, size);
	}
	s->poisons = may_poison(s);
	if (s->poisons)
		s->flags |= SLAB_OBJECT_POISON;
	return slot;
}

static size_t *asked_of(const struct kmem_cache *s, const void *obj)
{
	return (size_t *)((uintptr_t)obj + s->asked);
}

size_t debug_asked(const struct kmem_cache *s, const void *obj)
{
	size_t asked = s->object_size, said;

	if (!s->asked)
		return asked;
	debug_info(s, obj, true);
	said = *asked_of(s, obj);
	debug_info(s, obj, false);
	/* what lies behind an object may have been overwritten */
	return said < asked ? said : asked;
}

void debug_info(const struct kmem_cache *s, const void *obj, bool open)
{
	const char *from = (const char *)obj + s->inuse;
	size_t n = s->info_end - s->inuse;

	if (!(s->flags & SLAB_WATCHED))
		return;
	if (open)
		watch_open(from, n, true);
	else
		watch_shut(from, n);
}

struct debug_track *debug_tracks(const struct kmem_cache *s, const void *obj)
{
	return s->tracks ? (struct debug_track *)((uintptr_t)obj + s->tracks) :
			   NULL;
}

/* --- what an object's bytes must be --------------------------------------- */

static void range_add(struct debug_range *r, unsigned int *nr, const char *what,
		      void *at, size_t n, unsigned char value)
{
	if (n)
		r[(*nr)++] = (struct debug_range){ what, at, n, value };
}

/* Fills r, of DEBUG_RANGES; their number. */
static unsigned int ranges_of(const struct kmem_cache *s, void *obj, bool free,
			      struct debug_range *r)
{
	unsigned char red = free ? BYTE_RED_INACTIVE : BYTE_RED_ACTIVE;
	unsigned char *at = obj;
	size_t size = s->object_size, asked = debug_asked(s, obj);
	unsigned int nr = 0;

	if (s->flags & SLAB_RED_ZONE) {
		range_add(r, &nr, "Left Redzone", at - s->left, s->left, red);
		range_add(r, &nr, "Right Redzone", at + size, s->inuse - size,
			  red);
		if (!free)
			range_add(r, &nr, "kmalloc Redzone", at + asked,
				  size - asked, red);
	} else if (s->flags & SLAB_POISON) {
		range_add(r, &nr, "Alignment padding", at + size,
			  s->inuse - size, BYTE_INUSE);
	}
	if (s->flags & SLAB_POISON) {
		range_add(r, &nr, "Object padding", at + s->inuse, WORD,
			  BYTE_INUSE);
		if (free && s->poisons) {
			range_add(r, &nr, "Poison", at, size - 1, BYTE_FREE);
			range_add(r, &nr, "End Poison", at + size - 1, 1,
				  BYTE_END);
		}
		range_add(r, &nr, "Object padding", at + s->info_end,
			  s->size - s->left - s->info_end, BYTE_INUSE);
	}
	return nr;
}

static bool is_sound(const struct kmem_cache *s, void *obj, bool free)
{
	struct debug_range r[DEBUG_RANGES];
	unsigned int i, nr = ranges_of(s, obj, free, r);

	for (i = 0; i < nr; i++)
		if (unlikely(bytes_other(r[i].at, r[i].value, r[i].n)))
			return false;
	return true;
}

static void object_mend(const struct kmem_cache *s, void *obj, bool free)
{
	struct debug_range r[DEBUG_RANGES];
	unsigned int i, nr = ranges_of(s, obj, free, r);

	for (i = 0; i < nr; i++)
		memset(r[i].at, r[i].value, r[i].n);
}

static void object_report(struct kmem_cache *s, struct page *slab, void *obj,
			  bool free)
{
	struct debug_range r[DEBUG_RANGES];

	debug_report_ranges(s, slab, obj, r, ranges_of(s, obj, free, r));
}

static void set_asked(const struct kmem_cache *s, void *obj, size_t asked)
{
	debug_info(s, obj, true);
	*asked_of(s, obj) = asked;
	debug_info(s, obj, false);
}

/* What its bytes are while it is in use, or free. */
static void object_set(const struct kmem_cache *s, void *obj, size_t asked,
		       bool free)
{
	unsigned char *at = obj;
	unsigned char red = free ? BYTE_RED_INACTIVE : BYTE_RED_ACTIVE;
	size_t size = free ? s->object_size : asked;

	if (s->asked)
		set_asked(s, obj, asked);
	if (s->poisons)
		bytes_poison(at, size);
	else if (free && s->flags & SLAB_INIT_FREE)
		memset(at, 0, size);
	if (!(s->flags & SLAB_RED_ZONE))
		return;
	memset(at - s->left, red, s->left);
	memset(at + size, red, s->inuse - size);
}

void debug_resize(const struct kmem_cache *s, void *obj, size_t asked)
{
	if (!s->asked)
		return;
	if (s->flags & SLAB_WATCHED)
		watch_resized(obj, debug_asked(s, obj), asked);
	set_asked(s, obj, asked);
	if (s->flags & SLAB_RED_ZONE)
		memset((char *)obj + asked, BYTE_RED_ACTIVE,
		       s->object_size - asked);
}

/* The rest of a slab, behind its last slot. */
static unsigned char *rest_of(const struct kmem_cache *s,
			      const struct page *slab, size_t *n)
{
	size_t used = (size_t)slab->objects * s->size;

	*n = (PG_BYTES << slab->order) - used;
	return (unsigned char *)page_addr(slab) + used;
}

static bool check_rest(struct kmem_cache *s, struct page *slab)
{
	unsigned char *rest;
	size_t n;

	if (!(s->flags & SLAB_POISON))
		return true;
	rest = rest_of(s, slab, &n);
	if (likely(!bytes_other(rest, BYTE_INUSE, n)))
		return true;
	debug_report_padding(s, slab, rest, n);
	memset(rest, BYTE_INUSE, n);
	return false;
}

void debug_slab_made(struct kmem_cache *s, struct page *slab)
{
	struct debug_call *call = port_task()->debug_call;
	struct debug_track *tracks;
	unsigned int i;
	void *obj;

	if (call)
		call->made = true;
	if (s->flags & SLAB_POISON)
		memset(page_addr(slab), BYTE_INUSE, PG_BYTES << slab->order);
	for (i = 0; i < slab->objects; i++) {
		obj = slab_obj(s, slab, i);
		tracks = debug_tracks(s, obj);
		if (tracks)
			memset(tracks, 0, TRACKS * sizeof(*tracks));
		object_set(s, obj, s->object_size, true);
	}
}

/* --- allocation ----------------------------------------------------------- */

/* A caller from any context is not unwound. */
void debug_track_now(struct debug_track *t, enum lock_wait how)
{
	void *pc[STACK_DEPTH];
	const void *caller = port_task()->caller;

	t->caller = caller;
	t->stack = 0;
	if (caller && how != LOCK_ONCE)
		t->stack = stack_keep(pc, stack_here(pc, caller));
	t->cpu = port_cpu();
	t->pid = port_pid();
	t->pad = 0;
	t->when = port_clock_ns() / 1000000;
}

static void set_track(const struct kmem_cache *s, const void *obj,
		      unsigned int which, const struct debug_track *t)
{
	debug_info(s, obj, true);
	debug_tracks(s, obj)[which] = *t;
	debug_info(s, obj, false);
}

static void set_taken(const struct kmem_cache *s, void *obj,
		      const struct debug_call *call)
{
	object_set(s, obj, call->asked, false);
	if (debug_tracks(s, obj))
		set_track(s, obj, TRACK_ALLOC, &call->track);
}

/* Of a slab whose list_lock is held, or that is nobody else's yet. */
bool __debug_claimed(const struct kmem_cache *s, void *obj)
{
	struct debug_call *call = port_task()->debug_call;

	if (unlikely(!is_sound(s, obj, true))) {
		call->corrupt = true;
		return false;
	}
	set_taken(s, obj, call);
	return true;
}

/*
 * The object that was found corrupt; true: the caller may have it.  What nobody
 * has had is as its constructor left it, and so would be that of another slab.
 */
static bool take_corrupt(struct kmem_cache *s, void *obj,
			 struct debug_call *call)
{
	report_begin();
	object_report(s, slub_of(obj), obj, true);
	debug_report_retired(s);
	report_end();
	object_mend(s, obj, true);
	call->corrupt = false;
	if (call->made)
		set_taken(s, obj, call);
	return call->made;
}

unsigned int debug_take(struct kmem_cache *s, gfp_t gfp, size_t asked, void **p)
{
	struct debug_call call = { .asked = asked }, *outer;
	struct port_task *task = port_task();
	unsigned int got;

	if (s->flags & SLAB_STORE_USER)
		debug_track_now(&call.track, gfp_wait(gfp));
	/* Bound: the slabs; each round but the last takes one out of use. */
	do {
		outer = task->debug_call;
		task->debug_call = &call;
		got = __slub_take(s, gfp, 1, p);
		task->debug_call = outer;
		if (!got)
			return 0;
	} while (unlikely(call.corrupt) && !take_corrupt(s, *p, &call));
	if (s->flags & SLAB_WATCHED)
		watch_born(*p, asked, gfp & __GFP_ZERO || s->ctor || s->ctor3);
	if (s->flags & SLAB_INIT_ALLOC)
		memset(*p, 0, debug_asked(s, *p));
	if (s->flags & SLAB_CONSISTENCY_CHECKS)
		check_rest(s, slub_of(*p));
	if (unlikely(s->flags & SLAB_TRACE))
		debug_trace(s, slub_of(*p), *p, true);
	return 1;
}

static void *checked_alloc(struct kmem_cache *s, gfp_t gfp, size_t size)
{
	void *obj = NULL;

	if (should_fail_of(size, gfp, s->fails, s))
		return NULL;
	if (kfence_wanted(&s->pcs)) {
		obj = kfence_sample(s, gfp, size, port_task()->caller);
		if (obj)
			return obj;
	}
	debug_take(s, gfp, size, &obj);
	if (gfp & __GFP_DIRECT_RECLAIM)
		page_pass();
	if (obj && gfp & __GFP_ZERO)
		memset(obj, 0, debug_asked(s, obj));
	return sites_charged(s, obj, gfp);
}

void *__debug_alloc(struct kmem_cache *s, gfp_t gfp, size_t size)
{
	void *obj = checked_alloc(s, gfp, size);

	slab_probe_alloc(s, gfp, size, obj, port_task()->caller);
	return obj;
}

__attribute__((noinline)) void *debug_alloc(struct kmem_cache *s, gfp_t gfp,
					    size_t size)
{
	check_blocking(gfp);
	return __debug_alloc(s, gfp, size);
}

void debug_blame(const struct kmem_cache *s, void *obj, const void *caller)
{
	struct debug_track *tracks = debug_tracks(s, obj);

	if (!tracks)
		return;
	debug_info(s, obj, true);
	tracks[TRACK_ALLOC].caller = caller;
	debug_info(s, obj, false);
}

/* --- free ----------------------------------------------------------------- */

/* Of an object whose list_lock is held: it is about to be free. */
void __debug_freed(const struct kmem_cache *s, void *obj)
{
	object_set(s, obj, s->object_size, true);
}

/* False: it was reported, and stays in use. */
static bool check_freed(struct kmem_cache *s, struct page *slab, void *obj)
{
	if (s->flags & SLAB_CONSISTENCY_CHECKS)
		check_rest(s, slab);
	if (likely(is_sound(s, obj, false)))
		return true;
	report_begin();
	object_report(s, slab, obj, false);
	slab_report_kept(s, obj);
	report_end();
	object_mend(s, obj, false);
	return false;
}

static void give_one(struct kmem_cache *s, void *obj, enum lock_wait how)
{
	struct page *slab = slub_of(obj);
	struct debug_track track;
	int index = -1;

	if (slab && page_cache(slab) == s)
		index = slub_index(s, slab, obj);
	/* what is no object in use is reported where it is found so */
	if (index >= 0 && !slub_is_free(slab, (unsigned int)index) &&
	    !defer_is_noted(slab, (unsigned int)index)) {
		if (!check_freed(s, slab, obj))
			return;
		if (debug_tracks(s, obj)) {
			debug_track_now(&track, how);
			set_track(s, obj, TRACK_FREE, &track);
		}
		if (unlikely(s->flags & SLAB_TRACE))
			debug_trace(s, slab, obj, false);
		if (s->flags & SLAB_WATCHED)
			watch_died(obj, debug_asked(s, obj),
				   s->flags & SLAB_TYPESAFE_BY_RCU);
		__slub_give(s, 1, &obj, how);
		return;
	}
	__slub_give(s, 1, &obj, how);
	watch_accuse(obj);
}

void debug_give(struct kmem_cache *s, unsigned int n, void **p,
		enum lock_wait how)
{
	for (; n; n--, p++)
		give_one(s, *p, how);
}

/* --- objects that are held back ------------------------------------------- */

static void set_held(const struct kmem_cache *s, void *obj)
{
	size_t n = debug_asked(s, obj);

	if (s->flags & SLAB_INIT_FREE)
		memset(obj, 0, n);
	else
		bytes_poison(obj, n);
}

/* What the bytes of an object in use must be, and those that were its user's */
static unsigned int ranges_held(const struct kmem_cache *s, void *obj,
				struct debug_range *r)
{
	unsigned int nr = ranges_of(s, obj, false, r);
	size_t n = debug_asked(s, obj);
	unsigned char *at = obj;

	if (s->flags & SLAB_INIT_FREE) {
		range_add(r, &nr, "Poison", at, n, 0);
	} else if (n) {
		range_add(r, &nr, "Poison", at, n - 1, BYTE_FREE);
		range_add(r, &nr, "End Poison", at + n - 1, 1, BYTE_END);
	}
	return nr;
}

bool debug_hold(struct kmem_cache *s, void *obj)
{
	struct debug_track *tracks = debug_tracks(s, obj);

	if (!check_freed(s, slub_of(obj), obj))
		return false;
	if (tracks)
		debug_track_now(&tracks[TRACK_FREE], LOCK_SLEEP);
	set_held(s, obj);
	return true;
}

void debug_look(struct kmem_cache *s, void *obj)
{
	struct debug_range r[DEBUG_RANGES];
	unsigned int i, nr = ranges_held(s, obj, r);

	for (i = 0; i < nr; i++)
		if (unlikely(bytes_other(r[i].at, r[i].value, r[i].n)))
			break;
	if (likely(i == nr))
		return;
	debug_report_ranges(s, slub_of(obj), obj, r, nr);
	object_mend(s, obj, false);
	set_held(s, obj);
}

void debug_release(struct kmem_cache *s, void *obj)
{
	debug_look(s, obj);
	__slub_give(s, 1, &obj, LOCK_SLEEP);
}

bool debug_in_use(struct kmem_cache *s, const void *obj)
{
	void *o = (void *)(uintptr_t)obj;
	struct page *slab = slub_of(obj);
	int index = slab ? slub_index(s, slab, obj) : -1;

	if (likely(index >= 0 && !slub_is_free(slab, (unsigned int)index) &&
		   !defer_is_noted(slab, (unsigned int)index)))
		return true;
	if (slab)
		slab_report_bad(s, slab, o,
				index < 0 ? "Invalid object pointer" :
					    "Object already free");
	watch_accuse(obj);
	return false;
}

/* The slot, as far as nothing of ours lies in it. */
size_t debug_room(const struct kmem_cache *s, const void *obj)
{
	if (s->asked)
		return debug_asked(s, obj);
	if (s->flags & (SLAB_RED_ZONE | SLAB_POISON))
		return s->object_size;
	return s->flags & (SLAB_STORE_USER | SLAB_TYPESAFE_BY_RCU) ? s->inuse :
								     s->size;
}

/* --- a look at all -------------------------------------------------------- */

/* Is it a slab of the cache, and in use?  list_lock is held. */
static bool slab_is_ours(const struct kmem_cache *s, const struct page *slab)
{
	return page_cache(slab) == s && page_test(slab, PG_slab);
}

/*
 * The first object from *i on that is not sound; *i is moved to it.  False:
 * there is none.
 */
static bool find_unsound(struct kmem_cache *s, struct page *slab,
			 unsigned int *i, bool *free)
{
	bool found = false;

	node_get(s, LOCK_SLEEP);
	if (slab_is_ours(s, slab) && !page_test(slab, PG_retired)) {
		for (; *i < slab->objects && !found; ++*i) {
			*free = slub_is_free(slab, *i);
			found = !is_sound(s, slab_obj(s, slab, *i), *free);
		}
		*i -= found;
	}
	node_put(s, LOCK_SLEEP);
	return found;
}

/* It may have changed hands while it was reported. */
static void mend_unsound(struct kmem_cache *s, struct page *slab,
			 unsigned int i, bool free)
{
	node_get(s, LOCK_SLEEP);
	if (slab_is_ours(s, slab) && slub_is_free(slab, i) == free)
		object_mend(s, slab_obj(s, slab, i), free);
	node_put(s, LOCK_SLEEP);
}

bool debug_validate_slab(struct kmem_cache *s, struct page *slab)
{
	bool sound = check_rest(s, slab), free;
	unsigned int i;

	/* Bound: the objects. */
	for (i = 0; find_unsound(s, slab, &i, &free); i++) {
		object_report(s, slab, slab_obj(s, slab, i), free);
		mend_unsound(s, slab, i, free);
		sound = false;
	}
	return sound;
}
