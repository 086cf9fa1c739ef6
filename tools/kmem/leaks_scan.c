/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The search in the copy: what the roots reach; leaks.h has the theory.
 */
#include "leaks.h"

#include <stdlib.h>
#include <string.h>

#include "alloc/vmalloc.h"
#include "kmem/percpu.h"
#include "page/sites.h"

#define PROGRESS_EVERY 0xffffu
#define GRAIN_BYTES 8u

struct scan {
	struct heap *h;
	struct place *stack;
	size_t depth, room;
	uint64_t base, bytes; /* of the window */
	uint64_t outer_from, outer_to;
	uint64_t chunk_from, chunk_to; /* of per-CPU memory */
	uint64_t map, map_bytes;       /* of records of pages */
	/* not NULL: what is found is marked here, and not followed */
	uint64_t *found;
	struct place self; /* whose words are read */
	uint64_t done;
};

/* --- an address ----------------------------------------------------------- */

static const struct block *outer_find(const struct heap *h, uint64_t at)
{
	size_t from = 0, to = h->nr_outer;

	while (from < to) {
		size_t i = (from + to) / 2;
		const struct block *b = &h->block[h->outer[i]];

		if (at < b->addr)
			to = i;
		else if (at - b->addr >= b->bytes)
			from = i + 1;
		else
			return b;
	}
	return NULL;
}

static const struct block *area_find(const struct heap *h, uint64_t record)
{
	size_t from = 0, to = h->nr_areas;

	while (from < to) {
		size_t i = (from + to) / 2;
		const struct block *b = &h->block[h->areas[i]];

		if (record < b->record)
			to = i;
		else if (record > b->record)
			from = i + 1;
		else
			return b;
	}
	return NULL;
}

/* The first grain of the object that a grain is part of. */
static bool grain_place(const struct heap *h, const struct block *b,
			uint64_t in, uint32_t *index)
{
	uint32_t g = (uint32_t)(in / GRAIN_BYTES);

	while (g && !bit_of(h->used, b->bits + g))
		g--;
	*index = g;
	return bit_of(h->used, b->bits + g);
}

/* A place of the block, in use; an address between two is none's. */
static bool place_in(const struct heap *h, const struct block *b, uint64_t at,
		     uint32_t *index)
{
	uint64_t off = at - b->addr - b->first, i = off / b->slot;

	if (b->kind == BLOCK_PERCPU)
		return grain_place(h, b, (at - b->addr) % KMEM_PERCPU_UNIT,
				   index);
	if (i >= b->nr || off - i * b->slot >= b->size)
		return false;
	*index = (uint32_t)i;
	return bit_of(h->used, b->bits + i);
}

/* A block of pages by one of their records, an area by its own. */
static const struct block *by_page(const struct heap *h, uint64_t at)
{
	const struct block *b;
	struct heap_zone *hz;
	uint64_t pfn, page;

	if (!page_slot(h->v, at, &pfn))
		return NULL;
	hz = zone_at(h, (uintptr_t)h->v->w.base + (pfn << PG_SHIFT), &page);
	if (!hz || !hz->what[page])
		return NULL;
	b = &h->block[hz->what[page] - 1];
	return b->kind == BLOCK_PAGES || b->kind == BLOCK_AREA ? b : NULL;
}

static const struct block *by_cookie(const struct heap *h, uint64_t at)
{
	for (size_t i = 0; i < h->nr_outer; i++) {
		const struct block *b = &h->block[h->outer[i]];

		if (b->kind == BLOCK_PERCPU && at - b->addr < KMEM_PERCPU_UNIT)
			return b;
	}
	return NULL;
}

static const struct block *in_window(const struct scan *s, uint64_t *at)
{
	const struct heap *h = s->h;
	const struct block *b;
	struct heap_zone *hz;
	uint64_t page;

	hz = zone_at(h, *at, &page);
	if (!hz || !hz->what[page])
		return NULL;
	b = &h->block[hz->what[page] - 1];
	if (b->kind == BLOCK_SLAB && h->cache[b->cache].own && h->nr_areas) {
		/* what a caller has of the record of an area stands for it */
		uint64_t off = (*at - b->addr - b->first) % b->slot;

		b = off - offsetof(struct area, vm) < sizeof(struct vm_struct) ?
			    area_find(h, *at - off) :
			    NULL;
		if (b)
			*at = b->addr;
	}
	return b;
}

/* The object that the word refers to. */
static bool refers(const struct scan *s, uint64_t word, struct place *to)
{
	const struct block *b = NULL;

	if (word - s->base < s->bytes)
		b = in_window(s, &word);
	else if (word - s->outer_from < s->outer_to - s->outer_from)
		b = outer_find(s->h, word);
	else if (word - s->map < s->map_bytes && (b = by_page(s->h, word)))
		word = b->addr;
	if (!b && word + KMEM_PERCPU_FAR - s->chunk_from <
			  s->chunk_to - s->chunk_from) {
		b = by_cookie(s->h, word + KMEM_PERCPU_FAR);
		if (b)
			word += KMEM_PERCPU_FAR;
	}
	if (!b || !place_in(s->h, b, word, &to->index))
		return false;
	to->block = (uint32_t)(b - s->h->block);
	return true;
}

