/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Per-CPU memory, internal.  The public calls are in <linux/percpu.h>, the
 * translation of pointers in <kmem/percpu.h>.
 */
#ifndef ALLOC_PERCPU_H
#define ALLOC_PERCPU_H

#include <stdbool.h>
#include <stddef.h>

/* First, so that the library's own files define no per-CPU variables. */
#include "debug/watch.h"
#include "sync/pcs.h"

#include <linux/percpu.h>

/* percpu.c */
int percpu_boot(void);
/* CPUs, the one of threads without a CPU included; 0 before the boot. */
unsigned int percpu_nr(void);
/* size bytes for each CPU, up to a whole unit; 0: there are none. */
uintptr_t percpu_take(size_t size, size_t align, gfp_t gfp);
/* false, and nothing done: no object begins there. */
bool percpu_give(uintptr_t cookie);
/* Room for requests that must not block, if there is none yet. */
void percpu_prepare(void);
/* Frees what was deferred and gives back what is not in use: bytes. */
size_t percpu_trim(void);
bool percpu_validate(void);
/* Guards the chunks (percpu.c) and the list of objects (percpu_static.c). */
extern struct lock percpu_lock;

/* percpu_op.c: the CPU that the thread is on. [nb] */
unsigned int percpu_here(void);

/* The object on a CPU. */
static inline void *percpu_on(uintptr_t cookie, unsigned int cpu)
{
	return kmem_percpu_at(cookie, cpu);
}

/* Of the bytes of each CPU's object `open` are its owner's. */
static inline void percpu_watch(uintptr_t cookie, size_t bytes, size_t open)
{
	unsigned int cpu;

	if (!watch_on())
		return;
	/* Bound: the CPUs. */
	for (cpu = 0; cpu < percpu_nr(); cpu++) {
		watch_shut(percpu_on(cookie, cpu), bytes);
		watch_open(percpu_on(cookie, cpu), open, true);
	}
}

/* A mapping without objects begins, or ends. */
static inline void percpu_units_watch(void *base, size_t n, bool begins)
{
	if (begins)
		watch_shut(base, n);
	else
		watch_open(base, n, true);
	watch_root(base, n, begins);
}

/* That of a thing which is not in any chunk: it faults on every CPU. */
#define PERCPU_NOWHERE (-(1ul << 32) - KMEM_PERCPU_FAR)

#endif
