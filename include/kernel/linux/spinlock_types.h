/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_SPINLOCK_TYPES_H
#define KMEM_KERNEL_SPINLOCK_TYPES_H

#include <linux/types.h>

typedef struct spinlock {
	unsigned int word; /* <kmem/wait.h> */
} spinlock_t;

typedef spinlock_t raw_spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name) \
	{                          \
		0                  \
	}
#define SPIN_LOCK_UNLOCKED \
	{                  \
		0          \
	}
#define DEFINE_SPINLOCK(name) spinlock_t name = { 0 }
#define DEFINE_RAW_SPINLOCK(name) spinlock_t name = { 0 }

/* Readers, and in the highest bit a writer. */
typedef struct {
	unsigned int word;
} rwlock_t;

#define DEFINE_RWLOCK(name) rwlock_t name = { 0 }

#endif
