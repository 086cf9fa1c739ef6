/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Reads the memory of a process into copies that lie where they are found by
 * address.  Pages that are not there are not read: that would put some there.
 */
#include "leaks.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENTRIES 4096u
#define PAGEMAP_THERE (3ull << 62) /* present, or swapped */
#define PAGEMAP_FILE (1ull << 61)  /* a file's, or shared */

/* --- bytes ---------------------------------------------------------------- */

void copy_bytes(struct view *v, uint64_t at, void *to, uint64_t n)
{
	char *p = to;

	if (!n || v->mem.read(&v->mem, at, to, n))
		return;
	for (uint64_t i = 0, k; i < n; i += k) {
		k = PG_BYTES - (at + i) % PG_BYTES;
		if (k > n - i)
			k = n - i;
		if (!v->mem.read(&v->mem, at + i, p + i, k))
			memset(p + i, 0, k);
	}
}

/*
 * Calls fn for each part of the range whose pages are there and, if they have
 * to be dirty, are no file's.
 */
static void each_there(struct heap *h, uint64_t from, uint64_t to, bool dirty,
		       void (*fn)(struct heap *h, uint64_t from, uint64_t to,
				  void *ctx),
		       void *ctx)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t at = from & ~(page - 1), begun = 0, entry[ENTRIES];

	if (h->pagemap < 0) {
		fn(h, from, to, ctx);
		return;
	}
	while (at < to) {
		ssize_t n = (ssize_t)((to - at + page - 1) / page);

		if (n > (ssize_t)ENTRIES)
			n = ENTRIES;
		n = pread(h->pagemap, entry, (size_t)n * 8,
			  (off_t)(at / page * 8));
		if (n < 8)
			break;
		for (ssize_t i = 0; i < n / 8; i++, at += page) {
			bool there = entry[i] & PAGEMAP_THERE &&
				     !(dirty && entry[i] & PAGEMAP_FILE);

			if (there && !begun)
				begun = at < from ? from : at;
			if (!there && begun) {
				fn(h, begun, at, ctx);
				begun = 0;
			}
		}
	}
	if (begun)
		fn(h, begun, to, ctx);
}

/* --- zones ---------------------------------------------------------------- */

/* Room for n bytes that costs what is written to; NULL: there is none. */
static void *room_make(void *old, uint64_t had, uint64_t n)
{
	void *p;

	if (old)
		p = mremap(old, had, n, MREMAP_MAYMOVE);
	else
		p = mmap(NULL, n, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	return p;
}

static bool zone_room(struct heap_zone *hz, uint64_t nr)
{
	uint64_t had = hz->room, room = nr + nr / 8 + ENTRIES;
	struct {
		void **at;
		uint64_t each;
	} all[] = {
		{ (void **)&hz->record, sizeof(*hz->record) },
		{ (void **)&hz->owner, sizeof(*hz->owner) },
		{ (void **)&hz->site, sizeof(*hz->site) },
		{ (void **)&hz->what, sizeof(*hz->what) },
		{ (void **)&hz->copy, PG_BYTES },
	};

	if (nr <= had)
		return true;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		void *p = room_make(*all[i].at, had * all[i].each,
				    room * all[i].each);

		if (!p)
			return false;
		*all[i].at = p;
	}
	madvise(hz->copy, room * PG_BYTES, MADV_HUGEPAGE);
	hz->room = room;
	return true;
}

void zone_free(struct heap_zone *hz)
{
	if (!hz->room)
		return;
	munmap(hz->record, hz->room * sizeof(*hz->record));
	munmap(hz->owner, hz->room * sizeof(*hz->owner));
	munmap(hz->site, hz->room * sizeof(*hz->site));
	munmap(hz->what, hz->room * sizeof(*hz->what));
	munmap(hz->copy, hz->room * PG_BYTES);
	memset(hz, 0, sizeof(*hz));
}

static void sites_read(struct heap *h, struct heap_zone *hz)
{
	uint64_t words = 0;

	if (!h->epoch ||
	    !view_read(h->v, h->v->v.site_words, &words, sizeof(words)) ||
	    !words)
		return;
	copy_bytes(h->v, words + hz->start * 8, hz->site, hz->nr * 8);
}

