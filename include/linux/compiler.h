/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Words of the kernel's that mark types and branches.  What a program defined
 * before is kept, and one that says KMEM_OWN_TYPES gets none of those that our
 * prototypes are not written with.
 *
 * Address space and bitwise marks mean something to sparse only and vanish
 * for every other reader.
 */
#ifndef KMEM_LINUX_COMPILER_H
#define KMEM_LINUX_COMPILER_H

#include <kmem/compiler.h>

#if !defined(KMEM_OWN_TYPES)
#define KMEM_OWN_WORDS 0
#else
#define KMEM_OWN_WORDS KMEM_OWN_TYPES
#endif

#if !KMEM_OWN_WORDS
#if defined(__CHECKER__)
#if !defined(__kernel)
#define __kernel __attribute__((address_space(0)))
#endif
#if !defined(__iomem)
#define __iomem __attribute__((noderef, address_space(__iomem)))
#endif
#if !defined(__rcu)
#define __rcu __attribute__((noderef, address_space(__rcu)))
#endif
#if !defined(__nocast)
#define __nocast __attribute__((nocast))
#endif
#else
#if !defined(__kernel)
#define __kernel
#endif
#if !defined(__iomem)
#define __iomem
#endif
#if !defined(__rcu)
#define __rcu
#endif
#if !defined(__nocast)
#define __nocast
#endif
#endif
#if !defined(__must_check)
#define __must_check __attribute__((warn_unused_result))
#endif

/*
 * These words belong to the C++ library: libstdc++ has parameters called
 * __force, and writes [[likely]].
 */
#if !defined(__cplusplus)
#if !defined(__force)
#define __force KMEM_FORCE
#endif
#if !defined(likely)
#define likely(x) __builtin_expect(!!(x), 1)
#endif
#if !defined(unlikely)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#endif
#endif

#endif
