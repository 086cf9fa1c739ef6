/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Calls that need the type of an object, for <linux/slab.h>, which includes
 * this: macros over the functions that are declared there.
 */
#ifndef KMEM_TYPED_H
#define KMEM_TYPED_H

#include <kmem/compiler.h>
#include <kmem/dialect.h>

#include "../linux/gfp_types.h"

/* n * size + more, or SIZE_MAX. */
static inline size_t kmem_size(size_t n, size_t size, size_t more)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) ||
	    __builtin_add_overflow(bytes, more, &bytes))
		return SIZE_MAX;
	return bytes;
}

/*
 * Typed allocation: the result is a pointer to the type of the first
 * argument, which is a type or an expression (*p is usual); the flags may be
 * left out and are then GFP_KERNEL.
 *
 *	p = kmalloc_obj(*p);		p = kzalloc_objs(struct foo, n, gfp);
 */
#define KMEM_OBJ_1(alloc, type) KMEM_OBJ_2(alloc, type, GFP_KERNEL)
#define KMEM_OBJ_2(alloc, type, gfp) \
	((__typeof__(type) *)alloc(sizeof(__typeof__(type)), (gfp)))
#define KMEM_OBJ(alloc, ...) \
	KMEM_3RD(__VA_ARGS__, KMEM_OBJ_2, KMEM_OBJ_1, 0)(alloc, __VA_ARGS__)

#define KMEM_OBJS_2(alloc, type, n) KMEM_OBJS_3(alloc, type, n, GFP_KERNEL)
#define KMEM_OBJS_3(alloc, type, n, gfp) \
	((__typeof__(type) *)alloc(      \
		kmem_size((n), sizeof(__typeof__(type)), 0), (gfp)))
#define KMEM_OBJS(alloc, ...)                                 \
	KMEM_4TH(__VA_ARGS__, KMEM_OBJS_3, KMEM_OBJS_2, 0, 0) \
	(alloc, __VA_ARGS__)

#define kmalloc_obj(...) KMEM_OBJ(kmalloc, __VA_ARGS__)
#define kzalloc_obj(...) KMEM_OBJ(kzalloc, __VA_ARGS__)
#define kvmalloc_obj(...) KMEM_OBJ(kvmalloc, __VA_ARGS__)
#define kvzalloc_obj(...) KMEM_OBJ(kvzalloc, __VA_ARGS__)
#define kmalloc_objs(...) KMEM_OBJS(kmalloc, __VA_ARGS__)
#define kzalloc_objs(...) KMEM_OBJS(kzalloc, __VA_ARGS__)
#define kvmalloc_objs(...) KMEM_OBJS(kvmalloc, __VA_ARGS__)
#define kvzalloc_objs(...) KMEM_OBJS(kvzalloc, __VA_ARGS__)

/*
 * A struct with n elements in its flexible array.  Where the compiler knows
 * which member counts them (__counted_by), that member is set, and an n that
 * it cannot hold fails.
 */
#if !defined(__cplusplus) && defined(__has_builtin)
#if __has_builtin(__builtin_counted_by_ref)
/* clang-format off */
#define KMEM_FLEX_COUNTER(array, none) \
	_Generic(__builtin_counted_by_ref(array), void *: (none), \
		 default: __builtin_counted_by_ref(array))
/* clang-format on */
#endif
#endif
#if !defined(KMEM_FLEX_COUNTER)
#define KMEM_FLEX_COUNTER(array, none) (none)
#endif

#define KMEM_FLEX_3(alloc, type, fam, n) \
	KMEM_FLEX_4(alloc, type, fam, n, GFP_KERNEL)
#define KMEM_FLEX_4(alloc, type, fam, n, gfp)                                  \
	(__extension__({                                                       \
		size_t kmem_n_ = (n), kmem_uncounted_ = 0;                     \
		__typeof__(type) *kmem_obj_ = NULL;                            \
		__typeof__(*KMEM_FLEX_COUNTER(kmem_obj_->fam,                  \
					      &kmem_uncounted_)) kmem_fits_;   \
		kmem_fits_ = (__typeof__(kmem_fits_))kmem_n_;                  \
		if ((size_t)kmem_fits_ == kmem_n_)                             \
			kmem_obj_ = (__typeof__(kmem_obj_))alloc(              \
				kmem_size(kmem_n_, sizeof(*kmem_obj_->fam),    \
					  sizeof(*kmem_obj_)),                 \
				(gfp));                                        \
		if (kmem_obj_)                                                 \
			*KMEM_FLEX_COUNTER(kmem_obj_->fam, &kmem_uncounted_) = \
				kmem_fits_;                                    \
		(void)kmem_uncounted_;                                         \
		kmem_obj_;                                                     \
	}))
#define KMEM_FLEX(alloc, ...)                                    \
	KMEM_5TH(__VA_ARGS__, KMEM_FLEX_4, KMEM_FLEX_3, 0, 0, 0) \
	(alloc, __VA_ARGS__)

#define kmalloc_flex(...) KMEM_FLEX(kmalloc, __VA_ARGS__)
#define kzalloc_flex(...) KMEM_FLEX(kzalloc, __VA_ARGS__)
#define kvmalloc_flex(...) KMEM_FLEX(kvmalloc, __VA_ARGS__)
#define kvzalloc_flex(...) KMEM_FLEX(kvzalloc, __VA_ARGS__)

/*
 * Frees an object when all present readers are done.  member is the struct
 * rcu_head inside it; without one the call may sleep.
 */
#define kvfree_rcu(ptr, member)                                             \
	do {                                                                \
		__typeof__(ptr) kmem_ptr_ = (ptr);                          \
		KMEM_STATIC_ASSERT(__builtin_offsetof(__typeof__(*(ptr)),   \
						      member) < 4096,       \
				   "rcu_head beyond the first 4096 bytes"); \
		if (kmem_ptr_)                                              \
			kvfree_call_rcu(&kmem_ptr_->member,                 \
					(void *)kmem_ptr_);                 \
	} while (0)
#define kfree_rcu(ptr, member) kvfree_rcu(ptr, member)
#define kvfree_rcu_mightsleep(ptr)                                \
	do {                                                      \
		__typeof__(ptr) kmem_ptr_ = (ptr);                \
		if (kmem_ptr_)                                    \
			kvfree_call_rcu(NULL, (void *)kmem_ptr_); \
	} while (0)
#define kfree_rcu_nolock(ptr, member) kvfree_rcu(ptr, member)
#define kfree_rcu_mightsleep(ptr) kvfree_rcu_mightsleep(ptr)

#endif
