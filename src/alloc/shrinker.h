/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What the library itself does with shrinkers. */
#ifndef ALLOC_SHRINKER_H
#define ALLOC_SHRINKER_H

#include <kmem/stats.h>

/* Calls all shrinkers for all that they can free. */
void shrinkers_trim(void);

/* Calls fn for each, in the order of registration; no lock is held. */
void shrinkers_visit(void (*fn)(const struct kmem_shrinker_stats *st,
				void *data),
		     void *data);

#endif
