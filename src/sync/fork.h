/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The fork table: what each layer does around a fork, in which order.
 *
 * A child has one thread, the one that forked, so whatever that thread does not
 * hold may be half done for ever.  Hence every layer takes its locks in
 * prepare, and drops them in parent or frees them in child.
 *
 * prepare runs down this list, which is the order of the locks (enum
 * lock_rank); parent and child run up it, so a layer finds those below it
 * whole.  The lock of boot is held around all of them: a layer that boots
 * fills its entry between two forks, never in the middle of one.
 */
#ifndef SYNC_FORK_H
#define SYNC_FORK_H

#include <stdbool.h>

enum fork_rank {
	FORK_FRONT,   /* front/save.c */
	FORK_CHECK,   /* front/strict.c */
	FORK_DEVICE,  /* alloc/device.c */
	FORK_REGION,  /* alloc/region.c */
	FORK_KEPT,    /* alloc/map_cache.c */
	FORK_PERCPU,  /* alloc/percpu.c */
	FORK_AREA,    /* alloc/vmalloc.c */
	FORK_CACHES,  /* slab/slab_fork.c */
	FORK_SHARE,   /* page/share.c */
	FORK_ZONES,   /* page/zone.c */
	FORK_PUBLISH, /* debug/publish.c */
	FORK_RANKS
};

/*
 * alone is called instead of all three, in the child of a process that had one
 * thread.  What that thread was in the middle of, if a signal handler forks, it
 * goes on with in the child, with the locks that it holds: so alone takes a
 * lock by a try, and repairs nothing.  alone_before and alone_parent are the
 * same before the fork and in the parent.  NULL: there is nothing to do.
 */
struct fork_ops {
	void (*prepare)(void), (*parent)(void), (*child)(void);
	void (*alone)(void);
	void (*alone_before)(void), (*alone_parent)(void);
};

/* Fills an entry; doing it again with the same ops changes nothing. */
void fork_register(enum fork_rank rank, const struct fork_ops *ops);

/*
 * Is the caller between prepare and parent or child, where only another
 * library's fork handler can be?  It holds all locks of the table there.
 */
bool fork_holds(void);

/* Registers the table with the port; port_start() calls it, first of all. */
void fork_start(void);

#endif
