/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Large buffers: memory of any size in one piece, also beyond the largest block
 * of pages.  The kernel has this while it boots; here it is there at any time.
 *
 * Pages of such memory may be given back in parts; what is smaller than two
 * pages goes as a whole.
 */
#ifndef KMEM_LINUX_MEMBLOCK_H
#define KMEM_LINUX_MEMBLOCK_H

#include <kmem/compiler.h>
#include <kmem/types.h>

/* Of max_addr: no limit. */
#define MEMBLOCK_ALLOC_ANYWHERE (~(kmem_phys_t)0)
#define MEMBLOCK_ALLOC_ACCESSIBLE ((kmem_phys_t)0)
#define MEMBLOCK_LOW_LIMIT ((kmem_phys_t)0)

KMEM_EXTERN_C_BEGIN

/*
 * Zeroed, or not; align 0 is a line of the cache.  min_addr is a wish, max_addr
 * is not: physical addresses, the second exclusive.  NULL without a report.
 */
KMEM_API void *memblock_alloc_try_nid(kmem_phys_t size, kmem_phys_t align,
				      kmem_phys_t min_addr,
				      kmem_phys_t max_addr, int nid)
	KMEM_ABI(memblock_alloc_try_nid) KMEM_SIZE(1);
KMEM_API void *memblock_alloc_try_nid_raw(kmem_phys_t size, kmem_phys_t align,
					  kmem_phys_t min_addr,
					  kmem_phys_t max_addr, int nid)
	KMEM_ABI(memblock_alloc_try_nid_raw) KMEM_SIZE(1);
/* Ends the process when there is none. */
KMEM_API void *__memblock_alloc_or_panic(kmem_phys_t size, kmem_phys_t align,
					 const char *func)
	KMEM_ABI(__memblock_alloc_or_panic) KMEM_SIZE(1);
/* The offset, or 0; not zeroed. */
KMEM_API kmem_phys_t memblock_phys_alloc_range(kmem_phys_t size,
					       kmem_phys_t align,
					       kmem_phys_t start,
					       kmem_phys_t end)
	KMEM_ABI(memblock_phys_alloc_range);
/* NULL is allowed. */
KMEM_API void memblock_free(void *p, size_t size) KMEM_ABI(memblock_free);
KMEM_API int memblock_phys_free(kmem_phys_t base, kmem_phys_t size)
	KMEM_ABI(memblock_phys_free);

KMEM_EXTERN_C_END

/**
 * memblock_alloc() - zeroed memory in one piece
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 *
 * Context: May sleep.
 * Return: the memory, or NULL.
 */
static inline void *memblock_alloc(kmem_phys_t size, kmem_phys_t align)
{
	return memblock_alloc_try_nid(size, align, MEMBLOCK_LOW_LIMIT,
				      MEMBLOCK_ALLOC_ACCESSIBLE, NUMA_NO_NODE);
}

/**
 * memblock_alloc_raw() - memory in one piece, not zeroed
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 *
 * Context: May sleep.
 * Return: the memory, or NULL.
 */
static inline void *memblock_alloc_raw(kmem_phys_t size, kmem_phys_t align)
{
	return memblock_alloc_try_nid_raw(size, align, MEMBLOCK_LOW_LIMIT,
					  MEMBLOCK_ALLOC_ACCESSIBLE,
					  NUMA_NO_NODE);
}

/**
 * memblock_alloc_from() - zeroed memory, above an offset if there is some
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 * @min_addr: the offset
 *
 * Context: May sleep.
 * Return: the memory, or NULL.
 */
static inline void *memblock_alloc_from(kmem_phys_t size, kmem_phys_t align,
					kmem_phys_t min_addr)
{
	return memblock_alloc_try_nid(size, align, min_addr,
				      MEMBLOCK_ALLOC_ACCESSIBLE, NUMA_NO_NODE);
}

/**
 * memblock_alloc_low() - zeroed memory below 4 GiB
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 *
 * Context: May sleep.
 * Return: the memory, or NULL.
 */
static inline void *memblock_alloc_low(kmem_phys_t size, kmem_phys_t align)
{
	return memblock_alloc_try_nid(size, align, MEMBLOCK_LOW_LIMIT,
				      1ULL << 32, NUMA_NO_NODE);
}

/**
 * memblock_alloc_node() - zeroed memory of a node
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 * @nid: a wish
 *
 * Context: May sleep.
 * Return: the memory, or NULL.
 */
static inline void *memblock_alloc_node(kmem_phys_t size, kmem_phys_t align,
					int nid)
{
	return memblock_alloc_try_nid(size, align, MEMBLOCK_LOW_LIMIT,
				      MEMBLOCK_ALLOC_ACCESSIBLE, nid);
}

/**
 * memblock_phys_alloc() - memory in one piece, by its offset
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 *
 * Context: May sleep.
 * Return: the physical address, or 0.
 */
static inline kmem_phys_t memblock_phys_alloc(kmem_phys_t size,
					      kmem_phys_t align)
{
	return memblock_phys_alloc_range(size, align, MEMBLOCK_LOW_LIMIT,
					 MEMBLOCK_ALLOC_ACCESSIBLE);
}

/**
 * memblock_phys_alloc_try_nid() - memblock_phys_alloc() of a node
 * @size: bytes
 * @align: a power of two, or 0 for a line of the cache
 * @nid: a wish
 *
 * Context: May sleep.
 * Return: the physical address, or 0.
 */
static inline kmem_phys_t
memblock_phys_alloc_try_nid(kmem_phys_t size, kmem_phys_t align, int nid)
{
	(void)nid;
	return memblock_phys_alloc(size, align);
}

/**
 * memblock_free_late() - memblock_phys_free() after boot, in the kernel
 * @base: the offset
 * @size: bytes
 *
 * Context: May sleep.
 */
static inline void memblock_free_late(kmem_phys_t base, kmem_phys_t size)
{
	memblock_phys_free(base, size);
}

#define memblock_alloc_or_panic(size, align) \
	__memblock_alloc_or_panic(size, align, __func__)

#endif
