/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sheaves: the fast path of every cache.  THEORY.
 *
 * 1. What it is for.  One object in, one object out, on this CPU, without
 *    contention; and when that is impossible, moving a whole sheaf.
 *
 * 2. The nouns.  A sheaf, a slot, main and spare are those of sync/pcs.h; a
 *    barn is a node's stock of whole sheaves; a slab is where objects live.
 *    A cache keeps sheaves when it has a barn.  Internal caches, from whose
 *    objects sheaves themselves are made, have none.
 *
 * 3. One allocation.  Pop from main.  Main empty: the spare becomes main and
 *    the empty one the spare.  Spare empty: a full sheaf from the barn.  Barn
 *    empty: an empty sheaf is filled from the slabs.  No sheaf: one object from
 *    a slab.  One free is its mirror image: push; spare; an empty sheaf from
 *    the barn against the full one; a full barn: the sheaf's objects go to the
 *    slabs.
 *
 *	main    [o o o . .]  pop/push, 1 of 1
 *	spare   [o o o o o]  swap, 1 of capacity at the worst
 *	barn    full/empty   swap under its lock, 1 of capacity
 *	slub    bitmaps      refill or flush under list_lock
 *
 *    What the hit costs on the rseq backend of x86-64, called, return included
 *    (scripts/check-fastpath.sh counts): instructions, loads, stores, lines of
 *    code.
 *
 *	COST kmem_cache_alloc 16 5 2 1
 *	COST kmem_cache_free 24 9 3 2
 *	COST kmalloc 26 6 2 2
 *	COST kfree 24 9 3 2
 *	COST malloc 22 6 2 2
 *	COST free 24 9 3 2
 *
 *    Lines of data: the first of the cache, this CPU's slot, one word of the
 *    sheaf, the thread's area; a free reads a word of the page as well.  A free
 *    without the cache reads the column from the page and not from the cache:
 *    where the object goes then depends on one load, on which the next
 *    allocation waits.
 *
 * 4. Invariants.  A sheaf off its slot belongs to the thread that took it.
 *    Each sheaf taken is put somewhere before the thread returns: into a
 *    slot, into the barn, back to the cache of sheaves, or to the caller who
 *    wants it filled (prefill.c).  Barn sheaves are
 *    whole; slots' sheaves may hold any number.  No object is ever in two
 *    places.
 *
 * 5. Locking.  Slots as sync/pcs.h; barn lock for one sheaf; slab locks inside
 *    slub.c.  No two of them at once here.  A slot is tried; the others are
 *    waited for as long as the flags, or the kind of free, allow; what is busy
 *    is not used.
 *
 * 6. Failure.  Without memory for sheaves every cache still works, one
 *    object at a time.  Flags: what a refill may do is what the caller's
 *    flags say; memory for sheaves is asked for without sleeping, without
 *    reserves and without a report.
 *
 * 7. Debugging.  Objects in sheaves count as active in slabinfo.
 *
 * 8. Where this differs from the kernel.  A sheaf has no header: its count is
 *    the address of its top.  A request that must not block still refills from
 *    the barn and from partial slabs.
 */
#include "slab/debug.h"

#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "page/reclaim.h"
#include "port/probe.h"
#include "slab/sites.h"

/* Sheaves are words[k] objects of 64 << k bytes. */
#define WORD_CACHES 7
static struct kmem_cache *words[WORD_CACHES];

struct kmem_cache *slab_words(size_t bytes)
{
	unsigned int k = 0;

	while ((64ul << k) < bytes)
		k++;
	return words[k];
}

bool slab_sheaf_boot(void)
{
	static const char *const names[WORD_CACHES] = {
		"sheaf-64", "sheaf-128", "sheaf-256", "sheaf-512",
		"sheaf-1k", "sheaf-2k",  "sheaf-4k",
	};
	struct slab_params p = { 0 };
	unsigned int k;
	int err;

	for (k = 0; k < WORD_CACHES; k++) {
		if (words[k])
			continue;
		p.name = names[k];
		p.size = 64ul << k;
		p.align = p.size;
		p.flags = SLAB_NOLEAKTRACE | SLAB_NO_USER_FLAGS;
		words[k] = slab_create(&p, &err);
		if (!words[k])
			return false;
	}
	return true;
}

