/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Copies of strings and of memory in blocks of their own.
 *
 * "User" memory is the process's own here: it is read directly, and only an
 * address that no object can have is refused with -EFAULT.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "debug/atomic.h"
#include "lib/errno.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "page/page.h"

/* The call site that the helpers below record. */
#define CALLER ((unsigned long)__builtin_return_address(0))

static size_t text_len_max(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

static char *text_copy(const char *s, size_t len, gfp_t flags,
		       unsigned long caller)
{
	char *copy;

	if (len == SIZE_MAX)
		return NULL;
	copy = __kmalloc_node_track_caller(len + 1, flags, NUMA_NO_NODE,
					   caller);
	if (copy) {
		memcpy(copy, s, len);
		copy[len] = '\0';
	}
	return copy;
}

/**
 * kstrdup - a copy of a string
 * @s: the string, or NULL
 * @flags: GFP_*
 *
 * Return: the copy, for kfree(); NULL for NULL or without memory.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
char *kstrdup(const char *s, gfp_t flags)
{
	check_blocking(flags);
	return s ? text_copy(s, text_len(s), flags, CALLER) : NULL;
}

/**
 * kstrndup - a copy of the beginning of a string
 * @s: the string, or NULL; need not end within @max bytes
 * @max: most bytes to copy; a NUL is added to them
 * @flags: GFP_*
 *
 * Return: the copy, for kfree(); NULL for NULL or without memory.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
char *kstrndup(const char *s, size_t max, gfp_t flags)
{
	check_blocking(flags);
	return s ? text_copy(s, text_len_max(s, max), flags, CALLER) : NULL;
}

/**
 * kmemdup_nul - a string out of bytes
 * @s: the bytes, or NULL
 * @len: how many; a NUL is added to them
 * @flags: GFP_*
 *
 * Return: the string, for kfree(); NULL for NULL or without memory.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
char *kmemdup_nul(const char *s, size_t len, gfp_t flags)
{
	check_blocking(flags);
	return s ? text_copy(s, len, flags, CALLER) : NULL;
}

/**
 * kmemdup - a copy of memory
 * @src: what to copy
 * @len: bytes; 0 gives ZERO_SIZE_PTR
 * @flags: GFP_*
 *
 * Return: the copy, for kfree(), or NULL without memory.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *kmemdup(const void *src, size_t len, gfp_t flags)
{
	void *copy;

	check_blocking(flags);
	copy = __kmalloc_node_track_caller(len, flags, NUMA_NO_NODE, CALLER);
	if (copy && len)
		memcpy(copy, src, len);
	return copy;
}

/**
 * kmemdup_array - a copy of an array
 * @src: what to copy
 * @n: elements
 * @size: bytes of one
 * @flags: GFP_*
 *
 * Return: the copy, for kfree(); NULL without memory, or, without a word,
 * when the product overflows.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *kmemdup_array(const void *src, size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmemdup(src, bytes, flags);
}

/**
 * kvmemdup - a copy of memory that may be large
 * @src: what to copy
 * @len: bytes; 0 gives ZERO_SIZE_PTR
 * @flags: GFP_*
 *
 * Return: the copy, for kvfree(), or NULL without memory.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *kvmemdup(const void *src, size_t len, gfp_t flags)
{
	void *copy;

	check_blocking(flags);
	copy = kvmalloc(len, flags);
	if (copy && len)
		memcpy(copy, src, len);
	return copy;
}

/**
 * kvasprintf - text in a block of its size
 * @flags: GFP_*
 * @fmt: as that of printf(), without floating point
 * @args: its arguments
 *
 * Return: the text, for kfree(), or NULL without memory.
 * Context: as @flags say.
 * Source: Linux 7.x, without the kernel's own %p letters.
 */
char *kvasprintf(gfp_t flags, const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	check_blocking(flags);
	va_copy(again, args);
	len = text_vformat(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return NULL;
	text = __kmalloc_node_track_caller((size_t)len + 1, flags, NUMA_NO_NODE,
					   CALLER);
	if (text)
		text_vformat(text, (size_t)len + 1, fmt, args);
	return text;
}

/**
 * kasprintf - text in a block of its size
 * @flags: GFP_*
 * @fmt: as for kvasprintf()
 *
 * Return: the text, for kfree(), or NULL without memory.
 * Context: as @flags say.
 * Source: Linux 7.x, without the kernel's own %p letters.
 */
char *kasprintf(gfp_t flags, const char *fmt, ...)
{
	va_list args;
	char *text;

	check_blocking(flags);
	va_start(args, fmt);
	text = kvasprintf(flags, fmt, args);
	va_end(args);
	return text;
}

/* Could len bytes of an object lie at p? */
static bool user_ok(const void *p, size_t len)
{
	uintptr_t a = (uintptr_t)p;

	return !len || (a >= PG_BYTES && len <= (uintptr_t)-MAX_ERRNO - a &&
			!IS_ERR(p));
}

/**
 * memdup_user - a copy of what a user handed over
 * @src: where it is
 * @len: bytes; 0 gives ZERO_SIZE_PTR
 *
 * Return: the copy, for kfree(); ERR_PTR(-EFAULT) for an address that no
 * object has, ERR_PTR(-ENOMEM).
 * Context: may sleep.
 * Source: Linux 7.x, where the page tables decide what is a fault.
 */
void *memdup_user(const void __user *src, size_t len)
{
	const void *from = (const void *)src;
	void *copy;

	check_blocking(GFP_USER);
	if (!user_ok(from, len))
		return ERR_PTR(-EFAULT);
	copy = kmemdup(from, len, GFP_USER | __GFP_NOWARN);
	return copy ? copy : ERR_PTR(-ENOMEM);
}

/**
 * vmemdup_user - memdup_user() of what may be large
 * @src: where it is
 * @len: bytes; 0 gives ZERO_SIZE_PTR
 *
 * Return: the copy, for kvfree(); ERR_PTR() as memdup_user().
 * Context: may sleep.
 * Source: as memdup_user().
 */
void *vmemdup_user(const void __user *src, size_t len)
{
	const void *from = (const void *)src;
	void *copy;

	check_blocking(GFP_USER);
	if (!user_ok(from, len))
		return ERR_PTR(-EFAULT);
	copy = kvmemdup(from, len, GFP_USER);
	return copy ? copy : ERR_PTR(-ENOMEM);
}

/**
 * memdup_user_nul - a string out of bytes that a user handed over
 * @src: where they are
 * @len: how many; a NUL is added to them
 *
 * Return: the string, for kfree(); ERR_PTR() as memdup_user().
 * Context: may sleep.
 * Source: as memdup_user().
 */
void *memdup_user_nul(const void __user *src, size_t len)
{
	const void *from = (const void *)src;
	char *copy;

	check_blocking(GFP_KERNEL);
	if (!user_ok(from, len))
		return ERR_PTR(-EFAULT);
	copy = text_copy(from, len, GFP_KERNEL, CALLER);
	return copy ? copy : ERR_PTR(-ENOMEM);
}

/**
 * strndup_user - a copy of a string that a user handed over
 * @s: the string
 * @max: most bytes it may have, its NUL included
 *
 * Return: the copy, for kfree(); ERR_PTR(-EINVAL) when it is longer,
 * otherwise as memdup_user().
 * Context: may sleep.
 * Source: as memdup_user().
 */
char *strndup_user(const char __user *s, long max)
{
	const char *from = (const char *)s;
	size_t len;
	char *copy;

	check_blocking(GFP_USER);
	if (!user_ok(from, 1))
		return ERR_PTR(-EFAULT);
	if (max <= 0)
		return ERR_PTR(-EINVAL);
	len = text_len_max(from, (size_t)max);
	if (len == (size_t)max)
		return ERR_PTR(-EINVAL);
	copy = text_copy(from, len, GFP_USER | __GFP_NOWARN, CALLER);
	return copy ? copy : ERR_PTR(-ENOMEM);
}

/**
 * memchr_inv - the first byte that is another one
 * @p: where to look
 * @c: the byte that is expected
 * @n: how many bytes
 *
 * Return: its address, or NULL when all bytes are @c or there are none.
 * Context: any.
 * Source: Linux 7.x.
 */
void *memchr_inv(const void *p, int c, size_t n)
{
	const unsigned char *at = p;
	unsigned char byte = (unsigned char)c;

	/* Eight bytes at once; a byte that differs is looked for below. */
	while (n >= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		if (word != byte * 0x0101010101010101ull)
			break;
		at += sizeof(word);
		n -= sizeof(word);
	}
	for (; n; at++, n--)
		if (*at != byte)
			return (void *)(uintptr_t)at;
	return NULL;
}
