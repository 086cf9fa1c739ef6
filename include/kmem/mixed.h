/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A bridge for programs in which kfree() gets blocks of malloc(), or free()
 * those of kmalloc(), as shims that are both allow.
 *
 * One C file of the program defines KMEM_MIXED_FREES as 1 and includes this,
 * and the program is linked with
 *
 *	-Wl,--wrap=free,--wrap=realloc,--wrap=kmem_kfree,--wrap=kmem_kvfree
 *
 * Each of the four then looks whose the block is.  Calls made inside of
 * libraries stay as they are.  Better is to mend such a program: what the
 * bridge costs is a look at the address for each free.
 *
 * With 2 in place of 1 the other calls that get a block do so as well, and the
 * program is linked with these too:
 *
 *	-Wl,--wrap=kmem_ksize,--wrap=kmem_krealloc,--wrap=kmem_vfree
 *	-Wl,--wrap=kmem_kfree_sensitive
 */
#ifndef KMEM_MIXED_H
#define KMEM_MIXED_H

#include <stdbool.h>
#include <stddef.h>

#include "../linux/mm.h"
#include "../linux/slab.h"

#if defined(KMEM_MIXED_FREES) && KMEM_MIXED_FREES >= 2
#include <malloc.h>
#include <string.h>

#include "../linux/vmalloc.h"
#endif

/**
 * kmem_owns() - does this address lie in memory of the library?
 * @p: any pointer
 *
 * Context: may wait for a lock; not from a signal handler.
 * Return: true for what kmalloc(), caches, pages and kvmalloc() of this copy
 * of the library have given or could give; false for NULL, ZERO_SIZE_PTR and
 * all other memory.
 */
static inline bool kmem_owns(const void *p)
{
	return virt_addr_valid(p) || is_vmalloc_addr(p);
}

#if defined(KMEM_MIXED_FREES) && KMEM_MIXED_FREES

KMEM_EXTERN_C_BEGIN

void __real_free(void *p);
void *__real_realloc(void *p, size_t size);
void __real_kmem_kfree(const void *p);
void __real_kmem_kvfree(const void *p);
void __wrap_free(void *p);
void *__wrap_realloc(void *p, size_t size);
void __wrap_kmem_kfree(const void *p);
void __wrap_kmem_kvfree(const void *p);

void __wrap_free(void *p)
{
	if (p == ZERO_SIZE_PTR)
		return;
	if (kmem_owns(p))
		__real_kmem_kvfree(p);
	else
		__real_free(p);
}

void *__wrap_realloc(void *p, size_t size)
{
	if (p == ZERO_SIZE_PTR)
		p = NULL;
	if (!kmem_owns(p))
		return __real_realloc(p, size);
	return krealloc(p, size ? size : 1, GFP_KERNEL);
}

void __wrap_kmem_kfree(const void *p)
{
	if (ZERO_OR_NULL_PTR(p) || kmem_owns(p))
		__real_kmem_kfree(p);
	else
		__real_free((void *)(unsigned long)p);
}

void __wrap_kmem_kvfree(const void *p)
{
	if (ZERO_OR_NULL_PTR(p) || kmem_owns(p))
		__real_kmem_kvfree(p);
	else
		__real_free((void *)(unsigned long)p);
}

#if KMEM_MIXED_FREES >= 2

size_t __real_kmem_ksize(const void *p);
void *__real_kmem_krealloc(const void *p, size_t size, gfp_t flags);
void __real_kmem_vfree(const void *p);
void __real_kmem_kfree_sensitive(const void *p);
size_t __wrap_kmem_ksize(const void *p);
void *__wrap_kmem_krealloc(const void *p, size_t size, gfp_t flags);
void __wrap_kmem_vfree(const void *p);
void __wrap_kmem_kfree_sensitive(const void *p);

static inline bool kmem_mixed_foreign(const void *p)
{
	return !ZERO_OR_NULL_PTR(p) && !kmem_owns(p);
}

size_t __wrap_kmem_ksize(const void *p)
{
	if (kmem_mixed_foreign(p))
		return malloc_usable_size((void *)(unsigned long)p);
	return __real_kmem_ksize(p);
}

/* The larger block is of kmalloc(). */
void *__wrap_kmem_krealloc(const void *p, size_t size, gfp_t flags)
{
	size_t old;
	void *block;

	if (!kmem_mixed_foreign(p))
		return __real_kmem_krealloc(p, size, flags);
	old = __wrap_kmem_ksize(p);
	block = __real_kmem_krealloc(NULL, size, flags);
	if (!block)
		return NULL;
	if (block != ZERO_SIZE_PTR)
		memcpy(block, p, old < size ? old : size);
	__real_free((void *)(unsigned long)p);
	return block;
}

void __wrap_kmem_vfree(const void *p)
{
	if (kmem_mixed_foreign(p))
		__real_free((void *)(unsigned long)p);
	else
		__real_kmem_vfree(p);
}

void __wrap_kmem_kfree_sensitive(const void *p)
{
	if (!kmem_mixed_foreign(p)) {
		__real_kmem_kfree_sensitive(p);
		return;
	}
	explicit_bzero((void *)(unsigned long)p, __wrap_kmem_ksize(p));
	__real_free((void *)(unsigned long)p);
}

#endif

KMEM_EXTERN_C_END

#endif

#endif
