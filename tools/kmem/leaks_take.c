/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Copies what a search for leaks needs of a process; leaks.h has the theory.
 */
#include "leaks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "slab/defer.h"

#define MAP_OBJECTS (PAGE_SLAB_WORDS * 64)
/* Pages whose free maps are read at once. */
#define MAP_PAGES 1024u
#define MAP_BYTES 64u

uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* --- blocks --------------------------------------------------------------- */

/* A new block of nr places, none of which is in use. */
struct block *block_add(struct heap *h, const struct block *like)
{
	uint64_t words = (like->nr + 63) / 64, room = h->room_bits;
	struct block *b;

	if (h->nr_blocks == h->room_blocks) {
		size_t more = h->room_blocks ? 2 * h->room_blocks : 4096;

		b = realloc(h->block, more * sizeof(*b));
		if (!b || more > UINT32_MAX) {
			h->failed = true;
			return NULL;
		}
		h->block = b;
		h->room_blocks = more;
	}
	if (h->bits / 64 + words > room / 64) {
		room = 2 * room + 64 * (words + 4096);
		uint64_t *used = realloc(h->used, room / 8), *ends;

		h->used = used ? used : h->used;
		ends = realloc(h->ends, room / 8);
		h->ends = ends ? ends : h->ends;
		if (!used || !ends) {
			h->failed = true;
			return NULL;
		}
		h->room_bits = room;
	}
	b = &h->block[h->nr_blocks++];
	*b = *like;
	b->bits = h->bits;
	memset(h->used + h->bits / 64, 0, words * 8);
	h->bits += words * 64;
	return b;
}

/* All of the block is one object, in use. */
struct block *block_whole(struct heap *h, uint32_t kind, uint64_t addr,
			  uint64_t bytes)
{
	struct block like = {
		.addr = addr,
		.bytes = bytes,
		.slot = bytes,
		.size = bytes,
		.nr = 1,
		.kind = kind,
	};
	struct block *b = block_add(h, &like);

	if (b)
		bit_set(h->used, b->bits);
	return b;
}

struct heap_zone *zone_at(const struct heap *h, uint64_t at, uint64_t *page)
{
	uint64_t pfn = (at - (uintptr_t)h->v->w.base) >> PG_SHIFT;

	if (at - (uintptr_t)h->v->w.base >= h->v->w.size)
		return NULL;
	for (unsigned int z = 0; z < ZONES; z++) {
		const struct heap_zone *hz = &h->zone[z];

		if (pfn - hz->start < hz->nr) {
			*page = pfn - hz->start;
			return (struct heap_zone *)(uintptr_t)hz;
		}
	}
	return NULL;
}

/* The pages from there on are the block's. */
void pages_claim(const struct heap *h, const struct block *b)
{
	struct heap_zone *hz;
	uint64_t i, page;

	hz = zone_at(h, b->addr, &page);
	for (i = 0; hz && i < (b->bytes + PG_BYTES - 1) >> PG_SHIFT; i++)
		if (page + i < hz->nr)
			hz->what[page + i] = (uint32_t)(b - h->block) + 1;
}

/* --- caches --------------------------------------------------------------- */

uint32_t cache_find(struct heap *h, const struct kmem_cache *at)
{
	static uint32_t last;
	struct heap_cache *more;
	size_t i;

	if (last < h->nr_caches && h->cache[last].at == (uintptr_t)at)
		return last;
	for (i = 0; i < h->nr_caches; i++)
		if (h->cache[i].at == (uintptr_t)at)
			return last = (uint32_t)i;
	if (h->nr_caches == h->room_caches) {
		i = h->room_caches ? 2 * h->room_caches : 128;
		more = realloc(h->cache, i * sizeof(*more));
		if (!more) {
			h->failed = true;
			return UINT32_MAX;
		}
		h->cache = more;
		h->room_caches = i;
	}
	more = &h->cache[h->nr_caches];
	if (!view_cache(h->v, at, &more->s))
		return UINT32_MAX;
	more->at = (uintptr_t)at;
	more->own = more->s.flags & SLAB_NOLEAKTRACE;
	return last = (uint32_t)h->nr_caches++;
}

/* --- slabs ---------------------------------------------------------------- */

