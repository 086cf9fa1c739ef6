/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools of blocks for devices, <linux/dmapool.h>.
 *
 * A pool has pages, each a block of the page layer with room for some blocks of
 * the pool and a record that has one bit for each: set, the block is free.
 * Nothing of the pool's is in the blocks.  A page is pushed onto the pool's
 * list and stays until the pool is destroyed, so the list is read without a
 * lock, and so allocations and frees take none.
 *
 * nr_free counts free blocks that nobody has been promised.  An allocation
 * takes one off it first, which promises it a block, and then looks for the
 * bit; a free sets the bit first.
 *
 * Invariant: in the pages of a pool there are at least as many set bits as
 * nr_free and the promises that are not kept yet.  So a promised block is
 * found, unless others take bits in front of the search and set them behind it;
 * each round of that is an allocation of theirs that ended.
 *
 * The record of a page is found by the word that the page's owner has in its
 * struct page, so a free looks at no list.
 */
#include <linux/dmapool.h>

#include <linux/device.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc/device.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "debug/watch.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "port/port.h"
#include "sync/lock.h"

/* As large as the kernel's, which has two pointers in a free block. */
#define BLOCK_LEAST 16u
#define MAP_BITS 64u
#define MAP_WORDS (PG_BYTES / BLOCK_LEAST / MAP_BITS)
#define NAME_BYTES 32
#define LABEL_BYTES 64

struct dma_pool_page {
	struct dma_pool_page *next;
	struct dma_pool *pool;
	const void *self; /* says that this is a record */
	struct page *page;
	uint64_t free[MAP_WORDS];
};

struct dma_pool {
	struct list_head link; /* of all pools; LOCK_DEVICE */
	struct device *dev;
	struct dma_pool_page *pages;
	struct dma_pool_page *hint; /* where a search begins */
	unsigned long nr_free;
	const void *self; /* says that this is a pool */
	u64 mask;
	/* of 32 bits, as each block is found by divisions */
	unsigned int size;
	unsigned int asked;        /* at most size */
	unsigned int allocation;   /* bytes of a page */
	unsigned int boundary;     /* divides allocation */
	unsigned int per_boundary; /* blocks between two boundaries */
	unsigned int per_page;
	int node;
	char name[NAME_BYTES];
	char label[LABEL_BYTES]; /* of the device, for reports */
};

static struct list_head pools = { &pools, &pools };

static bool pool_is_dma(const struct dma_pool *pool)
{
	return memory_is_ours(pool, sizeof(*pool)) && pool->self == pool;
}

#define no_dma_pool(pool)                                            \
	warn_if(!pool_is_dma(pool), "%s(): %p is no pool", __func__, \
		(const void *)(pool))

/* --- where a block is ----------------------------------------------------- */

static unsigned int block_offset(const struct dma_pool *pool, unsigned int nr)
{
	return nr / pool->per_boundary * pool->boundary +
	       nr % pool->per_boundary * pool->size;
}

/* The number of the block at an offset in a page; per_page: there is none. */
static unsigned int block_at(const struct dma_pool *pool, unsigned int offset)
{
	unsigned int nr = offset % pool->boundary / pool->size;

	if (offset >= pool->allocation || nr >= pool->per_boundary ||
	    offset % pool->boundary % pool->size)
		return pool->per_page;
	return offset / pool->boundary * pool->per_boundary + nr;
}

static char *page_base(const struct dma_pool_page *p)
{
	return page_addr(p->page);
}

/* The record of the page that the address is in; NULL: none of this pool's. */
static struct dma_pool_page *pool_page(const struct dma_pool *pool,
				       const void *vaddr)
{
	struct dma_pool_page *p;

	if (!page_is_usable(vaddr))
		return NULL;
	/* a pool's block is whole in a page, or begins one */
	p = (struct dma_pool_page *)page_private(addr_page(vaddr));
	if (!memory_is_ours(p, sizeof(*p)) || p->self != p || p->pool != pool ||
	    p->page != addr_page(vaddr))
		return NULL;
	return p;
}

/* --- bits ----------------------------------------------------------------- */

