/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The ends of the types, by the kernel's names.
 */
#include_next <linux/limits.h>

#ifndef KMEM_KERNEL_LIMITS_H
#define KMEM_KERNEL_LIMITS_H

#include <limits.h>
#include <stdint.h>

#if !defined(U8_MAX)
#define U8_MAX UINT8_MAX
#define S8_MAX INT8_MAX
#define S8_MIN INT8_MIN
#define U16_MAX UINT16_MAX
#define S16_MAX INT16_MAX
#define S16_MIN INT16_MIN
#define U32_MAX UINT32_MAX
#define S32_MAX INT32_MAX
#define S32_MIN INT32_MIN
#define U64_MAX ((unsigned long long)-1)
#define S64_MAX ((long long)(U64_MAX >> 1))
#define S64_MIN (-S64_MAX - 1)
#endif

#endif
