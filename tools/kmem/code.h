/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Names of the code of a process.
 */
#ifndef KMEM_CODE_H
#define KMEM_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "published.h"

/* A file that the process has mapped to be executed. */
struct code_range {
	uint64_t from, to, offset;
	char *path;
};

struct code {
	struct code_range *range;
	size_t nr;
};

/* Reads what is mapped; without leave to do so there are no names. */
void code_read(struct code *c, const struct books *b);
void code_free(struct code *c);

/* "function+0xoff/0xsize", or "0xaddr", as reports of the library have it. */
void code_name(const struct code *c, uint64_t addr, char *to, size_t size);

#endif
