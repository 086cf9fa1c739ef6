/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Tells the tool that watches the program, if there is one, what is a block.
 *
 * Where there is none each of these is a load and a branch; none is on a fast
 * path, as a watched cache keeps no sheaves (slab/debug.h).
 *
 * Whoever has memory in hand tells of it, and the layers nest: pages are opened
 * when they leave the page layer and shut when they come back; what cuts blocks
 * out of pages shuts them, tells of each block, and opens the pages again
 * before it gives them back.  What the library keeps in a place that is shut is
 * opened for the moment.
 */
#ifndef DEBUG_WATCH_H
#define DEBUG_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/mem.h"
#include "port/port.h"
#include "port/watch.h"

/* NULL: nobody watches.  Set before there are pages. */
extern const struct port_watch *watcher __attribute__((visibility("hidden")));

static inline bool watch_on(void)
{
	return !KMEM_SMALL && unlikely(watcher != NULL);
}

/* n bytes have an owner; defined: their content means something. */
static inline void watch_born(const void *p, size_t n, bool defined)
{
	if (watch_on())
		watcher->born(p, n, defined);
}

/* He frees them; kept: others may go on reading them. */
static inline void watch_died(const void *p, size_t n, bool kept)
{
	if (watch_on())
		watcher->died(p, n, kept);
}

static inline void watch_resized(const void *p, size_t old, size_t n)
{
	if (watch_on())
		watcher->resized(p, old, n);
}

static inline void watch_shut(const void *p, size_t n)
{
	if (watch_on())
		watcher->shut(p, n);
}

static inline void watch_open(const void *p, size_t n, bool defined)
{
	if (watch_on())
		watcher->open(p, n, defined);
}

/* p was freed, or looked at, and is no block. */
static inline void watch_accuse(const void *p)
{
	if (watch_on())
		watcher->accuse(p);
}

static inline void watch_mute(bool on)
{
	if (watch_on())
		watcher->mute(on);
}

static inline void watch_root(const void *p, size_t n, bool on)
{
	if (watch_on())
		watcher->root(p, n, on);
}

#endif
