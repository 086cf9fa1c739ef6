/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The places of a chunk of per-CPU memory: three bits for each grain.
 *
 *	used	it belongs to an object, or to one whose free is deferred
 *	last	it is the last of such an object
 *	live	an object begins here that was not freed
 *
 * A free clears the bit in live by an atomic instruction, without a lock: so of
 * two frees of one object the second is told, and it is known whose the object
 * is before anything is written to it.  All else changes under percpu_lock.
 *
 * Invariants (chunk_valid() checks them).
 *    - free is the number of grains below ready that are not used; none is used
 *      above ready, and none below from is free.
 *    - No run of free grains is longer than longest, so that most chunks
 *      without room are passed by without a search.
 *    - Grains from dirty on have never been written to since they were mapped.
 *    - Where live is set used is; each run of used grains ends with last.
 */
#ifndef ALLOC_PERCPU_CHUNK_H
#define ALLOC_PERCPU_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRAIN ((size_t)8)
#define GRAINS (1u << 15)
#define GRAIN_WORDS (GRAINS / 64)

struct chunk {
	char *base; /* of the unit of CPU 0; NULL: none */
	unsigned int ready, dirty, free, from, longest;
	uint64_t used[GRAIN_WORDS], last[GRAIN_WORDS], live[GRAIN_WORDS];
};

/* A place for n grains; GRAINS: there is none. */
unsigned int chunk_place(struct chunk *c, unsigned int n, unsigned int align);
void chunk_unplace(struct chunk *c, unsigned int at);
/* How many grains an object has; 0: none that is alive begins there. */
unsigned int chunk_grains(const struct chunk *c, unsigned int at);
bool chunk_valid(const struct chunk *c);

/* Under the lock, and looked at without it. */
static inline void chunk_set_free(struct chunk *c, unsigned int n)
{
	__atomic_store_n(&c->free, n, __ATOMIC_RELAXED);
}

/* n grains more are ready. */
static inline void chunk_extend(struct chunk *c, unsigned int n)
{
	c->ready += n;
	c->longest += n;
	chunk_set_free(c, c->free + n);
}

/* Without the lock: an object is there from now on. */
static inline void chunk_born(struct chunk *c, unsigned int at)
{
	/* a free by another thread comes after what was written here */
	__atomic_fetch_or(&c->live[at / 64], 1ull << at % 64, __ATOMIC_RELEASE);
}

/* Without the lock: it is freed; false: there was none. */
static inline bool chunk_dies(struct chunk *c, unsigned int at)
{
	uint64_t *word = &c->live[at / 64], bit = 1ull << at % 64;

	return __atomic_load_n(word, __ATOMIC_RELAXED) & bit &&
	       __atomic_fetch_and(word, ~bit, __ATOMIC_ACQ_REL) & bit;
}

#endif
