/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Puts lost objects together that have the same kind or cache, the same size
 * and the same stack or call site.
 */
#include "leaks_group.h"

#include <stdlib.h>
#include <string.h>

#include "page/sites.h"

/* Who allocated an object, as far as it is known. */
struct origin {
	struct debug_track track; /* caller is NULL: none */
	uint64_t site;
	uint64_t size;
};

static void origin_of_slab(const struct heap *h, const struct block *b,
			   uint64_t addr, struct origin *o)
{
	const struct kmem_cache *s = &h->cache[b->cache].s;
	const struct debug_track *t;
	const char *copy;
	size_t room;

	copy = heap_at(h, addr, &room);
	if (copy && s->tracks && s->tracks + sizeof(*t) <= b->slot)
		memcpy(&o->track,
		       copy + s->tracks + TRACK_ALLOC * sizeof(o->track),
		       sizeof(o->track));
	if (copy && s->asked && s->asked + sizeof(size_t) <= b->slot) {
		size_t asked;

		memcpy(&asked, copy + s->asked, sizeof(asked));
		if (asked && asked < o->size)
			o->size = asked;
	}
}

/* A word of page/sites.h as kmem_pub_site has it; 0: of no site of now. */
static uint64_t site_public(const struct heap *h, struct place p)
{
	return heap_site(h, p) & (SITE_ADDRESS | SITE_TAG);
}

static void origin_find(const struct heap *h, struct place p, struct origin *o)
{
	const struct block *b = &h->block[p.block];
	uint64_t addr = heap_place(h, b, p.index, &o->size);

	memset(&o->track, 0, sizeof(o->track));
	o->site = 0;
	switch (b->kind) {
	case BLOCK_SLAB:
		origin_of_slab(h, b, addr, o);
		break;
	case BLOCK_FENCED:
		o->track = b->track;
		break;
	}
	o->site = b->kind == BLOCK_AREA ? b->site & SITE_ADDRESS :
					  site_public(h, p);
}

static uint64_t mix(uint64_t key, uint64_t word)
{
	key = (key ^ word) * 0x9e3779b97f4a7c15ull;
	return key ^ key >> 29;
}

static uint64_t key_of(const struct heap *h, struct place p,
		       const struct origin *o)
{
	const struct block *b = &h->block[p.block];
	uint64_t key = mix(b->kind + 1, o->size);

	if (b->kind == BLOCK_SLAB)
		key = mix(key, b->cache);
	key = mix(key, (uintptr_t)o->track.caller);
	return mix(mix(key, o->track.stack), o->site);
}

static int by_key(const void *a, const void *b)
{
	const struct leak_group *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* The most bytes first, what others lost refer to last. */
static int by_bytes(const void *a, const void *b)
{
	const struct leak_group *x = a, *y = b;
	bool x_last = x->by_lost == x->objects,
	     y_last = y->by_lost == y->objects;

	if (x_last != y_last)
		return x_last ? 1 : -1;
	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void group_fill(const struct leaks *l, struct leak_group *g)
{
	const struct block *b = &l->heap.block[g->first.block];
	struct kfence_meta m;
	struct origin o;

	origin_find(&l->heap, g->first, &o);
	g->size = o.size;
	if (b->kind == BLOCK_GUARDED && view_guarded(l->heap.v, b->record, &m))
		call_of_kfence(l->heap.v, &m.alloc, &g->call);
	else
		call_of_track(l->heap.v, &o.track, &g->call);
	g->site = o.site;
}

void leaks_object(const struct leaks *l, struct leak_group *g)
{
	const struct block *b = &l->heap.block[g->first.block];
	uint64_t whole;

	g->addr = heap_place(&l->heap, b, g->first.index, &whole);
	group_fill(l, g);
}

bool leaks_group(struct leaks *l)
{
	struct leak_group *all = calloc(l->losses.nr + 1, sizeof(*all)), *last;
	struct origin o;
	size_t i;

	if (!all)
		return false;
	l->group = all;
	for (i = 0; i < l->losses.nr; i++) {
		const struct lost *lost = &l->losses.at[i];
		const struct block *b = &l->heap.block[lost->place.block];
		uint64_t whole;

		origin_find(&l->heap, lost->place, &o);
		all[i].first = lost->place;
		all[i].addr =
			heap_place(&l->heap, b, lost->place.index, &whole);
		all[i].size = o.size;
		all[i].objects = 1;
		all[i].bytes = o.size;
		all[i].by_lost = lost->by_lost;
		all[i].key = key_of(&l->heap, lost->place, &o);
		l->bytes += o.size;
	}
	qsort(all, l->losses.nr, sizeof(*all), by_key);
	for (i = 0, last = NULL; i < l->losses.nr; i++) {
		if (last && last->key == all[i].key) {
			last->objects++;
			last->bytes += all[i].bytes;
			last->by_lost += all[i].by_lost;
			continue;
		}
		last = last ? last + 1 : all;
		*last = all[i];
	}
	l->nr = last ? (size_t)(last - all) + 1 : 0;
	for (i = 0; i < l->nr; i++)
		group_fill(l, &all[i]);
	qsort(all, l->nr, sizeof(*all), by_bytes);
	return true;
}

void leaks_free(struct leaks *l)
{
	free(l->losses.at);
	free(l->group);
	heap_free(&l->heap);
}
