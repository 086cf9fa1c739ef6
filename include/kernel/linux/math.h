/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Rounding and dividing.
 */
#ifndef KMEM_KERNEL_MATH_H
#define KMEM_KERNEL_MATH_H

#include <linux/types.h>

#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define DIV_ROUND_UP_ULL(n, d) \
	(((unsigned long long)(n) + (d)-1) / (unsigned long long)(d))
/* Halves away from 0; n may be negative, d may be so for signed types only. */
#define DIV_ROUND_CLOSEST(n, d)                                  \
	(__extension__({                                         \
		__typeof__(n) kmem_n_ = (n);                     \
		__typeof__(d) kmem_d_ = (d);                     \
		(kmem_n_ > 0) == (kmem_d_ > 0) || kmem_n_ == 0 ? \
			(kmem_n_ + kmem_d_ / 2) / kmem_d_ :      \
			(kmem_n_ - kmem_d_ / 2) / kmem_d_;       \
	}))
#define roundup(n, m)                                                 \
	(__extension__({                                              \
		__typeof__(m) kmem_step_ = (m);                       \
		(((n) + (kmem_step_ - 1)) / kmem_step_) * kmem_step_; \
	}))
#define rounddown(n, m)                      \
	(__extension__({                     \
		__typeof__(n) kmem_n_ = (n); \
		kmem_n_ - (kmem_n_ % (m));   \
	}))
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
