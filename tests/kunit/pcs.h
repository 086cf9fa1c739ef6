/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A pop and a push, as the slab layer makes them in two steps.
 */
#ifndef TESTS_KUNIT_PCS_H
#define TESTS_KUNIT_PCS_H

#include "sync/pcs.h"

/* An object, or NULL: main is empty, or not now. */
static inline void *pcs_pop(const struct pcs *p)
{
	void *obj = pcs_pop_first(p);

	return likely(obj) ? obj : pcs_pop_rest(p);
}

/* False: main is full, or not now. */
static inline bool pcs_push(const struct pcs *p, void *obj)
{
	return likely(pcs_push_first(p, obj)) || pcs_push_rest(p, obj);
}

#endif
