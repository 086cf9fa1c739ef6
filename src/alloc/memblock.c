/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory in one piece, <linux/memblock.h>.
 *
 * Up to KMALLOC_MAX_CACHE_SIZE it is a block of kmalloc(), above that pages
 * side by side.  Each of the pages has a word that says that it is such memory
 * and how many of its bytes were asked for, all but in the last page: a page is
 * freed when all of these are, so memory can be given back in parts whose ends
 * lie anywhere.
 */
#include <linux/memblock.h>

#include <linux/bootmem.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc/alloc.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "lib/errno.h"
#include "lib/mem.h"
#include "slab/kfence.h"

/* What the word of a page is: this, and bytes of it that are used. */
#define PAGE_WORD 0x6b6d656d626c0000ul
#define PAGE_WORD_BYTES 0xfffful

/* Where memory may lie; offsets, the end exclusive. */
struct range {
	u64 min, max;
};

static gfp_t gfp_of_range(const struct range *r)
{
	if (r->max > 1ull << 32)
		return 0;
	return r->max > 1ull << 24 ? __GFP_DMA32 : __GFP_DMA;
}

static bool is_within(const struct range *r, const void *p, u64 size)
{
	u64 at = virt_to_phys(p);

	return at >= r->min && at < r->max && size <= r->max - at;
}

static void *pages_alloc(gfp_t gfp, size_t size, size_t align)
{
	unsigned long nr = (size - 1) / PG_BYTES + 1;
	struct page *page = page_alloc_run(
		gfp, 0, nr, align > PG_BYTES ? align / PG_BYTES : 1, 0);

	if (!page)
		return NULL;
	for (unsigned long i = 0; i < nr; i++) {
		size_t left = size - i * PG_BYTES;

		set_page_private(page + i,
				 PAGE_WORD |
					 (left < PG_BYTES ? left : PG_BYTES));
	}
	return page_addr(page);
}

/* The bytes of its page that are used; 0, and reported: it is none of ours. */
static size_t page_used(const void *p)
{
	unsigned long word = 0;

	if (page_is_usable(p))
		word = page_private(addr_page(p));
	if (warn_if((word & ~PAGE_WORD_BYTES) != PAGE_WORD,
		    "memblock_free() of %p, which is not in use", p))
		return 0;
	return word & PAGE_WORD_BYTES;
}

static void pages_free(char *p, size_t size)
{
	char *at = (char *)ALIGN_UP((uintptr_t)p, PG_BYTES), *end = p + size;
	size_t used = page_used(p);

	/* Bound: the pages of the part. */
	while (used && at < end) {
		used = page_used(at);
		if (!used || used > (size_t)(end - at))
			return;
		set_page_private(addr_page(at), 0);
		page_put(addr_page(at), 0, LOCK_SLEEP);
		at += PG_BYTES;
	}
}

/*
 * The memory, wherever gfp finds it.  kmalloc() aligns to the power of two that
 * divides a size.
 */
static void *piece_alloc(u64 size, u64 align, gfp_t gfp)
{
	size_t whole;

	if (!align)
		align = CACHE_LINE;
	if (!size || size > SIZE_MAX / 2 || align & (align - 1) ||
	    align > SIZE_MAX / 4)
		return NULL;
	whole = ALIGN_UP((size_t)size, (size_t)align < CACHE_LINE ?
					       CACHE_LINE :
					       (size_t)align);
	if (whole > KMALLOC_MAX_CACHE_SIZE || gfp & __GFP_DMA32)
		return pages_alloc(gfp, (size_t)size, (size_t)align);
	return kmalloc(whole, gfp);
}

static void *memory_in(u64 size, u64 align, const struct range *r, gfp_t gfp)
{
	void *p;

	if (should_fail(size, GFP_KERNEL))
		return NULL;
	fail_pause();
	p = piece_alloc(size, align,
			GFP_KERNEL | __GFP_NOWARN | gfp | gfp_of_range(r));
	fail_resume();
	if (!p || is_within(r, p, size))
		return p;
	memblock_free(p, (size_t)size);
	return NULL;
}

static u64 end_of(u64 max_addr)
{
	return max_addr == MEMBLOCK_ALLOC_ACCESSIBLE ? UINT64_MAX : max_addr;
}

/* min is a wish. */
static void *memory_from(u64 size, u64 align, u64 min, u64 max, gfp_t gfp)
{
	struct range r = { .min = min, .max = end_of(max) };
	void *p = memory_in(size, align, &r, gfp);

	if (p || !min)
		return p;
	r.min = 0;
	return memory_in(size, align, &r, gfp);
}

/**
 * memblock_alloc_try_nid() - zeroed memory in one piece, somewhere
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 * @min_addr: the lowest offset in the window; a wish
 * @max_addr: the offset that it must end before; MEMBLOCK_ALLOC_ACCESSIBLE is
 *	no limit
 * @nid: a wish; there is one node
 *
 * Context: May sleep.
 * Return: the memory; NULL, without a report, if there is none.
 * Source: <linux/memblock.h>.
 */
