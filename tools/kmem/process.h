/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What the system says of a process. */
#ifndef KMEM_TOOL_PROCESS_H
#define KMEM_TOOL_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process_status {
	unsigned int ns_pid; /* the number the process has for itself */
	char state;
	char comm[32];
	unsigned int uid;
};

/* False: there is none. */
bool process_status_read(pid_t pid, struct process_status *st);

/* Complains that it publishes nothing, and why that may be. */
void process_say_why_not(const char *command, const struct process_status *st,
			 pid_t pid);

#endif
