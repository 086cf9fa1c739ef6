/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Files are declared for tests/model/ops.c, which calls none of it here. */
#ifndef KERNEL_STDIO_H
#define KERNEL_STDIO_H

#include <stdarg.h>
#include <stddef.h>

typedef struct kernel_file FILE;
extern FILE *stderr;

int snprintf(char *buf, size_t n, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int vsnprintf(char *buf, size_t n, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
int fprintf(FILE *f, const char *fmt, ...);
char *fgets(char *buf, int n, FILE *f);
int sscanf(const char *text, const char *fmt, ...);

#endif
