/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The barn: whole sheaves between the CPUs of a node.
 *
 * A sheaf in the barn is full or empty, never in between, so no count is
 * kept with it, and a CPU that comes for one gets a whole turn of work for
 * one lock.  Objects allocated on one CPU and freed on another travel this
 * way: full sheaves from the freeing side, empty ones back.
 */
#include "slab/slab.h"

static void **pop(struct barn *b, void ***stack, unsigned int *nr)
{
	void **top = NULL;

	lock_take(&b->lock, LOCK_BARN);
	if (*nr) {
		top = stack[--*nr];
		b->gets++;
		__barn_publish(b);
	}
	lock_drop(&b->lock, LOCK_BARN);
	return top;
}

static bool push(struct barn *b, void ***stack, unsigned int *nr, void **top)
{
	bool room;

	lock_take(&b->lock, LOCK_BARN);
	room = *nr < BARN_SHEAVES;
	if (room) {
		stack[(*nr)++] = top;
		b->puts++;
		__barn_publish(b);
	}
	lock_drop(&b->lock, LOCK_BARN);
	return room;
}

void **barn_get_full(struct barn *b)
{
	return pop(b, b->full, &b->nr_full);
}

void **barn_get_empty(struct barn *b)
{
	return pop(b, b->empty, &b->nr_empty);
}

bool barn_put_full(struct barn *b, void **top)
{
	return push(b, b->full, &b->nr_full, top);
}

bool barn_put_empty(struct barn *b, void **top)
{
	return push(b, b->empty, &b->nr_empty, top);
}
