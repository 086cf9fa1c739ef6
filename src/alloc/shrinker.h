/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What the library itself does with shrinkers. */
#ifndef ALLOC_SHRINKER_H
#define ALLOC_SHRINKER_H

/* Calls all shrinkers for all that they can free. */
void shrinkers_trim(void);

#endif
