/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Deferred frees: what finds a node's lock busy.  THEORY.
 *
 * 1. What it is for.  A request that must not block finds the list_lock held by
 *    a thread that was preempted, or that its own signal handler has
 *    interrupted.  A free then cannot set its bit in the slab's bitmap, and an
 *    allocation that made a slab cannot list it.  Neither may be lost, and they
 *    must not write to an object.  So each page of the window has a note, and
 *    slabs with something noted are on their node's late list until a holder of
 *    the lock settles them.
 *
 * 2. The note, in the place of the slab's first page:
 *	bits	by object: freed, and not yet in the bitmap
 *	extra	a new slab that is not counted; double frees
 *	pending	how much was announced: at least bits and extra together; and in
 *		which process, counted by forks: what a parent announced does
 *		not count in its child
 *	next	link of the late list
 *
 * 3. The protocol.
 *	note:	n = pending++
 *		set the bit, or extra++
 *		if n == 0, push the slab on the late list
 *	settle:	(under list_lock) take the slab off the list
 *		k = bits and extra, which become 0
 *		left = (pending -= k)
 *		if left, back on the list
 *
 * 4. Invariants.
 *    - pending > 0 as long as the slab is on the list, or about to be pushed by
 *      the thread that made it 1, and by no other.
 *    - Only settle makes pending 0, of a slab that it has taken off.
 *    - An object counts as in use until its bit is settled, so a slab does not
 *      leave before; a slab on the list does not leave at all.
 *    - A thread that has set its bit and need not push does not touch the note
 *      again; one that pushes does so before settle can see the slab.
 *    - A note of zero bytes is empty, as are all notes of other slabs.
 *
 * 5. Fork.  Threads go on noting while memory is copied, and what they free or
 *    allocate is then the program's to use in the child.  So a child keeps the
 *    lists: a push is a release, and no system copies it without what it
 *    releases.  What is on them is announced there anew.  A note that another
 *    thread was in the middle of is lost with that thread: its pending does not
 *    count, and a bit that was set already is settled with the slab's next
 *    note.  That settles more than was announced, and so may leave a note that
 *    is being written to the next settling.
 */
#include "slab/defer.h"

#include "debug/report.h"
#include "lib/atomic.h"
#include "slab/debug.h"

#define BITS 64u

#define FORKS_SHIFT 32

static uint32_t forks;

void defer_forked(void)
{
	forks++;
}

static uint32_t announced(uint64_t pending)
{
	return pending >> FORKS_SHIFT == forks ? (uint32_t)pending : 0;
}

/* A page's share holds the bits of all objects of 8 bytes, and the head. */
_Static_assert(sizeof(struct note) + PG_BYTES / 8 / 8 <= PG_LATE_BYTES,
	       "a note must fit");

static struct note *note_of(const struct page *slab)
{
	return (struct note *)(void *)(window.late +
				       page_pfn(slab) * PG_LATE_BYTES);
}

static void **defer_link_of(struct page *slab)
{
	return (void **)(void *)&note_of(slab)->next;
}

/* No builtin: it may call the compiler's library. */
static unsigned int count(unsigned long bits)
{
	unsigned int n;

	for (n = 0; bits; bits &= bits - 1)
		n++;
	return n;
}

static uint32_t announce(struct note *note)
{
	uint64_t old = __atomic_load_n(&note->pending, __ATOMIC_RELAXED), new;

	/* Progress: another thread noted, or one settled. */
	do
		new = (uint64_t)forks << FORKS_SHIFT | (announced(old) + 1);
	/* acquire: 1 owns next, after the settling that made it 0 */
	while (!__atomic_compare_exchange_n(&note->pending, &old, new, true,
					    __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED));
	return announced(old);
}

