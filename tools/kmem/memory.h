/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The memory of a process, and what is mapped where.  Whoever reads it does so
 * through struct memory, so that it may as well come from a file.
 */
#ifndef KMEM_TOOL_MEMORY_H
#define KMEM_TOOL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct books;
struct core;
struct dump;

struct mapping {
	uint64_t from, to, offset; /* offset in the file */
	char perms[5];
	char *name; /* "" has none */
};

struct memory {
	/* All n bytes, or false, with error set. */
	bool (*read)(struct memory *m, uint64_t at, void *to, size_t n);
	int error; /* errno */
	pid_t pid;
	uint64_t now_ms; /* of the clock that records have; 0: unknown */
	struct mapping *map;
	size_t nr_maps;
	const struct core *core; /* not NULL: it is that of a process, ended */
	const struct dump *dump; /* not NULL: it is a machine's */
};

/* Of a running process; false without memory. */
bool memory_of_process(struct memory *m, pid_t pid);
/* Of what was published: a process, or a file, which has to stay open. */
bool memory_open(struct memory *m, const struct books *b);
/* Reads anew what is mapped; false without memory. */
bool memory_maps_again(struct memory *m);
void memory_close(struct memory *m);

/* Adds a mapping; false without memory. */
bool memory_map_add(struct memory *m, uint64_t from, uint64_t to,
		    uint64_t offset, const char *perms, const char *name);

/* What is mapped at an address, or NULL. */
const struct mapping *memory_mapping(const struct memory *m, uint64_t at);

/* "function+0x10" of code, or its file, or its address. */
void memory_symbol(struct memory *m, uint64_t pc, char *to, size_t size);

#endif
