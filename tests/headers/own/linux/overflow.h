/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client's own: some of it only, and under other types. */
#ifndef _LINUX_OVERFLOW_H
#define _LINUX_OVERFLOW_H

#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)

static inline unsigned long array_size(unsigned long a, unsigned long b)
{
	return a * b;
}

#define struct_size(p, member, n) \
	(sizeof(*(p)) + sizeof(*(p)->member) * (unsigned long)(n))

#endif
