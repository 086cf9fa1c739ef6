/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Room for statistics that other processes may read.
 *
 * A layer copies its counters to a record of <kmem/published.h> and reads
 * nothing back: in a child it may still be the parent's area that is mapped.
 */
#ifndef DEBUG_PUBLISH_H
#define DEBUG_PUBLISH_H

#include <kmem/published.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/mem.h"

/* Makes the area, inside of the boot, and unless an option forbids it. */
void publish_boot(void);

/*
 * A zeroed record of size bytes (rounded up to 64) of this kind, or NULL:
 * nothing is published, or the area is full; the caller then keeps a record
 * of its own. Any context that may take a lock.
 */
void *publish(enum kmem_pub_kind kind, size_t size);

/* The same, but NULL also when another thread holds the lock. [nb] */
void *publish_now(enum kmem_pub_kind kind, size_t size);

/* Takes a record back; p may be NULL or a record of the caller's own. */
void unpublish(void *p);

/* The boot is over: from now on readers take the area for one. */
void publish_open(void);

/* The header, or NULL when nothing is published by this process. */
struct kmem_pub_header *publish_header(void);

/*
 * Not 0 in the process that publishes.  Any other that has the area mapped is
 * its child, by a fork whose handlers have not run or could not get an area,
 * and writes nothing: neither words nor, with begin and end, a record.
 */
extern uint32_t *publish_mark;

static inline bool publish_mine(void)
{
	const uint32_t *mark = __atomic_load_n(&publish_mark, __ATOMIC_ACQUIRE);

	return !KMEM_SMALL && mark && __atomic_load_n(mark, __ATOMIC_RELAXED);
}

/* Written by the process that publishes, and by no other. */
static inline void publish_set(uint64_t *to, uint64_t value)
{
	if (publish_mine())
		__atomic_store_n(to, value, __ATOMIC_RELAXED);
}

static inline void publish_add(uint64_t *to, long n)
{
	if (publish_mine())
		__atomic_fetch_add(to, (uint64_t)n, __ATOMIC_RELAXED);
}

/* Offset of a record in the area, 0 when it is not there. */
size_t publish_offset(const void *p);

/* Around a change of a record; the caller holds the lock of its counters. */
static inline void publish_begin(struct kmem_pub_record *r)
{
	__atomic_store_n(&r->seq, r->seq + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void publish_end(struct kmem_pub_record *r)
{
	__atomic_store_n(&r->seq, r->seq + 1, __ATOMIC_RELEASE);
}

#endif
