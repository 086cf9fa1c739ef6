/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A text that is made line by line in the caller's buffer. */
#ifndef INFO_TABLE_H
#define INFO_TABLE_H

#include <stddef.h>

/* length is that of the whole text so far, whatever of it fits. */
struct table {
	char *buf;
	size_t size, length;
};

void table_begin(struct table *t, char *buf, size_t size);
void table_add(struct table *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Puts the NUL; returns the length. */
size_t table_end(struct table *t);

#endif