/* The free map of a slab, from a copy of many. */
static const uint64_t *map_of(struct heap *h, const struct heap_zone *hz,
			      const struct page *p, uint64_t page)
{
	static uint64_t near[MAP_PAGES * MAP_BYTES / 8];
	static uint64_t first = UINT64_MAX, taken;
	uint64_t pfn = hz->start + page, from = pfn & ~(MAP_PAGES - 1ull);
	uint64_t words = (p->objects + 63) / 64, n = MAP_PAGES;

	if (p->objects <= MAP_OBJECTS)
		return (const uint64_t *)p->free_map;
	if (from != first || taken != h->took_ns ||
	    (pfn - from) * MAP_BYTES / 8 + words > sizeof(near) / 8) {
		if (from < hz->start)
			from = hz->start;
		if ((pfn - from) * MAP_BYTES / 8 + words > sizeof(near) / 8)
			from = pfn;
		if (from + n > hz->start + hz->nr)
			n = hz->start + hz->nr - from;
		copy_bytes(h->v, (uintptr_t)h->v->w.slab_map + from * MAP_BYTES,
			   near, n * MAP_BYTES);
		first = from;
		taken = h->took_ns;
	}
	return near + (pfn - first) * MAP_BYTES / 8;
}

static bool take_slab(struct heap *h, const struct heap_zone *hz,
		      const struct page *p, uint64_t page, uint64_t addr)
{
	uint32_t cache = cache_find(h, hz->owner[page]);
	struct block like = { .addr = addr, .kind = BLOCK_SLAB };
	const struct kmem_cache *s;
	const uint64_t *map;
	struct block *b;

	if (cache == UINT32_MAX || p->order > PG_MAX_ORDER)
		return false;
	s = &h->cache[cache].s;
	like.bytes = PG_BYTES << p->order;
	like.first = s->left;
	like.slot = s->size;
	like.size = s->object_size;
	like.nr = p->objects;
	like.cache = cache;
	if (!like.nr || (uint64_t)like.nr * s->size > like.bytes)
		return false;
	map = map_of(h, hz, p, page);
	b = block_add(h, &like);
	if (!b)
		return false;
	for (uint32_t i = 0; i < b->nr; i += 64)
		h->used[(b->bits + i) / 64] =
			~map[i / 64] &
			(b->nr - i < 64 ? (1ull << (b->nr - i)) - 1 : ~0ull);
	pages_claim(h, b);
	return p->inuse;
}

/* --- the window ----------------------------------------------------------- */

static bool has(const struct page *page, enum pageflags bit)
{
	return page->flags >> bit & 1;
}

static bool in_hole(const struct heap_zone *hz, uint64_t page)
{
	uint64_t pfn = hz->start + page;
	uint64_t first = pfn & ~((1ull << PG_HOLE_ORDER) - 1);

	return has(&hz->record[page], PG_hole) ||
	       (first >= hz->start &&
		has(&hz->record[first - hz->start], PG_hole));
}

/*
 * What begins at a page, as src/alloc/account.c has it; how many pages that
 * is.  Stores whether they are to be copied.
 */
static uint64_t take_pages(struct heap *h, struct heap_zone *hz, uint64_t page,
			   bool *copied)
{
	const struct page *p = &hz->record[page];
	uint64_t nr = 1ull << (p->order <= PG_MAX_ORDER ? p->order : 0);
	uint64_t addr =
		(uintptr_t)h->v->w.base + ((hz->start + page) << PG_SHIFT);
	struct block *b;

	*copied = false;
	if (in_hole(hz, page))
		return 1;
	if (has(p, PG_buddy) || has(p, PG_pcp))
		return nr;
	if (hz->owner[page]) {
		if (has(p, PG_slab) || has(p, PG_objects))
			*copied = take_slab(h, hz, p, page, addr);
		return nr;
	}
	if (p->_refcount.counter <= 0 || has(p, PG_guard) || has(p, PG_vmalloc))
		return 1;
	if (has(p, PG_span))
		nr = p->private;
	if (!nr || nr > hz->nr - page)
		return 1;
	if (addr == (uintptr_t)h->v->w.guarded)
		return nr;
	*copied = true;
	b = block_whole(h, BLOCK_PAGES, addr, nr << PG_SHIFT);
	if (b) {
		b->record = (uintptr_t)(h->v->w.map + hz->start + page);
		pages_claim(h, b);
	}
	return nr;
}

