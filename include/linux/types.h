/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The kernel's basic types.
 *
 * The system has a <linux/types.h> of its own (the UAPI part: __u32, __be32)
 * which every other UAPI header relies on.  This one stands before it on the
 * include path, so it brings in the system's first and adds what only the
 * kernel side of that file has, which is <kmem/types.h>.  Without a system
 * underneath it provides the UAPI names too.
 *
 * The system's is brought in outside the guard: <sys/kd.h> pretends that it
 * was there already, and the next inclusion has to make up for it.
 */
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ && defined(__has_include_next)
#if __has_include_next(<linux/types.h>)
#include_next <linux/types.h>
#if !defined(KMEM_HAVE_UAPI_TYPES)
#define KMEM_HAVE_UAPI_TYPES 1
#endif
#endif
#endif

#ifndef KMEM_LINUX_TYPES_H
#define KMEM_LINUX_TYPES_H

#include <kmem/compiler.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(KMEM_HAVE_UAPI_TYPES)
#define KMEM_HAVE_UAPI_TYPES 0
#endif

#if !KMEM_HAVE_UAPI_TYPES
typedef signed char __s8;
typedef unsigned char __u8;
typedef signed short __s16;
typedef unsigned short __u16;
typedef signed int __s32;
typedef unsigned int __u32;
__extension__ typedef signed long long __s64;
__extension__ typedef unsigned long long __u64;
typedef __u16 __bitwise __le16;
typedef __u16 __bitwise __be16;
typedef __u32 __bitwise __le32;
typedef __u32 __bitwise __be32;
typedef __u64 __bitwise __le64;
typedef __u64 __bitwise __be64;
#endif

/*
 * The type libc gives it, which may be named twice.  <sys/types.h> would bring
 * in struct timeval, and <linux/time.h> has another.
 */
typedef ptrdiff_t ssize_t;

#include <kmem/types.h>

#endif
