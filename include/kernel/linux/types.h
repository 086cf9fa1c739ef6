/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ours, with what libc calls the other types of the kernel, and the few that
 * only the kernel has.
 */
#include_next <linux/types.h>

#ifndef KMEM_KERNEL_TYPES_H
#define KMEM_KERNEL_TYPES_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <sys/types.h>

typedef unsigned short umode_t;
typedef unsigned int fmode_t;
typedef u64 sector_t;
typedef u64 resource_size_t;
typedef unsigned int uint_t;

/* No ATOMIC64_INIT() before: a client's own comes with its macros. */
#if !defined(ATOMIC64_INIT)
typedef struct {
	s64 counter;
} atomic64_t;
#endif

#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

#endif
