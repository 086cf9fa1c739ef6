/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The types that the prototypes of the other headers are written with.
 *
 * A client's <linux/types.h> may stand in front of ours.  gfp_t and
 * slab_flags_t belong to the allocators and are defined here in any case, as
 * the kernel has them; of the others ours need none.
 */
#ifndef KMEM_TYPES_H
#define KMEM_TYPES_H

#include <kmem/compiler.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A <linux/types.h> that is not ours: what it has is the client's to define. */
#if !defined(KMEM_OWN_TYPES)
#define KMEM_OWN_TYPES 1
#endif

/* The same as in ours. */
typedef unsigned int __bitwise gfp_t;
typedef unsigned int __bitwise slab_flags_t;

/* An offset in the window of the direct map, or of a machine's memory. */
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

/* A member of a struct of ours. */
#if defined(KMEM_HAVE_ATOMIC)
#define kmem_atomic_t atomic_t
#else
typedef struct {
	int counter;
} kmem_atomic_t;
#endif

#endif
