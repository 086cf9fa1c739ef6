/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "context/load.h"

#include <string.h>
#include <sys/mman.h>

#include <linux/mm.h>

#include "context/guard.h"

static const unsigned int cache_size[LOAD_CACHES] = { 40, 256, 1500 };

struct kmem_cache *load_cache[LOAD_CACHES];
mempool_t *load_pool;

void load_open(void)
{
	static const char *const name[LOAD_CACHES] = { "load-a", "load-b",
						       "load-c" };

	for (unsigned int i = 0; i < LOAD_CACHES; i++)
		load_cache[i] =
			kmem_cache_create(name[i], cache_size[i], 0, 0, NULL);
	load_pool = mempool_create_kmalloc_pool(16, 200);
	if (!load_cache[0] || !load_cache[1] || !load_cache[2] || !load_pool)
		world_wrong("no caches or no pool");
}

void load_close(void)
{
	mempool_destroy(load_pool);
	for (unsigned int i = 0; i < LOAD_CACHES; i++)
		if (kmem_cache_destroy(load_cache[i]))
			world_wrong("objects left in cache %u", i);
}

void load_init(struct load *l, unsigned int nr, uint64_t seed, gfp_t gfp)
{
	*l = (struct load){ .rng.state = seed, .nr = nr, .gfp = gfp };
	l->item = mmap(NULL, nr * sizeof(l->item[0]), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (l->item == MAP_FAILED)
		world_wrong("no memory for the test");
}

void load_free_host(struct load *l)
{
	munmap(l->item, l->nr * sizeof(l->item[0]));
}

static gfp_t flags(struct load *l)
{
	if (l->gfp)
		return l->gfp;
	return rng_below(&l->rng, 2) ? GFP_NOWAIT : GFP_ATOMIC;
}

/* By the mixture of work_size(), pages of all orders, elements of the pool. */
void load_fill(struct load *l, struct load_item *x)
{
	gfp_t gfp = flags(l);
	struct page *page;

	x->seed = rng_next(&l->rng);
	switch (rng_below(&l->rng, 8)) {
	case 0:
	case 1:
		x->kind = LOAD_CACHE;
		x->which = rng_below(&l->rng, LOAD_CACHES);
		x->size = cache_size[x->which];
		x->p = kmem_cache_alloc(load_cache[x->which], gfp);
		break;
	case 2:
		x->kind = LOAD_PAGES;
		x->which = rng_below(&l->rng, rng_below(&l->rng, 20) ? 4 : 9);
		x->size = PAGE_SIZE << x->which;
		page = alloc_pages(gfp, x->which);
		x->p = page ? page_address(page) : NULL;
		break;
	case 3:
		x->kind = LOAD_POOL;
		x->size = 200;
		x->p = mempool_alloc(load_pool, gfp);
		break;
	case 4:
		x->kind = LOAD_KMALLOC;
		x->size = 1 + rng_below(&l->rng, 4000);
		x->p = kvmalloc(x->size, gfp);
		break;
	default:
		x->kind = LOAD_KMALLOC;
		x->size = (uint32_t)work_size(&l->rng);
		x->p = kmalloc(x->size, gfp);
	}
	if (!x->p) {
		l->refused++;
		return;
	}
	l->given++;
	work_stamp(x->p, x->size, x->seed);
}

void load_empty(struct load *l, struct load_item *x)
{
	if (!x->p)
		return;
	if (!work_stamped(x->p, x->size, x->seed))
		l->torn++;
	switch (x->kind) {
	case LOAD_CACHE:
		kmem_cache_free(load_cache[x->which], x->p);
		break;
	case LOAD_PAGES:
		free_pages((unsigned long)x->p, x->which);
		break;
	case LOAD_POOL:
		mempool_free(x->p, load_pool);
		break;
	default:
		kfree(x->p);
	}
	x->p = NULL;
}

#define BULK 60

static void bulk(struct load *l)
{
	unsigned int n = 1 + rng_below(&l->rng, BULK);
	struct kmem_cache *s = load_cache[rng_below(&l->rng, LOAD_CACHES)];
	void *p[BULK];
	unsigned int i;

	if (kmem_cache_alloc_bulk(s, flags(l), n, p)) {
		l->given += n;
		if (rng_below(&l->rng, 2))
			kmem_cache_free_bulk(s, n, p);
		else
			kfree_bulk(n, p);
	} else {
		l->refused++;
	}
	for (i = 0; i < n; i++) {
		p[i] = kmalloc(1 + rng_below(&l->rng, 500), flags(l));
		if (!p[i])
			break;
	}
	kfree_bulk(i, p);
}

void load_steps(struct load *l, unsigned long n)
{
	struct load_item *x;

	while (n--) {
		x = &l->item[rng_below(&l->rng, l->nr)];
		if (x->p)
			load_empty(l, x);
		else
			load_fill(l, x);
		if (n % 64 == 0)
			bulk(l);
	}
}

void load_empty_all(struct load *l)
{
	for (unsigned int i = 0; i < l->nr; i++)
		load_empty(l, &l->item[i]);
	if (l->torn)
		world_wrong("%lu blocks had another's stamp", l->torn);
}
