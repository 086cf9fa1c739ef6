/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The lesser and the greater.  In C++ these are names of its library, and only
 * the forms with a type are here.
 */
#ifndef KMEM_KERNEL_MINMAX_H
#define KMEM_KERNEL_MINMAX_H

/* Each argument once; the names differ because one may lie in another. */
#define KMEM_LESSER(first, second, a, b, x, y) \
	(__extension__({                       \
		first x = (a);                 \
		second y = (b);                \
		x < y ? x : y;                 \
	}))
#define KMEM_GREATER(first, second, a, b, x, y) \
	(__extension__({                        \
		first x = (a);                  \
		second y = (b);                 \
		x > y ? x : y;                  \
	}))
#define KMEM_PASTE_NOW(a, b) a##b
#define KMEM_PASTE(a, b) KMEM_PASTE_NOW(a, b)

#define min_t(type, a, b)                                               \
	KMEM_LESSER(type, type, a, b, KMEM_PASTE(kmem_x_, __COUNTER__), \
		    KMEM_PASTE(kmem_y_, __COUNTER__))
#define max_t(type, a, b)                                                \
	KMEM_GREATER(type, type, a, b, KMEM_PASTE(kmem_x_, __COUNTER__), \
		     KMEM_PASTE(kmem_y_, __COUNTER__))
#define clamp_t(type, x, low, high) min_t(type, max_t(type, x, low), high)

#if !defined(__cplusplus)
#if !defined(min)
#define min(a, b)                                       \
	KMEM_LESSER(__typeof__(a), __typeof__(b), a, b, \
		    KMEM_PASTE(kmem_x_, __COUNTER__),   \
		    KMEM_PASTE(kmem_y_, __COUNTER__))
#endif
#if !defined(max)
#define max(a, b)                                        \
	KMEM_GREATER(__typeof__(a), __typeof__(b), a, b, \
		     KMEM_PASTE(kmem_x_, __COUNTER__),   \
		     KMEM_PASTE(kmem_y_, __COUNTER__))
#endif
#define min3(a, b, c) min(min(a, b), c)
#define max3(a, b, c) max(max(a, b), c)
#define umin(a, b) min_t(unsigned long long, a, b)
#define umax(a, b) max_t(unsigned long long, a, b)
#define KMEM_LESSER_SET(a, b, x, y)                      \
	(__extension__({                                 \
		__typeof__(a) x = (a);                   \
		__typeof__(b) y = (b);                   \
		x == 0 ? y : y == 0 ? x : x < y ? x : y; \
	}))
/* The lesser of those that are not 0. */
#define min_not_zero(a, b)                                      \
	KMEM_LESSER_SET(a, b, KMEM_PASTE(kmem_x_, __COUNTER__), \
			KMEM_PASTE(kmem_y_, __COUNTER__))
#define clamp(x, low, high) min(max(x, low), high)
#define clamp_val(x, low, high) clamp_t(__typeof__(x), x, low, high)
#define swap(a, b)                             \
	do {                                   \
		__typeof__(a) kmem_tmp_ = (a); \
		(a) = (b);                     \
		(b) = kmem_tmp_;               \
	} while (0)
#endif

#endif
