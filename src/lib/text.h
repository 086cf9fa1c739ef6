/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Text without libc: formatting into a buffer.
 */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The kernel's printf: d i u x X o c s p and %, with the flags
 * - + space 0 #, width and precision (also *), and hh h l ll z t j.  No
 * floating point, no %n.  Writes at most n bytes with the NUL and returns
 * the length the whole text has.
 */
int text_vformat(char *buf, size_t n, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
int text_format(char *buf, size_t n, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