void *memblock_alloc_try_nid(kmem_phys_t size, kmem_phys_t align,
			     kmem_phys_t min_addr, kmem_phys_t max_addr,
			     int nid)
{
	(void)nid;
	check_blocking(GFP_KERNEL);
	return memory_from(size, align, min_addr, max_addr, __GFP_ZERO);
}

/**
 * memblock_alloc_try_nid_raw() - memory in one piece, somewhere, not zeroed
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 * @min_addr: the lowest offset in the window; a wish
 * @max_addr: the offset that it must end before, as memblock_alloc_try_nid()
 * @nid: a wish; there is one node
 *
 * Context: May sleep.
 * Return: the memory; NULL, without a report, if there is none.
 * Source: <linux/memblock.h>.
 */
void *memblock_alloc_try_nid_raw(kmem_phys_t size, kmem_phys_t align,
				 kmem_phys_t min_addr, kmem_phys_t max_addr,
				 int nid)
{
	(void)nid;
	check_blocking(GFP_KERNEL);
	return memory_from(size, align, min_addr, max_addr, 0);
}

/**
 * __memblock_alloc_or_panic() - memblock_alloc() that does not fail
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 * @func: who asks
 *
 * Context: May sleep; ends the process if there is no memory.
 * Return: the memory.
 * Source: <linux/memblock.h>, where memblock_alloc_or_panic() is.
 */
void *__memblock_alloc_or_panic(kmem_phys_t size, kmem_phys_t align,
				const char *func)
{
	void *p;

	check_blocking(GFP_KERNEL);
	p = memory_from(size, align, 0, 0, __GFP_ZERO);
	if (!p)
		report_panic("%s: Failed to allocate %llu bytes", func,
			     (unsigned long long)size);
	return p;
}

/**
 * memblock_phys_alloc_range() - memory in one piece within a range
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 * @start: the lowest offset in the window
 * @end: the offset that it must end before; MEMBLOCK_ALLOC_ACCESSIBLE is no
 *	limit
 *
 * The end chooses the zone.  What is found there below @start is given back,
 * and is a failure: the zone is not searched.
 *
 * Context: May sleep.
 * Return: the offset, for memblock_phys_free(); or 0.
 * Source: <linux/memblock.h>.
 */
kmem_phys_t memblock_phys_alloc_range(kmem_phys_t size, kmem_phys_t align,
				      kmem_phys_t start, kmem_phys_t end)
{
	/* offset 0 means failure */
	struct range r = { .min = start ? start : 1, .max = end_of(end) };
	void *p;

	check_blocking(GFP_KERNEL);
	p = memory_in(size, align, &r, 0);
	return p ? virt_to_phys(p) : 0;
}

/**
 * memblock_free() - gives back memory in one piece
 * @p: the memory, or where a part of it begins; NULL is allowed
 * @size: bytes
 *
 * Of memory of more than KMALLOC_MAX_CACHE_SIZE the pages go that the part
 * covers as far as they were asked for; smaller memory goes as a whole.
 *
 * Context: May sleep.
 * Source: <linux/memblock.h>.
 */
void memblock_free(void *p, size_t size)
{
	check_sleeping();
	if (!p || !size)
		return;
	if (slab_owner(p))
		kfree(p);
	else
		pages_free(p, size);
}

/**
 * memblock_phys_free() - gives back memory by its offset
 * @base: where it, or a part of it, begins
 * @size: bytes
 *
 * Context: May sleep.
 * Return: 0.
 * Source: <linux/memblock.h>.
 */
int memblock_phys_free(kmem_phys_t base, kmem_phys_t size)
{
	check_sleeping();
	memblock_free(phys_to_virt(base), (size_t)size);
	return 0;
}

static void *bootmem(unsigned long size, unsigned long align,
		     unsigned long goal, u64 max)
{
	void *p = memory_from(size, align, goal, max, __GFP_ZERO);

	if (!p) {
		report("bootmem alloc of %lu bytes failed!", size);
		report_panic("Out of memory");
	}
	return p;
}

/**
 * __alloc_bootmem() - zeroed memory that does not fail
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 * @goal: the lowest offset in the window; a wish
 *
 * Context: May sleep; ends the process if there is no memory.
 * Return: the memory.
 * Source: Linux 2.6.
 */
void *__alloc_bootmem(unsigned long size, unsigned long align,
		      unsigned long goal)
{
	check_blocking(GFP_KERNEL);
	return bootmem(size, align, goal, 0);
}

/**
 * __alloc_bootmem_low() - zeroed memory below 4 GiB that does not fail
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 * @goal: the lowest offset in the window; a wish
 *
 * Context: May sleep; ends the process if there is no memory.
 * Return: the memory.
 * Source: Linux 2.6.
 */
void *__alloc_bootmem_low(unsigned long size, unsigned long align,
			  unsigned long goal)
{
	check_blocking(GFP_KERNEL);
	return bootmem(size, align, goal, 1ull << 32);
}
