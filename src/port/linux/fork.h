/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The parts of the Linux port that see to fork and vfork.
 */
#ifndef PORT_LINUX_FORK_H
#define PORT_LINUX_FORK_H

#include <stdbool.h>

/* Hands libc the handlers; once in a process.  0. */
void linux_fork_begin(void);

/* There is a thread that libc has not made. */
extern bool linux_raw_threads;

/* What port_wiped() and port_pid() know of the parent is forgotten. */
void linux_wipe(void);

/*
 * Linked in where we are what stdio allocates from; then a fork takes the lock
 * of its list of files before any lock of ours.
 */
extern const bool linux_serves_stdio __attribute__((weak));

/*
 * The running thread, unless the kernel knows no sequences of it, becomes one
 * of which it knows none; and back.  false: nothing was done.
 */
bool linux_rseq_leave(void);
void linux_rseq_enter(void);

#endif
