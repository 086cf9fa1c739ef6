/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Errors carried in pointers: the last MAX_ERRNO addresses are no addresses.
 */
#ifndef KMEM_LINUX_ERR_H
#define KMEM_LINUX_ERR_H

#include <kmem/types.h>
#include <stdbool.h>
#include <stddef.h>

/* A macro that every such header has: the client's came first. */
#if !KMEM_OWN_TYPES && !defined(IS_ERR_VALUE)

#define MAX_ERRNO 4095

#define IS_ERR_VALUE(x) \
	((unsigned long)(const void *)(x) >= (unsigned long)-MAX_ERRNO)

/* A negative errno as a pointer. */
static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

/* The negative errno in a pointer for which IS_ERR() holds. */
static inline long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

static inline bool IS_ERR(const void *ptr)
{
	return IS_ERR_VALUE(ptr);
}

static inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return !ptr || IS_ERR_VALUE(ptr);
}

/* The same error as a pointer to something else. */
static inline void *ERR_CAST(const void *ptr)
{
	return (void *)(size_t)ptr;
}

/* The errno of an error pointer, 0 for any other. */
static inline int PTR_ERR_OR_ZERO(const void *ptr)
{
	return IS_ERR(ptr) ? (int)PTR_ERR(ptr) : 0;
}

#endif

#endif
