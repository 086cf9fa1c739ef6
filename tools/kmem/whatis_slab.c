/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * An address in a slab: which object, and in whose hands it is.
 */
#include "whatis.h"

#include <string.h>

#include "slab/defer.h"

#define CPUS_MOST 4096u
#define WORD_BITS 64u
#define WORDS_MOST ((SLAB_OBJECTS_MAX + WORD_BITS - 1) / WORD_BITS)

/* What is looked at: a slab, and a search for an object in sheaves. */
struct slab {
	struct view *v;
	const struct kmem_cache *s; /* a copy */
	const struct page *head;
	unsigned long pfn;
	unsigned long free[WORDS_MOST], noted[WORDS_MOST]; /* bits */
};

void whatis_set_cache(struct whatis *a, const struct kmem_cache *s)
{
	memcpy(a->cache, s->name, sizeof(a->cache));
	a->cache_errors = s->errors;
}

static uint64_t object_at(const struct slab *b, unsigned int i)
{
	return (uintptr_t)b->v->w.base + (b->pfn << PG_SHIFT) + b->s->left +
	       (uint64_t)i * b->s->size;
}

static bool bit(const unsigned long *map, unsigned int i)
{
	return map[i / WORD_BITS] >> i % WORD_BITS & 1;
}

static bool maps_read(struct slab *b)
{
	unsigned int words = (b->head->objects + WORD_BITS - 1) / WORD_BITS;
	size_t n = words * sizeof(b->free[0]);

	if (n > sizeof(b->free))
		return false;
	if (b->head->objects <= PAGE_SLAB_WORDS * WORD_BITS)
		memcpy(b->free, b->head->free_map, n);
	else if (!view_read(b->v, b->v->w.slab_map + b->pfn * CACHE_LINE,
			    b->free, n))
		return false;
	return view_read(b->v,
			 b->v->w.late + b->pfn * PG_LATE_BYTES +
				 offsetof(struct note, bits),
			 b->noted, n);
}

/* --- sheaves -------------------------------------------------------------- */

/* Is the object in the sheaf that ends at top? */
static bool sheaf_has(const struct slab *b, uint64_t top, uint64_t obj)
{
	uint64_t words[PCS_SHEAF_MAX_BYTES / 8], bytes = b->s->pcs.bytes, base;
	size_t n;

	if (!top || top == b->v->standin || bytes < 16 ||
	    bytes > sizeof(words) || bytes & (bytes - 1))
		return false;
	base = (top - 8) & ~(bytes - 1);
	n = (top - base) / 8;
	if (n < 2 || !view_read(b->v, (void *)(uintptr_t)base, words, n * 8))
		return false;
	for (size_t i = 1; i < n; i++)
		if (words[i] == obj)
			return true;
	return false;
}

static const struct kmem_pub_cache *books_of(const struct slab *b,
					     const struct kmem_cache *owner)
{
	for (size_t i = 0; i < b->v->books->nr_caches; i++)
		if (b->v->books->cache[i].pub.self == (uintptr_t)owner)
			return &b->v->books->cache[i].pub;
	return NULL;
}

static bool in_columns(const struct slab *b, const struct kmem_pub_cache *k,
		       uint64_t obj, char *state, size_t n)
{
	uint64_t words[2], at;

	if (!k->column || k->nr_cpus > CPUS_MOST)
		return false;
	for (uint64_t i = 0; i < k->nr_cpus; i++) {
		at = k->column + i * k->column_stride;
		if (!view_read(b->v, (void *)(uintptr_t)at, words,
			       sizeof(words)))
			return false;
		for (int w = 0; w < 2; w++)
			if (words[w] &&
			    sheaf_has(b, words[w] + b->v->standin, obj)) {
				snprintf(state, n, "free, in CPU %llu's sheaf",
					 (unsigned long long)i);
				return true;
			}
	}
	return false;
}

