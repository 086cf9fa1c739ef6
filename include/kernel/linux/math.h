/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Rounding and dividing.
 */
#ifndef KMEM_KERNEL_MATH_H
#define KMEM_KERNEL_MATH_H

#include <linux/minmax.h>
#include <linux/types.h>

#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define DIV_ROUND_UP_ULL(n, d) \
	(((unsigned long long)(n) + (d)-1) / (unsigned long long)(d))
/* Each argument once; the names differ because one may lie in another. */
#define KMEM_CLOSEST(n, d, x, y)                                 \
	(__extension__({                                         \
		__typeof__(n) x = (n);                           \
		__typeof__(d) y = (d);                           \
		x == 0 || (x > 0) == (y > 0) ? (x + y / 2) / y : \
					       (x - y / 2) / y;  \
	}))
#define KMEM_ROUNDUP(n, m, y)              \
	(__extension__({                   \
		__typeof__(m) y = (m);     \
		(((n) + (y - 1)) / y) * y; \
	}))
#define KMEM_ROUNDDOWN(n, m, x)        \
	(__extension__({               \
		__typeof__(n) x = (n); \
		x - (x % (m));         \
	}))
/* Halves go away from 0; with negative numbers both types are signed. */
#define DIV_ROUND_CLOSEST(n, d)                              \
	KMEM_CLOSEST(n, d, KMEM_PASTE(kmem_x_, __COUNTER__), \
		     KMEM_PASTE(kmem_y_, __COUNTER__))
#define roundup(n, m) KMEM_ROUNDUP(n, m, KMEM_PASTE(kmem_y_, __COUNTER__))
#define rounddown(n, m) KMEM_ROUNDDOWN(n, m, KMEM_PASTE(kmem_x_, __COUNTER__))
/* Of a power of two. */
#define KMEM_ROUND_MASK(x, y) ((__typeof__(x))((y)-1))
#define round_up(x, y) ((((x)-1) | KMEM_ROUND_MASK(x, y)) + 1)
#define round_down(x, y) ((x) & ~KMEM_ROUND_MASK(x, y))

#define ALIGN(x, a) (((x) + (__typeof__(x))(a)-1) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define PTR_ALIGN(p, a) ((__typeof__(p))ALIGN((unsigned long)(p), (a)))
#define PTR_ALIGN_DOWN(p, a) \
	((__typeof__(p))ALIGN_DOWN((unsigned long)(p), (a)))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)

static inline u64 div_u64(u64 n, u32 d)
{
	return n / d;
}

static inline u64 div64_u64(u64 n, u64 d)
{
	return n / d;
}

/* n becomes the quotient, the value is the remainder. */
#define do_div(n, base)                                   \
	(__extension__({                                  \
		u32 kmem_base_ = (base);                  \
		u32 kmem_rest_ = (u32)((n) % kmem_base_); \
		(n) /= kmem_base_;                        \
		kmem_rest_;                               \
	}))

#endif