/* Flags of requests of the layer itself: no sleep, no reserve, no report. */
static gfp_t side_gfp(enum lock_wait how)
{
	return (how == LOCK_ONCE ? 0 : __GFP_KSWAPD_RECLAIM) |
	       __GFP_NOMEMALLOC | __GFP_NOWARN | __GFP_NORETRY;
}

void **slab_sheaf_new(struct kmem_cache *s, enum lock_wait how)
{
	void *base = NULL;

	slub_take(slab_words(s->pcs.bytes), side_gfp(how), 1, &base);
	if (!base)
		return NULL;
	__atomic_fetch_add(&s->sheaves, 1, __ATOMIC_RELAXED);
	*(void **)base = NULL;
	return (void **)base + 1;
}

void slab_sheaf_delete(struct kmem_cache *s, void **top, enum lock_wait how)
{
	void *base = pcs_base(&s->pcs, top);

	__atomic_fetch_sub(&s->sheaves, 1, __ATOMIC_RELAXED);
	slub_give(slab_words(s->pcs.bytes), 1, &base, how);
}

/* All objects of a detached sheaf back to their slabs; returns it empty. */
static void **sheaf_flush(struct kmem_cache *s, void **top, enum lock_wait how)
{
	void **base = pcs_base(&s->pcs, top);

	slub_give(s, pcs_count(&s->pcs, top), base + 1, how);
	return base + 1;
}

/* Puts a detached sheaf into the barn if it is whole, or frees it. */
void slab_sheaf_put_away(struct kmem_cache *s, void **top, enum lock_wait how)
{
	struct barn *barn = s->barn;

	if (pcs_is_full(&s->pcs, top)) {
		if (barn_put_full(barn, top, how))
			return;
	}
	if (!pcs_is_empty(top))
		top = sheaf_flush(s, top, how);
	if (!barn_put_empty(barn, top, how))
		slab_sheaf_delete(s, top, how);
}

/* Makes a detached sheaf main; what was there becomes the spare. */
void slab_sheaf_install(struct kmem_cache *s, void **top, enum lock_wait how)
{
	void **old, **older;

	/* one that was on its way when requests began to be asked about */
	if (fail_wanted() || !pcs_xchg(&s->pcs, PCS_MAIN, top, &old)) {
		slab_sheaf_put_away(s, top, how);
		return;
	}
	if (pcs_is_standin(old)) {
		barn_joined(s->barn);
		return;
	}
	if (!pcs_xchg(&s->pcs, PCS_SPARE, old, &older))
		older = old;
	if (older)
		slab_sheaf_put_away(s, older, how);
}

static void **spare_take(struct kmem_cache *s)
{
	void **top;

	return pcs_xchg(&s->pcs, PCS_SPARE, NULL, &top) ? top : NULL;
}

void slab_sheaf_enable(struct kmem_cache *s, unsigned int capacity)
{
	unsigned int bytes = 64;

	if (fail_wanted())
		return;
	while (bytes / sizeof(void *) - 1 < capacity &&
	       bytes < PCS_SHEAF_MAX_BYTES)
		bytes *= 2;
	pcs_init(&s->pcs, bytes, s->slot, slab_nr_slots);
	barn_init(&s->barn0, bytes, s->size);
	s->barn = &s->barn0;
}

/* Objects from the slabs into an empty detached sheaf; NULL: no memory. */
static void **sheaf_fill(struct kmem_cache *s, gfp_t gfp, void **room)
{
	unsigned int n = slub_take(s, gfp, pcs_capacity(&s->pcs), room);

	if (n)
		return room + n;
	slab_sheaf_put_away(s, room, gfp_wait(gfp));
	return NULL;
}

