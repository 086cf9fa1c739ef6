/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Per-CPU sequences, lock backend: what is not short enough for the header.
 */
#include "sync/pcs.h"

size_t pcs_bytes(unsigned int n)
{
	return n * sizeof(struct pcs_slot);
}

unsigned int pcs_lock_pop_bulk(const struct pcs *p, unsigned int n, void **out)
{
	struct pcs_slot *slot = pcs_slot_get(p);
	unsigned int got = 0;
	void **top;

	if (!slot)
		return 0;
	top = slot->word[PCS_MAIN];
	while (got < n && top[-1])
		out[got++] = *--top;
	PCS_INJECT();
	pcs_word_set(slot, PCS_MAIN, top);
	pcs_slot_put(slot);
	return got;
}

unsigned int pcs_lock_push_bulk(const struct pcs *p, unsigned int n, void **in)
{
	struct pcs_slot *slot = pcs_slot_get(p);
	unsigned int put = 0;
	void **top;

	if (!slot)
		return 0;
	top = slot->word[PCS_MAIN];
	while (put < n && !pcs_is_full(p, top))
		*top++ = in[put++];
	PCS_INJECT();
	pcs_word_set(slot, PCS_MAIN, top);
	pcs_slot_put(slot);
	return put;
}

bool pcs_lock_xchg(const struct pcs *p, enum pcs_word w, void **new,
		   void ***old)
{
	struct pcs_slot *slot = pcs_slot_get(p);

	if (!slot)
		return false;
	*old = slot->word[w];
	PCS_INJECT();
	pcs_word_set(slot, w, new);
	pcs_slot_put(slot);
	return true;
}

/* The holder may have been preempted: let it run rather than spin. */
static void slot_hold(struct pcs_slot *slot)
{
	while (!pcs_slot_try(slot))
		port_yield();
}

/* Empties a held slot; returns its sheaves in was[]. */
static void slot_empty(struct pcs_slot *slot, void **was[2])
{
	was[PCS_MAIN] = slot->word[PCS_MAIN];
	was[PCS_SPARE] = slot->word[PCS_SPARE];
	PCS_INJECT();
	pcs_word_set(slot, PCS_MAIN, PCS_STANDIN);
	pcs_word_set(slot, PCS_SPARE, NULL);
}

static void hand_over(void **was[2], void (*take)(void *ctx, void **top),
		      void *ctx)
{
	if (!pcs_is_standin(was[PCS_MAIN]))
		take(ctx, was[PCS_MAIN]);
	if (was[PCS_SPARE])
		take(ctx, was[PCS_SPARE]);
}

void pcs_lock_drain(struct pcs *p, void (*take)(void *ctx, void **top),
		    void *ctx)
{
	uintptr_t slots = p->slots;
	struct pcs_slot *slot;
	void **was[2];
	unsigned int i;

	for (i = 0; slots && i < pcs_array_len(slots); i++) {
		slot = pcs_array(slots) + i;
		slot_hold(slot);
		slot_empty(slot, was);
		pcs_slot_put(slot);
		hand_over(was, take, ctx);
	}
}

/*
 * Some microseconds: longer than any sequence that is not preempted or
 * interrupted.  One try would be too few: an array grows when all its CPUs
 * are at work, and one of many slots is always busy.
 */
#define SLOT_TRIES 128

static bool slot_try_long(struct pcs_slot *slot)
{
	unsigned int i;

	for (i = 0; i < SLOT_TRIES; i++) {
		if (pcs_slot_try(slot))
			return true;
#if defined(__x86_64__) || defined(__i386__)
		__builtin_ia32_pause();
#endif
		PCS_INJECT();
	}
	return false;
}

/* Every slot of the array, or none. */
static bool slots_try(uintptr_t slots)
{
	unsigned int i, n = slots ? pcs_array_len(slots) : 0;

	for (i = 0; i < n; i++)
		if (!slot_try_long(pcs_array(slots) + i))
			break;
	if (i == n)
		return true;
	while (i--)
		pcs_slot_put(pcs_array(slots) + i);
	return false;
}

bool pcs_install(struct pcs *p, void *mem, unsigned int n,
		 void (*take)(void *ctx, void **top), void *ctx)
{
	struct pcs_slot *fresh = mem;
	uintptr_t old = p->slots;
	void **was[2];
	unsigned int i;

	if (!slots_try(old))
		return false;
	for (i = 0; i < n; i++) {
		pcs_word_set(fresh + i, PCS_MAIN, PCS_STANDIN);
		pcs_word_set(fresh + i, PCS_SPARE, NULL);
		fresh[i].lock = 0;
	}
	PCS_INJECT();
	/* Pairs with the acquire in pcs_slot_get(). */
	__atomic_store_n(&p->slots,
			 (uintptr_t)mem | (unsigned int)__builtin_ctz(n),
			 __ATOMIC_RELEASE);
	for (i = 0; old && i < pcs_array_len(old); i++) {
		PCS_INJECT();
		slot_empty(pcs_array(old) + i, was);
		/* Never put: this array has retired. */
		hand_over(was, take, ctx);
	}
	return true;
}

void pcs_lock_hold(struct pcs *p)
{
	unsigned int i;

	for (i = 0; p->slots && i < pcs_array_len(p->slots); i++)
		slot_hold(pcs_array(p->slots) + i);
}

void pcs_lock_drop(struct pcs *p)
{
	unsigned int i;

	for (i = 0; p->slots && i < pcs_array_len(p->slots); i++)
		pcs_slot_put(pcs_array(p->slots) + i);
}

void pcs_lock_each(const struct pcs *p, void (*look)(void *ctx, void **top),
		   void *ctx)
{
	uintptr_t slots = __atomic_load_n(&p->slots, __ATOMIC_ACQUIRE);
	unsigned int i, w;
	void **top;

	for (i = 0; slots && i < pcs_array_len(slots); i++) {
		for (w = PCS_MAIN; w <= PCS_SPARE; w++) {
			top = __atomic_load_n(&pcs_array(slots)[i].word[w],
					      __ATOMIC_RELAXED);
			if (top && !pcs_is_standin(top))
				look(ctx, top);
		}
	}
}