static void take_zone(struct heap *h, struct heap_zone *hz)
{
	uint64_t page = 0, from = 0, n;
	bool copied;

	/* Bound: the pages of the zone. */
	while (page < hz->nr) {
		n = take_pages(h, hz, page, &copied);
		if (!copied) {
			copy_pages(h, hz, from, page);
			from = page + n;
		}
		page += n;
	}
	copy_pages(h, hz, from, hz->nr);
}

/* --- what is free in slabs ------------------------------------------------ */

/* The slab and the index of the object that begins there. */
struct block *object_find(const struct heap *h, uint64_t at, uint32_t *i)
{
	struct heap_zone *hz;
	uint64_t page, off;
	struct block *b;

	hz = zone_at(h, at, &page);
	if (!hz || !hz->what[page])
		return NULL;
	b = &h->block[hz->what[page] - 1];
	off = at - b->addr - b->first;
	*i = (uint32_t)(off / b->slot);
	return b->kind == BLOCK_SLAB && off / b->slot < b->nr ? b : NULL;
}

static void object_is_free(const struct heap *h, uint64_t at)
{
	uint32_t i;
	struct block *b = object_find(h, at, &i);

	if (b)
		bit_clear(h->used, b->bits + i);
}

/* What is in a sheaf is free, and the sheaf itself need not be read. */
static const uint64_t *take_sheaf(struct heap *h, const struct kmem_cache *s,
				  uint64_t top)
{
	uint64_t bytes = s->pcs.bytes, base, n;
	const uint64_t *word;
	size_t room;

	if (!top || top == h->v->standin || bytes < 16 ||
	    bytes > PCS_SHEAF_MAX_BYTES || bytes & (bytes - 1))
		return NULL;
	base = (top - 8) & ~(bytes - 1);
	n = (top - base) / 8;
	word = (const uint64_t *)(const void *)heap_at(h, base, &room);
	if (!word || room < bytes)
		return NULL;
	object_is_free(h, base);
	for (uint64_t i = 1; i < n; i++)
		object_is_free(h, word[i]);
	return word;
}

static void take_stack(struct heap *h, const struct kmem_cache *s, void **top,
		       uint64_t most)
{
	const uint64_t *word;
	uint64_t at = (uintptr_t)top;

	for (uint64_t i = 0; at && i < most; i++) {
		word = take_sheaf(h, s, at);
		if (!word)
			return;
		at = word[0];
	}
}

static void take_columns(struct heap *h, const struct kmem_cache *s,
			 const struct kmem_pub_cache *k)
{
	uint64_t words[2];

	for (uint64_t i = 0; s->pcs.home && k && i < k->nr_cpus; i++) {
		if (!view_read(h->v,
			       (void *)(s->pcs.home + i * k->column_stride),
			       words, sizeof(words)))
			return;
		for (int w = 0; w < 2; w++)
			if (words[w])
				take_sheaf(h, s, words[w] + h->v->standin);
	}
}

/* A late free is noted in the slab's part of window.late. */
static void take_noted(struct heap *h, void *const *list)
{
	uint64_t at = (uintptr_t)*list;
	uint64_t room[PG_LATE_BYTES / 8], pfn, page;
	const struct note *note = (const void *)room;
	struct heap_zone *hz;

	while (at && page_slot(h->v, at, &pfn)) {
		if (!view_read(h->v, h->v->w.late + pfn * PG_LATE_BYTES, room,
			       sizeof(room)))
			return;
		hz = zone_at(h, (uintptr_t)h->v->w.base + (pfn << PG_SHIFT),
			     &page);
		if (hz && hz->what[page]) {
			const struct block *b = &h->block[hz->what[page] - 1];

			for (uint32_t i = 0; i < b->nr; i++)
				if (note->bits[i / 64] >> i % 64 & 1)
					bit_clear(h->used, b->bits + i);
		}
		at = (uintptr_t)note->next;
	}
}

