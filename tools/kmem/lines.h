/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Lines of source files, from debug information.
 */
#ifndef KMEM_LINES_H
#define KMEM_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line {
	char file[512]; /* as the compiler was told */
	unsigned long number;
};

/*
 * Which line the code at that place is of; at counts as the file's symbol table
 * does.  False: there is no debug information, or no addr2line.
 */
bool line_find(const char *module, uint64_t at, struct line *to);

/* The part of a path behind its last '/'. */
const char *line_base(const char *file);

#endif
