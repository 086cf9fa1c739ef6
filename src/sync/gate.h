/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The gate of a cache: its next pop is made to find nothing, so that its caller
 * looks around.  The slots stay as they are and nobody takes anything from
 * them, so there is no fence, and any thread opens the gate again.
 */
#ifndef SYNC_GATE_H
#define SYNC_GATE_H

#include "sync/pcs.h"

/*
 * From now on each thread's pop finds no object; slab_mutex is held, as whoever
 * parks holds it.  Nothing happens where there is no column, as there each pop
 * goes the long way.  pcs_ungate(), from any thread, ends it; false: it was
 * over.
 */
void pcs_gate(struct pcs *p);
bool pcs_ungate(struct pcs *p);
/*
 * Whether gates stay shut: a cache that gets its column, or gets it back, is
 * gated then, and pcs_ungate() does nothing.  slab_mutex is held; those that
 * have their column already are the caller's to gate, or to open.
 */
void pcs_keep_gates(bool keep);
/* As pcs_pop_first(), behind the gate. */
static inline void *pcs_pop_behind(const struct pcs *p)
{
#if KMEM_RSEQ
	return kmem_seq_pop(&p->behind);
#else
	(void)p;
	return NULL;
#endif
}

/* Gated or parked, perhaps: a guess. */
static inline bool pcs_is_away(const struct pcs *p)
{
	return __atomic_load_n(&p->seq.column, __ATOMIC_RELAXED) != p->home;
}

#endif
