/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the kernel has no name for: the library as a library.
 *
 * Nothing here must be called before the allocators are used; the first
 * allocation boots what it needs.
 */
#ifndef KMEM_KMEM_H
#define KMEM_KMEM_H

#include <kmem/abi.h>
#include <stdbool.h>
#include <stddef.h>

#define KMEM_VERSION_MAJOR 0
#define KMEM_VERSION_MINOR 1
#define KMEM_VERSION_PATCH 0
#define KMEM_VERSION_STRING "0.1.0"

struct kmem_cache;

KMEM_EXTERN_C_BEGIN

/* The version of the library that runs, as KMEM_VERSION_STRING. */
KMEM_API const char *kmem_version(void) KMEM_ABI(kmem_version);
/* Boots now instead of at the first allocation: 0 or -ENOMEM. */
KMEM_API int kmem_init(void) KMEM_ABI(kmem_init);
/* Gives back to the OS what can be; returns the bytes. */
KMEM_API unsigned long kmem_trim(void) KMEM_ABI(kmem_trim);
/* How each CPU's objects are kept apart: "lock" or "rseq". */
KMEM_API const char *kmem_backend(void) KMEM_ABI(kmem_backend);
/* Said first by a thread that clone() and not the C library has made. */
KMEM_API void kmem_raw_thread(void) KMEM_ABI(kmem_raw_thread);
/* Said before a filter on system calls is installed that kills. */
KMEM_API void kmem_confined(void) KMEM_ABI(kmem_confined);
/* Walks every invariant; false after reporting what is broken. */
KMEM_API bool kmem_validate(void) KMEM_ABI(kmem_validate);
/* The same of one cache, and what was found in it so far. */
KMEM_API bool kmem_cache_validate(struct kmem_cache *s)
	KMEM_ABI(kmem_cache_validate);
KMEM_API unsigned long kmem_cache_errors(struct kmem_cache *s)
	KMEM_ABI(kmem_cache_errors);

KMEM_EXTERN_C_END

#endif
