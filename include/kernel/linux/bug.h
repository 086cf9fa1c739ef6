/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * States that must not be.  WARN() and its kin have the value of their
 * condition and print a report of the kernel's shape; BUG() ends the process.
 */
#ifndef KMEM_KERNEL_BUG_H
#define KMEM_KERNEL_BUG_H

#include <kmem/names.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/printk.h>

KMEM_EXTERN_C_BEGIN

/* fmt may be NULL: no words. */
void kmem_warn_at(const char *file, int line, const char *function,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void kmem_bug_at(const char *file, int line, const char *function)
	__attribute__((noreturn));

KMEM_EXTERN_C_END

#define KMEM_WARN_IF(cond, ...)                                    \
	(__extension__({                                           \
		int kmem_bad_ = !!(cond);                          \
		if (__builtin_expect(kmem_bad_, 0))                \
			kmem_warn_at(__FILE__, __LINE__, __func__, \
				     __VA_ARGS__);                 \
		__builtin_expect(kmem_bad_, 0);                    \
	}))
#define KMEM_WARN_IF_ONCE(cond, ...)                                     \
	(__extension__({                                                 \
		int kmem_bad_ = !!(cond);                                \
		if (__builtin_expect(kmem_bad_, 0) && KMEM_FIRST_TIME()) \
			kmem_warn_at(__FILE__, __LINE__, __func__,       \
				     __VA_ARGS__);                       \
		__builtin_expect(kmem_bad_, 0);                          \
	}))

#define WARN_ON(cond) KMEM_WARN_IF(cond, NULL)
#define WARN(cond, fmt, ...) KMEM_WARN_IF(cond, fmt, ##__VA_ARGS__)
#define WARN_ON_ONCE(cond) KMEM_WARN_IF_ONCE(cond, NULL)
#define WARN_ONCE(cond, fmt, ...) KMEM_WARN_IF_ONCE(cond, fmt, ##__VA_ARGS__)

#define BUG() kmem_bug_at(__FILE__, __LINE__, __func__)
#define BUG_ON(cond)                               \
	do {                                       \
		if (__builtin_expect(!!(cond), 0)) \
			BUG();                     \
	} while (0)
#define VM_BUG_ON(cond) BUG_ON(cond)
#define VM_WARN_ON(cond) WARN_ON(cond)
#define VM_WARN_ON_ONCE(cond) WARN_ON_ONCE(cond)

#endif
