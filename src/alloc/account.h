/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What each call site holds, added up. */
#ifndef ALLOC_ACCOUNT_H
#define ALLOC_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include <kmem/published.h>

#include "slab/slab.h"

#define ACCOUNT_NAME 32

struct account_row {
	struct kmem_pub_site pub;
	/* by_cache: whose objects they are, as a key; NULL: of no cache */
	const struct kmem_cache *cache;
	char name[ACCOUNT_NAME];
};

/* A table by site; zero bytes are one that is empty. */
struct account {
	bool by_cache;          /* and by cache */
	struct account_row *at; /* room of them; pub.calls is 0: free */
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
/* What CPUs keep goes to the slabs, and what was only noted is done. */
void account_settle(void);

/* Reads KMEM_OPTIONS; for the page that kmem asks through. */
void account_boot(void);

#endif
