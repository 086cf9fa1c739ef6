/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Room for books that other processes may read.
 *
 * A layer keeps its counters in a record of <kmem/published.h>; where the
 * record lies, in the published area or, when there is none, in private
 * memory, makes no difference to it.
 */
#ifndef DEBUG_PUBLISH_H
#define DEBUG_PUBLISH_H

#include <kmem/published.h>
#include <stddef.h>

/* Makes the area, inside of the boot, and unless an option forbids it. */
void publish_boot(void);

/*
 * A zeroed record of size bytes (rounded up to 64) of this kind, or NULL:
 * nothing is published, or the area is full; the caller then keeps a record
 * of its own. Any context that may take a lock.
 */
void *publish(enum kmem_pub_kind kind, size_t size);

/* The same, but NULL also when somebody else is at it. Waits for nobody. */
void *publish_now(enum kmem_pub_kind kind, size_t size);

/* Takes a record back; p may be NULL or a record of the caller's own. */
void unpublish(void *p);

/* The boot is over: from now on readers take the area for one. */
void publish_open(void);

/* The header, or NULL when nothing is published. */
struct kmem_pub_header *publish_header(void);

/* Offset of a record in the area, 0 when it is not there. */
size_t publish_offset(const void *p);

/* Around a change of a record's books; the caller holds their lock. */
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