/* Takes n off what was announced; returns what is left. */
static uint32_t settled(struct note *note, uint32_t n)
{
	uint64_t old = __atomic_load_n(&note->pending, __ATOMIC_RELAXED);
	uint32_t left;

	/* Progress: another thread noted. */
	do
		left = announced(old) > n ? announced(old) - n : 0;
	while (!__atomic_compare_exchange_n(
		&note->pending, &old,
		left ? (uint64_t)forks << FORKS_SHIFT | left : 0, true,
		__ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return left;
}

bool defer_free(struct kmem_cache *s, struct page *slab, unsigned int index)
{
	unsigned long bit = 1ul << index % BITS;
	struct note *note = note_of(slab);
	uint32_t before = announce(note);
	bool twice;

	/* pairs with the acquire in harvest(): the object's last stores */
	twice = __atomic_fetch_or(&note->bits[index / BITS], bit,
				  __ATOMIC_RELEASE) &
		bit;
	if (unlikely(twice))
		__atomic_fetch_add(&note->extra, 1, __ATOMIC_RELEASE);
	if (!before)
		defer_push(&s->node->late, slab, defer_link_of(slab));
	return !twice;
}

void defer_slab(struct kmem_cache *s, struct page *slab)
{
	struct note *note = note_of(slab);

	announce(note);
	__atomic_fetch_add(&note->extra, 1, __ATOMIC_RELEASE);
	defer_push(&s->node->late, slab, defer_link_of(slab));
}

bool __defer_pending(const struct kmem_cache *s, const struct page *slab)
{
	return unlikely(defer_any(&s->node->late)) &&
	       announced(__atomic_load_n(&note_of(slab)->pending,
					 __ATOMIC_RELAXED));
}

bool defer_is_noted(const struct page *slab, unsigned int index)
{
	return __atomic_load_n(&note_of(slab)->bits[index / BITS],
			       __ATOMIC_RELAXED) >>
		       index % BITS &
	       1;
}

/* The objects of the bits of a word are about to be free. */
static void freed_objects(struct page *slab, unsigned int word,
			  unsigned long bits)
{
	struct kmem_cache *s = page_cache(slab);

	/* Bound: BITS. */
	for (; slab_debugged(s) && bits; bits &= bits - 1)
		__debug_freed(
			s, slab_obj(s, slab,
				    word * BITS + (unsigned int)__builtin_ctzl(
							  bits)));
}

static void announce_anew(struct page *slab)
{
	unsigned int i, words;
	struct note *note;
	uint32_t n;

	/* Bound: the slabs of the cache. */
	for (; slab; slab = note->next) {
		note = note_of(slab);
		words = (slab->objects + BITS - 1) / BITS;
		n = note->extra;
		for (i = 0; i < words; i++)
			n += count(note->bits[i]);
		note->pending = (uint64_t)forks << FORKS_SHIFT | n;
	}
}

void defer_adopt(struct kmem_cache *s)
{
	announce_anew(s->node0.late.in);
	announce_anew(s->node0.late.rest);
}

/* Moves a note's bits to the slab's bitmap. */
static uint32_t harvest(struct page *slab, unsigned int *freed,
			struct defer_twice *twice)
{
	struct note *note = note_of(slab);
	unsigned int i, words = (slab->objects + BITS - 1) / BITS;
	unsigned long *map = slub_map(slab), bits;
	uint32_t n = __atomic_exchange_n(&note->extra, 0, __ATOMIC_ACQUIRE);

	for (i = 0; i < words; i++) {
		if (!__atomic_load_n(&note->bits[i], __ATOMIC_RELAXED))
			continue;
		bits = __atomic_exchange_n(&note->bits[i], 0, __ATOMIC_ACQUIRE);
		n += count(bits);
		if (unlikely(bits & map[i])) {
			twice->slab = slab;
			twice->index = i * BITS + (unsigned int)__builtin_ctzl(
							  bits & map[i]);
		}
		*freed += count(bits & ~map[i]);
		freed_objects(slab, i, bits & ~map[i]);
		WRITE_ONCE(map[i], map[i] | bits);
		if (i < slab->first)
			slab->first = (unsigned short)i;
	}
	return n;
}

void __defer_settle(struct kmem_cache *s, enum lock_wait how,
		    struct defer_twice *twice)
{
	unsigned int left = how == LOCK_SLEEP ? UINT32_MAX : LATE_BUDGET, freed;
	struct deferred *late = &s->node->late;
	struct page *slab, *again = NULL;
	struct note *note;
	uint32_t n;

	twice->slab = NULL;
	while (left-- && (slab = defer_first(late))) {
		PORT_STEP();
		note = note_of(slab);
		defer_advance(late, note->next);
		note->next = NULL;
		freed = 0;
		n = harvest(slab, &freed, twice);
		__slub_settled(s, slab, freed);
		if (settled(note, n)) {
			note->next = again;
			again = slab;
		} else {
			__slub_idle(s, slab);
		}
	}
	/* what was announced and not yet written is settled later */
	while (again) {
		slab = again;
		again = note_of(slab)->next;
		note_of(slab)->next = late->rest;
		defer_advance(late, slab);
	}
}
