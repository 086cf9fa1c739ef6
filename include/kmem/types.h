/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The types that the prototypes of the other headers are written with, and the
 * kernel's basic types, as far as the program has none of its own.
 *
 * A client's <linux/types.h> may stand in front of ours.  gfp_t and
 * slab_flags_t belong to the allocators and are defined here in any case, as
 * the kernel has them; of the others ours need none (KMEM_OWN_TYPES).
 */
#ifndef KMEM_TYPES_H
#define KMEM_TYPES_H

#include <kmem/compiler.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * 1 in a program whose own headers define what the kernel's define beside the
 * allocator: u8 to u64, phys_addr_t and its kin, list_head, hlist_node,
 * hlist_head, atomic_t, atomic_long_t, rcu_head, ERR_PTR() and its kin,
 * get_order().  Ours then leave these names alone, in whatever order headers
 * come.  Unless the program says so, a <linux/types.h> that is not ours does.
 */
#if !defined(KMEM_OWN_TYPES)
#if defined(KMEM_LINUX_TYPES_H)
#define KMEM_OWN_TYPES 0
#else
#define KMEM_OWN_TYPES 1
#endif
#endif

/* Flags of the allocators; sparse keeps them apart from other integers. */
typedef unsigned int __bitwise gfp_t;
typedef unsigned int __bitwise slab_flags_t;

/* An offset in the window of the direct map. */
__extension__ typedef unsigned long long kmem_phys_t;

/* For our headers, whatever becomes of IS_ERR_OR_NULL(). */
#define KMEM_IS_ERR_OR_NULL(x) (!(x) || (unsigned long)(x) >= -4095UL)

/* There is one node, and this is none. */
#if !defined(NUMA_NO_NODE)
#define NUMA_NO_NODE (-1)
#endif

/* With lists of its own, seen here already, a program finds those in ours. */
#if KMEM_OWN_TYPES && !defined(LIST_HEAD_INIT)
struct kmem_list_head {
	struct kmem_list_head *next, *prev;
};
#else
#define kmem_list_head list_head
#endif

struct list_head;
struct rcu_head;

#if !KMEM_OWN_TYPES

typedef signed char s8;
typedef unsigned char u8;
typedef signed short s16;
typedef unsigned short u16;
typedef signed int s32;
typedef unsigned int u32;
__extension__ typedef signed long long s64;
__extension__ typedef unsigned long long u64;

typedef kmem_phys_t phys_addr_t;
typedef kmem_phys_t dma_addr_t;
typedef unsigned long pgoff_t;

/* Macros that every list and every atomic of the kernel's kind comes with. */
#if !defined(ATOMIC_INIT)
#define kmem_atomic_t atomic_t

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

/* A member of a struct of ours. */
#if !defined(kmem_atomic_t)
typedef struct {
	int counter;
} kmem_atomic_t;
#endif

#endif
