/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kvmalloc(): a block of kmalloc() where that is cheap, an area of vmalloc()
 * where it is not.
 *
 * The first try takes only free pages: it reclaims nothing, unless the caller
 * says with __GFP_RETRY_MAYFAIL that contiguity is worth the effort.  The
 * second makes an area, for callers that may sleep.
 */
#include <limits.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "alloc/vmalloc.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "lib/mem.h"
#include "page/page.h"
#include "page/zone.h"

/* The caller's flags for the first try. */
static gfp_t first_flags(size_t size, gfp_t gfp)
{
	if (size <= PG_BYTES)
		return gfp;
	gfp |= __GFP_NOWARN;
	if (!(gfp & __GFP_RETRY_MAYFAIL))
		gfp &= ~__GFP_DIRECT_RECLAIM;
	return gfp & ~__GFP_NOFAIL;
}

/* While zones can grow that costs no more than an area. */
static bool grows_for(size_t size, gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM && size > PG_BYTES &&
	       size <= KMALLOC_MAX_SIZE &&
	       zone_grow_main((unsigned int)get_order(size));
}

static void *large_block(size_t size, gfp_t flags, const void *caller)
{
	gfp_t first = first_flags(size, flags);
	void *p = kmalloc(size, first);

	if (unlikely(!p) && grows_for(size, flags))
		p = kmalloc(size, first);
	if (likely(p))
		return p;
	if (unlikely(size > INT_MAX)) {
		warn_once_if(!(flags & __GFP_NOWARN),
			     "kvmalloc: %zu bytes asked for, the most is %d",
			     size, INT_MAX);
		return NULL;
	}
	if (!(flags & __GFP_DIRECT_RECLAIM)) {
		area_report(size, flags, "no contiguous pages");
		return NULL;
	}
	return area_alloc(size, PG_BYTES, flags, VM_ALLOC, caller);
}

/**
 * kvmalloc - a block of memory that need not be contiguous physically
 * @size: bytes; 0 gives ZERO_SIZE_PTR
 * @flags: GFP_*
 *
 * Up to PAGE_SIZE this is kmalloc().  Above, kmalloc() is tried without
 * effort and without a report, then an area as of vmalloc() is made.
 * __GFP_NOFAIL holds for the area.
 *
 * Return: the block, for kvfree(); NULL when there is none, when @flags do
 * not allow sleeping and there are no contiguous pages, or above INT_MAX,
 * which is warned of once unless __GFP_NOWARN is set.
 * Context: as @flags say.
 * Source: Linux 6.1 for flags that must not sleep (newer kernels try to map
 * even then), 7.x in all else.
 */
void *kvmalloc(size_t size, gfp_t flags)
{
	void *p;

	check_blocking(flags);
	if (flags & __GFP_DIRECT_RECLAIM)
		areas_settle();
	if (size <= PG_BYTES)
		return kmalloc(size, flags);
	if (should_fail(size, flags))
		return NULL;
	fail_pause();
	p = large_block(size, flags, WARN_CALLER());
	fail_resume();
	return p;
}

/**
 * kvzalloc - kvmalloc() of zero bytes
 * @size: bytes
 * @flags: GFP_*
 *
 * Return: as kvmalloc().
 * Context: as @flags say.
 * Source: as kvmalloc().
 */
void *kvzalloc(size_t size, gfp_t flags)
{
	return kvmalloc(size, flags | __GFP_ZERO);
}

/**
 * kvmalloc_array - kvmalloc() for an array
 * @n: elements
 * @size: bytes of one
 * @flags: GFP_*
 *
 * Return: as kvmalloc(); NULL, without a word, when the product overflows.
 * Context: as @flags say.
 * Source: as kvmalloc().
 */
void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (unlikely(__builtin_mul_overflow(n, size, &bytes)))
		return NULL;
	return kvmalloc(bytes, flags);
}

/**
 * kvcalloc - kvmalloc() of zero bytes for an array
 * @n: elements
 * @size: bytes of one
 * @flags: GFP_*
 *
 * Return: as kvmalloc_array().
 * Context: as @flags say.
 * Source: as kvmalloc().
 */
void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc_array(n, size, flags | __GFP_ZERO);
}

/**
 * kvmalloc_node - kvmalloc() near a node
 * @size: bytes
 * @flags: GFP_*
 * @node: a wish, or NUMA_NO_NODE; there is node 0 only
 *
 * Return: as kvmalloc(); with __GFP_THISNODE also NULL for a node that does
 * not exist.
 * Context: as @flags say.
 * Source: as kvmalloc(), without NUMA.
 */
void *kvmalloc_node(size_t size, gfp_t flags, int node)
{
	if (unlikely(flags & __GFP_THISNODE) && node > 0)
		return NULL;
	return kvmalloc(size, flags);
}

/**
 * kvzalloc_node - kvzalloc() near a node
 * @size: bytes
 * @flags: GFP_*
 * @node: as for kvmalloc_node()
 *
 * Return: as kvmalloc_node().
 * Context: as @flags say.
 * Source: as kvmalloc(), without NUMA.
 */