/*
 * A sheaf is a page or a part of one, and most caches of a small program serve
 * few requests: these go to the slabs.
 */
#define YOUNG_OBJECTS 16

static bool is_young(const struct kmem_cache *s)
{
	return s->thrifty && READ_ONCE(s->node0.taken) < YOUNG_OBJECTS;
}

static void *alloc_slow(struct kmem_cache *s, gfp_t gfp)
{
	enum lock_wait how = gfp_wait(gfp);
	void **full = NULL, **room;
	void *obj = NULL;

	if (!s->barn || is_young(s) || fail_wanted()) {
		slub_take(s, gfp, 1, &obj);
		return obj;
	}
	if (unlikely(slab_frees_direct(s)))
		slab_wanted(s);
	room = spare_take(s);
	if (room && !pcs_is_empty(room)) {
		full = room;
		room = NULL;
	} else {
		full = barn_trade_empty(s->barn, &room, how);
	}
	if (full) {
		if (unlikely(room))
			slab_sheaf_put_away(s, room, how);
	} else {
		if (!room)
			room = barn_get_empty(s->barn, how);
		if (!room)
			room = slab_sheaf_new(s, how);
		if (!room) {
			slub_take(s, gfp, 1, &obj);
			return obj;
		}
		full = sheaf_fill(s, gfp, room);
		if (!full)
			return NULL;
	}
	obj = *--full;
	slab_sheaf_install(s, full, how);
	return obj;
}

void *slab_alloc_inner(struct kmem_cache *s, gfp_t gfp)
{
	void *obj = pcs_pop_rest(&s->pcs);

	if (!obj) {
		obj = alloc_slow(s, gfp);
		if (gfp & __GFP_DIRECT_RECLAIM)
			page_pass();
	}
	return obj && gfp & __GFP_ZERO ? slab_zero(s, obj) : obj;
}

static void *alloc_slow_sized(struct kmem_cache *s, gfp_t gfp, size_t size,
			      const void *caller)
{
	void *obj;

	check_blocking(gfp);
	if (should_fail_of(s->object_size, gfp, s->fails, s))
		return NULL;
	if (sites_on() && !READ_ONCE(kfence_gate)) {
		obj = sites_pop(s, gfp, caller);
		if (likely(obj))
			return obj;
	}
	if (kfence_wanted(&s->pcs)) {
		obj = kfence_sample(s, gfp, size, caller);
		if (obj)
			return obj;
	}
	return sites_charged(s, slab_alloc_inner(s, gfp), gfp);
}

void slab_probe_alloc(const struct kmem_cache *s, gfp_t gfp, size_t size,
		      const void *obj, const void *caller)
{
	if (s->flags & SLAB_KMALLOC)
		STAP_PROBE6(kmem, kmalloc, PROBE_WORD(caller), PROBE_WORD(obj),
			    PROBE_WORD(size), PROBE_WORD(s->size), gfp, -1);
	else
		STAP_PROBE8(kmem, kmem_cache_alloc, PROBE_WORD(caller),
			    PROBE_WORD(obj), PROBE_WORD(size),
			    PROBE_WORD(s->size), gfp, -1,
			    !!(s->flags & SLAB_ACCOUNT), PROBE_WORD(s->name));
}

static void probe_free(const struct kmem_cache *s, const void *obj,
		       const void *caller)
{
	if (s->flags & SLAB_KMALLOC)
		STAP_PROBE2(kmem, kfree, PROBE_WORD(caller), PROBE_WORD(obj));
	else
		STAP_PROBE3(kmem, kmem_cache_free, PROBE_WORD(caller),
			    PROBE_WORD(obj), PROBE_WORD(s->name));
}

__attribute__((noinline)) void *slab_alloc_slow_sized(size_t size, gfp_t gfp,
						      struct kmem_cache *s)
{
	const void *caller = WARN_CALLER();
	void *obj = alloc_slow_sized(s, gfp, size, caller);