/* --- words ---------------------------------------------------------------- */

static bool push(struct scan *s, struct place p)
{
	struct place *more;

	if (s->depth == s->room) {
		s->room = s->room ? 2 * s->room : 65536;
		more = realloc(s->stack, s->room * sizeof(*more));
		if (!more) {
			s->h->failed = true;
			return false;
		}
		s->stack = more;
	}
	s->stack[s->depth++] = p;
	return true;
}

static void word_read(struct scan *s, uint64_t word)
{
	struct place p;
	uint64_t bit;

	if (!refers(s, word, &p))
		return;
	bit = s->h->block[p.block].bits + p.index;
	if (s->found) {
		if (p.block != s->self.block || p.index != s->self.index)
			bit_set(s->found, bit);
		return;
	}
	if (bit_of(s->h->seen, bit))
		return;
	bit_set(s->h->seen, bit);
	push(s, p);
}

static void words_read(struct scan *s, const void *from, uint64_t n)
{
	const uint64_t *at = from, *end = at + n / 8;

	for (; at < end; at++)
		if (*at >= PG_BYTES)
			word_read(s, *at);
}

/* --- objects -------------------------------------------------------------- */

/* What of [from, to) was there. */
static void pieces_read(struct scan *s, uint64_t from, uint64_t to)
{
	const struct pieces *p = &s->h->piece;
	size_t low = 0, high = p->nr;

	while (low < high) {
		size_t i = (low + high) / 2;

		if (p->at[i].to <= from)
			low = i + 1;
		else
			high = i;
	}
	for (; low < p->nr && p->at[low].from < to; low++) {
		const struct piece *one = &p->at[low];
		uint64_t a = one->from > from ? one->from : from;
		uint64_t z = one->to < to ? one->to : to;

		if (a < z)
			words_read(s, p->bytes + one->copy + (a - one->from),
				   z - a);
	}
}

static void range_read(struct scan *s, uint64_t at, uint64_t n)
{
	const char *copy;
	size_t room;

	/* as the kernel does, words at multiples of their size */
	n -= (-at & 7) < n ? -at & 7 : n;
	at = (at + 7) & ~7ull;
	copy = heap_at(s->h, at, &room);
	if (copy)
		words_read(s, copy, n < room ? n : room);
	else
		pieces_read(s, at, at + n);
}

/* The owner of pages may use the list and the number of their records. */
static void records_read(struct scan *s, const struct block *b)
{
	struct heap_zone *hz;
	uint64_t page;

	hz = zone_at(s->h, b->addr, &page);
	for (uint64_t i = 0; hz && i < b->bytes >> PG_SHIFT; i++) {
		const struct page *p = &hz->record[page + i];

		if (!(p->compound_head & 1))
			words_read(s, &p->lru, sizeof(p->lru));
		if (!(p->flags >> PG_span & 1))
			words_read(s, &p->private, sizeof(p->private));
	}
}

/* An area of given pages holds them by the array in its record. */
static void area_read(struct scan *s, const struct block *b)
{
	const char *copy;
	size_t room;

	copy = heap_at(s->h, b->record, &room);
	if (copy)
		words_read(s, copy + offsetof(struct area, vm.pages), 8);
}

uint64_t heap_place(const struct heap *h, const struct block *b, uint32_t i,
		    uint64_t *size)
{
	uint32_t end = i + 1;

	*size = b->size;
	if (b->kind == BLOCK_PERCPU) {
		while (end < b->nr && !bit_of(h->ends, b->bits + end - 1))
			end++;
		*size = (uint64_t)(end - i) * b->slot;
	}
	return b->addr + b->first + (uint64_t)i * b->slot;
}

static void object_read(struct scan *s, struct place p)
{
	const struct block *b = &s->h->block[p.block];
	uint64_t at, size;

	if (heap_is_marked(s->h) && heap_site(s->h, p) & SITE_NO_SCAN)
		return;
	at = heap_place(s->h, b, p.index, &size);
	if (b->kind == BLOCK_PERCPU) {
		for (uint64_t i = 0; i < s->h->cpus; i++)
			range_read(s, at + i * KMEM_PERCPU_UNIT, size);
		return;
	}
	range_read(s, at, size);
	if (b->kind == BLOCK_PAGES)
		records_read(s, b);
	if (b->kind == BLOCK_AREA)
		area_read(s, b);
}

static void follow(struct scan *s, void (*progress)(uint64_t, uint64_t))
{
	while (s->depth) {
		object_read(s, s->stack[--s->depth]);
		if (!(++s->done & PROGRESS_EVERY) && progress)
			progress(s->done, s->h->objects);
	}
}

/* --- what is lost --------------------------------------------------------- */

/* Calls fn for each place whose bit in used is set, and in seen is not. */
static void each_lost(struct scan *s, struct losses *l,
		      void (*fn)(struct scan *s, struct losses *l,
				 struct place p))
{
	const struct heap *h = s->h;

