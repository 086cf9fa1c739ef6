/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Text without libc: formatting into a buffer, and the option string.
 */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The printf of the kernel's world: d i u x X o c s p and %, with the flags
 * - + space 0 #, width and precision (also *), and hh h l ll z t j.  No
 * floating point, no %n.  Writes at most n bytes with the NUL and returns
 * the length the whole text has.
 */
int text_vformat(char *buf, size_t n, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
int text_format(char *buf, size_t n, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Options: "key=value,key,key=value".  option_find() gives the value of the
 * last occurrence (empty when it has none), not NUL-ended.
 */
bool option_find(const char *all, const char *key, const char **value,
		 size_t *len);
/* "64M": a number with an optional K, M, G or T (binary). */
bool option_bytes(const char *all, const char *key, uint64_t *out);
bool option_number(const char *all, const char *key, int64_t *out);
/* True for "key", "key=1", "key=y"; false for "key=0", "key=n" or absent. */
bool option_flag(const char *all, const char *key);
/* Is the value of key exactly this word? */
bool option_is(const char *all, const char *key, const char *word);

#endif