	slab_probe_alloc(s, gfp, size, obj, caller);
	return obj;
}

/* A tail call, so that the call site stays the caller's. */
__attribute__((noinline)) void *slab_alloc_slow(struct kmem_cache *s, gfp_t gfp)
{
	return slab_alloc_slow_sized(s->object_size, gfp, s);
}

__attribute__((noinline)) void *slab_zero(struct kmem_cache *s, void *obj)
{
	return memset(obj, 0, s->zero_size);
}

/* A detached sheaf with room for an object, or NULL. */
static void **sheaf_with_room(struct kmem_cache *s, enum lock_wait how)
{
	void **spare = spare_take(s), **room;

	if (spare && !pcs_is_full(&s->pcs, spare))
		return spare;
	room = barn_trade_full(s->barn, &spare, how);
	if (unlikely(spare)) {
		spare = sheaf_flush(s, spare, how);
		if (!room)
			return spare;
		if (!barn_put_empty(s->barn, spare, how))
			slab_sheaf_delete(s, spare, how);
	}
	return room ? room : slab_sheaf_new(s, how);
}

static void free_slow(void *obj, struct kmem_cache *s, enum lock_wait how)
{
	void **room;

	if (!s->barn || is_young(s) || fail_wanted() ||
	    slab_frees_past(s, how)) {
		slub_give(s, 1, &obj, how);
		return;
	}
	room = sheaf_with_room(s, how);
	if (!room) {
		slub_give(s, 1, &obj, how);
		return;
	}
	*room++ = obj;
	slab_sheaf_install(s, room, how);
}

__attribute__((noinline)) void slab_free_slow(void *obj, struct kmem_cache *s,
					      enum lock_wait how)
{
	if (pcs_push_rest(&s->pcs, obj))
		return;
	probe_free(s, obj, WARN_CALLER());
	if (slab_debugged(s))
		port_task()->caller = WARN_CALLER();
	free_slow(obj, s, how);
	if (how == LOCK_SLEEP)
		page_pass();
}

static void take_flush(void *ctx, void **top)
{
	struct kmem_cache *s = ctx;

	if (!pcs_is_empty(top))
		top = sheaf_flush(s, top, LOCK_SLEEP);
	slab_sheaf_delete(s, top, LOCK_SLEEP);
}

static void load_flush(struct kmem_cache *s, struct barn_load *load)
{
	void **top;

	/* Bound: the sheaves of the load. */
	while ((top = barn_unload(s->barn, load)))
		take_flush(s, top);
}

static void barn_flush(struct kmem_cache *s)
{
	struct barn_load load;

	barn_drain(s->barn, &load);
	load_flush(s, &load);
}

/*
 * slab_mutex is held, so that no other thread changes the slots.  Sheaves
 * that others bring to the barn meanwhile may stay: no loop without end.
 */
void slab_flush(struct kmem_cache *s)
{
	if (!s->barn)
		return;
	pcs_drain(&s->pcs, take_flush, s);
	barn_flush(s);
}

/* The last time, before pcs_close(). */
void slab_flush_last(struct kmem_cache *s)
{
	if (!s->barn)
		return;
	pcs_drain_last(&s->pcs, take_flush, s);
	barn_flush(s);
}

/* slab_flush() of all caches of the list, with one fence. */
void slab_flush_all(struct list_head *caches)
{
	struct list_head *pos;
	struct kmem_cache *s;
	bool fenced;

	ring_for_each(pos, caches)
		pcs_park(&list_entry_of(pos, struct kmem_cache, list)->pcs);
	fenced = pcs_fence();
	ring_for_each(pos, caches)
	{
		s = list_entry_of(pos, struct kmem_cache, list);
		pcs_empty(&s->pcs, fenced, take_flush, s);
		if (s->barn)
			barn_flush(s);
	}
}
