/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Boot of the layers, one at a time, and no fork in the middle of one.
 */
#ifndef SYNC_BOOT_H
#define SYNC_BOOT_H

#include <stdbool.h>

#include "sync/lock.h"

/*
 * port_init(), and the options are read: once, for all layers that may be the
 * first.  0 or -ENOMEM.
 */
int port_start(void);

/*
 * once_run() for a layer's boot, which a fork waits for and which waits for a
 * fork: a child has the layer or has it not.  boot_enter() is false for the
 * thread that is inside already; it then must not call boot_leave().  A signal
 * handler that interrupts a thread on its way in or out gets -EBUSY of
 * once_boot().
 *
 * Invariant: a thread that is inside starts no thread and calls no callback of
 * a user, since these may allocate, and would be refused.  Code that would asks
 * boot_inside(), or boot_busy(), which is true while any thread is inside, and
 * tries again later.
 */
int once_boot(struct once *o, int (*fn)(void));
bool boot_enter(void);
void boot_leave(void);
bool boot_inside(void);
bool boot_busy(void);

/* boot_leave() in the child of a fork, where no thread waits to enter. */
void boot_leave_forked(void);

#endif
