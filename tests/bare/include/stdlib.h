/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KERNEL_STDLIB_H
#define KERNEL_STDLIB_H

long strtol(const char *s, char **end, int base);
void abort(void) __attribute__((noreturn));

#endif
