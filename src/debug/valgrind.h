/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Annotations of objects for valgrind's memcheck, in builds with the option
 * valgrind; nothing in others.
 *
 * An object is a block of its own from its allocation to its free, so a use
 * after free, a second free and a leak are seen as they are of malloc().
 * Sheaves would hide leaks, for a pointer stays in the sheaf that an object
 * was taken from and memcheck finds it there: under valgrind there are none
 * (slab_sheaf_enable()).  Whole pages are not followed once they are free,
 * so of a block above 8 KiB a leak is seen, but not a use after its end.
 */
#ifndef DEBUG_VALGRIND_H
#define DEBUG_VALGRIND_H

#include <stdbool.h>
#include <stddef.h>

#if !defined(KMEM_VALGRIND)
#define KMEM_VALGRIND 0
#endif

#if KMEM_VALGRIND

#include <valgrind/memcheck.h>

static inline bool vg_running(void)
{
	return RUNNING_ON_VALGRIND;
}

/* A new owner; defined: its content means something already. */
static inline void vg_born(const void *p, size_t n, bool defined)
{
	VALGRIND_MALLOCLIKE_BLOCK(p, n, 0, defined);
}

/* Its owner frees it; kept: others may go on reading it. */
static inline void vg_died(const void *p, size_t n, bool kept)
{
	VALGRIND_FREELIKE_BLOCK(p, 0);
	if (kept)
		(void)VALGRIND_MAKE_MEM_DEFINED(p, n);
}

/* A fresh slab has no owner yet; one that is given back may be anything. */
static inline void vg_shut(const void *p, size_t n)
{
	(void)VALGRIND_MAKE_MEM_NOACCESS(p, n);
}

static inline void vg_open(const void *p, size_t n)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(p, n);
}

#else

static inline bool vg_running(void)
{
	return false;
}

static inline void vg_born(const void *p, size_t n, bool defined)
{
	(void)p;
	(void)n;
	(void)defined;
}

static inline void vg_died(const void *p, size_t n, bool kept)
{
	(void)p;
	(void)n;
	(void)kept;
}

static inline void vg_shut(const void *p, size_t n)
{
	(void)p;
	(void)n;
}

static inline void vg_open(const void *p, size_t n)
{
	(void)p;
	(void)n;
}

#endif

#endif
