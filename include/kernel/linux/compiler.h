/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a compiler is told, and what it must not do.
 */
#include_next <linux/compiler.h>

#ifndef KMEM_KERNEL_COMPILER_H
#define KMEM_KERNEL_COMPILER_H

#if !defined(__maybe_unused)
#define __maybe_unused __attribute__((unused))
#endif
#if !defined(__always_unused)
#define __always_unused __attribute__((unused))
#endif
#if !defined(__packed)
#define __packed __attribute__((packed))
#endif
#if !defined(__aligned)
#define __aligned(n) __attribute__((aligned(n)))
#endif
#if !defined(__printf)
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))
#endif
#if !defined(__always_inline)
#define __always_inline inline __attribute__((always_inline))
#endif
#if !defined(__used)
#define __used __attribute__((used))
#endif
#if !defined(__weak)
#define __weak __attribute__((weak))
#endif
#define __read_mostly
#define __ro_after_init
#define __acquires(x)
#define __releases(x)
#define __must_hold(x)

/* Words that C++ and its library use otherwise. */
#if !defined(__cplusplus)
#if !defined(noinline)
#define noinline __attribute__((__noinline__))
#endif
#if !defined(fallthrough)
#define fallthrough __attribute__((__fallthrough__))
#endif
#endif

#define barrier() __asm__ __volatile__("" : : : "memory")
#if !defined(__cplusplus) && !defined(__same_type)
#define __same_type(a, b) \
	__builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#endif
/* From here on the compiler knows nothing of the variable's value. */
#define OPTIMIZER_HIDE_VAR(var) __asm__("" : "+r"(var))

/* One access of the whole object, which is a number or a pointer. */
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value) __atomic_store_n(&(x), value, __ATOMIC_RELAXED)
#define data_race(expr) (expr)

#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define mb() smp_mb()
#define rmb() smp_rmb()
#define wmb() smp_wmb()
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()
#define smp_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

#endif
