/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Which objects a program has; given.c has the theory. */
#ifndef SLAB_GIVEN_H
#define SLAB_GIVEN_H

#include "slab/slab.h"

/* Bytes of an object of a cache that is checked, at least. */
#define SLAB_CHECKED_MIN 16

/*
 * Does an object of the cache start there that its slab does not have back?
 * One that lies in a sheaf passes.  And the same before a free: if there is
 * none, that is reported.
 */
bool slab_may_use(const struct kmem_cache *s, const void *obj);
bool slab_may_free(struct kmem_cache *s, const void *obj);

/* A new slab's. */
void slab_given_clear(const struct page *slab);
/* Any pointer may be asked; one to no object has no bit. */
void slab_give_out(const struct kmem_cache *s, const void *obj);
bool slab_is_given(const struct kmem_cache *s, const void *obj);
/* Reports that the program does not have it, and what there is. */
void slab_report_not_given(struct kmem_cache *s, const void *obj);
/* Is it an object that the program had?  If not, that is reported. */
bool slab_take_back(struct kmem_cache *s, void *obj);

#endif
