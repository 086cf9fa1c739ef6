/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The barn: whole sheaves between the CPUs of a node.  THEORY.
 *
 * 1. What it is for.  A CPU that comes for a sheaf gets a whole turn of work
 *    for one lock.  Objects allocated on one CPU and freed on another travel
 *    this way: full sheaves from the freeing side, empty ones back.  And what
 *    a program frees only to take it again waits here, away from the slabs.
 *
 * 2. The nouns.  A sheaf in the barn is full or empty, never in between, so no
 *    count is kept with it.  Each kind is a stack, the warmest on top, linked
 *    through word 0 of the sheaves: any number of them needs no memory.  Room
 *    is how many of each kind it takes: BARN_BYTES of objects, two sheaves at
 *    the least, and as much again for each BARN_CPUS beyond the first that
 *    use the cache, since each of them may have an overhang of its own.  A
 *    full sheaf that finds none is emptied into the slabs.  What is not
 *    needed for an idle age leaves (expire.c).
 *
 * 3. Invariants.  nr_full and nr_empty are the lengths of the stacks, and at
 *    most barn_room().  Word 0 of a sheaf is NULL again when it leaves.
 *
 * 4. Locking.  All of it under the barn's lock, held for one sheaf, except in
 *    barn_drain(), which hands out both stacks.  A caller that must not wait
 *    and finds it held does without the barn.
 */
#include "slab/barn.h"

#include "slab/slab.h"

#include "lib/atomic.h"

/* Bytes of objects and of the sheaves that hold them. */
#define BARN_BYTES (2ul << 20)
#define BARN_CPUS 8

void barn_init(struct barn *b, unsigned int bytes, unsigned int size)
{
	unsigned long weight =
		bytes + (bytes / sizeof(void *) - 1) * (unsigned long)size;

	b->bytes = bytes;
	b->room = (unsigned int)(BARN_BYTES / weight);
	if (b->room < 2)
		b->room = 2;
}

void barn_joined(struct barn *b)
{
	__atomic_fetch_add(&b->cpus, 1, __ATOMIC_RELAXED);
}

unsigned int barn_room(const struct barn *b)
{
	unsigned long cpus = READ_ONCE(b->cpus);

	return cpus <= BARN_CPUS ? b->room :
				   (unsigned int)(b->room * cpus / BARN_CPUS);
}

/* Word 0 of a sheaf that is full or empty. */
static void ***link_of(const struct barn *b, void **top)
{
	return (void ***)((uintptr_t)(top - 1) & ~((uintptr_t)b->bytes - 1));
}

void **barn_below(const struct barn *b, void **top)
{
	return *link_of(b, top);
}

static void **pop(const struct barn *b, void ***stack)
{
	void **top = *stack;

	if (top) {
		*stack = *link_of(b, top);
		*link_of(b, top) = NULL;
	}
	return top;
}

static void push(const struct barn *b, void ***stack, void **top)
{
	*link_of(b, top) = *stack;
	*stack = top;
}

/* Under the lock; expire.c looks at it without. */
static void set_empty(struct barn *b, unsigned int nr)
{
	WRITE_ONCE(b->nr_empty, nr);
}

/* The lock is held. */
static void **__get_full(struct barn *b)
{
	void **top = pop(b, &b->full);

	if (top) {
		b->nr_full--;
		b->gets++;
	}
	return top;
}

static void **__get_empty(struct barn *b)
{
	void **top = pop(b, &b->empty);

	if (top) {
		set_empty(b, b->nr_empty - 1);
		b->gets++;
	}
	return top;
}

static bool __put_full(struct barn *b, void **top)
{
	if (b->nr_full >= barn_room(b))
		return false;
	push(b, &b->full, top);
	b->nr_full++;
	b->puts++;
	return true;
}

static bool __put_empty(struct barn *b, void **top)
{
	if (b->nr_empty >= barn_room(b))
		return false;
	push(b, &b->empty, top);
	set_empty(b, b->nr_empty + 1);
	b->puts++;
	return true;
}

static bool take(struct barn *b, enum lock_wait how)
{
	return lock_get(&b->lock, LOCK_BARN, how);
}

static void drop(struct barn *b, enum lock_wait how)
{
	__barn_publish(b);
	lock_put(&b->lock, LOCK_BARN, how);
}

void **barn_get_empty(struct barn *b, enum lock_wait how)
{
	void **top;

	if (!take(b, how))
		return NULL;
	top = __get_empty(b);
	drop(b, how);
	return top;
}

bool barn_put_full(struct barn *b, void **top, enum lock_wait how)
{
	bool room;

	if (!take(b, how))
		return false;
	room = __put_full(b, top);
	drop(b, how);
	return room;
}

bool barn_put_empty(struct barn *b, void **top, enum lock_wait how)
{
	bool room;

	if (!take(b, how))
		return false;
	room = __put_empty(b, top);
	drop(b, how);
	return room;
}

void **barn_trade_empty(struct barn *b, void ***empty, enum lock_wait how)
{
	void **full;

	if (!take(b, how))
		return NULL;
	full = __get_full(b);
	if (full && *empty && __put_empty(b, *empty))
		*empty = NULL;
	drop(b, how);
	return full;
}

void **barn_trade_full(struct barn *b, void ***full, enum lock_wait how)
{
	void **empty;

	if (!take(b, how))
		return NULL;
	empty = __get_empty(b);
	if (*full && __put_full(b, *full))
		*full = NULL;
	drop(b, how);
	return empty;
}

void barn_drain(struct barn *b, struct barn_load *load)
{
	lock_take(&b->lock, LOCK_BARN);
	load->full = b->full;
	load->empty = b->empty;
	b->gets += b->nr_full + b->nr_empty;
	b->full = b->empty = NULL;
	b->nr_full = 0;
	set_empty(b, 0);
	WRITE_ONCE(b->cpus, 0);
	__barn_publish(b);
	lock_drop(&b->lock, LOCK_BARN);
}

void **barn_unload(const struct barn *b, struct barn_load *load)
{
	return pop(b, load->full ? &load->full : &load->empty);
}