static bool in_slots(const struct slab *b, uint64_t obj, char *state, size_t n)
{
	struct pcs_slot slot;

	for (unsigned int i = 0; b->s->pcs.slots && i < b->s->pcs.nr; i++) {
		if (!view_read(b->v, b->s->pcs.slots + i, &slot, sizeof(slot)))
			return false;
		if (sheaf_has(b, (uintptr_t)slot.word[0], obj) ||
		    sheaf_has(b, (uintptr_t)slot.word[1], obj)) {
			snprintf(state, n, "free, in slot %u's sheaf", i);
			return true;
		}
	}
	return false;
}

static bool in_barn(const struct slab *b, uint64_t obj, char *state, size_t n)
{
	uint64_t top = (uintptr_t)b->s->barn0.full, bytes = b->s->pcs.bytes;

	/* the stack may change while it is walked */
	for (unsigned int i = 0; top && i < b->s->barn0.room; i++) {
		if (sheaf_has(b, top, obj)) {
			snprintf(state, n, "free, in a sheaf of the barn");
			return true;
		}
		if (!bytes ||
		    !view_read(b->v,
			       (void *)(uintptr_t)((top - 8) & ~(bytes - 1)),
			       &top, sizeof(top)))
			return false;
	}
	return false;
}

static void object_state(const struct slab *b, const struct kmem_cache *owner,
			 unsigned int i, char *state, size_t n)
{
	const struct kmem_pub_cache *k = books_of(b, owner);
	uint64_t obj = object_at(b, i);

	if (b->head->flags >> PG_retired & 1)
		snprintf(state, n, "in a slab that was found corrupt");
	else if (bit(b->free, i) || bit(b->noted, i))
		snprintf(state, n, "free");
	else if (!b->s->barn ||
		 !((k && in_columns(b, k, obj, state, n)) ||
		   in_slots(b, obj, state, n) || in_barn(b, obj, state, n)))
		snprintf(state, n, "allocated");
}

/* --- the object ----------------------------------------------------------- */

static void beside_set(const struct slab *b, const struct kmem_cache *owner,
		       long i, struct beside *o)
{
	if (i < 0 || i >= b->head->objects)
		return;
	o->there = true;
	o->start = object_at(b, (unsigned int)i);
	object_state(b, owner, (unsigned int)i, o->state, sizeof(o->state));
}

static void tracks_read(const struct slab *b, uint64_t obj, struct whatis *a)
{
	struct debug_track t[TRACKS];
	size_t asked;

	if (b->s->tracks &&
	    view_read(b->v, (char *)(uintptr_t)obj + b->s->tracks, t,
		      sizeof(t))) {
		call_of_track(b->v, &t[TRACK_ALLOC], &a->alloc);
		call_of_track(b->v, &t[TRACK_FREE], &a->free);
	}
	if (b->s->asked &&
	    view_read(b->v, (char *)(uintptr_t)obj + b->s->asked, &asked,
		      sizeof(asked)) &&
	    asked < a->asked && !strcmp(a->state, "allocated"))
		a->asked = asked;
}

bool whatis_slab(struct view *v, const struct kmem_cache *owner,
		 const struct page *head, unsigned long head_pfn,
		 struct whatis *a)
{
	struct kmem_cache s;
	struct slab b = { .v = v, .s = &s, .head = head, .pfn = head_pfn };
	uint64_t i, obj;

	if (!view_cache(v, owner, &s) || !maps_read(&b))
		return false;
	whatis_set_cache(a, &s);
	a->slab = (uintptr_t)v->w.base + (head_pfn << PG_SHIFT);
	a->objects = head->objects;
	a->in_use = head->inuse;
	i = (a->address - a->slab) / s.size;
	a->kind = "slab";
	a->start = a->slab;
	a->size = PG_BYTES << head->order;
	a->offset = (int64_t)(a->address - a->start);
	if (i >= head->objects)
		return true;
	obj = object_at(&b, (unsigned int)i);
	a->kind = "object";
	a->index = (long)i;
	a->start = obj;
	a->size = a->asked = s.object_size;
	a->offset = (int64_t)(a->address - obj);
	object_state(&b, owner, (unsigned int)i, a->state, sizeof(a->state));
	tracks_read(&b, obj, a);
	beside_set(&b, owner, (long)i - 1, &a->before);
	beside_set(&b, owner, (long)i + 1, &a->after);
	return true;
}