static void take_cache(struct heap *h, const struct kmem_cache *s,
		       const struct kmem_pub_cache *k)
{
	struct pcs_slot slot;

	take_noted(h, &s->node0.late.in);
	take_noted(h, &s->node0.late.rest);
	if (!s->barn)
		return;
	take_columns(h, s, k);
	for (unsigned int i = 0; s->pcs.slots && i < s->pcs.nr; i++)
		if (view_read(h->v, s->pcs.slots + i, &slot, sizeof(slot))) {
			take_sheaf(h, s, (uintptr_t)slot.word[0]);
			take_sheaf(h, s, (uintptr_t)slot.word[1]);
		}
	take_stack(h, s, s->barn0.full, s->barn0.room);
	take_stack(h, s, s->barn0.empty, s->barn0.room);
}

/* One that says how many columns there are. */
static const struct kmem_pub_cache *any_column(const struct books *b)
{
	for (size_t i = 0; i < b->nr_caches; i++)
		if (b->cache[i].pub.column)
			return &b->cache[i].pub;
	return NULL;
}

/* --- all ------------------------------------------------------------------ */

/* Caches of the library: what is left of their objects is in no list. */
static void leave_own(struct heap *h)
{
	for (size_t i = 0; i < h->nr_blocks; i++) {
		const struct block *b = &h->block[i];
		const struct heap_cache *c;

		if (b->kind != BLOCK_SLAB || !h->cache[b->cache].own)
			continue;
		c = &h->cache[b->cache];
		if (!strncmp(c->s.name, "sheaf-", 6))
			continue;
		memset(h->used + b->bits / 64, 0, (b->nr + 63) / 64 * 8);
	}
}

static bool take(struct heap *h)
{
	const struct books *books = h->v->books;

	h->nr_blocks = h->bits = h->nr_caches = 0;
	h->piece.nr = h->piece.used = h->root.nr = h->root.used = 0;
	h->not_root.nr = 0;
	if (!zones_read(h))
		return false;
	for (unsigned int z = 0; z < ZONES; z++)
		take_zone(h, &h->zone[z]);
	for (size_t i = 0; i < h->nr_caches; i++) {
		struct kmem_cache s = h->cache[i].s;

		take_cache(h, &s, any_column(books));
	}
	if (!take_outer(h))
		h->failed = true;
	leave_own(h);
	take_roots(h);
	pieces_sort(&h->piece);
	return !h->failed;
}

static bool complain_stop(const struct heap *h, int err)
{
	complain("%s: process %ld (%s) may not be stopped: %s; try as root, or "
		 "with 0 in /proc/sys/kernel/yama/ptrace_scope, and with no "
		 "debugger in it",
		 h->v->command, (long)h->v->books->pid, h->v->books->comm,
		 strerror(err));
	return false;
}

static bool complain_room(const struct heap *h)
{
	complain("%s: there is no memory for a copy of process %ld (%s), or "
		 "it cannot be read",
		 h->v->command, (long)h->v->books->pid, h->v->books->comm);
	return false;
}

bool heap_take(struct heap *h, struct view *v, pid_t pid)
{
	uint64_t begun = clock_ns(), stop;
	char path[64];
	bool good;

	memset(h, 0, sizeof(*h));
	h->v = v;
	snprintf(path, sizeof(path), "/proc/%ld/pagemap", (long)pid);
	h->pagemap = open(path, O_RDONLY | O_CLOEXEC);
	if (!take(h))
		return complain_room(h);
	h->took_ns = 1;
	stop = clock_ns();
	if (!stop_process(&h->stopped, pid))
		return complain_stop(h, errno);
	stop_registers(&h->stopped);
	good = take(h);
	stop_go(&h->stopped);
	h->stopped_ns = clock_ns() - stop;
	h->took_ns = clock_ns() - begun;
	return good || complain_room(h);
}

void heap_free(struct heap *h)
{
	for (unsigned int z = 0; z < ZONES; z++)
		zone_free(&h->zone[z]);
	pieces_free(&h->piece);
	pieces_free(&h->root);
	free(h->not_root.at);
	free(h->block);
	free(h->used);
	free(h->ends);
	free(h->cache);
	free(h->outer);
	free(h->areas);
	free(h->seen);
	if (h->pagemap >= 0)
		close(h->pagemap);
	stop_end(&h->stopped);
}
