/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The memory of a process in an ELF core: written by the system when a signal
 * ended it, or by gcore.
 *
 * What a core leaves out is never taken for zeros.  The contents of files that
 * the process only read are taken from the files, if they are still those.
 */
#ifndef KMEM_TOOL_CORE_H
#define KMEM_TOOL_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "memory.h"

struct core;

/* Is the file the core of a process?  False: that of a machine, or no core. */
bool core_is(const char *path);

/* NULL after a complaint; complaints begin with the name of the command. */
struct core *core_open(const char *command, const char *path);
void core_close(struct core *c);

/*
 * The which'th published area: a descriptor of the file, the core's own, and
 * where the area is in it.  -1 after a complaint.
 */
int core_area(const struct core *c, const char *command, unsigned int which,
	      off_t *area);

pid_t core_pid(const struct core *c);
const char *core_comm(const struct core *c);

/* Copies n bytes at an address; false: errno says why it has not all. */
bool core_read(const struct core *c, uint64_t at, void *to, size_t n);

/* Adds what was mapped; false without memory. */
bool core_maps(const struct core *c, struct memory *m);

/* The registers of thread i, as its struct elf_prstatus; NULL: no such. */
const struct elf_prstatus *core_thread(const struct core *c, size_t i);

#endif
