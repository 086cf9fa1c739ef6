/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Threads that share nothing but the allocator: whatever one has freed another
 * may get, whole or cut in another way, and nothing of that is a race.  Blocks
 * also change hands by a lock.  For a program that ThreadSanitizer watches.
 */
#include <kmem/kmem.h>
#include <linux/dmapool.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS 3
#define ROUNDS 2000
#define KEPT 40

struct thing {
	long a[7];
};

static struct kmem_cache *things, *made, *safe;
static mempool_t *pool;
static struct dma_pool *blocks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct thing *handed;

static void construct(void *obj)
{
	memset(obj, 1, sizeof(struct thing));
}

static unsigned int next(unsigned int *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void some_blocks(unsigned int *seed)
{
	void *p[KEPT];
	size_t n;
	int i;

	for (i = 0; i < KEPT; i++) {
		n = next(seed) % 9000 + 1;
		p[i] = kmalloc(n, GFP_KERNEL);
		memset(p[i], i, n);
	}
	for (i = 0; i < KEPT; i++) {
		if (i % 3 == 0)
			p[i] = krealloc(p[i], next(seed) % 9000 + 1,
					GFP_KERNEL);
		kfree(p[i]);
	}
}

/* Of a slab some objects go to one thread, some to another. */
static void some_objects(struct kmem_cache *s, unsigned int n)
{
	struct thing *t[KEPT];
	unsigned int i;

	for (i = 0; i < n; i++) {
		t[i] = kmem_cache_alloc(s, GFP_KERNEL);
		if (s == made && t[i]->a[6] != t[i]->a[0])
			abort();
		t[i]->a[3]++;
		t[i]->a[3]--;
	}
	kmem_cache_free_bulk(s, n / 2, (void **)t);
	for (i = n / 2; i < n; i++)
		kmem_cache_free(s, t[i]);
}

static void some_pages(unsigned int *seed)
{
	unsigned long p[KEPT];
	unsigned int order[KEPT];
	int i;

	for (i = 0; i < KEPT; i++) {
		order[i] = next(seed) % 4;
		p[i] = __get_free_pages(GFP_KERNEL, order[i]);
		memset((void *)p[i], i, PAGE_SIZE << order[i]);
	}
	for (i = 0; i < KEPT; i++)
		free_pages(p[i], order[i]);
}

static void some_of_the_rest(unsigned int *seed)
{
	size_t n = next(seed) % 200000 + 1;
	dma_addr_t handle;
	char *p = kvmalloc(n, GFP_KERNEL), *q = vmalloc(n), *r, *s;

	memset(p, 1, n);
	memset(q, 1, n);
	r = mempool_alloc(pool, GFP_KERNEL);
	memset(r, 1, 300);
	s = dma_pool_alloc(blocks, GFP_KERNEL, &handle);
	memset(s, 1, 40);
	kvfree(p);
	vfree(q);
	mempool_free(r, pool);
	dma_pool_free(blocks, s, handle);
}

static void hand_on(void)
{
	struct thing *mine = kmem_cache_alloc(things, GFP_KERNEL), *other;

	memset(mine, 1, sizeof(*mine));
	pthread_mutex_lock(&lock);
	other = handed;
	handed = mine;
	pthread_mutex_unlock(&lock);
	if (!other)
		return;
	other->a[1] = 2;
	kmem_cache_free(things, other);
}

/* What slabs were cut from is cut in another way. */
static void shrink(void)
{
	kmem_cache_shrink(things);
	kmem_cache_shrink(made);
	kmem_trim();
}

static void *work(void *number)
{
	unsigned int seed = (unsigned int)(unsigned long)number;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		switch (next(&seed) % 8) {
		case 0:
		case 1:
			some_blocks(&seed);
			break;
		case 2:
			some_objects(things, next(&seed) % KEPT);
			break;
		case 3:
			some_objects(made, next(&seed) % KEPT);
			break;
		case 4:
			some_objects(safe, next(&seed) % KEPT);
			break;
		case 5:
			some_pages(&seed);
			break;
		case 6:
			some_of_the_rest(&seed);
			break;
		default:
			hand_on();
			break;
		}
		if (i % 20 == 0)
			shrink();
	}
	return NULL;
}

/*
 * One thread's allocation makes a slab and constructs all objects of it;
 * another thread, which has nothing else from the first, gets the next of them.
 */
static int slab_made;

static void *make_slab(void *unused)
{
	void *mine = kmem_cache_alloc(made, GFP_KERNEL);

	(void)unused;
	__atomic_store_n(&slab_made, 1, __ATOMIC_RELAXED);
	return mine;
}

static void one_slab(void)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	struct thing *t;
	pthread_t other;
	void *its;

	if (pthread_create(&other, NULL, make_slab, NULL))
		abort();
	while (!__atomic_load_n(&slab_made, __ATOMIC_RELAXED))
		nanosleep(&pause, NULL);
	t = kmem_cache_alloc(made, GFP_KERNEL);
	if (t->a[6] != t->a[0])
		abort();
	pthread_join(other, &its);
	kmem_cache_free(made, t);
	kmem_cache_free(made, its);
}

int main(void)
{
	pthread_t t[THREADS];
	unsigned long i;

	things = KMEM_CACHE(thing, 0);
	made = kmem_cache_create("made", sizeof(struct thing), 0, 0, construct);
	safe = kmem_cache_create("safe", sizeof(struct thing), 0,
				 SLAB_TYPESAFE_BY_RCU, construct);
	pool = mempool_create_kmalloc_pool(4, 300);
	blocks = dma_pool_create("blocks", NULL, 40, 8, 0);
	one_slab();
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, work, (void *)(i + 1)))
			return 2;
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	puts("done");
	return 0;
}
