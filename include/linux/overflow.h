/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sizes that saturate instead of wrapping.  SIZE_MAX is a size no allocator
 * grants, so an overflowed product fails where it is asked for.
 */
#ifndef KMEM_LINUX_OVERFLOW_H
#define KMEM_LINUX_OVERFLOW_H

#include <kmem/compiler.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when the result did not fit; *d then holds the wrapped one. */
#define check_add_overflow(a, b, d) ((bool)__builtin_add_overflow(a, b, d))
#define check_sub_overflow(a, b, d) ((bool)__builtin_sub_overflow(a, b, d))
#define check_mul_overflow(a, b, d) ((bool)__builtin_mul_overflow(a, b, d))

/* The result in the type that is named, its higher bits dropped. */
#define wrapping_add(type, a, b) KMEM_WRAPPING(type, add, a, b)
#define wrapping_sub(type, a, b) KMEM_WRAPPING(type, sub, a, b)
#define wrapping_mul(type, a, b) KMEM_WRAPPING(type, mul, a, b)
#define KMEM_WRAPPING(type, what, a, b)                                  \
	(__extension__({                                                 \
		__typeof__(type) kmem_wrapped_;                          \
		(void)__builtin_##what##_overflow(a, b, &kmem_wrapped_); \
		kmem_wrapped_;                                           \
	}))

/* The same of a variable in place; the new value. */
#define wrapping_assign_add(var, n) KMEM_WRAPPING_ASSIGN(var, add, n)
#define wrapping_assign_sub(var, n) KMEM_WRAPPING_ASSIGN(var, sub, n)
#define wrapping_assign_mul(var, n) KMEM_WRAPPING_ASSIGN(var, mul, n)
#define KMEM_WRAPPING_ASSIGN(var, what, n)                                   \
	(__extension__({                                                     \
		__typeof__(var) *kmem_var_ = &(var);                         \
		(void)__builtin_##what##_overflow(*kmem_var_, n, kmem_var_); \
		*kmem_var_;                                                  \
	}))

/* Comparisons that say nothing of unsigned types would be warned of. */
#define KMEM_NOT_NEGATIVE(n) ((n) > 0 || (n) == 0)

/*
 * a << s, true when s is no count of bits of *d, or when a bit or the sign is
 * lost; *d then holds the bits that are left, or a where s is no count.
 */
#define check_shl_overflow(a, s, d)                                           \
	(__extension__({                                                      \
		__typeof__(a) kmem_a_ = (a);                                  \
		__typeof__(s) kmem_s_ = (s);                                  \
		__typeof__(d) kmem_d_ = (d);                                  \
		bool kmem_ok_ = KMEM_NOT_NEGATIVE(kmem_s_) &&                 \
				(uintmax_t)kmem_s_ < 8 * sizeof(*kmem_d_);    \
		unsigned int kmem_by_ = kmem_ok_ ? (unsigned int)kmem_s_ : 0; \
		*kmem_d_ = (__typeof__(*kmem_d_))((uintmax_t)kmem_a_          \
						  << kmem_by_);               \
		!(kmem_ok_ && KMEM_NOT_NEGATIVE(kmem_a_) &&                   \
		  KMEM_NOT_NEGATIVE(*kmem_d_) &&                              \
		  (uintmax_t)*kmem_d_ >> kmem_by_ == (uintmax_t)kmem_a_);     \
	}))

/* Of an integer type, or of a variable of one; constants. */
#if !defined(is_signed_type)
#define is_signed_type(type) \
	((__typeof__(type))-1 < (__typeof__(type))1 && sizeof(type) > 0)
#endif
#if !defined(is_unsigned_type)
#define is_unsigned_type(type) (!is_signed_type(type))
#endif
#define type_max(type)                                                \
	((__typeof__(type))(UINTMAX_MAX >>                            \
			    (8 * (sizeof(uintmax_t) - sizeof(type)) + \
			     is_signed_type(type))))
#define type_min(type)                                              \
	((__typeof__(type))(is_signed_type(type) ?                  \
				    -(intmax_t)type_max(type) - 1 : \
				    0))

/*
 * The three below are constant expressions when their arguments are, and so
 * is what is made of them: a size of a static buffer, say.  Of C++ that is
 * what constexpr means.  In C a macro before each function computes what is
 * constant; other arguments reach the function, each evaluated once.
 */
#if defined(__cplusplus)
#define KMEM_SIZE_FN KMEM_MUST_CHECK constexpr
#else
#define KMEM_SIZE_FN static inline KMEM_MUST_CHECK
#endif

