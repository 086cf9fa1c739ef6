/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What threads of these tests do: calls that must not block in every mixture,
 * and the ordinary ones that get into their way.
 */
#ifndef CONTEXT_LOAD_H
#define CONTEXT_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

#include "stress/work.h"

enum load_kind {
	LOAD_NONE,
	LOAD_KMALLOC,
	LOAD_CACHE,
	LOAD_PAGES,
	LOAD_POOL,
	LOAD_KINDS
};

/* Something that was allocated, with the stamp that tells its owner. */
struct load_item {
	void *p;
	enum load_kind kind;
	unsigned int which; /* cache, or order */
	uint32_t size, seed;
};

#define LOAD_CACHES 3

/* Shared by all threads; made by load_open(). */
extern struct kmem_cache *load_cache[LOAD_CACHES];
extern mempool_t *load_pool;
void load_open(void);
void load_close(void);

struct load {
	struct rng rng;
	gfp_t gfp;              /* 0: GFP_NOWAIT or GFP_ATOMIC by chance */
	unsigned int nr;        /* of items */
	struct load_item *item; /* nr of them */
	unsigned long given, refused, torn;
};

/* items of zeroed memory of the OS's */
void load_init(struct load *l, unsigned int nr, uint64_t seed, gfp_t gfp);
void load_free_host(struct load *l);
/* One item filled or emptied. */
void load_fill(struct load *l, struct load_item *x);
void load_empty(struct load *l, struct load_item *x);
/* n steps: one item at random is emptied, or filled; bulk calls besides. */
void load_steps(struct load *l, unsigned long n);
void load_empty_all(struct load *l);

#endif
