/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The memory of a machine whose kernel stands on the allocator, in a file: raw,
 * as QEMU's pmemsave writes it, or an ELF core, as its dump-guest-memory does.
 */
#ifndef KMEM_TOOL_DUMP_H
#define KMEM_TOOL_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dump;

/* NULL after a complaint; complaints begin with the name of the command. */
struct dump *dump_open(const char *command, const char *path);
void dump_close(struct dump *d);

/* A descriptor of the file, the dump's own, and where the area is in it. */
int dump_file(const struct dump *d, off_t *area);

/* Copies n bytes at an address of the kernel; false: the file has not all. */
bool dump_read(const struct dump *d, uint64_t address, void *to, size_t n);

#endif
