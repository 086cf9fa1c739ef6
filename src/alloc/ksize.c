/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * How large a block is.  A block has more bytes than were asked for; only a
 * debugged cache knows how many these were, and then they are all that its
 * owner may use.
 */
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "debug/report.h"
#include "lib/mem.h"
#include "slab/debug.h"

size_t block_room(const void *p)
{
	struct kmem_cache *s;
	struct page *page;
	size_t guarded;

	if (unlikely(ZERO_OR_NULL_PTR(p)))
		return 0;
	s = page_owner(p);
	if (s && slab_debugged(s))
		return debug_in_use(s, p) ? debug_room(s, p) : 0;
	if (likely(s))
		return s->size;
	guarded = kfence_size(p);
	if (guarded)
		return guarded;
	page = kmalloc_large_of(p);
	if (warn_once_if(!page, "object pointer: 0x%p", p) || !page)
		return 0;
	return PG_BYTES << page->order;
}

/**
 * ksize - bytes that a block really has
 * @p: as for kfree()
 *
 * This does not permit using them: to use all of a class, allocate the size
 * that kmalloc_size_roundup() returns.
 *
 * Of a debugged cache that checks the size asked for, it ends with the class
 * from now on: the caller may use all of it.
 *
 * Return: the bytes of the class, the pages or the slot; 0 for NULL,
 * ZERO_SIZE_PTR and what is no block, the last with a warning.
 * Context: any.
 * Source: Linux 7.x.
 */
size_t ksize(const void *p)
{
	size_t n = block_room(p);
	struct kmem_cache *s;

	if (unlikely(!n))
		return 0;
	s = page_owner(p);
	if (!s || likely(!s->asked))
		return n;
	/* that he may use, as he knows of it now */
	debug_resize(s, (void *)(uintptr_t)p, s->object_size);
	return s->object_size;
}

/**
 * kfree_sensitive - wipes a block and gives it back
 * @p: as for kfree(), NULL and ZERO_SIZE_PTR included
 *
 * All of ksize(), or of what was asked for where that is checked, is
 * overwritten with zeros, and no compiler can leave that out.
 *
 * Context: any but an NMI; never sleeps.
 * Source: Linux 7.x.
 */
void kfree_sensitive(const void *p)
{
	void *mem = (void *)(uintptr_t)p;
	size_t size = block_room(p);

	if (size) {
		memset(mem, 0, size);
		/* The stores must happen although they are never read. */
		__asm__ volatile("" : : "r"(mem) : "memory");
	}
	kfree(p);
}
