/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sizes that saturate instead of wrapping.  SIZE_MAX is a size no allocator
 * grants, so an overflowed product fails where it is asked for.
 */
#ifndef KMEM_LINUX_OVERFLOW_H
#define KMEM_LINUX_OVERFLOW_H

#include <kmem/compiler.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when the result did not fit; *d then holds the wrapped one. */
#define check_add_overflow(a, b, d) ((bool)__builtin_add_overflow(a, b, d))
#define check_sub_overflow(a, b, d) ((bool)__builtin_sub_overflow(a, b, d))
#define check_mul_overflow(a, b, d) ((bool)__builtin_mul_overflow(a, b, d))

/*
 * The three below are constant expressions when their arguments are, and so
 * is what is made of them: a size of a static buffer, say.  Of C++ that is
 * what constexpr means.  In C a macro before each function computes what is
 * constant; other arguments reach the function, each evaluated once.
 */
#if defined(__cplusplus)
#define KMEM_SIZE_FN KMEM_MUST_CHECK constexpr
#else
#define KMEM_SIZE_FN static inline KMEM_MUST_CHECK
#endif

/* a * b, or SIZE_MAX. */
KMEM_SIZE_FN size_t size_mul(size_t a, size_t b)
{
	size_t bytes = 0;

	return __builtin_mul_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

/* a + b, or SIZE_MAX. */
KMEM_SIZE_FN size_t size_add(size_t a, size_t b)
{
	size_t bytes = 0;

	return __builtin_add_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

/* a - b, or SIZE_MAX; a saturated operand stays saturated. */
KMEM_SIZE_FN size_t size_sub(size_t a, size_t b)
{
	return a == SIZE_MAX || b == SIZE_MAX || a < b ? SIZE_MAX : a - b;
}

#if !defined(__cplusplus)
/*
 * Is n constant?  To gcc: with a null pointer constant the type of ?: is that
 * of the other operand, and any other pointer to void makes it one to void.
 * clang would warn of an n++ in there, and decides this one at once.
 */
#if defined(__clang__)
#define KMEM_IS_CONSTANT(n) __builtin_constant_p(n)
#else
#define KMEM_IS_CONSTANT(n) \
	_Generic(1 ? (void *)((long)(n)*0l) : (int *)0, int * : 1, default : 0)
#endif
#define KMEM_SIZE_EITHER(a, b, constant, called)                          \
	__builtin_choose_expr(KMEM_IS_CONSTANT(a) && KMEM_IS_CONSTANT(b), \
			      constant, called)

#define size_mul(a, b)                                                         \
	KMEM_SIZE_EITHER(                                                      \
		a, b,                                                          \
		(size_t)(b) && (size_t)(a) > SIZE_MAX / ((size_t)(b) + !(b)) ? \
			SIZE_MAX :                                             \
			(size_t)(a) * (size_t)(b),                             \
		size_mul(a, b))
#define size_add(a, b)                                          \
	KMEM_SIZE_EITHER(a, b,                                  \
			 (size_t)(a) > SIZE_MAX - (size_t)(b) ? \
				 SIZE_MAX :                     \
				 (size_t)(a) + (size_t)(b),     \
			 size_add(a, b))
#define size_sub(a, b)                                                         \
	KMEM_SIZE_EITHER(a, b,                                                 \
			 (size_t)(a) == SIZE_MAX || (size_t)(b) == SIZE_MAX || \
					 (size_t)(a) < (size_t)(b) ?           \
				 SIZE_MAX :                                    \
				 (size_t)(a) - (size_t)(b),                    \
			 size_sub(a, b))
#endif

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
