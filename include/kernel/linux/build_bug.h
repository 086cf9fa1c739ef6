/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Conditions that the compiler checks.
 */
#ifndef KMEM_KERNEL_BUILD_BUG_H
#define KMEM_KERNEL_BUILD_BUG_H

#include <kmem/compiler.h>

#define BUILD_BUG_ON_MSG(cond, text) KMEM_STATIC_ASSERT(!(cond), text)
#define BUILD_BUG_ON(cond) \
	KMEM_STATIC_ASSERT(!(cond), "BUILD_BUG_ON failed: " #cond)
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) \
	BUILD_BUG_ON((n) == 0 || ((n) & ((n)-1)) != 0)
#define BUILD_BUG() __builtin_unreachable()
#if !defined(__cplusplus)
/* 0 where it compiles. */
#define BUILD_BUG_ON_ZERO(cond)                            \
	((int)(0 * sizeof(struct {                         \
		       KMEM_STATIC_ASSERT(!(cond), #cond); \
		       int kmem_unused_;                   \
	       })))
#define static_assert(expr, ...) KMEM_ASSERT_FORM(expr, ##__VA_ARGS__, #expr)
#define KMEM_ASSERT_FORM(expr, text, ...) KMEM_STATIC_ASSERT(expr, text)
#endif

#endif
