/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Blocks that have records of their own: areas of vmalloc(), regions, guarded
 * objects, per-CPU memory.
 */
#include "leaks.h"

#include <stdlib.h>
#include <string.h>

#include "alloc/percpu_chunk.h"
#include "alloc/vmalloc.h"
#include "front/fenced.h"
#include "kmem/percpu.h"
#include "page/sites.h"

#define AREAS_MOST 1000000u
#define CHUNKS_MOST 1024u

static int by_addr(const void *a, const void *b, void *heap)
{
	const struct heap *h = heap;
	uint64_t x = h->block[*(const uint32_t *)a].addr;
	uint64_t y = h->block[*(const uint32_t *)b].addr;

	return x < y ? -1 : x > y;
}

static int by_record(const void *a, const void *b, void *heap)
{
	const struct heap *h = heap;
	uint64_t x = h->block[*(const uint32_t *)a].record;
	uint64_t y = h->block[*(const uint32_t *)b].record;

	return x < y ? -1 : x > y;
}

/* Puts the blocks from first on where they are found. */
static bool index_blocks(struct heap *h, size_t first)
{
	size_t n = h->nr_blocks - first;
	uint64_t page;

	free(h->outer);
	free(h->areas);
	h->nr_outer = h->nr_areas = 0;
	h->outer = calloc(n + 1, sizeof(*h->outer));
	h->areas = calloc(n + 1, sizeof(*h->areas));
	if (!h->outer || !h->areas)
		return false;
	for (size_t i = first; i < h->nr_blocks; i++) {
		const struct block *b = &h->block[i];

		if (zone_at(h, b->addr, &page))
			pages_claim(h, b);
		else
			h->outer[h->nr_outer++] = (uint32_t)i;
		if (b->kind == BLOCK_AREA)
			h->areas[h->nr_areas++] = (uint32_t)i;
	}
	qsort_r(h->outer, h->nr_outer, sizeof(*h->outer), by_addr, h);
	qsort_r(h->areas, h->nr_areas, sizeof(*h->areas), by_record, h);
	return true;
}

/* The cache whose object describes something is the library's. */
static void own_cache(const struct heap *h, uint64_t record)
{
	uint32_t i;
	const struct block *b = object_find(h, record, &i);

	if (b)
		h->cache[b->cache].own = true;
}

/*
 * Bytes at an address become those of a block: into the copy of the window, or
 * a piece.
 */
static void copy_block(struct heap *h, uint64_t from, uint64_t to)
{
	struct heap_zone *hz;
	uint64_t page;

	hz = zone_at(h, from, &page);
	if (hz)
		copy_pages(h, hz, page,
			   page + ((to - from + PG_BYTES - 1) >> PG_SHIFT));
	else
		copy_piece(h, &h->piece, from, to, false);
	ranges_add(&h->not_root, from, to);
}

static void take_area(struct heap *h, uint64_t at, const struct area *a)
{
	uint64_t bytes = a->pub.pages ? a->pub.pages << PG_SHIFT : a->pub.size;
	struct block *b;

	own_cache(h, at);
	if (!a->pub.live || !bytes)
		return;
	b = block_whole(h, BLOCK_AREA, a->pub.addr, bytes);
	if (!b)
		return;
	b->record = at;
	b->site = (a->pub.caller & SITE_ADDRESS) | (a->marks & ~SITE_ADDRESS);
	copy_block(h, b->addr, b->addr + bytes);
}

static void take_areas(struct heap *h)
{
	struct area a;
	uint64_t at;

	if (!h->v->v.areas || !view_read(h->v, h->v->v.areas, &at, sizeof(at)))
		return;
	for (unsigned int i = 0; at && i < AREAS_MOST; i++) {
		if (!view_read(h->v, (void *)(uintptr_t)at, &a, sizeof(a)))
			return;
		take_area(h, at, &a);
		at = a.pub.next;
	}
}

/*
 * Calls fn for the address of each node of the tree whose root is there, and
 * for what is read of its record, n bytes.
 */
