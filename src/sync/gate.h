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
/* Gated or parked, perhaps: a guess. */
static inline bool pcs_is_away(const struct pcs *p)
{
	return __atomic_load_n(&p->seq.column, __ATOMIC_RELAXED) != p->home;
}

#endif
