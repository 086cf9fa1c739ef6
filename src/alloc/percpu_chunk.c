/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Places of objects in a chunk: the first that fits. */
#include "alloc/percpu_chunk.h"

#include "lib/mem.h"

static bool bit_is(const uint64_t *map, unsigned int at)
{
	return map[at / 64] >> at % 64 & 1;
}

/* The bits of a word from bit `from` on, n of them or to its end. */
static uint64_t grain_mask(unsigned int from, unsigned int n)
{
	uint64_t ones = n >= 64 ? ~0ull : (1ull << n) - 1;

	return ones << from;
}

static void bits_change(uint64_t *map, unsigned int at, unsigned int n,
			bool set)
{
	while (n) {
		unsigned int from = at % 64;
		unsigned int here = n < 64 - from ? n : 64 - from;

		if (set)
			map[at / 64] |= grain_mask(from, here);
		else
			map[at / 64] &= ~grain_mask(from, here);
		at += here;
		n -= here;
	}
}

/* The first bit from at on, below end, that is as wanted; end if none is. */
static unsigned int bits_find(const uint64_t *map, unsigned int at,
			      unsigned int end, bool is)
{
	/* Bound: the words of the map. */
	while (at < end) {
		uint64_t word = is ? map[at / 64] : ~map[at / 64];

		word &= ~0ull << at % 64;
		if (word) {
			at = ALIGN_DOWN(at, 64u) +
			     (unsigned int)__builtin_ctzll(word);
			return at < end ? at : end;
		}
		at = ALIGN_DOWN(at, 64u) + 64;
	}
	return end;
}

/* The first place for n grains, or GRAINS; longest is exact then. */
static unsigned int find_place(struct chunk *c, unsigned int n,
			       unsigned int align)
{
	unsigned int start, at, end, longest = 0;

	start = c->from = bits_find(c->used, c->from, c->ready, false);
	/* Bound: the runs of free grains. */
	while (start < c->ready) {
		at = ALIGN_UP(start, align);
		end = at + n < c->ready ? at + n : c->ready;
		end = bits_find(c->used, start, end, true);
		if (end == at + n)
			return at;
		if (longest < end - start)
			longest = end - start;
		start = bits_find(c->used, end, c->ready, false);
	}
	c->longest = longest;
	return GRAINS;
}

unsigned int chunk_place(struct chunk *c, unsigned int n, unsigned int align)
{
	unsigned int at = c->longest < n ? GRAINS : find_place(c, n, align);

	if (at == GRAINS)
		return at;
	chunk_set_free(c, c->free - n);
	if (c->dirty < at + n)
		c->dirty = at + n;
	bits_change(c->used, at, n, true);
	bits_change(c->last, at + n - 1, 1, true);
	return at;
}

void chunk_unplace(struct chunk *c, unsigned int at)
{
	unsigned int last = bits_find(c->last, at, GRAINS - 1, true);
	unsigned int n = last + 1 - at;

	bits_change(c->used, at, n, false);
	bits_change(c->last, last, 1, false);
	chunk_set_free(c, c->free + n);
	/* with a run before it and one behind it */
	c->longest = c->longest * 2 + n < c->free ? c->longest * 2 + n :
						    c->free;
	if (at < c->from)
		c->from = at;
}

unsigned int chunk_grains(const struct chunk *c, unsigned int at)
{
	return bit_is(c->live, at) ?
		       bits_find(c->last, at, GRAINS - 1, true) + 1 - at :
		       0;
}

bool chunk_valid(const struct chunk *c)
{
	unsigned int at, used = 0, run = 0, end = c->ready;
	bool ok = bits_find(c->used, end, GRAINS, true) == GRAINS &&
		  bits_find(c->last, end, GRAINS, true) == GRAINS &&
		  bits_find(c->used, 0, c->from, false) == c->from &&
		  bits_find(c->used, c->dirty, GRAINS, true) == GRAINS;

	for (at = 0; at < end; at++) {
		bool is = bit_is(c->used, at);

		used += is;
		run = is ? 0 : run + 1;
		if (run > c->longest)
			ok = false;
		if (!is && (bit_is(c->last, at) || bit_is(c->live, at)))
			ok = false;
		if (is && !bit_is(c->last, at) &&
		    (at + 1 == end || !bit_is(c->used, at + 1)))
			ok = false;
	}
	return ok && used + c->free == end;
}
