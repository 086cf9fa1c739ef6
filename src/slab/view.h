/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The layout of the records that debug/view.h leads to.
 */
#ifndef SLAB_VIEW_H
#define SLAB_VIEW_H

#include "debug/stack.h"
#include "debug/view.h"
#include "page/zone.h"
#include "slab/debug.h"
#include "slab/kfence.h"

/* A number that other layouts do not have. */
static inline uint64_t view_layout(void)
{
	const size_t parts[] = {
		sizeof(struct debug_view),
		sizeof(struct window),
		sizeof(struct zone),
		sizeof(struct page),
		sizeof(struct kmem_cache),
		offsetof(struct kmem_cache, flags),
		offsetof(struct kmem_cache, left),
		offsetof(struct kmem_cache, errors),
		offsetof(struct kmem_cache, name),
		offsetof(struct kmem_cache, barn0),
		sizeof(struct debug_track),
		sizeof(struct stack_kept),
		sizeof(struct kfence_meta),
		offsetof(struct kfence_meta, alloc),
		sizeof(struct kfence_counts),
	};
	uint64_t h = 1;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		h = (h ^ parts[i]) * 0x9e3779b97f4a7c15ull;
	return h;
}

#endif
