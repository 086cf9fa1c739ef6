/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * krealloc(): a block of another size.
 *
 * A block stays where it is as long as the new size fits what it really has,
 * and never moves to a smaller class.  __GFP_ZERO promises that every byte
 * the caller ever adds reads as zero, if all calls for the block had it: then
 * the first cleared the whole class, and each that stays in place clears
 * what lies behind the new size.  So what lies behind is zero at all times,
 * and growing in place has nothing to do.  Only where a debugged cache knows
 * the size that was asked for, a red zone lies behind it, and growing clears
 * what it adds.
 */
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "lib/mem.h"
#include "page/page.h"

/* What lies behind a block that keeps its place; see above. */
static void krealloc_clear(char *p, size_t have, size_t size)
{
	if (size < have)
		memset(p + size, 0, have - size);
	else if (block_keeps_asked(p))
		memset(p + have, 0, size - have);
}

/**
 * krealloc - a block of another size with the same content
 * @p: the block; NULL and ZERO_SIZE_PTR mean that there is none
 * @size: bytes wanted; 0 frees @p
 * @flags: GFP_*; __GFP_ZERO only works when all calls for the block had it
 *
 * Return: @p itself when it is large enough; else a new block with the bytes
 * of the old one, which is freed; ZERO_SIZE_PTR for a @size of 0; NULL, with
 * @p untouched, when there is no memory or @p is no block.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *krealloc(const void *p, size_t size, gfp_t flags)
{
	char *old = (char *)(uintptr_t)p;
	size_t have, most;
	void *new;

	if (size)
		check_blocking(flags);
	if (unlikely(!size)) {
		kfree(p);
		return ZERO_SIZE_PTR;
	}
	if (unlikely(ZERO_OR_NULL_PTR(p)))
		return kmalloc(size, flags);
	have = block_room(p);
	if (unlikely(!have))
		return NULL;
	most = block_most(p, have);
	if (size <= most) {
		if (size > have)
			block_resize(old, size);
		if (page_fill_gfp(flags) & __GFP_ZERO)
			krealloc_clear(old, have, size);
		if (size < have)
			block_resize(old, size);
		return old;
	}
	new = kmalloc(size, flags);
	if (!new)
		return NULL;
	memcpy(new, old, have);
	kfree(p);
	return new;
}

/**
 * krealloc_array - krealloc() of an array
 * @p: the block, or NULL
 * @n: elements wanted
 * @size: bytes of one
 * @flags: GFP_*
 *
 * Return: as krealloc(); NULL, with @p untouched and without a word, when
 * the product overflows.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *krealloc_array(void *p, size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (unlikely(__builtin_mul_overflow(n, size, &bytes)))
		return NULL;
	return krealloc(p, bytes, flags);
}
