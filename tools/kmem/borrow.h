/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Makes a thread of another process that sleeps in the kernel call a function.
 */
#ifndef KMEM_TOOL_BORROW_H
#define KMEM_TOOL_BORROW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum borrow {
	BORROW_DONE,
	BORROW_BUSY,     /* no thread sleeps where it may make a call */
	BORROW_DENIED,   /* errno says why it cannot be stopped */
	BORROW_ENDED,    /* the process has ended ended ended */
	BORROW_NOT_HERE, /* this machine's registers are not known */
};

/*
 * Makes a thread of the process run the function at code, which does not
 * return: it makes done() true and then sleeps on a futex.  The thread goes on
 * afterwards as if nothing had happened.
 */
enum borrow borrow_call(pid_t pid, uint64_t code, bool (*done)(void *arg),
			void *arg);

#endif