static void each_node(struct heap *h, const void *root, void *record, size_t n,
		      void (*fn)(struct heap *h, uint64_t at,
				 const void *record))
{
	/* a tree of ranges is flat */
	const struct tree_node *stack[256], *at = NULL, *node = record;
	unsigned int depth = 0;

	if (!root || !view_read(h->v, root, &at, sizeof(at)))
		return;
	for (stack[depth++] = at; depth;) {
		at = stack[--depth];
		if (!at || !view_read(h->v, at, record, n))
			continue;
		own_cache(h, (uintptr_t)at);
		fn(h, (uintptr_t)at, record);
		if (depth + 2 <= sizeof(stack) / sizeof(*stack)) {
			stack[depth++] = node->left;
			stack[depth++] = node->right;
		}
	}
}

struct region {
	struct tree_node node;
	uint64_t site;
};

static void take_region(struct heap *h, uint64_t at, const void *record)
{
	const struct region *r = record;
	struct block *b;

	b = block_whole(h, BLOCK_REGION, r->node.start, r->node.size);
	if (!b)
		return;
	b->record = at;
	b->site = r->site;
	copy_block(h, b->addr, b->addr + b->bytes);
}

/* The fences fault, and so does what was freed. */
static void take_one_fenced(struct heap *h, uint64_t at, const void *record)
{
	const struct fenced *f = record;
	struct block *b;

	ranges_add(&h->not_root, f->node.start, f->node.start + f->node.size);
	if (f->freed || !f->asked)
		return;
	b = block_whole(h, BLOCK_FENCED, (uintptr_t)f->block, f->asked);
	if (!b)
		return;
	b->record = at;
	b->track = f->track[TRACK_ALLOC];
	copy_block(h, b->addr, b->addr + b->bytes);
}

static void take_trees(struct heap *h)
{
	struct region r;
	struct fenced f;

	each_node(h, h->v->v.regions, &r, sizeof(r), take_region);
	each_node(h, h->v->v.fenced, &f, sizeof(f), take_one_fenced);
}

static void take_guarded(struct heap *h)
{
	struct kfence_meta m;
	struct block *b;
	uint64_t page;

	for (unsigned long i = 0; view_guarded(h->v, i, &m); i++) {
		if (m.state != KFENCE_USED || !m.size)
			continue;
		b = block_whole(h, BLOCK_GUARDED, (uintptr_t)m.addr, m.size);
		if (!b)
			return;
		b->cache = m.cache ? cache_find(h, m.cache) : UINT32_MAX;
		b->record = i;
		b->site = m.marks;
		page = b->addr & ~(uint64_t)(h->v->v.kfence_page - 1);
		copy_block(h, page, page + h->v->v.kfence_page);
	}
}

static void take_chunk(struct heap *h, uint64_t at)
{
	static struct chunk c;
	struct block like = { .kind = BLOCK_PERCPU };
	struct block *b;

	if (!view_read(h->v, (void *)(uintptr_t)at, &c, sizeof(c)) || !c.base)
		return;
	like.addr = (uintptr_t)c.base;
	like.bytes = h->cpus * KMEM_PERCPU_UNIT;
	like.slot = like.size = GRAIN;
	like.nr = GRAINS;
	like.record = at;
	b = block_add(h, &like);
	if (!b)
		return;
	memcpy(h->used + b->bits / 64, c.live, sizeof(c.live));
	memcpy(h->ends + b->bits / 64, c.last, sizeof(c.last));
	for (uint64_t i = 0; i < h->cpus; i++)
		copy_piece(h, &h->piece, b->addr + i * KMEM_PERCPU_UNIT,
			   b->addr + i * KMEM_PERCPU_UNIT + c.ready * GRAIN,
			   false);
	ranges_add(&h->not_root, b->addr, b->addr + b->bytes);
	ranges_add(&h->not_root, at, at + sizeof(c));
}

static void take_percpu(struct heap *h)
{
	static uint64_t chunks[CHUNKS_MOST];
	unsigned int n, cpus;

	if (!h->v->v.percpu || !view_read(h->v, h->v->v.nr_percpu, &n, 4) ||
	    !view_read(h->v, h->v->v.percpu_cpus, &cpus, 4) ||
	    n > CHUNKS_MOST ||
	    !view_read(h->v, h->v->v.percpu, chunks, n * sizeof(chunks[0])))
		return;
	h->cpus = cpus;
	for (unsigned int i = 0; i < n; i++)
		take_chunk(h, chunks[i]);
}

bool take_outer(struct heap *h)
{
	size_t first = h->nr_blocks;

	take_areas(h);
	take_trees(h);
	take_guarded(h);
	take_percpu(h);
	return index_blocks(h, first);
}
