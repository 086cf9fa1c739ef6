/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Stops all threads of a process, as a debugger would, and lets them go on.
 */
#ifndef KMEM_TOOL_STOP_H
#define KMEM_TOOL_STOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STOP_WORDS 512

struct stopped_thread {
	pid_t tid;
	bool waits;       /* it was asked to stop, and has not yet */
	uint64_t sp, tls; /* 0: not known */
	size_t nr;
	uint64_t word[STOP_WORDS]; /* its registers, vectors too */
};

struct stopped {
	pid_t pid;
	struct stopped_thread *thread;
	size_t nr;
};

/*
 * False, with errno set, when a thread may not be stopped or all have ended;
 * then none is.  No handler of the process sees it.
 */
bool stop_process(struct stopped *s, pid_t pid);
/* Reads the registers. */
void stop_registers(struct stopped *s);
/* All go on where they were; their registers stay here. */
void stop_go(struct stopped *s);
void stop_end(struct stopped *s);

/*
 * Waits for the stop of a thread after PTRACE_INTERRUPT; false: it has ended.
 */
bool stop_wait(pid_t tid);

#endif
