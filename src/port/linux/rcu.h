/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* RCU inside the Linux port: the flavours that are there, and fork. */
#ifndef PORT_LINUX_RCU_H
#define PORT_LINUX_RCU_H

#include <limits.h>
#include <stdbool.h>

#include "port/port.h"

/*
 * Around fork, by the thread that forks.  The first comes before it takes any
 * lock, and what it returns is for the second.
 */
bool linux_rcu_ask(void);
void linux_rcu_prepare(bool asked);
void linux_rcu_parent(void);
void linux_rcu_child(void);

/* --- rcu_find.c -------------------------------------------------- */

/* A flavour, by its functions; it stays where it is for ever. */
struct rcu_flavour {
	void (*sync)(void);
	int (*ongoing)(void);  /* is the caller a reader, inside? or NULL */
	void (*offline)(void); /* QSBR alone: the caller is no reader ... */
	void (*online)(void);  /* ... and is one again */
	unsigned int kind;
	bool has_fork; /* calls for it, by which its locks outlive one: bp */
};

/* One of each kind, and copies of them in objects of their own. */
#define RCU_FLAVOURS_MOST 32

/* Those below this number are known. */
unsigned int rcu_flavours(void);
const struct rcu_flavour *rcu_flavour(unsigned int i);

/* One that is not known yet, and the object that it is in. */
struct rcu_found {
	const void *sync;
	char object[PATH_MAX];
};

/*
 * Asks the loader, if it has loaded or unloaded anything since this was last
 * false.  True: there is a flavour that is not known and may be unloaded; it
 * is stored, if found is not NULL.  One whose sync is `pinned` is known from
 * now on, and so are those that are never unloaded.  Unless all are wanted,
 * those are left out whose readers the calling thread was never among.
 * rcu_lock is held.
 */
bool __rcu_find(struct rcu_found *found, const void *pinned, bool all);
/* There are flavours that cannot be waited for. */
bool __rcu_too_many(void);
/* Keeps dlclose() from unloading the object; no lock is held. */
void rcu_pin(const struct rcu_found *found);

#endif
