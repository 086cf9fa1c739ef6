/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Annotations that the prototypes of the other headers are written with; a
 * client's own <linux/compiler.h> may stand in front of ours, and what it
 * defines is kept.
 *
 * Address space and bitwise marks mean something to sparse only and vanish
 * for every other reader.  Attributes of functions have names of ours
 * (KMEM_*), because the kernel's short ones (__malloc, __pure, __cold) are
 * words that a libc may use for itself.
 */
#ifndef KMEM_COMPILER_H
#define KMEM_COMPILER_H

#include <kmem/abi.h>

#if defined(__CHECKER__)
#define __kernel __attribute__((address_space(0)))
#define __user __attribute__((noderef, address_space(__user)))
#define __iomem __attribute__((noderef, address_space(__iomem)))
#define __percpu __attribute__((noderef, address_space(__percpu)))
#define __rcu __attribute__((noderef, address_space(__rcu)))
#define __force __attribute__((force))
#define __nocast __attribute__((nocast))
#if !defined(__bitwise)
#define __bitwise __attribute__((bitwise))
#endif
#else
#if !defined(__kernel)
#define __kernel
#endif
#if !defined(__user)
#define __user
#endif
#if !defined(__iomem)
#define __iomem
#endif
#if !defined(__percpu)
#define __percpu
#endif
#if !defined(__rcu)
#define __rcu
#endif
#if !defined(__nocast)
#define __nocast
#endif
#if !defined(__bitwise)
#define __bitwise
#endif
#endif

/*
 * These words belong to the C++ library: libstdc++ has parameters called
 * __force, and writes [[likely]].
 */
#if !defined(__cplusplus)
#if !defined(__force)
#define __force
#endif
#if !defined(likely)
#define likely(x) __builtin_expect(!!(x), 1)
#endif
#if !defined(unlikely)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#endif

#if !defined(__must_check)
#define __must_check __attribute__((warn_unused_result))
#endif

#if defined(__CHECKER__)
#define KMEM_FORCE __attribute__((force))
#else
#define KMEM_FORCE
#endif

#if defined(__cplusplus)
#define KMEM_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define KMEM_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/* The result is a fresh block: it aliases nothing. */
#define KMEM_MALLOC __attribute__((malloc))
/* Which arguments, multiplied, are the size of the result. */
#define KMEM_SIZE(...) __attribute__((alloc_size(__VA_ARGS__)))
#define KMEM_ALIGNED(n) __attribute__((assume_aligned(n)))
#define KMEM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define KMEM_MUST_CHECK __attribute__((warn_unused_result))
#define KMEM_CONST __attribute__((const))

#endif
