/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "model/ops.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "model/in_use.h"
#include "slab/slab.h"

#define SLOTS 256
#define CACHES 8
#define POOLS 4
#define BULK_MAX 64
#define CTOR_BYTE 0x5e

enum block_kind { EMPTY, BY_SIZE, OF_CACHE, PAGES, EXACT, OF_POOL };

struct block {
	enum block_kind kind;
	unsigned char *p;
	size_t size; /* bytes that the pattern covers */
	uint32_t seed;
	unsigned int of; /* cache or pool number */
	unsigned int order;
	bool compound;
};

struct cache {
	struct kmem_cache *s;
	unsigned int size, align, live;
	bool ctor, dma;
};

struct pool {
	mempool_t *pool;
	unsigned int kind; /* 0 kmalloc, 1 slab, 2 pages */
	size_t size;
	unsigned int cache, live;
};

static struct {
	struct block block[SLOTS];
	struct cache cache[CACHES];
	struct pool pool[POOLS];
	/* live blocks by address */
	struct block *by_addr[SLOTS];
	unsigned int nr;
	uint32_t seed;
	unsigned int names;
	struct model_result *r;
	size_t at;
} m;

bool ops_scarce;

static void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void fail(const char *fmt, ...)
{
	va_list ap;

	if (!m.r->ok)
		return;
	m.r->ok = false;
	m.r->at = m.at;
	va_start(ap, fmt);
	vsnprintf(m.r->why, sizeof(m.r->why), fmt, ap);
	va_end(ap);
}

/* --- what a block must hold ----------------------------------------------- */

static unsigned char pattern(uint32_t seed, size_t i)
{
	uint32_t x = seed + (uint32_t)(i >> 2) * 0x9e3779b9u;

	x ^= x >> 15;
	x *= 0x2c1b3c6du;
	x ^= x >> 12;
	return (unsigned char)(x >> (i % 4 * 8));
}

/*
 * Large blocks are looked at where allocators go wrong: at both ends and at
 * each page's beginning.
 */
static size_t next_byte(size_t i, size_t size)
{
	if (size <= 16384 || i + 1 >= size - 64)
		return i + 1;
	if ((i & 4095) < 31)
		return i + 1;
	i = (i | 4095) + 1;
	return i < size - 64 ? i : size - 64;
}

static void fill(struct block *b)
{
	b->seed = m.seed += 0x61c88647u;
	for (size_t i = 0; i < b->size; i = next_byte(i, b->size))
		b->p[i] = pattern(b->seed, i);
}

static void compare_up_to(const struct block *b, size_t size)
{
	for (size_t i = 0; i < size; i = next_byte(i, b->size))
		if (b->p[i] != pattern(b->seed, i)) {
			fail("block at %p of %zu bytes: byte %zu is %#x, "
			     "was %#x",
			     (void *)b->p, b->size, i, b->p[i],
			     pattern(b->seed, i));
			return;
		}
}

static void compare(const struct block *b)
{
	compare_up_to(b, b->size);
}

static void all_bytes_are(const unsigned char *p, size_t size, int byte,
			  const char *what)
{
	for (size_t i = 0; i < size; i++)
		if (p[i] != byte) {
			fail("%s: byte %zu of %zu is %#x, not %#x", what, i,
			     size, p[i], byte);
			return;
		}
}

/* --- which blocks are live ------------------------------------------------ */

