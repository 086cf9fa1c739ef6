/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The kernel's basic types.
 *
 * The system has a <linux/types.h> of its own (the UAPI part: __u32, __be32)
 * which every other UAPI header relies on.  This one stands before it on the
 * include path, so it brings in the system's first and adds what only the
 * kernel side of that file has.  Without a system underneath it provides the
 * UAPI names too.
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

/*
 * 1 in a program whose own headers define what the kernel's define beside the
 * allocator: u8 to u64, phys_addr_t and its kin, list_head, hlist_node,
 * hlist_head, atomic_t, atomic_long_t, rcu_head, ERR_PTR() and its kin,
 * get_order().  Ours then leave these names alone, in whatever order headers
 * come.  Unless the program says so, a <linux/types.h> that is not ours does.
 */
#if !defined(KMEM_OWN_TYPES)
#define KMEM_OWN_TYPES 0
#endif

/* Flags of the allocators; sparse keeps them apart from other integers. */
typedef unsigned int __bitwise gfp_t;
typedef unsigned int __bitwise slab_flags_t;

#if !KMEM_OWN_TYPES

typedef signed char s8;
typedef unsigned char u8;
typedef signed short s16;
typedef unsigned short u16;
typedef signed int s32;
typedef unsigned int u32;
__extension__ typedef signed long long s64;
__extension__ typedef unsigned long long u64;

/* An offset in the window of the direct map, or of a machine's memory. */
typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef unsigned long pgoff_t;

/* Macros that every list and every atomic of the kernel's kind comes with. */
#if !defined(ATOMIC_INIT)
#define KMEM_HAVE_ATOMIC 1

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;
#endif

#if !defined(LIST_HEAD_INIT)
struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};
#endif

/*
 * Two words inside an object that kfree_rcu() may use while it waits.
 * liburcu has a struct of the same name and size; where its header came
 * first, its struct serves.
 */
#if !defined(_URCU_CALL_RCU_H)
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};
#endif
#define callback_head rcu_head

typedef void (*rcu_callback_t)(struct rcu_head *head);

#endif

#endif