void *kvzalloc_node(size_t size, gfp_t flags, int node)
{
	return kvmalloc_node(size, flags | __GFP_ZERO, node);
}

/**
 * kvmalloc_array_node - kvmalloc_array() near a node
 * @n: elements
 * @size: bytes of one
 * @flags: GFP_*
 * @node: as for kvmalloc_node()
 *
 * Return: as kvmalloc_array() and kvmalloc_node().
 * Context: as @flags say.
 * Source: as kvmalloc(), without NUMA.
 */
void *kvmalloc_array_node(size_t n, size_t size, gfp_t flags, int node)
{
	size_t bytes;

	if (unlikely(__builtin_mul_overflow(n, size, &bytes)))
		return NULL;
	return kvmalloc_node(bytes, flags, node);
}

/**
 * kvcalloc_node - kvcalloc() near a node
 * @n: elements
 * @size: bytes of one
 * @flags: GFP_*
 * @node: as for kvmalloc_node()
 *
 * Return: as kvmalloc_array() and kvmalloc_node().
 * Context: as @flags say.
 * Source: as kvmalloc(), without NUMA.
 */
void *kvcalloc_node(size_t n, size_t size, gfp_t flags, int node)
{
	return kvmalloc_array_node(n, size, flags | __GFP_ZERO, node);
}

/* In the window, and in no area there. */
static bool is_block(const void *p)
{
	return page_is_usable(p) && !page_test(addr_page(p), PG_vmalloc);
}

/**
 * kvfree - gives back what kvmalloc() gave
 * @p: such a block, or one of kmalloc(); nothing happens for NULL and
 *	ZERO_SIZE_PTR
 *
 * Context: any but an NMI.  Outside of atomic sections it may enter the
 * operating system for an area; inside of one it does not, nor waits, and
 * the area is ended by a later call that may sleep.  For other blocks as
 * kfree().
 * Source: Linux 7.x.
 */
void kvfree(const void *p)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	if (likely(is_block(p)) || !area_free(p))
		kfree(p);
}

/**
 * kvfree_sensitive - wipes a block and gives it back
 * @p: as for kvfree()
 * @len: bytes to overwrite with zeros: what the caller used
 *
 * Context: as kvfree().
 * Source: Linux 7.x.
 */
void kvfree_sensitive(const void *p, size_t len)
{
	void *mem = (void *)(uintptr_t)p;

	if (ZERO_OR_NULL_PTR(p))
		return;
	/* what is no block is not touched: kvfree() reports it */
	if (is_block(p) || area_size(p) != 0) {
		memset(mem, 0, len);
		/* The stores must happen although they are never read. */
		__asm__ volatile("" : : "r"(mem) : "memory");
	}
	kvfree(p);
}

/* An area of another size. */
static void *area_realloc(void *p, size_t have, size_t size, gfp_t flags,
			  const void *caller)
{
	void *new;

	if (!size) {
		area_free(p);
		return NULL;
	}
	if (size > INT_MAX) {
		warn_once_if(!(flags & __GFP_NOWARN),
			     "kvrealloc: %zu bytes asked for, the most is %d",
			     size, INT_MAX);
		return NULL;
	}
	if (size > have && should_fail(size, flags))
		return NULL;
	fail_pause();
	new = area_resize(p, size, flags, caller);
	fail_resume();
	return new;
}

/**
 * kvrealloc - a block of kvmalloc() of another size
 * @p: the block; NULL and ZERO_SIZE_PTR mean that there is none
 * @size: bytes wanted; 0 frees @p
 * @flags: GFP_*; __GFP_ZERO only works when all calls for the block had it
 *
 * An area stays an area however small it gets; a block of kmalloc() becomes
 * an area when it must move and contiguous pages are not there.
 *
 * Return: the block, which may have moved; NULL, with @p untouched, when
 * there is no memory.  For a @size of 0: NULL if @p was an area, else
 * ZERO_SIZE_PTR.
 * Context: as @flags say.
 * Source: Linux 7.x.
 */
void *(kvrealloc)(const void *p, size_t size, gfp_t flags)
{
	void *old = (void *)(uintptr_t)p, *new;
	size_t have;

	if (size)
		check_blocking(flags);
	if (ZERO_OR_NULL_PTR(p))
		return kvmalloc(size, flags);
	have = is_block(p) ? 0 : area_size(p);
	if (have)
		return area_realloc(old, have, size, flags, WARN_CALLER());
	new = krealloc(p, size, first_flags(size, flags));
	if (!new &&grows_for(size, flags))
		new = krealloc(p, size, first_flags(size, flags));
	if (new || size <= PG_BYTES)
		return new;
	have = ksize(p);
	if (!have)
		return NULL;
	new = kvmalloc(size, flags);
	if (!new)
		return NULL;
	memcpy(new, p, have < size ? have : size);
	kfree(p);
	return new;
}