static unsigned int place_of(const void *p)
{
	unsigned int lo = 0, hi = m.nr, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if ((uintptr_t)m.by_addr[mid]->p < (uintptr_t)p)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* A new live block: it overlaps no other. */
static void born(struct block *b)
{
	unsigned int at = place_of(b->p);
	size_t room = b->size ? b->size : 1;

	if (at && m.by_addr[at - 1]->p + m.by_addr[at - 1]->size > b->p)
		fail("%p (%zu bytes) lies in the live block %p (%zu bytes)",
		     (void *)b->p, b->size, (void *)m.by_addr[at - 1]->p,
		     m.by_addr[at - 1]->size);
	if (at < m.nr && b->p + room > m.by_addr[at]->p)
		fail("%p (%zu bytes) reaches into the live block %p",
		     (void *)b->p, b->size, (void *)m.by_addr[at]->p);
	memmove(m.by_addr + at + 1, m.by_addr + at,
		(m.nr - at) * sizeof(m.by_addr[0]));
	m.by_addr[at] = b;
	m.nr++;
	if (m.r->ok)
		fill(b);
}

static void died(struct block *b)
{
	unsigned int at = place_of(b->p);

	m.nr--;
	memmove(m.by_addr + at, m.by_addr + at + 1,
		(m.nr - at) * sizeof(m.by_addr[0]));
	b->kind = EMPTY;
	b->p = NULL;
}

/* --- choosing ------------------------------------------------------------- */

static gfp_t gfp_of(const struct op *op)
{
	static const gfp_t gfp[] = {
		GFP_KERNEL,
		GFP_KERNEL,
		GFP_KERNEL | __GFP_ZERO,
		GFP_NOFS,
		GFP_NOIO | __GFP_ZERO,
		GFP_ATOMIC | __GFP_NOWARN,
		GFP_NOWAIT,
		GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
	};

	return gfp[op->how & 7];
}

static bool may_fail(gfp_t gfp)
{
	return ops_scarce || !(gfp & __GFP_DIRECT_RECLAIM) ||
	       gfp & __GFP_NORETRY;
}

static size_t size_of(uint32_t arg)
{
	static const uint32_t below[16] = {
		65,   65,   129,  129,  257,   257,   513,    1025,
		2049, 4097, 8193, 8193, 16385, 65537, 300000, 4194305,
	};

	return (arg >> 4) % below[arg & 15];
}

static bool got(const void *p, gfp_t gfp, const char *what, size_t size)
{
	if (!p && !may_fail(gfp))
		fail("%s of %zu bytes, gfp %#x, gave NULL", what, size, gfp);
	return p != NULL && m.r->ok;
}

static void aligned(const void *p, size_t align, const char *what)
{
	if ((uintptr_t)p & (align - 1))
		fail("%s: %p is not aligned to %zu", what, p, align);
}

/* --- operations ----------------------------------------------------------- */

static void check_by_size(const void *p, size_t size)
{
	size_t align = size & -size;

	if (align < ARCH_KMALLOC_MINALIGN)
		align = ARCH_KMALLOC_MINALIGN;
	aligned(p, align > PAGE_SIZE ? PAGE_SIZE : align, "kmalloc");
	if (ksize(p) < size)
		fail("ksize %zu of %zu bytes", ksize(p), size);
}

static void do_kmalloc(const struct op *op, struct block *b)
{
	size_t size = size_of(op->arg);
	gfp_t gfp = gfp_of(op);
	unsigned char *p;

	if (b->kind != EMPTY)
		return;
	if (op->how & 8 && size < 65536)
		gfp |= op->how & 16 ? __GFP_RECLAIMABLE : __GFP_DMA;
	p = kmalloc(size, gfp);
	if (!size) {
		if (p != ZERO_SIZE_PTR)
			fail("kmalloc(0) gave %p", (void *)p);
		return;
	}
	if (!got(p, gfp, "kmalloc", size))
		return;
	check_by_size(p, size);
	if (ksize(p) != kmalloc_size_roundup(size))
		fail("ksize %zu, roundup %zu of %zu", ksize(p),
		     kmalloc_size_roundup(size), size);
	if (gfp & __GFP_ZERO)
		all_bytes_are(p, ksize(p), 0, "kmalloc with ZERO");
	if (gfp & __GFP_DMA && virt_to_phys(p) + size > window.dma_end)
		fail("kmalloc for DMA gave physical %#" PRIx64,
		     (uint64_t)virt_to_phys(p));
	*b = (struct block){ .kind = BY_SIZE, .p = p, .size = size };
	born(b);
}

static void do_kmemdup(const struct op *op, struct block *b,
		       const struct block *from)
{
	gfp_t gfp = gfp_of(op);
	struct block copy;
	unsigned char *p;

	if (b->kind != EMPTY || from->kind == EMPTY || from->size > 16384)
		return;
	p = kmemdup(from->p, from->size, gfp);
	if (!got(p, gfp, "kmemdup", from->size))
		return;
	copy = *from;
	copy.p = p;
	compare(&copy);
	*b = (struct block){ .kind = BY_SIZE, .p = p, .size = from->size };
	born(b);
}

static void do_krealloc(const struct op *op, struct block *b)
{
	size_t size = size_of(op->arg), old;
	gfp_t gfp = gfp_of(op) & ~__GFP_ZERO;
	struct block was = *b;
	unsigned char *p;

	if (b->kind != BY_SIZE)
		return;
	compare(b);
	old = ksize(b->p);
	p = krealloc(b->p, size, gfp);
	if (!size) {
		died(b);
		if (p != ZERO_SIZE_PTR)
			fail("krealloc(p, 0) gave %p", (void *)p);
		return;
	}
	if (!got(p, gfp, "krealloc", size))
		return;
	if (size <= old && p != was.p)
		fail("krealloc moved from %zu to %zu bytes", old, size);
	died(b);
	check_by_size(p, size);
	was.p = p;
	compare_up_to(&was, was.size < size ? was.size : size);
	*b = (struct block){ .kind = BY_SIZE, .p = p, .size = size };
	born(b);
}

static void construct(void *obj)
{
	/* The size of the smallest constructed object. */
	memset(obj, CTOR_BYTE, 8);
}

static void do_cache_create(const struct op *op, struct cache *c)
{
	static const slab_flags_t flags[] = { 0, SLAB_HWCACHE_ALIGN,
					      SLAB_RECLAIM_ACCOUNT,
					      SLAB_CACHE_DMA };
	char name[32];

	if (c->s)
		return;
	c->size = (unsigned int)(op->arg % 3 ? 1 + op->arg % 700 :
					       1 + op->arg % 20000);
	c->align = op->how & 1 ? 1u << (3 + (op->how >> 1 & 7)) : 0;
	c->ctor = op->how >> 4 & 1 && c->size >= 8;
	c->dma = (op->how >> 5 & 7) == 3;
	snprintf(name, sizeof(name), "model-%u", m.names++);
	c->s = kmem_cache_create(
		name, c->size, c->align,
		(op->how >> 5 & 7) < 4 ? flags[op->how >> 5 & 3] : 0,
		c->ctor ? construct : NULL);
	c->live = 0;
	if (!c->s && !ops_scarce)
		fail("kmem_cache_create of %u bytes failed", c->size);
}

static void cache_object_check(struct cache *c, unsigned char *p, gfp_t gfp)
{
	aligned(p, c->align > 8 ? c->align : 8, "cache");
	if (gfp & __GFP_ZERO)
		all_bytes_are(p, c->size, 0, "cache with ZERO");
	else if (c->ctor)
		all_bytes_are(p, 8, CTOR_BYTE, "constructed object");
	if (c->dma && virt_to_phys(p) >= window.dma_end)
		fail("DMA object at physical %#" PRIx64,
		     (uint64_t)virt_to_phys(p));
}

static void cache_object_born(unsigned int of, struct block *b,
			      unsigned char *p)
{
	struct cache *c = &m.cache[of];

	*b = (struct block){
		.kind = OF_CACHE, .p = p, .size = c->size, .of = of
	};
	c->live++;
	born(b);
}

static gfp_t cache_gfp(const struct op *op, const struct cache *c)
{
	gfp_t gfp = gfp_of(op);

	return c->ctor ? gfp & ~__GFP_ZERO : gfp;
}

static void do_cache_alloc(const struct op *op, struct block *b)
{
	unsigned int of = (op->how >> 8) % CACHES;
	struct cache *c = &m.cache[of];
	gfp_t gfp = cache_gfp(op, c);
	unsigned char *p;

	if (!c->s || b->kind != EMPTY)
		return;
	p = op->how & 8 ? kmem_cache_alloc_node(c->s, gfp, 0) :
			  kmem_cache_alloc(c->s, gfp);
	if (!got(p, gfp, "kmem_cache_alloc", c->size))
		return;
	cache_object_check(c, p, gfp);
	cache_object_born(of, b, p);
}

static void do_cache_bulk(const struct op *op)
{
	unsigned int of = (op->how >> 8) % CACHES, n = 0, want;
	struct cache *c = &m.cache[of];
	gfp_t gfp = cache_gfp(op, c);
	struct block *to[BULK_MAX];
	void *p[BULK_MAX];
	int ret;

	if (!c->s)
		return;
	want = op->arg % BULK_MAX;
	for (unsigned int i = 0; i < SLOTS && n < want; i++)
		if (m.block[i].kind == EMPTY)
			to[n++] = &m.block[i];
	ret = kmem_cache_alloc_bulk(c->s, gfp, n, p);
	if (ret != 0 && ret != (int)n)
		fail("kmem_cache_alloc_bulk of %u gave %d", n, ret);
	if (n && !ret && !may_fail(gfp))
		fail("kmem_cache_alloc_bulk of %u failed", n);
	for (int i = 0; i < ret && m.r->ok; i++) {
		cache_object_check(c, p[i], gfp);
		cache_object_born(of, to[i], p[i]);
	}
}

static void block_free(struct block *b);

static void do_cache_destroy(struct cache *c, unsigned int of)
{
	if (!c->s)
		return;
	for (unsigned int i = 0; i < POOLS; i++)
		if (m.pool[i].pool && m.pool[i].kind == 1 &&
		    m.pool[i].cache == of)
			return;
	for (unsigned int i = 0; i < SLOTS; i++)
		if (m.block[i].kind == OF_CACHE && m.block[i].of == of)
			block_free(&m.block[i]);
	if (kmem_cache_destroy(c->s))
		fail("kmem_cache_destroy says objects are left");
	c->s = NULL;
}

static void do_cache_shrink(struct cache *c)
{
	int left;

	if (!c->s)
		return;
	left = kmem_cache_shrink(c->s);
	if (c->live && !left)
		fail("shrink left nothing, but %u objects live", c->live);
	if (!cache_validate(c->s))
		fail("cache_validate() after shrink");
}

static void do_pages(const struct op *op, struct block *b)
{
	unsigned int order = op->arg % 64 ? op->arg % 4 : op->arg / 64 % 11;
	gfp_t gfp = gfp_of(op) | (op->how & 8 ? __GFP_COMP : 0);
	struct page *page;

	if (b->kind != EMPTY)
		return;
	if (op->how & 16 && order < 6)
		gfp |= __GFP_DMA;
	page = alloc_pages(gfp, order);
	if (!got(page, gfp, "alloc_pages", PAGE_SIZE << order))
		return;
	*b = (struct block){ .kind = PAGES,
			     .p = page_address(page),
			     .size = PAGE_SIZE << order,
			     .order = order,
			     .compound = !!(gfp & __GFP_COMP) };
	aligned(b->p, b->size, "alloc_pages");
	if (virt_to_page(b->p) != page)
		fail("virt_to_page(page_address()) is another page");
	if (page_count(page) != 1)
		fail("a fresh block has %d references", page_count(page));
	if (order && !!PageHead(page) != b->compound)
		fail("compound: %d, asked for: %d", !!PageHead(page),
		     b->compound);
	if (gfp & __GFP_ZERO)
		all_bytes_are(b->p, b->size, 0, "alloc_pages with ZERO");
	if (gfp & __GFP_DMA && page_to_phys(page) + b->size > window.dma_end)
		fail("DMA pages at physical %#" PRIx64,
		     (uint64_t)page_to_phys(page));
	born(b);
}

static void do_exact(const struct op *op, struct block *b)
{
	size_t size = size_of(op->arg | 8) + 1;
	gfp_t gfp = gfp_of(op);
	unsigned char *p;

	if (b->kind != EMPTY || size > KMALLOC_MAX_SIZE)
		return;
	p = alloc_pages_exact(size, gfp);
	if (!got(p, gfp, "alloc_pages_exact", size))
		return;
	aligned(p, PAGE_SIZE, "alloc_pages_exact");
	if (gfp & __GFP_ZERO)
		all_bytes_are(p, size, 0, "exact with ZERO");
	*b = (struct block){ .kind = EXACT, .p = p, .size = size };
	born(b);
}

/* A block of pages becomes pages, freed one by one from the far end. */
static void do_split(struct block *b)
{
	struct page *page;

	if (b->kind != PAGES || b->compound || b->order > 6)
		return;
	compare(b);
	page = virt_to_page(b->p);
	split_page(page, b->order);
	for (unsigned int i = 1u << b->order; i-- > 0;) {
		if (page_count(page + i) != 1)
			fail("page %u of a split block has %d references", i,
			     page_count(page + i));
		__free_page(page + i);
	}
	died(b);
}

static void do_pool_create(const struct op *op, struct pool *p)
{
	int min_nr = (int)(op->arg % 12);

	if (p->pool)
		return;
	p->kind = op->how % 3;
	p->live = 0;
	p->cache = (op->how >> 8) % CACHES;
	if (p->kind == 1) {
		struct cache *c = &m.cache[p->cache];

		if (!c->s || c->ctor)
			return;
		p->size = c->size;
		p->pool = mempool_create_slab_pool(min_nr, c->s);
	} else if (p->kind == 2) {
		p->size = PAGE_SIZE << (op->how >> 2 & 1);
		p->pool = mempool_create_page_pool(min_nr, op->how >> 2 & 1);
	} else {
		p->size = 1 + op->arg / 12 % 3000;
		p->pool = mempool_create_kmalloc_pool(min_nr, p->size);
	}
	if (!p->pool && !ops_scarce)
		fail("mempool_create of %d failed", min_nr);
	if (p->pool && p->pool->min_nr != min_nr)
		fail("min_nr is %d, not %d", p->pool->min_nr, min_nr);
}

static void do_pool_destroy(struct pool *p, unsigned int of)
{
	if (!p->pool)
		return;
	for (unsigned int i = 0; i < SLOTS; i++)
		if (m.block[i].kind == OF_POOL && m.block[i].of == of)
			block_free(&m.block[i]);
	if (p->pool->curr_nr < p->pool->min_nr && p->pool->min_nr < 1)
		fail("curr_nr %d of %d", p->pool->curr_nr, p->pool->min_nr);
	mempool_destroy(p->pool);
	p->pool = NULL;
}

static void do_pool_alloc(const struct op *op, struct block *b)
{
	unsigned int of = (op->how >> 8) % POOLS;
	struct pool *p = &m.pool[of];
	gfp_t gfp = gfp_of(op) & ~__GFP_ZERO;
	void *e;

	/* Nobody is there to give back what this thread would wait for. */
	if (ops_scarce)
		gfp &= ~__GFP_DIRECT_RECLAIM;
	if (!p->pool || b->kind != EMPTY)
		return;
	e = op->how & 8 ? mempool_alloc_preallocated(p->pool) :
			  mempool_alloc(p->pool, gfp);
	if (!e && !(op->how & 8) && gfp & __GFP_DIRECT_RECLAIM)
		fail("mempool_alloc with gfp %#x gave NULL", gfp);
	if (!e || !m.r->ok)
		return;
	*b = (struct block){ .kind = OF_POOL,
			     .p = p->kind == 2 ? page_address(e) : e,
			     .size = p->size,
			     .of = of };
	p->live++;
	born(b);
}

static void do_pool_resize(const struct op *op, struct pool *p)
{
	int min_nr = 1 + (int)(op->arg % 20);

	if (!p->pool)
		return;
	if (mempool_resize(p->pool, min_nr)) {
		if (!ops_scarce)
			fail("mempool_resize to %d failed", min_nr);
		return;
	}
	if (p->pool->min_nr != min_nr || p->pool->curr_nr > min_nr)
		fail("resized to %d: min_nr %d curr_nr %d", min_nr,
		     p->pool->min_nr, p->pool->curr_nr);
}

static void block_free(struct block *b)
{
	struct block was = *b;

	if (b->kind == EMPTY)
		return;
	compare(b);
	died(b);
	switch (was.kind) {
	case BY_SIZE:
		kfree(was.p);
		break;
	case OF_CACHE:
		m.cache[was.of].live--;
		if (m.cache[was.of].ctor)
			construct(was.p);
		if (was.seed & 4)
			kfree(was.p);
		else
			kmem_cache_free(m.cache[was.of].s, was.p);
		break;
	case PAGES:
		if (was.compound && was.seed & 4)
			put_page(virt_to_page(was.p));
		else
			free_pages((unsigned long)was.p, was.order);
		break;
	case EXACT:
		free_pages_exact(was.p, was.size);
		break;
	case OF_POOL:
		m.pool[was.of].live--;
		mempool_free(m.pool[was.of].kind == 2 ?
				     (void *)virt_to_page(was.p) :
				     was.p,
			     m.pool[was.of].pool);
		break;
	case EMPTY:
		break;
	}
}

/* Some slots in one call: those of one cache, or any by kfree_bulk(). */
static void do_free_many(const struct op *op)
{
	unsigned int of = (op->how >> 8) % CACHES, n = 0;
	bool one_cache = op->how & 1;
	void *p[BULK_MAX];

	for (unsigned int i = 0; i < SLOTS && n < op->arg % BULK_MAX; i++) {
		struct block *b = &m.block[(op->slot + i) % SLOTS];

		if (b->kind != OF_CACHE && (one_cache || b->kind != BY_SIZE))
			continue;
		if (one_cache && b->of != of)
			continue;
		compare(b);
		if (b->kind == OF_CACHE) {
			m.cache[b->of].live--;
			if (m.cache[b->of].ctor)
				construct(b->p);
		}
		p[n++] = b->p;
		died(b);
	}
	if (one_cache && m.cache[of].s)
		kmem_cache_free_bulk(m.cache[of].s, n, p);
	else
		kfree_bulk(n, p);
}

static void check_all(void)
{
	for (unsigned int i = 0; i < m.nr && m.r->ok; i++)
		compare(m.by_addr[i]);
}

static void op_run(const struct op *op)
{
	struct block *b = &m.block[op->slot % SLOTS];
	struct cache *c = &m.cache[op->slot % CACHES];
	struct pool *p = &m.pool[op->slot % POOLS];

	switch ((enum op_kind)(op->kind % OP_KINDS)) {
	case OP_KMALLOC:
		do_kmalloc(op, b);
		break;
	case OP_KFREE:
		if (b->kind == BY_SIZE || b->kind == OF_CACHE)
			block_free(b);
		break;
	case OP_KREALLOC:
		do_krealloc(op, b);
		break;
	case OP_KMEMDUP:
		do_kmemdup(op, b, &m.block[op->arg % SLOTS]);
		break;
	case OP_CACHE_CREATE:
		do_cache_create(op, c);
		break;
	case OP_CACHE_DESTROY:
		do_cache_destroy(c, op->slot % CACHES);
		break;
	case OP_CACHE_ALLOC:
		do_cache_alloc(op, b);
		break;
	case OP_CACHE_BULK:
		do_cache_bulk(op);
		break;
	case OP_CACHE_SHRINK:
		do_cache_shrink(c);
		break;
	case OP_PAGES:
		do_pages(op, b);
		break;
	case OP_EXACT:
		do_exact(op, b);
		break;
	case OP_SPLIT:
		do_split(b);
		break;
	case OP_POOL_CREATE:
		do_pool_create(op, p);
		break;
	case OP_POOL_DESTROY:
		do_pool_destroy(p, op->slot % POOLS);
		break;
	case OP_POOL_ALLOC:
		do_pool_alloc(op, b);
		break;
	case OP_POOL_RESIZE:
		do_pool_resize(op, p);
		break;
	case OP_FREE:
		block_free(b);
		break;
	case OP_FREE_MANY:
		do_free_many(op);
		break;
	case OP_CHECK:
		check_all();
		break;
	case OP_TRIM:
		if (op->arg % 4 == 0)
			kmem_trim();
		else
			drain_all_pages(NULL);
		break;
	case OP_KINDS:
		break;
	}
}

static void free_everything(void)
{
	for (unsigned int i = 0; i < SLOTS && m.r->ok; i++)
		block_free(&m.block[i]);
	for (unsigned int i = 0; i < POOLS && m.r->ok; i++)
		do_pool_destroy(&m.pool[i], i);
	for (unsigned int i = 0; i < CACHES && m.r->ok; i++)
		do_cache_destroy(&m.cache[i], i);
}

void ops_run(const struct op *ops, size_t nr, unsigned int validate_every,
	     struct model_result *r)
{
	unsigned long before;

	memset(&m, 0, sizeof(m));
	m.r = r;
	m.seed = 0x12345;
	r->ok = true;
	r->why[0] = '\0';
	if (kmem_init()) {
		fail("kmem_init() failed");
		return;
	}
	before = in_use_bytes();
	for (m.at = 0; m.at < nr && r->ok; m.at++) {
		op_run(&ops[m.at]);
		if (validate_every && m.at % validate_every == 0 && r->ok) {
			check_all();
			if (!kmem_validate())
				fail("kmem_validate()");
		}
	}
	if (!r->ok)
		return;
	free_everything();
	if (r->ok && !kmem_validate())
		fail("kmem_validate() at the end");
	if (r->ok && in_use_bytes() != before)
		fail("%ld bytes in use more than at the beginning",
		     (long)(in_use_bytes() - before));
	if (r->ok) {
		kmem_trim();
		if (!kmem_validate())
			fail("kmem_validate() after kmem_trim()");
		if (in_use_bytes() != before)
			fail("in use after kmem_trim(): %ld bytes more",
			     (long)(in_use_bytes() - before));
	}
}

/* --- sequences ------------------------------------------------------------ */

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* How often each kind, of 100; seeds lean to growing or to shrinking. */
static const unsigned char weight[OP_KINDS] = {
	[OP_KMALLOC] = 16,     [OP_KFREE] = 8,        [OP_KREALLOC] = 6,
	[OP_KMEMDUP] = 2,      [OP_CACHE_CREATE] = 3, [OP_CACHE_DESTROY] = 1,
	[OP_CACHE_ALLOC] = 16, [OP_CACHE_BULK] = 2,   [OP_CACHE_SHRINK] = 1,
	[OP_PAGES] = 6,        [OP_EXACT] = 2,        [OP_SPLIT] = 1,
	[OP_POOL_CREATE] = 2,  [OP_POOL_DESTROY] = 1, [OP_POOL_ALLOC] = 5,
	[OP_POOL_RESIZE] = 1,  [OP_FREE] = 22,        [OP_FREE_MANY] = 2,
	[OP_CHECK] = 1,        [OP_TRIM] = 1,
};

void ops_random(struct op *ops, size_t nr, uint64_t seed)
{
	unsigned int total = 0, lean = (unsigned int)(seed % 3) * 12, w, pick;
	uint64_t state = seed, x;

	for (unsigned int k = 0; k < OP_KINDS; k++)
		total += weight[k];
	total += lean;
	for (size_t i = 0; i < nr; i++) {
		pick = (unsigned int)(next_random(&state) % total);
		ops[i].kind = OP_FREE;
		for (unsigned int k = 0; k < OP_KINDS; k++) {
			w = weight[k];
			if (pick < w) {
				ops[i].kind = (uint8_t)k;
				break;
			}
			pick -= w;
		}
		x = next_random(&state);
		ops[i].slot = (uint8_t)x;
		ops[i].how = (uint16_t)(x >> 8);
		ops[i].arg = (uint32_t)(x >> 32);
	}
}

static const char *const names[OP_KINDS] = {
	[OP_KMALLOC] = "kmalloc",
	[OP_KFREE] = "kfree",
	[OP_KREALLOC] = "krealloc",
	[OP_KMEMDUP] = "kmemdup",
	[OP_CACHE_CREATE] = "cache_create",
	[OP_CACHE_DESTROY] = "cache_destroy",
	[OP_CACHE_ALLOC] = "cache_alloc",
	[OP_CACHE_BULK] = "cache_bulk",
	[OP_CACHE_SHRINK] = "cache_shrink",
	[OP_PAGES] = "pages",
	[OP_EXACT] = "exact",
	[OP_SPLIT] = "split",
	[OP_POOL_CREATE] = "pool_create",
	[OP_POOL_DESTROY] = "pool_destroy",
	[OP_POOL_ALLOC] = "pool_alloc",
	[OP_POOL_RESIZE] = "pool_resize",
	[OP_FREE] = "free",
	[OP_FREE_MANY] = "free_many",
	[OP_CHECK] = "check",
	[OP_TRIM] = "trim",
};

void ops_print(FILE *f, const struct op *ops, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		fprintf(f, "%s %u %#x %" PRIu32 "\n",
			names[ops[i].kind % OP_KINDS], ops[i].slot, ops[i].how,
			ops[i].arg);
}

size_t ops_parse(FILE *f, struct op *ops, size_t room)
{
	unsigned int slot, how;
	char line[200], name[40];
	size_t nr = 0;
	uint32_t arg;

	while (nr < room && fgets(line, sizeof(line), f)) {
		/* As printed by a test, "# " may stand before it. */
		const char *text = line + strspn(line, "# ");

		if (sscanf(text, "%39s %u %x %" SCNu32, name, &slot, &how,
			   &arg) != 4)
			continue;
		for (unsigned int k = 0; k < OP_KINDS; k++)
			if (strcmp(name, names[k]) == 0)
				ops[nr++] = (struct op){
					.kind = (uint8_t)k,
					.slot = (uint8_t)slot,
					.how = (uint16_t)how,
					.arg = arg,
				};
	}
	return nr;
}

int ops_fuzz(const uint8_t *data, size_t size)
{
	static struct op ops[4096];
	size_t nr = size / sizeof(ops[0]);
	struct model_result r;

	if (nr > sizeof(ops) / sizeof(ops[0]))
		nr = sizeof(ops) / sizeof(ops[0]);
	memcpy(ops, data, nr * sizeof(ops[0]));
	ops_run(ops, nr, 256, &r);
	if (!r.ok) {
		fprintf(stderr, "operation %zu: %s\n", r.at, r.why);
		ops_print(stderr, ops, r.at + 1 < nr ? r.at + 1 : nr);
		abort();
	}
	return 0;
}
