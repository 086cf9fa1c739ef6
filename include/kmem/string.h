/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Copies of strings and of memory, for <linux/slab.h>, which includes this:
 * <linux/string.h> is the system's.
 */
#ifndef KMEM_STRING_H
#define KMEM_STRING_H

#include <kmem/abi.h>
#include <kmem/compiler.h>
#include <kmem/types.h>
#include <stdarg.h>

KMEM_EXTERN_C_BEGIN

/* Copies. */
KMEM_API char *kstrdup(const char *s, gfp_t flags)
	KMEM_ABI(kstrdup) KMEM_MALLOC;
KMEM_API char *kstrndup(const char *s, size_t max, gfp_t flags)
	KMEM_ABI(kstrndup) KMEM_MALLOC;
KMEM_API void *kmemdup(const void *src, size_t len, gfp_t flags)
	KMEM_ABI(kmemdup) KMEM_MALLOC KMEM_SIZE(2);
KMEM_API char *kmemdup_nul(const char *s, size_t len, gfp_t flags)
	KMEM_ABI(kmemdup_nul) KMEM_MALLOC;
KMEM_API void *kmemdup_array(const void *src, size_t n, size_t size,
			     gfp_t flags) KMEM_ABI(kmemdup_array) KMEM_MALLOC
	KMEM_SIZE(2, 3);
KMEM_API void *kvmemdup(const void *src, size_t len, gfp_t flags)
	KMEM_ABI(kvmemdup) KMEM_MALLOC KMEM_SIZE(2);
KMEM_API char *kasprintf(gfp_t flags, const char *fmt, ...)
	KMEM_ABI(kasprintf) KMEM_MALLOC KMEM_PRINTF(2, 3);
KMEM_API char *kvasprintf(gfp_t flags, const char *fmt, va_list args)
	KMEM_ABI(kvasprintf) KMEM_MALLOC KMEM_PRINTF(2, 0);

/* Copies of what a user handed over: ERR_PTR() on failure. */
KMEM_API void *memdup_user(const void __user *src, size_t len)
	KMEM_ABI(memdup_user);
KMEM_API void *vmemdup_user(const void __user *src, size_t len)
	KMEM_ABI(vmemdup_user);
KMEM_API void *memdup_user_nul(const void __user *src, size_t len)
	KMEM_ABI(memdup_user_nul);
KMEM_API char *strndup_user(const char __user *s, long max)
	KMEM_ABI(strndup_user);

/*
 * Whether a string is read-only for ever cannot be known here, so the _const
 * forms are the plain ones: they always copy, and always free.
 */
KMEM_API const char *kstrdup_const(const char *s, gfp_t flags)
	KMEM_ABI(kstrdup);
KMEM_API void kfree_const(const void *p) KMEM_ABI(kfree);
KMEM_API const char *kvasprintf_const(gfp_t flags, const char *fmt,
				      va_list args) KMEM_ABI(kvasprintf)
	KMEM_PRINTF(2, 0);
KMEM_API const char *kasprintf_const(gfp_t flags, const char *fmt, ...)
	KMEM_ABI(kasprintf) KMEM_PRINTF(2, 3);

KMEM_EXTERN_C_END

/**
 * memdup_array_user() - memdup_user() of an array
 * @src: what the user handed over
 * @n: elements
 * @size: bytes of one
 *
 * Context: May sleep.
 * Return: the copy, for kfree(), or an ERR_PTR(): -EOVERFLOW, -ENOMEM.
 */
static inline void *memdup_array_user(const void __user *src, size_t n,
				      size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return (void *)-75L; /* EOVERFLOW */
	return memdup_user(src, bytes);
}

/**
 * vmemdup_array_user() - vmemdup_user() of an array
 * @src: what the user handed over
 * @n: elements
 * @size: bytes of one
 *
 * Context: May sleep.
 * Return: the copy, for kvfree(), or an ERR_PTR(): -EOVERFLOW, -ENOMEM.
 */
static inline void *vmemdup_array_user(const void __user *src, size_t n,
				       size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return (void *)-75L; /* EOVERFLOW */
	return vmemdup_user(src, bytes);
}

#if !KMEM_OWN_TYPES
KMEM_EXTERN_C_BEGIN

/* The first byte that is not c, or NULL: all of them are. */
KMEM_API void *memchr_inv(const void *p, int c, size_t n) KMEM_ABI(memchr_inv);

KMEM_EXTERN_C_END

/**
 * memzero_explicit() - clears memory that is not read again
 * @p: the memory
 * @n: its bytes
 *
 * The compiler cannot leave it out.
 *
 * Context: Any.
 */
static inline void memzero_explicit(void *p, size_t n)
{
	__builtin_memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}
#endif

#endif
