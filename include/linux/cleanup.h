/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Variables that release what they hold when they go out of scope:
 *
 *	char *name __free(kfree) = kstrdup(s, GFP_KERNEL);
 *
 * DEFINE_FREE(name, type, action) defines what __free(name) does; the action
 * sees the variable's value as _T.
 *
 * And scopes that are left however the block is left:
 *
 *	guard(preempt)();			to the end of the block
 *	scoped_guard(memalloc_nofs)		for one statement
 *		p = kmalloc(n, GFP_KERNEL);
 *
 * C++ has constructors for that, and code in which a variable is called
 * `guard`: there these words are not defined.
 */
#ifndef KMEM_LINUX_CLEANUP_H
#define KMEM_LINUX_CLEANUP_H

#include <kmem/compiler.h>
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

#if !defined(__cplusplus)

#define KMEM_JOIN_NOW(a, b) a##b
#define KMEM_JOIN(a, b) KMEM_JOIN_NOW(a, b)

/*
 * DEFINE_CLASS(name, type, exit, init, args...): a variable CLASS(name, v)(..)
 * begins as init, which sees the args, and ends with exit, which sees its
 * value as _T.
 */
#define DEFINE_CLASS(name, type, exit, init, args...)                         \
	typedef type class_##name##_t;                                        \
	__attribute__((unused)) static inline void class_##name##_destructor( \
		class_##name##_t *slot)                                       \
	{                                                                     \
		class_##name##_t _T = *slot;                                  \
		exit;                                                         \
	}                                                                     \
	__attribute__((unused)) static inline class_##name##_t                \
		class_##name##_constructor(args)                              \
	{                                                                     \
		class_##name##_t kmem_begun = init;                           \
		return kmem_begun;                                            \
	}

#define CLASS(name, var)                                                      \
	class_##name##_t var                                                  \
		__attribute__((cleanup(class_##name##_destructor), unused)) = \
			class_##name##_constructor

/* A guard that is given what it guards, as _T; NULL guards nothing. */
#define DEFINE_GUARD(name, type, begin, end)                   \
	DEFINE_CLASS(                                          \
		name, type, if (_T) { end; }, (__extension__({ \
			begin;                                 \
			_T;                                    \
		})),                                           \
		type _T)

/* A guard of something that there is one of. */
#define DEFINE_LOCK_GUARD_0(name, begin, end)                   \
	DEFINE_CLASS(name, int, (void)_T; end, (__extension__({ \
						  begin;        \
						  1;            \
					  })),                  \
					  void)

#define guard(name) CLASS(name, KMEM_JOIN(kmem_guard_, __COUNTER__))

#define scoped_guard(name, args...)                            \
	KMEM_SCOPED(name, KMEM_JOIN(kmem_scope_, __COUNTER__), \
		    KMEM_JOIN(kmem_left_, __COUNTER__), args)

#define KMEM_SCOPED(name, scope, left, args...) \
	for (CLASS(name, scope)(args), *left = NULL; !left; left = &scope)

#endif

#endif
