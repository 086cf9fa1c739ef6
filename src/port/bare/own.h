/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the files of the bare port share: the map, and a lock of the port.
 *
 * The lock is below all ranks: nothing is called while it is held.  It is held
 * with interrupts off, so that a handler that needs it finds it free on its own
 * CPU.
 */
#ifndef PORT_BARE_OWN_H
#define PORT_BARE_OWN_H

#include "port/bare/bare.h"
#include "port/port.h"

extern struct bare_map bare_machine;

struct bare_lock {
	uint32_t word;
};

static inline unsigned long bare_lock(struct bare_lock *l)
{
	unsigned long state = bare_irq_save();

	/* Spins: for as long as the holder's few lines take. */
	while (__atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE))
		bare_pause();
	return state;
}

static inline void bare_unlock(struct bare_lock *l, unsigned long state)
{
	__atomic_store_n(&l->word, 0, __ATOMIC_RELEASE);
	bare_irq_restore(state);
}

/* memory.c: 0 or an error as bare_start() returns it. */
int bare_memory_start(void);

#endif
