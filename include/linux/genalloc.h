/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools of address ranges: special memory of the caller's (SRAM, a window of a
 * device, numbers that are no addresses), handed out in granules of
 * 2^min_alloc_order bytes.
 *
 * Nothing is read from or written to the ranges.  Allocations and frees take
 * no lock, so they may be made anywhere, in signal handlers too.
 */
#ifndef KMEM_LINUX_GENALLOC_H
#define KMEM_LINUX_GENALLOC_H

#include <kmem/compiler.h>
#include <kmem/types.h>

struct device;
struct gen_pool;

/*
 * Which granules serve a request: the number of the first of nr free ones that
 * lie in a map of size bits, not before start, or a number of at least size.
 */
typedef unsigned long (*genpool_algo_t)(unsigned long *map, unsigned long size,
					unsigned long start, unsigned int nr,
					void *data, struct gen_pool *pool,
					unsigned long start_addr);

/* What was added by one call.  Made by the library; users may read it. */
struct gen_pool_chunk {
	struct gen_pool_chunk *next_chunk;
	unsigned long avail;      /* bytes */
	kmem_phys_t phys_addr;    /* of start_addr; -1 when unknown */
	void *owner;              /* what gen_pool_add_owner() was told */
	unsigned long start_addr; /* inclusive, both */
	unsigned long end_addr;
	unsigned long kmem_watched; /* the library's own */
	unsigned long bits[];       /* set: the granule is in use */
};

/* Made by gen_pool_create(); users may read it. */
struct gen_pool {
	struct gen_pool_chunk *chunks;
	int min_alloc_order;
	genpool_algo_t algo;
	void *data; /* for algo */
	const char *name;
	const void *kmem_self; /* the library's own */
};

/* Data of gen_pool_first_fit_align(). */
struct genpool_data_align {
	int align; /* bytes, a power of two */
};

/* Data of gen_pool_fixed_alloc(). */
struct genpool_data_fixed {
	unsigned long offset; /* bytes from the beginning of the chunk */
};

KMEM_EXTERN_C_BEGIN

KMEM_API struct gen_pool *gen_pool_create(int min_alloc_order, int nid)
	KMEM_ABI(gen_pool_create);
/* A pool with something in use is reported, and stays. */
KMEM_API void gen_pool_destroy(struct gen_pool *pool)
	KMEM_ABI(gen_pool_destroy);
/* 0, -ENOMEM, or -EINVAL for a range that wraps around. */
KMEM_API int gen_pool_add_owner(struct gen_pool *pool, unsigned long virt,
				kmem_phys_t phys, size_t size, int nid,
				void *owner) KMEM_ABI(gen_pool_add_owner);

/* The address, or 0. */
KMEM_API unsigned long
gen_pool_alloc_algo_owner(struct gen_pool *pool, size_t size,
			  genpool_algo_t algo, void *data, void **owner)
	KMEM_ABI(gen_pool_alloc_algo_owner);
KMEM_API void gen_pool_free_owner(struct gen_pool *pool, unsigned long addr,
				  size_t size, void **owner)
	KMEM_ABI(gen_pool_free_owner);

/* The same as a pointer, and its "physical" address in *dma. */
KMEM_API void *gen_pool_dma_alloc(struct gen_pool *pool, size_t size,
				  kmem_phys_t *dma)
	KMEM_ABI(gen_pool_dma_alloc);
KMEM_API void *gen_pool_dma_alloc_algo(struct gen_pool *pool, size_t size,
				       kmem_phys_t *dma, genpool_algo_t algo,
				       void *data)
	KMEM_ABI(gen_pool_dma_alloc_algo);
KMEM_API void *gen_pool_dma_alloc_align(struct gen_pool *pool, size_t size,
					kmem_phys_t *dma, int align)
	KMEM_ABI(gen_pool_dma_alloc_align);
/* And zeroed. */
KMEM_API void *gen_pool_dma_zalloc(struct gen_pool *pool, size_t size,
				   kmem_phys_t *dma)
	KMEM_ABI(gen_pool_dma_zalloc);
KMEM_API void *gen_pool_dma_zalloc_algo(struct gen_pool *pool, size_t size,
					kmem_phys_t *dma, genpool_algo_t algo,
					void *data)
	KMEM_ABI(gen_pool_dma_zalloc_algo);
KMEM_API void *gen_pool_dma_zalloc_align(struct gen_pool *pool, size_t size,
					 kmem_phys_t *dma, int align)
	KMEM_ABI(gen_pool_dma_zalloc_align);

/* NULL is gen_pool_first_fit(). */
KMEM_API void gen_pool_set_algo(struct gen_pool *pool, genpool_algo_t algo,
				void *data) KMEM_ABI(gen_pool_set_algo);
KMEM_API unsigned long
gen_pool_first_fit(unsigned long *map, unsigned long size, unsigned long start,
		   unsigned int nr, void *data, struct gen_pool *pool,
		   unsigned long start_addr) KMEM_ABI(gen_pool_first_fit);
KMEM_API unsigned long
gen_pool_first_fit_align(unsigned long *map, unsigned long size,
			 unsigned long start, unsigned int nr, void *data,
			 struct gen_pool *pool, unsigned long start_addr)
	KMEM_ABI(gen_pool_first_fit_align);
