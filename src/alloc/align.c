/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Blocks aligned to more than their size brings.
 *
 * kmalloc() aligns to the largest power of two that divides a size.  So a size
 * rounded up to a multiple of the alignment is all that it takes, up to
 * KMALLOC_MAX_SIZE.
 */
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "alloc/vmalloc.h"
#include "debug/atomic.h"
#include "debug/report.h"
#include "lib/mem.h"
#include "page/page.h"

static bool no_such_node(gfp_t flags, int node)
{
	return flags & __GFP_THISNODE && node > 0;
}

/* A multiple of align, or 0: none is that large. */
static size_t size_aligned(size_t size, unsigned long align)
{
	size_t more = align ? align - 1 : 0;

	return size + more < size ? 0 : (size + more) & ~more;
}

static bool fits(const void *p, size_t have, size_t size, unsigned long align)
{
	return size <= have && !((uintptr_t)p & (align ? align - 1 : 0));
}

/**
 * krealloc_node_align - krealloc() to an alignment and a node
 * @p: the block; NULL and ZERO_SIZE_PTR mean that there is none
 * @size: bytes wanted; 0 frees @p
 * @align: a power of two; a block that is not aligned so moves
 * @flags: GFP_*; __GFP_ZERO only works when all calls for the block had it
 * @node: a wish, or NUMA_NO_NODE; there is node 0 only
 *
 * Return: as krealloc(), aligned to @align; with __GFP_THISNODE also NULL, and
 * @p untouched, for a node that does not exist.
 * Context: as @flags say.
 * Source: Linux 6.18 and later, where the caller has to choose a size that
 * brings the alignment.
 */
void *krealloc_node_align(const void *p, size_t size, unsigned long align,
			  gfp_t flags, int node)
{
	size_t have, rounded = size_aligned(size, align);
	void *new;

	if (!size)
		return krealloc(p, 0, flags);
	check_blocking(flags);
	if (no_such_node(flags, node) || !rounded)
		return NULL;
	if (ZERO_OR_NULL_PTR(p))
		return kmalloc(rounded, flags);
	have = block_room(p);
	if (!have)
		return NULL;
	if (fits(p, have, size, align))
		return krealloc(p, size, flags);
	new = kmalloc(rounded, flags);
	if (!new)
		return NULL;
	memcpy(new, p, have < size ? have : size);
	kfree(p);
	return new;
}

/**
 * kvmalloc_node_align - kvmalloc() to an alignment and a node
 * @size: bytes; 0 gives ZERO_SIZE_PTR
 * @align: a power of two
 * @flags: GFP_*
 * @node: a wish, or NUMA_NO_NODE; there is node 0 only
 *
 * Return: as kvmalloc(), aligned to @align; with __GFP_THISNODE also NULL for a
 * node that does not exist.
 * Context: as @flags say.
 * Source: Linux 6.18 and later.
 */
void *kvmalloc_node_align(size_t size, unsigned long align, gfp_t flags,
			  int node)
{
	size_t rounded = size_aligned(size, align);
	void *p;

	check_blocking(flags);
	if (no_such_node(flags, node) || (size && !rounded))
		return NULL;
	/* above a page neither half of kvmalloc() is aligned to more */
	if (align <= PG_BYTES)
		return kvmalloc(rounded, flags);
	p = rounded <= KMALLOC_MAX_SIZE ? kmalloc(rounded, flags) : NULL;
	return p ? p : area_alloc(size, align, flags, VM_ALLOC, WARN_CALLER());
}

/**
 * kvrealloc_node_align - kvrealloc() to an alignment and a node
 * @p: the block; NULL and ZERO_SIZE_PTR mean that there is none
 * @size: bytes wanted; 0 frees @p
 * @align: a power of two; a block that is not aligned so moves
 * @flags: GFP_*; __GFP_ZERO only works when all calls for the block had it
 * @node: a wish, or NUMA_NO_NODE; there is node 0 only
 *
 * Return: as kvrealloc(), aligned to @align; with __GFP_THISNODE also NULL, and
 * @p untouched, for a node that does not exist.
 * Context: as @flags say.
 * Source: Linux 6.18 and later.
 */
void *kvrealloc_node_align(const void *p, size_t size, unsigned long align,
			   gfp_t flags, int node)
{
	size_t have;
	void *new;

	if (!size)
		return (kvrealloc)(p, 0, flags);
	check_blocking(flags);
	if (no_such_node(flags, node))
		return NULL;
	if (ZERO_OR_NULL_PTR(p))
		return kvmalloc_node_align(size, align, flags, node);
	have = area_covers(p) ? area_size(p) : 0;
	if (!have)
		have = block_room(p);
	if (!have)
		return NULL;
	if (fits(p, have, size, align))
		return (kvrealloc)(p, size, flags);
	new = kvmalloc_node_align(size, align, flags, node);
	if (!new)
		return NULL;
	memcpy(new, p, have < size ? have : size);
	kvfree(p);
	return new;
}

/**
 * kvfree_atomic - kvfree() that never enters the operating system
 * @p: as for kvfree()
 *
 * An area is ended by a later call that may sleep.
 *
 * Context: any but an NMI.
 * Source: Linux 7.x.
 */
void kvfree_atomic(const void *p)
{
	preempt_disable();
	kvfree(p);
	preempt_enable();
}