/* a * b, or SIZE_MAX. */
KMEM_SIZE_FN size_t size_mul(size_t a, size_t b)
{
	size_t bytes = 0;

	return __builtin_mul_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

/* a + b, or SIZE_MAX. */
KMEM_SIZE_FN size_t size_add(size_t a, size_t b)
{
	size_t bytes = 0;

	return __builtin_add_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

/* a - b, or SIZE_MAX; a saturated operand stays saturated. */
KMEM_SIZE_FN size_t size_sub(size_t a, size_t b)
{
	return a == SIZE_MAX || b == SIZE_MAX || a < b ? SIZE_MAX : a - b;
}

#if !defined(__cplusplus)
/*
 * Is n constant?  To gcc: with a null pointer constant the type of ?: is that
 * of the other operand, and any other pointer to void makes it one to void.
 * clang would warn of an n++ in there, and decides this one at once.
 */
#if defined(__clang__)
#define KMEM_IS_CONSTANT(n) __builtin_constant_p(n)
#else
#define KMEM_IS_CONSTANT(n) \
	_Generic(1 ? (void *)((long)(n)*0l) : (int *)0, int * : 1, default : 0)
#endif
#define KMEM_SIZE_EITHER(a, b, constant, called)                          \
	__builtin_choose_expr(KMEM_IS_CONSTANT(a) && KMEM_IS_CONSTANT(b), \
			      constant, called)

#define size_mul(a, b)                                                         \
	KMEM_SIZE_EITHER(                                                      \
		a, b,                                                          \
		(size_t)(b) && (size_t)(a) > SIZE_MAX / ((size_t)(b) + !(b)) ? \
			SIZE_MAX :                                             \
			(size_t)(a) * (size_t)(b),                             \
		size_mul(a, b))
#define size_add(a, b)                                          \
	KMEM_SIZE_EITHER(a, b,                                  \
			 (size_t)(a) > SIZE_MAX - (size_t)(b) ? \
				 SIZE_MAX :                     \
				 (size_t)(a) + (size_t)(b),     \
			 size_add(a, b))
#define size_sub(a, b)                                                         \
	KMEM_SIZE_EITHER(a, b,                                                 \
			 (size_t)(a) == SIZE_MAX || (size_t)(b) == SIZE_MAX || \
					 (size_t)(a) < (size_t)(b) ?           \
				 SIZE_MAX :                                    \
				 (size_t)(a) - (size_t)(b),                    \
			 size_sub(a, b))
#endif

/*
 * Does a value not fit a type, or that of a variable?  A constant when the
 * value is one.  A largest value is all ones, so what does not fit has other
 * bits: to compare would be warned of where every value fits.
 */
#define KMEM_OTHER_BITS(n, type) \
	(((uintmax_t)(n) & ~(uintmax_t)type_max(type)) != 0)
#define KMEM_DOES_NOT_FIT(n, type)          \
	(KMEM_NOT_NEGATIVE(n) ?             \
		 KMEM_OTHER_BITS(n, type) : \
		 is_unsigned_type(type) ||  \
			 KMEM_OTHER_BITS(~(uintmax_t)(n), type))

#if defined(__cplusplus)
template <typename Type, typename Value> constexpr bool kmem_overflows(Value n)
{
	return KMEM_DOES_NOT_FIT(n, Type);
}

#define overflows_type(n, type) (kmem_overflows<__typeof__(type)>(n))
#else
/* n and max are the bits of values, of types that are signed or not. */
static inline bool kmem_overflows_(uintmax_t n, bool n_signed, uintmax_t max,
				   bool max_signed)
{
	if (n_signed && (intmax_t)n < 0)
		return !max_signed || n < ~max;
	return n > max;
}

#define overflows_type(n, type)                                                \
	__builtin_choose_expr(KMEM_IS_CONSTANT(n), KMEM_DOES_NOT_FIT(n, type), \
			      kmem_overflows_((uintmax_t)(n),                  \
					      is_signed_type((n) + 0),         \
					      (uintmax_t)type_max(type),       \
					      is_signed_type(type)))

/* The two by name: a constant of a constant, and what takes any value. */
#define __overflows_type_constexpr(n, type) KMEM_DOES_NOT_FIT(n, type)
#define __overflows_type(n, type) overflows_type(n, type)

/* May a cast of it lose nothing: a constant that fits, else the same type? */
#define castable_to_type(n, type)                                 \
	__builtin_choose_expr(                                    \
		KMEM_IS_CONSTANT(n), !KMEM_DOES_NOT_FIT(n, type), \
		__builtin_types_compatible_p(__typeof__(n), __typeof__(type)))
#endif

#define array_size(a, b) size_mul(a, b)
#define array3_size(a, b, c) size_mul(size_mul(a, b), c)

/* Bytes of the flexible array `member` of *p when it has `count` elements. */
#define flex_array_size(p, member, count) size_mul(count, sizeof(*(p)->member))

/* Bytes of *p with `count` elements in its flexible array `member`. */
#define struct_size(p, member, count) \
	size_add(sizeof(*(p)), flex_array_size(p, member, count))
#define struct_size_t(type, member, count) \
	struct_size((type *)NULL, member, count)

/*
 * An object with a flexible array of a constant number of elements, in a
 * function's frame and all zero bytes; name points to it.  DEFINE_FLEX() also
 * sets the member that counts the elements.
 */
#define DEFINE_RAW_FLEX(type, name, member, count)                       \
	enum { name##_count_ = (int)(count) };                           \
	union {                                                          \
		unsigned char bytes[struct_size_t(type, member, count)]; \
		type obj;                                                \
	} name##_u = {};                                                 \
	type *name = &name##_u.obj
#define DEFINE_FLEX(type, name, member, counter, count)                  \
	enum { name##_count_ = (int)(count) };                           \
	union {                                                          \
		unsigned char bytes[struct_size_t(type, member, count)]; \
		type obj;                                                \
	} name##_u = {};                                                 \
	type *name = (name##_u.obj.counter = (count), &name##_u.obj)

/* The elements of the array of such an object; a constant. */
#define STACK_FLEX_ARRAY_SIZE(name, array) \
	((size_t)name##_count_ + 0 * sizeof((name)->array[0]))

#endif
