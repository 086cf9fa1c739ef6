/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client's own. */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#define __user
#define __force
#define __bitwise
#define __must_check __attribute__((__warn_unused_result__))
#define barrier() __asm__ __volatile__("" : : : "memory")
#if !defined(__cplusplus)
#define likely(x) (x)
#define unlikely(x) (x)
#endif

#endif
