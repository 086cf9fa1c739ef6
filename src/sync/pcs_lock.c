/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Per-CPU sequences, lock backend: slots with a lock.
 *
 * A call for an object or a sheaf tries a slot and its neighbour, and waits
 * for neither: what holds the slot may be the function that a signal handler
 * has interrupted, or a thread that is not running.  A slot is held for a
 * handful of instructions, in which nothing is called, and dropped without a
 * wake, so that these calls never call the OS.
 *
 * A call that needs every slot of a cache (a drain, a fork, a check) sleeps
 * until each is free.  While a thread sleeps for a slot, no other tries it,
 * even if it is free: so a sleeper waits for the one holder that it found, and
 * then for its time-out (sync/lock.c) at most, however busy the slot is, and
 * whatever the priorities of the threads are.
 */
#include "sync/pcs.h"

void pcs_lock_init(struct pcs *p, struct pcs_slot *slots, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		slots[i] = (struct pcs_slot){ .word = { PCS_STANDIN, NULL } };
	p->slots = slots;
	p->nr = (uint16_t)nr;
}

static uint32_t lock_word(const struct pcs_slot *slot)
{
	return __atomic_load_n(&slot->lock.word, __ATOMIC_RELAXED);
}

static bool slot_try(struct pcs_slot *slot)
{
	return lock_word(slot) == LOCK_FREE &&
	       lock_get(&slot->lock, LOCK_SLOT, LOCK_ONCE);
}

static void slot_put(struct pcs_slot *slot)
{
	PCS_INJECT();
	lock_put(&slot->lock, LOCK_SLOT, LOCK_ONCE);
}

/* A slot with its lock held, or NULL: both are busy, or there is none. */
static struct pcs_slot *slot_get(const struct pcs *p)
{
	unsigned int i, last = p->nr - 1u;

	if (unlikely(!p->nr))
		return NULL;
	i = port_cpu() & last;
	PCS_INJECT();
	if (likely(slot_try(p->slots + i)))
		return p->slots + i;
	i ^= last & 1;
	return slot_try(p->slots + i) ? p->slots + i : NULL;
}

/* Atomic only because reports read the words of slots they do not hold. */
static void word_set(struct pcs_slot *slot, enum pcs_word w, void **top)
{
	__atomic_store_n(&slot->word[w], top, __ATOMIC_RELAXED);
}

void *pcs_lock_pop(const struct pcs *p)
{
	void *obj = NULL;

	pcs_lock_pop_bulk(p, 1, &obj);
	return obj;
}

bool pcs_lock_push(const struct pcs *p, void *obj)
{
	return pcs_lock_push_bulk(p, 1, &obj);
}

unsigned int pcs_lock_pop_bulk(const struct pcs *p, unsigned int n, void **out)
{
	struct pcs_slot *slot = slot_get(p);
	unsigned int got = 0;
	void **top;

	if (!slot)
		return 0;
	top = slot->word[PCS_MAIN];
	while (got < n && top[-1])
		out[got++] = *--top;
	PCS_INJECT();
	word_set(slot, PCS_MAIN, top);
	slot_put(slot);
	return got;
}

unsigned int pcs_lock_push_bulk(const struct pcs *p, unsigned int n, void **in)
{
	struct pcs_slot *slot = slot_get(p);
	unsigned int put = 0;
	void **top;

	if (!slot)
		return 0;
	top = slot->word[PCS_MAIN];
	while (put < n && !pcs_is_full(p, top))
		*top++ = in[put++];
	PCS_INJECT();
	word_set(slot, PCS_MAIN, top);
	slot_put(slot);
	return put;
}

bool pcs_lock_xchg(const struct pcs *p, enum pcs_word w, void **new,
		   void ***old)
{
	struct pcs_slot *slot = slot_get(p);

	if (!slot)
		return false;
	*old = slot->word[w];
	PCS_INJECT();
	word_set(slot, w, new);
	slot_put(slot);
	return true;
}

void pcs_lock_drain(struct pcs *p, void (*take)(void *ctx, void **top),
		    void *ctx)
{
	struct pcs_slot *slot;
	void **top, **spare;

	for (slot = p->slots; slot < p->slots + p->nr; slot++) {
		lock_get(&slot->lock, LOCK_SLOT, LOCK_SLEEP);
		top = slot->word[PCS_MAIN];
		spare = slot->word[PCS_SPARE];
		PCS_INJECT();
		word_set(slot, PCS_MAIN, PCS_STANDIN);
		word_set(slot, PCS_SPARE, NULL);
		lock_put(&slot->lock, LOCK_SLOT, LOCK_SLEEP);
		if (!pcs_is_standin(top))
			take(ctx, top);
		if (spare)
			take(ctx, spare);
	}
}

void pcs_lock_hold(struct pcs *p)
{
	unsigned int i;

	for (i = 0; i < p->nr; i++)
		lock_take_nested(&p->slots[i].lock, LOCK_SLOT);
}

void pcs_lock_drop(struct pcs *p)
{
	unsigned int i;

	for (i = 0; i < p->nr; i++)
		lock_drop_nested(&p->slots[i].lock, LOCK_SLOT);
}

bool pcs_at_rest(const struct pcs *p)
{
	unsigned int i;

	for (i = 0; i < p->nr; i++)
		if (lock_word(p->slots + i) != LOCK_FREE)
			return false;
	return true;
}

void pcs_lock_each(const struct pcs *p, void (*look)(void *ctx, void **top),
		   void *ctx)
{
	unsigned int i, w;
	void **top;

	for (i = 0; i < p->nr; i++) {
		for (w = PCS_MAIN; w <= PCS_SPARE; w++) {
			top = __atomic_load_n(&p->slots[i].word[w],
					      __ATOMIC_RELAXED);
			if (top && !pcs_is_standin(top))
				look(ctx, top);
		}
	}
}
