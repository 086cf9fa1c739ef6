/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The parts of the Linux port for fork and vfork. */
#ifndef PORT_LINUX_FORK_H
#define PORT_LINUX_FORK_H

#include <stdbool.h>

/* Registers the handlers with libc, once in a process.  Returns 0. */
void linux_fork_begin(void);

/* Boots the core if nothing has: what follows must find it there. */
void linux_core_start(void);

/* From now on there is a thread that libc has not made. */
extern bool linux_raw_threads;

/* Resets what port_wiped() and port_pid() know of the parent. */
void linux_wipe(void);

/*
 * Linked in where we are what stdio allocates from; then a fork takes the lock
 * of its list of files before any lock of ours.
 */
extern const bool linux_serves_stdio __attribute__((weak));

/*
 * Ends the rseq registration of the running thread, and renews it.  false: it
 * had none, and nothing was done.
 */
bool linux_rseq_leave(void);
void linux_rseq_enter(void);

#endif
