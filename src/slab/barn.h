/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Barns: where whole sheaves of a node lie. */
#ifndef SLAB_BARN_H
#define SLAB_BARN_H

#include <stdbool.h>

#include "sync/lock.h"

struct kmem_pub_cache;

/*
 * A node's stock of whole sheaves, full ones and empty ones: two stacks of
 * tops, linked through word 0 of the sheaves.
 */
struct barn {
	struct lock lock;
	unsigned int bytes; /* of a sheaf */
	unsigned int room;  /* sheaves of a kind at most, on few CPUs */
	unsigned int cpus;  /* that got a sheaf since the drain; a guess */
	unsigned int nr_full, nr_empty;
	void **full, **empty;
	unsigned long gets, puts;   /* sheaves */
	struct kmem_pub_cache *pub; /* NULL: nobody may look */
};

/* Sheaves on their way out of a barn. */
struct barn_load {
	void **full, **empty;
};

/*
 * barn.c; barn_put_*() is false when there is no room.  When the barn is busy,
 * it has nothing and takes nothing.
 */
void barn_init(struct barn *b, unsigned int bytes, unsigned int size);
/* A CPU that had no sheaf of the cache has one. */
void barn_joined(struct barn *b);
/* Sheaves of a kind at most. */
unsigned int barn_room(const struct barn *b);
void **barn_get_empty(struct barn *b, enum lock_wait how);
bool barn_put_full(struct barn *b, void **top, enum lock_wait how);
bool barn_put_empty(struct barn *b, void **top, enum lock_wait how);
/*
 * Two of these in one: a full sheaf out and an empty one in, or the other way
 * round.  What was taken in is NULL afterwards; NULL brings no sheaf.
 */
void **barn_trade_empty(struct barn *b, void ***empty, enum lock_wait how);
void **barn_trade_full(struct barn *b, void ***full, enum lock_wait how);
/* All of it. */
void barn_drain(struct barn *b, struct barn_load *load);
/* The next sheaf of a load, full ones first, or NULL. */
void **barn_unload(const struct barn *b, struct barn_load *load);
/* The sheaf below this one on its stack, or NULL; lock held. */
void **barn_below(const struct barn *b, void **top);

#endif