bool zones_read(struct heap *h)
{
	struct view *v = h->v;

	h->epoch = 0;
	if (!view_read(v, v->v.zones, v->zone, sizeof(v->zone)) ||
	    !view_read(v, v->v.sites_epoch, &h->epoch, sizeof(h->epoch)))
		return false;
	for (unsigned int z = 0; z < ZONES; z++) {
		struct heap_zone *hz = &h->zone[z];

		hz->start = v->zone[z].start;
		hz->nr = v->zone[z].grown - hz->start;
		if (v->zone[z].grown < hz->start || !zone_room(hz, hz->nr))
			return false;
		copy_bytes(v, (uintptr_t)(v->w.map + hz->start), hz->record,
			   hz->nr * sizeof(*hz->record));
		copy_bytes(v, (uintptr_t)(v->w.owner + hz->start), hz->owner,
			   hz->nr * sizeof(*hz->owner));
		if (hz->what)
			memset(hz->what, 0, hz->nr * sizeof(*hz->what));
		sites_read(h, hz);
	}
	return true;
}

static void page_part(struct heap *h, uint64_t from, uint64_t to, void *ctx)
{
	const struct heap_zone *hz = ctx;
	uint64_t base = (uintptr_t)h->v->w.base + (hz->start << PG_SHIFT);

	copy_bytes(h->v, from, hz->copy + (from - base), to - from);
}

void copy_pages(struct heap *h, struct heap_zone *hz, uint64_t from,
		uint64_t to)
{
	uint64_t base = (uintptr_t)h->v->w.base + (hz->start << PG_SHIFT);

	if (to > hz->nr)
		to = hz->nr;
	if (from < to)
		each_there(h, base + (from << PG_SHIFT),
			   base + (to << PG_SHIFT), false, page_part, hz);
}

bool page_slot(const struct view *v, uint64_t at, uint64_t *pfn)
{
	uint64_t off = at - (uintptr_t)v->w.map;

	*pfn = off / sizeof(struct page);
	return *pfn < v->w.pages;
}

/* --- pieces --------------------------------------------------------------- */

static bool piece_room(struct pieces *p, uint64_t n)
{
	struct piece *more;
	void *bytes;
	size_t size;

	if (p->nr == p->room) {
		p->room = p->room ? 2 * p->room : 1024;
		more = realloc(p->at, p->room * sizeof(*more));
		if (!more)
			return false;
		p->at = more;
	}
	if (p->used + n <= p->size)
		return true;
	size = 2 * p->size > p->used + n ? 2 * p->size : p->used + n;
	size = (size + PG_BYTES - 1) & ~(PG_BYTES - 1);
	bytes = room_make(p->bytes, p->size, size);
	if (!bytes)
		return false;
	p->bytes = bytes;
	p->size = size;
	return true;
}

void pieces_free(struct pieces *p)
{
	if (p->bytes)
		munmap(p->bytes, p->size);
	free(p->at);
	memset(p, 0, sizeof(*p));
}

static void piece_part(struct heap *h, uint64_t from, uint64_t to, void *ctx)
{
	struct pieces *p = ctx;

	if (!piece_room(p, to - from)) {
		h->failed = true;
		return;
	}
	copy_bytes(h->v, from, p->bytes + p->used, to - from);
	p->at[p->nr++] = (struct piece){ from, to, p->used };
	p->used += to - from;
}

/* Both are multiples of a word, so that all pieces are. */
void copy_piece(struct heap *h, struct pieces *p, uint64_t from, uint64_t to,
		bool dirty)
{
	from = (from + 7) & ~7ull;
	to &= ~7ull;
	if (from < to)
		each_there(h, from, to, dirty, piece_part, p);
}

static int by_from(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

void pieces_sort(struct pieces *p)
{
	qsort(p->at, p->nr, sizeof(*p->at), by_from);
}

void ranges_add(struct ranges *r, uint64_t from, uint64_t to)
{
	struct range *more;

	if (r->nr == r->room) {
		r->room = r->room ? 2 * r->room : 256;
		more = realloc(r->at, r->room * sizeof(*more));
		if (!more)
			abort();
		r->at = more;
	}
	r->at[r->nr++] = (struct range){ from, to };
}

/* --- what is in the copy -------------------------------------------------- */

const char *heap_at(const struct heap *h, uint64_t at, size_t *n)
{
	struct heap_zone *hz;
	uint64_t page, off;

	hz = zone_at(h, at, &page);
	if (!hz)
		return NULL;
	off = (page << PG_SHIFT) + at % PG_BYTES;
	*n = (hz->nr << PG_SHIFT) - off;
	return hz->copy + off;
}