/* A free block of the page, now the caller's; per_page: there is none. */
static unsigned int page_block_take(struct dma_pool_page *p)
{
	for (unsigned int i = 0; i < MAP_WORDS; i++) {
		uint64_t seen = __atomic_load_n(&p->free[i], __ATOMIC_RELAXED);

		/* Progress: another call changed the word. */
		while (seen) {
			PORT_STEP();
			/* pairs with the release in page_block_give() */
			if (__atomic_compare_exchange_n(
				    &p->free[i], &seen, seen & (seen - 1),
				    false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
				return i * MAP_BITS +
				       (unsigned int)__builtin_ctzll(seen);
		}
	}
	return p->pool->per_page;
}

static bool page_block_is_free(const struct dma_pool_page *p, unsigned int nr)
{
	return __atomic_load_n(&p->free[nr / MAP_BITS], __ATOMIC_ACQUIRE) >>
		       nr % MAP_BITS &
	       1;
}

/* false: it is free already */
static bool page_block_give(struct dma_pool_page *p, unsigned int nr)
{
	uint64_t bit = 1ull << nr % MAP_BITS;

	PORT_STEP();
	return !(__atomic_fetch_or(&p->free[nr / MAP_BITS], bit,
				   __ATOMIC_RELEASE) &
		 bit);
}

static unsigned int page_free_blocks(const struct dma_pool_page *p)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < MAP_WORDS; i++) {
		uint64_t word = __atomic_load_n(&p->free[i], __ATOMIC_RELAXED);

		for (; word; word &= word - 1)
			n++;
	}
	return n;
}

/* --- pages ---------------------------------------------------------------- */

static struct dma_pool_page *first_page(const struct dma_pool *pool)
{
	/* pairs with the release in pool_grow() */
	return __atomic_load_n(&pool->pages, __ATOMIC_ACQUIRE);
}

static struct dma_pool_page *page_make(struct dma_pool *pool, gfp_t gfp)
{
	struct dma_pool_page *p;

	gfp &= ~(__GFP_ZERO | __GFP_COMP);
	p = kmalloc_node(sizeof(*p),
			 gfp & ~(__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM),
			 pool->node);
	if (!p)
		return NULL;
	*p = (struct dma_pool_page){ .pool = pool, .self = p };
	p->page = dma_pages(pool->mask, pool->allocation, gfp);
	if (!p->page) {
		p->self = NULL;
		kfree(p);
		return NULL;
	}
	watch_shut(page_base(p), pool->allocation);
	for (unsigned int i = 0; i < pool->per_page; i++)
		p->free[i / MAP_BITS] |= 1ull << i % MAP_BITS;
	set_page_private(p->page, (unsigned long)p);
	return p;
}

static void page_unmake(const struct dma_pool *pool, struct dma_pool_page *p)
{
	set_page_private(p->page, 0);
	dma_pages_free(p->page, pool->allocation);
	p->self = NULL;
	kfree(p);
}

