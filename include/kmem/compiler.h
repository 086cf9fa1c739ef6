/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Annotations that the prototypes of the other headers are written with; a
 * client's own <linux/compiler.h> may stand in front of ours, and what it
 * defines is kept.
 *
 * Attributes of functions have names of ours (KMEM_*), because the kernel's
 * short ones (__malloc, __pure, __cold) are words that a libc may use for
 * itself.
 */
#ifndef KMEM_COMPILER_H
#define KMEM_COMPILER_H

#include <kmem/abi.h>
#include <linux/compiler.h>

/*
 * Words that ours are written with.  To all but sparse they are empty, and may
 * be defined as empty again by a client.
 */
#if defined(__CHECKER__)
#if !defined(__user)
#define __user __attribute__((noderef, address_space(__user)))
#endif
#if !defined(__percpu)
#define __percpu __attribute__((noderef, address_space(__percpu)))
#endif
#if !defined(__bitwise)
#define __bitwise __attribute__((bitwise))
#endif
#else
#if !defined(__user)
#define __user
#endif
#if !defined(__percpu)
#define __percpu
#endif
#if !defined(__bitwise)
#define __bitwise
#endif
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
