/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sizes that saturate instead of wrapping.  SIZE_MAX is a size no allocator
 * grants, so an overflowed product fails where it is asked for.
 */
#ifndef _LINUX_OVERFLOW_H
#define _LINUX_OVERFLOW_H

#include <linux/compiler.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when the result did not fit; *d then holds the wrapped one. */
#define check_add_overflow(a, b, d) ((bool)__builtin_add_overflow(a, b, d))
#define check_sub_overflow(a, b, d) ((bool)__builtin_sub_overflow(a, b, d))
#define check_mul_overflow(a, b, d) ((bool)__builtin_mul_overflow(a, b, d))

/* a * b, or SIZE_MAX. */
static inline KMEM_MUST_CHECK size_t size_mul(size_t a, size_t b)
{
	size_t bytes;

	return __builtin_mul_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

/* a + b, or SIZE_MAX. */
static inline KMEM_MUST_CHECK size_t size_add(size_t a, size_t b)
{
	size_t bytes;

	return __builtin_add_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

/* a - b, or SIZE_MAX; a saturated operand stays saturated. */
static inline KMEM_MUST_CHECK size_t size_sub(size_t a, size_t b)
{
	return a == SIZE_MAX || b == SIZE_MAX || a < b ? SIZE_MAX : a - b;
}

#define array_size(a, b) size_mul(a, b)
#define array3_size(a, b, c) size_mul(size_mul(a, b), c)

/* Bytes of the flexible array `member` of *p when it has `count` elements. */
#define flex_array_size(p, member, count) size_mul(count, sizeof(*(p)->member))

/* Bytes of *p with `count` elements in its flexible array `member`. */
#define struct_size(p, member, count) \
	size_add(sizeof(*(p)), flex_array_size(p, member, count))
#define struct_size_t(type, member, count) \
	struct_size((type *)NULL, member, count)

#endif
