/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Counters that threads share.  As in the kernel: operations that return what
 * was there are full barriers, those that return nothing order nothing.
 */
#ifndef KMEM_KERNEL_ATOMIC_H
#define KMEM_KERNEL_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

#define ATOMIC_INIT(i) \
	{              \
		(i)    \
	}
#define ATOMIC_LONG_INIT(i) \
	{                   \
		(i)         \
	}
#define ATOMIC64_INIT(i) \
	{                \
		(i)      \
	}

#include <linux/atomic/64.h>
#include <linux/atomic/int.h>
#include <linux/atomic/long.h>

#define xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define cmpxchg(p, was, v)                                       \
	(__extension__({                                         \
		__typeof__(*(p)) kmem_was_ = (was);              \
		__atomic_compare_exchange_n(p, &kmem_was_, v, 0, \
					    __ATOMIC_SEQ_CST,    \
					    __ATOMIC_SEQ_CST);   \
		kmem_was_;                                       \
	}))
#define try_cmpxchg(p, was, v)                                      \
	__atomic_compare_exchange_n(p, was, v, 0, __ATOMIC_SEQ_CST, \
				    __ATOMIC_SEQ_CST)

#endif