/* One page more, and a block of it. */
static struct dma_pool_page *pool_grow(struct dma_pool *pool, gfp_t gfp,
				       unsigned int *nr)
{
	struct dma_pool_page *p = page_make(pool, gfp), *next;

	if (!p)
		return NULL;
	*nr = page_block_take(p);
	next = first_page(pool);
	/* Progress: another call added a page. */
	do {
		p->next = next;
		/* pairs with the acquire in first_page() */
	} while (!__atomic_compare_exchange_n(&pool->pages, &next, p, false,
					      __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	__atomic_fetch_add(&pool->nr_free, pool->per_page - 1,
			   __ATOMIC_RELEASE);
	__atomic_store_n(&pool->hint, p, __ATOMIC_RELEASE);
	return p;
}

/* --- blocks --------------------------------------------------------------- */

static bool block_promise(struct dma_pool *pool)
{
	unsigned long seen = __atomic_load_n(&pool->nr_free, __ATOMIC_RELAXED);

	/* Progress: another call changed the count. */
	while (seen)
		/* pairs with the releases where it is raised */
		if (__atomic_compare_exchange_n(&pool->nr_free, &seen, seen - 1,
						false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

/* The block that was promised. */
static struct dma_pool_page *block_find(struct dma_pool *pool, unsigned int *nr)
{
	struct dma_pool_page *p, *hint;

	hint = p = __atomic_load_n(&pool->hint, __ATOMIC_ACQUIRE);
	/* Progress: another call took a block in front of the search. */
	for (;; p = p->next ? p->next : first_page(pool)) {
		*nr = page_block_take(p);
		if (*nr < pool->per_page)
			break;
	}
	if (p != hint)
		__atomic_store_n(&pool->hint, p, __ATOMIC_RELEASE);
	return p;
}

static size_t block_clears(const struct dma_pool *pool)
{
	return watch_on() ? pool->asked : pool->size;
}

/**
 * dma_pool_alloc() - a block of a pool
 * @pool: the pool
 * @gfp: what may be done to get it, if the pool has to get a page
 * @handle: NULL, or where the device's address goes
 *
 * Context: As @gfp says; takes no lock of the pool.
 * Return: the block, or NULL.
 * Source: <linux/dmapool.h>.
 */
void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	struct dma_pool_page *p;
	unsigned int nr;
	unsigned int offset;
	void *block;

	check_blocking(gfp);
	if (no_dma_pool(pool) || should_fail(pool->size, gfp))
		return NULL;
	if (block_promise(pool)) {
		p = block_find(pool, &nr);
	} else {
		/* parts of one request */
		fail_pause();
		p = pool_grow(pool, gfp, &nr);
		fail_resume();
	}
	if (!p)
		return NULL;
	offset = block_offset(pool, nr);
	block = page_base(p) + offset;
	if (handle)
		*handle = page_to_phys(p->page) + offset;
	watch_born(block, pool->asked, gfp & __GFP_ZERO);
	return gfp & __GFP_ZERO ? memset(block, 0, block_clears(pool)) : block;
}

/* Says what is wrong in the kernel's words. */
static void pool_complain(const struct dma_pool *pool, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void pool_complain(const struct dma_pool *pool, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	text_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	report_error_begin();
	report_line("%s%s", pool->label, text);
	if (report_panics)
		report_panic("panic_on_warn set ...");
	report_end();
}

/* As %pad prints it. */
#define DMA_FORMAT "0x%016llx"

static void complain_of_block(const struct dma_pool *pool, const void *vaddr,
			      dma_addr_t handle, bool is_handle)
{
	pool_complain(pool,
		      is_handle ?
			      "dma_pool_free %s, %p/" DMA_FORMAT " (bad dma)" :
			      "dma_pool_free %s, %p (bad vaddr)/" DMA_FORMAT,
		      pool->name, vaddr, (unsigned long long)handle);
}

/**
 * dma_pool_free() - gives a block back
 * @pool: the pool
 * @vaddr: the block; one that is not in use is reported and left alone
 * @handle: its device address
 *
 * Context: Any, a signal handler at any instruction included; never sleeps.
 * Source: <linux/dmapool.h>.
 */
void dma_pool_free(struct dma_pool *pool, void *vaddr, dma_addr_t handle)
{
	struct dma_pool_page *p;
	unsigned int nr;

	if (no_dma_pool(pool))
		return;
	p = pool_page(pool, phys_to_virt(handle));
	if (unlikely(!p)) {
		complain_of_block(pool, vaddr, handle, true);
		return;
	}
	nr = block_at(pool, (unsigned int)(handle - page_to_phys(p->page)));
	if (unlikely(vaddr != phys_to_virt(handle) || nr == pool->per_page)) {
		complain_of_block(pool, vaddr, handle, false);
		return;
	}
	if (watch_on() && !page_block_is_free(p, nr))
		watch_died(vaddr, pool->asked, false);
	if (unlikely(!page_block_give(p, nr))) {
		pool_complain(pool,
			      "dma_pool_free %s, dma " DMA_FORMAT
			      " already free",
			      pool->name, (unsigned long long)handle);
		watch_accuse(vaddr);
		return;
	}
	__atomic_store_n(&pool->hint, p, __ATOMIC_RELEASE);
	/* pairs with the acquire in block_promise() */
	__atomic_fetch_add(&pool->nr_free, 1, __ATOMIC_RELEASE);
}

/* --- pools ---------------------------------------------------------------- */

/* The sizes of a pool, or false. */
static bool pool_shape(struct dma_pool *pool, size_t size, size_t align,
		       size_t boundary)
{
	align = align ? align : 1;
	pool->asked = (unsigned int)size;
	if (!size || size > INT32_MAX || align & (align - 1) ||
	    align > INT32_MAX)
		return false;
	size = ALIGN_UP(size < BLOCK_LEAST ? BLOCK_LEAST : size, align);
	if (boundary && (boundary < size || boundary & (boundary - 1)))
		return false;
	pool->size = (unsigned int)size;
	pool->allocation = size > PG_BYTES ? pool->size : PG_BYTES;
	pool->boundary = pool->allocation;
	if (boundary && boundary < pool->allocation)
		pool->boundary = (unsigned int)boundary;
	pool->per_boundary = pool->boundary / pool->size;
	pool->per_page = pool->allocation / pool->boundary * pool->per_boundary;
	return true;
}

static void pool_name(struct dma_pool *pool, const char *name)
{
	text_format(pool->name, sizeof(pool->name), "%s", name ? name : "");
}

/**
 * dma_pool_create_node() - a pool of blocks for a device
 * @name: for the reports and the text of the pools; cut to 31 bytes
 * @dev: the device, or NULL for one that reaches everything; its mask is that
 *	of now
 * @size: bytes of a block, raised to 16 and to a multiple of @align
 * @align: a power of two, or 0
 * @boundary: no block lies across a multiple of it: a power of two not below
 *	the size, or 0
 * @node: for the records of the pool, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: the pool; NULL for sizes that do not fit, and without memory.
 * Source: <linux/dmapool.h>.
 */
struct dma_pool *dma_pool_create_node(const char *name, struct device *dev,
				      size_t size, size_t align,
				      size_t boundary, int node)
{
	struct dma_pool shape = { .dev = dev, .node = node }, *pool;

	check_blocking(GFP_KERNEL);
	if (!pool_shape(&shape, size, align, boundary))
		return NULL;
	pool = kmalloc_node(sizeof(*pool), GFP_KERNEL, node);
	if (!pool)
		return NULL;
	*pool = shape;
	pool->self = pool;
	pool_name(pool, name);
	device_label(dev, pool->label, sizeof(pool->label));
	device_mask(dev, MASK_COHERENT, LOCK_SLEEP, &pool->mask);
	lock_take(&device_lock, LOCK_DEVICE);
	ring_push_back(&pools, &pool->link);
	lock_drop(&device_lock, LOCK_DEVICE);
	return pool;
}

static void pool_counts_read(const struct dma_pool *pool,
			     struct dma_pool_counts *c)
{
	const struct dma_pool_page *p;
	unsigned long free = 0;

	*c = (struct dma_pool_counts){ .name = pool->name, .size = pool->size };
	for (p = first_page(pool); p; p = p->next) {
		c->pages++;
		free += page_free_blocks(p);
	}
	c->blocks = c->pages * pool->per_page;
	c->active = c->blocks - free;
}

/**
 * dma_pool_destroy() - ends a pool
 * @pool: the pool; NULL is allowed
 *
 * If blocks are in use, that is reported, and the pool and its memory stay:
 * they can still be given back.
 *
 * Context: May sleep.
 * Source: <linux/dmapool.h>.
 */
void dma_pool_destroy(struct dma_pool *pool)
{
	struct dma_pool_page *p, *next;
	struct dma_pool_counts c;

	check_sleeping();
	if (!pool || no_dma_pool(pool))
		return;
	lock_take(&device_lock, LOCK_DEVICE);
	ring_remove(&pool->link);
	lock_drop(&device_lock, LOCK_DEVICE);
	pool_counts_read(pool, &c);
	if (c.active) {
		pool_complain(pool, "dma_pool_destroy %s busy", pool->name);
		return;
	}
	for (p = first_page(pool); p; p = next) {
		next = p->next;
		page_unmake(pool, p);
	}
	pool->self = NULL;
	kfree(pool);
}

void dma_pools_each(const struct device *dev,
		    void (*fn)(const struct dma_pool_counts *c, void *data),
		    void *data)
{
	struct dma_pool_counts c;
	struct list_head *pos;

	lock_take(&device_lock, LOCK_DEVICE);
	ring_for_each(pos, &pools)
	{
		const struct dma_pool *pool =
			list_entry_of(pos, struct dma_pool, link);

		if (pool->dev != dev)
			continue;
		pool_counts_read(pool, &c);
		fn(&c, data);
	}
	lock_drop(&device_lock, LOCK_DEVICE);
}

/* --- destroyed with the device -------------------------------------------- */

static void dmam_pool_release(struct device *dev, void *res)
{
	(void)dev;
	dma_pool_destroy(*(struct dma_pool **)res);
}

static int is_pool(struct device *dev, void *res, void *match_data)
{
	(void)dev;
	return *(struct dma_pool **)res == match_data;
}

/**
 * dmam_pool_create() - a pool that ends with its device
 * @name: for the reports and the text of the pools
 * @dev: the device
 * @size: as for dma_pool_create()
 * @align: as for dma_pool_create()
 * @boundary: as for dma_pool_create()
 *
 * Context: May sleep.
 * Return: the pool, or NULL.
 * Source: <linux/dmapool.h>.
 */
struct dma_pool *dmam_pool_create(const char *name, struct device *dev,
				  size_t size, size_t align, size_t boundary)
{
	struct dma_pool **res, *pool = NULL;

	check_blocking(GFP_KERNEL);
	if (no_device(dev))
		return NULL;
	res = devres_alloc(dmam_pool_release, sizeof(*res), GFP_KERNEL);
	if (res)
		pool = dma_pool_create(name, dev, size, align, boundary);
	if (!pool) {
		devres_free(res);
		return NULL;
	}
	*res = pool;
	devres_add(dev, res);
	return pool;
}

/**
 * dmam_pool_destroy() - ends a pool before its device
 * @pool: of dmam_pool_create(); another one is reported and left alone
 *
 * Context: May sleep.
 * Source: <linux/dmapool.h>.
 */
void dmam_pool_destroy(struct dma_pool *pool)
{
	check_sleeping();
	if (no_dma_pool(pool))
		return;
	warn_if(devres_release(pool->dev, dmam_pool_release, is_pool, pool),
		"dmam_pool_destroy() of %s, which is not the device's",
		pool->name);
}
