/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What each call site holds, added up. */
#ifndef ALLOC_ACCOUNT_H
#define ALLOC_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include <kmem/published.h>

/* A table by site; zero bytes are one that is empty. */
struct account {
	struct kmem_pub_site *at; /* room of them; calls is 0: free */
	size_t room, nr;
	struct kmem_pub_site none; /* of no site of this epoch */
	bool failed;               /* memory was out: it is incomplete */
};

/*
 * Fills an empty table with all that is in use.  What CPUs keep goes to the
 * slabs first.  Exact when no thread allocates meanwhile.  Sleeps; takes
 * slab_mutex.
 */
void account_take(struct account *a);
void account_end(struct account *a);

/* Reads KMEM_OPTIONS; for the page that kmem asks through. */
void account_boot(void);

#endif