KMEM_API unsigned long
gen_pool_first_fit_order_align(unsigned long *map, unsigned long size,
			       unsigned long start, unsigned int nr, void *data,
			       struct gen_pool *pool, unsigned long start_addr)
	KMEM_ABI(gen_pool_first_fit_order_align);
KMEM_API unsigned long
gen_pool_fixed_alloc(unsigned long *map, unsigned long size,
		     unsigned long start, unsigned int nr, void *data,
		     struct gen_pool *pool, unsigned long start_addr)
	KMEM_ABI(gen_pool_fixed_alloc);
KMEM_API unsigned long gen_pool_best_fit(unsigned long *map, unsigned long size,
					 unsigned long start, unsigned int nr,
					 void *data, struct gen_pool *pool,
					 unsigned long start_addr)
	KMEM_ABI(gen_pool_best_fit);

/* -1 when the address is not in the pool or the answer is not known. */
KMEM_API kmem_phys_t gen_pool_virt_to_phys(struct gen_pool *pool,
					   unsigned long addr)
	KMEM_ABI(gen_pool_virt_to_phys);
/* In bytes: what is free, and all. */
KMEM_API size_t gen_pool_avail(struct gen_pool *pool) KMEM_ABI(gen_pool_avail);
KMEM_API size_t gen_pool_size(struct gen_pool *pool) KMEM_ABI(gen_pool_size);
/* Does one chunk hold all these bytes? */
KMEM_API bool gen_pool_has_addr(struct gen_pool *pool, unsigned long start,
				size_t size) KMEM_ABI(gen_pool_has_addr);
KMEM_API void
gen_pool_for_each_chunk(struct gen_pool *pool,
			void (*func)(struct gen_pool *pool,
				     struct gen_pool_chunk *chunk, void *data),
			void *data) KMEM_ABI(gen_pool_for_each_chunk);

/* Destroyed with the device; ERR_PTR() on failure.  name may be NULL. */
KMEM_API struct gen_pool *devm_gen_pool_create(struct device *dev,
					       int min_alloc_order, int nid,
					       const char *name)
	KMEM_ABI(devm_gen_pool_create);
KMEM_API struct gen_pool *gen_pool_get(struct device *dev, const char *name)
	KMEM_ABI(gen_pool_get);

KMEM_EXTERN_C_END

/**
 * gen_pool_add_virt() - adds a range whose physical address is known
 * @pool: the pool
 * @virt: where it begins
 * @phys: the physical address of @virt
 * @size: bytes
 * @nid: node for the pool's own books, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: as gen_pool_add_owner().
 */
static inline int gen_pool_add_virt(struct gen_pool *pool, unsigned long virt,
				    kmem_phys_t phys, size_t size, int nid)
{
	return gen_pool_add_owner(pool, virt, phys, size, nid, NULL);
}

/**
 * gen_pool_add() - adds a range
 * @pool: the pool
 * @addr: where it begins
 * @size: bytes
 * @nid: node for the pool's own books, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: as gen_pool_add_owner().
 */
static inline int gen_pool_add(struct gen_pool *pool, unsigned long addr,
			       size_t size, int nid)
{
	return gen_pool_add_virt(pool, addr, (kmem_phys_t)-1, size, nid);
}

/**
 * gen_pool_alloc_algo() - takes a range by an algorithm
 * @pool: the pool
 * @size: bytes, rounded up to granules
 * @algo: which granules
 * @data: for @algo
 *
 * Context: Any.
 * Return: as gen_pool_alloc_algo_owner().
 */
static inline unsigned long gen_pool_alloc_algo(struct gen_pool *pool,
						size_t size,
						genpool_algo_t algo, void *data)
{
	return gen_pool_alloc_algo_owner(pool, size, algo, data, NULL);
}

/**
 * gen_pool_alloc_owner() - takes a range and says whose it is
 * @pool: the pool
 * @size: bytes, rounded up to granules
 * @owner: where the owner of the chunk goes
 *
 * Context: Any.
 * Return: as gen_pool_alloc_algo_owner().
 */
static inline unsigned long gen_pool_alloc_owner(struct gen_pool *pool,
						 size_t size, void **owner)
{
	return gen_pool_alloc_algo_owner(pool, size, pool->algo, pool->data,
					 owner);
}

/**
 * gen_pool_alloc() - takes a range
 * @pool: the pool
 * @size: bytes, rounded up to granules
 *
 * Context: Any.
 * Return: as gen_pool_alloc_algo_owner().
 */
static inline unsigned long gen_pool_alloc(struct gen_pool *pool, size_t size)
{
	return gen_pool_alloc_algo(pool, size, pool->algo, pool->data);
}

/**
 * gen_pool_free() - gives a range back
 * @pool: the pool
 * @addr: what the allocation returned
 * @size: bytes, as given there
 *
 * Context: Any; never sleeps.
 */
static inline void gen_pool_free(struct gen_pool *pool, unsigned long addr,
				 size_t size)
{
	gen_pool_free_owner(pool, addr, size, NULL);
}

/* Name of up to 5.4. */
#define addr_in_gen_pool(pool, start, size) gen_pool_has_addr(pool, start, size)

#endif
