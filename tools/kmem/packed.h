/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a file given in place of a process is, before its headers are read.
 */
#ifndef KMEM_TOOL_PACKED_H
#define KMEM_TOOL_PACKED_H

#include <stdbool.h>

/* Can it be a core or a dump, packed or not, and is it no text? */
bool packed_is_memory(const char *path);

/* False after a complaint: it is empty, packed, or cannot be read. */
bool packed_check(const char *command, const char *path);

#endif
