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
 * 2. The nouns.  A sheaf in the barn is full or empty, never in between, so
 *    no count is kept with it.  Each kind is a stack, the warmest on top,
 *    linked through word 0 of the sheaves: any number of them needs no
 *    memory.  Room is how many of each kind are welcome.
 *
 * 3. How much room.  Counted in bytes of objects: BARN_BASE to begin with,
 *    BARN_MOST at the most, two sheaves at the least.  In between the barn
 *    learns by regret.  A full sheaf that found no room is noted when it
 *    goes to the slabs; a refill that then finds the barn empty would have
 *    wanted it, and makes room for one more.  So a round of allocations and
 *    frees is learned in two rounds, while who only frees keeps the base.
 *    A period is some rounds through the barn.  Full sheaves that lay there
 *    for a whole period were not needed: half as many is the room lessened
 *    by, so that a swing which comes back finds half of its place.
 *
 * 4. Invariants.  nr_full and nr_empty are the lengths of the stacks, and at
 *    most as large as most; least <= room <= most.  Word 0 of a sheaf is
 *    NULL again when it leaves.
 *
 * 5. Locking.  All of it under the barn's lock, held for one sheaf, except for
 *    barn_drain(), which hands out both stacks.  A caller that must not wait
 *    and finds it held does without the barn.
 */
#include "slab/slab.h"

/* Bytes of objects and of the sheaves that hold them. */
#define BARN_BASE (64ul << 10)
#define BARN_MOST (2ul << 20)

/* Full sheaves through the barn in a period, for each that has room. */
#define BARN_PERIOD 8

void barn_init(struct barn *b, unsigned int bytes, unsigned int size)
{
	unsigned long weight =
		bytes + (bytes / sizeof(void *) - 1) * (unsigned long)size;

	b->bytes = bytes;
	b->least = (unsigned int)(BARN_BASE / weight);
	b->most = (unsigned int)(BARN_MOST / weight);
	if (b->least < 2)
		b->least = 2;
	if (b->most < b->least)
		b->most = b->least;
	b->room = b->least;
}

/* Under the lock; ebb.c looks at it without. */
static void set_room(struct barn *b, unsigned int room)
{
	__atomic_store_n(&b->room, room, __ATOMIC_RELAXED);
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

/* What has not been needed since the period began; another one begins. */
static void period_end(struct barn *b)
{
	unsigned int less = (b->low_full + 1) / 2;

	set_room(b, b->room - b->least > less ? b->room - less : b->least);
	b->flushed /= 2;
	b->low_full = b->nr_full;
	b->low_empty = b->nr_empty;
	b->moves = 0;
}

static void full_moved(struct barn *b)
{
	if (b->nr_full < b->low_full)
		b->low_full = b->nr_full;
	if (++b->moves >= BARN_PERIOD * b->room)
		period_end(b);
}

/* The lock is held. */
static void **__get_full(struct barn *b)
{
	void **top = pop(b, &b->full);

	if (top) {
		b->nr_full--;
		b->gets++;
		full_moved(b);
	} else if (b->flushed) {
		b->flushed--;
		if (b->room < b->most)
			set_room(b, b->room + 1);
	}
	return top;
}

static void **__get_empty(struct barn *b)
{
	void **top = pop(b, &b->empty);

	if (top) {
		b->nr_empty--;
		b->gets++;
		if (b->nr_empty < b->low_empty)
			b->low_empty = b->nr_empty;
	}
	return top;
}

static bool __put_full(struct barn *b, void **top)
{
	if (b->nr_full >= b->room) {
		if (b->flushed < b->most)
			b->flushed++;
		return false;
	}
	push(b, &b->full, top);
	b->nr_full++;
	b->puts++;
	full_moved(b);
	return true;
}

static bool __put_empty(struct barn *b, void **top)
{
	if (b->nr_empty >= b->room)
		return false;
	push(b, &b->empty, top);
	b->nr_empty++;
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

void **barn_get_full(struct barn *b, enum lock_wait how)
{
	void **top;

	if (!take(b, how))
		return NULL;
	top = __get_full(b);
	drop(b, how);
	return top;
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

/* Cuts the coldest n of nr sheaves off a stack. */
static void **cut(struct barn *b, void ***stack, unsigned int *nr,
		  unsigned int n)
{
	unsigned int keep = *nr - n;
	void **rest;

	*nr = keep;
	b->gets += n;
	for (; keep; keep--)
		stack = link_of(b, *stack);
	rest = *stack;
	*stack = NULL;
	return rest;
}

void barn_drain(struct barn *b, struct barn_load *load)
{
	lock_take(&b->lock, LOCK_BARN);
	load->full = cut(b, &b->full, &b->nr_full, b->nr_full);
	load->empty = cut(b, &b->empty, &b->nr_empty, b->nr_empty);
	set_room(b, b->least);
	b->flushed = 0;
	period_end(b);
	__barn_publish(b);
	lock_drop(&b->lock, LOCK_BARN);
}

void **barn_unload(const struct barn *b, struct barn_load *load)
{
	return pop(b, load->full ? &load->full : &load->empty);
}