	for (uint32_t i = 0; i < h->nr_blocks; i++) {
		const struct block *b = &h->block[i];

		for (uint32_t k = 0; k < b->nr; k += 64) {
			uint64_t at = (b->bits + k) / 64;
			uint64_t bits = h->used[at] & ~h->seen[at];

			for (; bits; bits &= bits - 1)
				fn(s, l,
				   (struct place){
					   i, k + (uint32_t)__builtin_ctzll(
							  bits) });
		}
	}
}

static void lost_count(struct scan *s, struct losses *l, struct place p)
{
	(void)s;
	(void)p;
	l->nr++;
}

static void lost_read(struct scan *s, struct losses *l, struct place p)
{
	(void)l;
	s->self = p;
	object_read(s, p);
}

static void lost_keep(struct scan *s, struct losses *l, struct place p)
{
	uint64_t bit = s->h->block[p.block].bits + p.index;

	l->at[l->nr++] = (struct lost){ p, bit_of(s->found, bit) };
}

static bool lost_find(struct scan *s, struct losses *l)
{
	each_lost(s, l, lost_count);
	l->at = calloc(l->nr + 1, sizeof(*l->at));
	s->found = calloc(s->h->bits / 64 + 1, 8);
	if (l->at && s->found) {
		each_lost(s, l, lost_read);
		l->nr = 0;
		each_lost(s, l, lost_keep);
	}
	free(s->found);
	return l->at && s->found;
}

/* --- all ------------------------------------------------------------------ */

static void count_objects(struct heap *h)
{
	h->objects = h->object_bytes = 0;
	for (size_t i = 0; i < h->nr_blocks; i++) {
		const struct block *b = &h->block[i];
		uint64_t n = 0;

		for (uint32_t k = 0; k < b->nr; k += 64)
			n += (uint64_t)__builtin_popcountll(
				h->used[(b->bits + k) / 64]);
		h->objects += n;
		h->object_bytes += n * b->size;
	}
}

/* Objects that count as reached: sheaves that a thread has in hand. */
static void own_push(struct scan *s)
{
	struct heap *h = s->h;

	for (uint32_t i = 0; i < h->nr_blocks; i++) {
		const struct block *b = &h->block[i];

		if (b->kind != BLOCK_SLAB || !h->cache[b->cache].own)
			continue;
		for (uint32_t k = 0; k < b->nr; k++)
			if (bit_of(h->used, b->bits + k)) {
				bit_set(h->seen, b->bits + k);
				push(s, (struct place){ i, k });
			}
	}
}

/* The bounds of what lies outside of the window. */
static void bounds_set(struct scan *s)
{
	for (size_t i = 0; i < s->h->nr_outer; i++) {
		const struct block *b = &s->h->block[s->h->outer[i]];

		if (!i)
			s->outer_from = b->addr;
		s->outer_to = b->addr + b->bytes;
		if (b->kind != BLOCK_PERCPU)
			continue;
		if (!s->chunk_from)
			s->chunk_from = b->addr;
		s->chunk_to = s->outer_to;
	}
}

/* Ignored objects are as if they were not there; others are roots. */
static void marks_read(struct scan *s)
{
	struct heap *h = s->h;

	if (!heap_is_marked(h))
		return;
	for (uint32_t i = 0; i < h->nr_blocks; i++) {
		const struct block *b = &h->block[i];

		for (uint32_t k = 0; k < b->nr; k++) {
			struct place p = { i, k };
			uint64_t bit = b->bits + k, word;

			if (!bit_of(h->used, bit))
				continue;
			word = heap_site(h, p);
			if (word & SITE_BLACK)
				bit_clear(h->used, bit);
			if (!(word & SITE_GREY) || bit_of(h->seen, bit))
				continue;
			bit_set(h->seen, bit);
			push(s, p);
		}
	}
}

static void roots_read(struct scan *s)
{
	const struct pieces *p = &s->h->root;

	for (size_t i = 0; i < p->nr; i++)
		words_read(s, p->bytes + p->at[i].copy,
			   p->at[i].to - p->at[i].from);
	for (size_t i = 0; i < s->h->stopped.nr; i++)
		words_read(s, s->h->stopped.thread[i].word,
			   s->h->stopped.thread[i].nr * 8);
}

bool heap_scan(struct heap *h, struct losses *l,
	       void (*progress)(uint64_t done, uint64_t of))
{
	struct scan s = {
		.h = h,
		.base = (uintptr_t)h->v->w.base,
		.bytes = h->v->w.size,
		.map = (uintptr_t)h->v->w.map,
		.map_bytes = h->v->w.pages * sizeof(struct page),
	};
	uint64_t begun = clock_ns();
	bool good = false;

	memset(l, 0, sizeof(*l));
	free(h->seen);
	h->seen = calloc(h->bits / 64 + 1, 8);
	if (h->seen) {
		bounds_set(&s);
		count_objects(h);
		own_push(&s);
		marks_read(&s);
		roots_read(&s);
		follow(&s, progress);
		good = !h->failed && lost_find(&s, l);
	}
	free(s.stack);
	h->scan_ns = clock_ns() - begun;
	return good;
}
