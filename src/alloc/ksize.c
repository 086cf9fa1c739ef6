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
#include "debug/watch.h"
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
	if (warn_once_if(!page, "object pointer: 0x%p", p) || !page) {
		watch_accuse(p);
		return 0;
	}
	return watch_on() ? *kmalloc_large_asked(page) :
			    PG_BYTES << page->order;
}

/* A block of pages whose asked size is known, or NULL. */
static struct page *watched_large(const void *p)
{
	return watch_on() ? kmalloc_large_of(p) : NULL;
}

bool block_keeps_asked(const void *p)
{
	const struct kmem_cache *s = page_owner(p);

	return s ? s->asked : watched_large(p) != NULL;
}

size_t block_most(const void *p, size_t room)
{
	if (likely(!block_keeps_asked(p)))
		return room;
	return page_owner(p) ? page_owner(p)->object_size :
			       PG_BYTES << addr_page(p)->order;
}

void block_resize(void *p, size_t size)
{
	const struct kmem_cache *s = page_owner(p);
	struct page *page = s ? NULL : watched_large(p);

	if (s) {
		debug_resize(s, p, size);
	} else if (page) {
		watch_resized(p, *kmalloc_large_asked(page), size);
		*kmalloc_large_asked(page) = size;
	}
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
	size_t n = block_room(p), most;

	if (unlikely(!n))
		return 0;
	most = block_most(p, n);
	/* that he may use, as he knows of it now */
	if (unlikely(most != n))
		block_resize((void *)(uintptr_t)p, most);
	return most;
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
