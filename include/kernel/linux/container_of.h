/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* From a member to the struct that it is in. */
#ifndef KMEM_KERNEL_CONTAINER_OF_H
#define KMEM_KERNEL_CONTAINER_OF_H

#include <stddef.h>

/* The struct that has *ptr as its member, which ptr must point to one of. */
#define container_of(ptr, type, member)                                  \
	((type *)((unsigned long)(1 ? (ptr) : &((type *)NULL)->member) - \
		  __builtin_offsetof(type, member)))

#endif
