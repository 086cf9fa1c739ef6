/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Frees of objects, and new slabs, that are noted until a lock is free. */
#ifndef SLAB_DEFER_H
#define SLAB_DEFER_H

#include "slab/slab.h"

/* What is noted of a slab, in its part of window.late; theory in defer.c. */
struct note {
	struct page *next;
	uint64_t pending; /* FORKS | how much */
	uint32_t extra;
	uint32_t pad;
	unsigned long bits[];
};

/* slub.c for defer.c: bits were set in the slab, which may be a new one .. */
void __slub_settled(struct kmem_cache *s, struct page *slab,
		    unsigned int freed);
/* .. and nothing of it is noted any more. */
void __slub_idle(struct kmem_cache *s, struct page *slab);

/* defer.c: a free, and a new slab, deferred because the list_lock was held */
bool defer_free(struct kmem_cache *s, struct page *slab, unsigned int index);
void defer_slab(struct kmem_cache *s, struct page *slab);
/* In a child of fork, by its only thread: first .., then for each cache. */
void defer_forked(void);
void defer_adopt(struct kmem_cache *s);
/* An object that had been free before its free was settled. */
struct defer_twice {
	struct page *slab; /* NULL: none */
	unsigned int index;
};
void __defer_settle(struct kmem_cache *s, enum lock_wait how,
		    struct defer_twice *twice);
bool __defer_pending(const struct kmem_cache *s, const struct page *slab);
/* Was a free of the object deferred? */
bool defer_is_noted(const struct page *slab, unsigned int index);

#endif
