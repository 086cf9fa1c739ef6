/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Variables that release what they hold when they go out of scope:
 *
 *	char *name __free(kfree) = kstrdup(s, GFP_KERNEL);
 *
 * DEFINE_FREE(name, type, action) defines what __free(name) does; the action
 * sees the variable's value as _T.
 */
#ifndef _LINUX_CLEANUP_H
#define _LINUX_CLEANUP_H

#include <linux/compiler.h>
#include <stddef.h>

#define DEFINE_FREE(name, type, action)                                      \
	__attribute__((unused)) static inline void __free_##name(void *slot) \
	{                                                                    \
		type _T = *(type *)slot;                                     \
		action;                                                      \
	}

#define __free(name) __attribute__((cleanup(__free_##name)))

/* The value of a __free() variable, which holds NULL from then on. */
#define no_free_ptr(p)                         \
	(__extension__({                       \
		__typeof__(p) kmem_kept = (p); \
		(p) = NULL;                    \
		kmem_kept;                     \
	}))

#define return_ptr(p) return no_free_ptr(p)

/* The same where the value is known to have gone elsewhere. */
#define retain_and_null_ptr(p) ((void)no_free_ptr(p))

#endif
