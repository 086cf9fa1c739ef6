/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#ifndef KMEM_KERNEL_ARRAY_SIZE_H
#define KMEM_KERNEL_ARRAY_SIZE_H

#if defined(__cplusplus)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#else
/* Not of a pointer. */
#define ARRAY_SIZE(a)                                          \
	(sizeof(a) / sizeof((a)[0]) +                          \
	 0 * sizeof(char[1 - 2 * __builtin_types_compatible_p( \
					 __typeof__(a), __typeof__(&(a)[0]))]))
#endif

#endif
