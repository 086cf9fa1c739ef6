/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * One fault, or none, by name; --list names them all.  Compiled with FRONT=1 it
 * is a program of malloc() that knows nothing of the library.
 *
 * Behind the fault stands a line of stderr, "@after", and behind that what a
 * program that goes on would do: it frees what it has, allocates more of the
 * kind, and ends.  So what was said before the line was said at the call.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if !FRONT
#include <linux/dmapool.h>
#include <linux/genalloc.h>
#include <linux/kfence.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#endif

#define NOINLINE __attribute__((noinline))
/* A report names the function of the fault. */
#define INLINE inline __attribute__((always_inline))

static void *volatile sink;
static volatile char seen;

static void after(void)
{
	static const char text[] = "@after\n";

	if (write(2, text, sizeof(text) - 1) < 0)
		exit(3);
}

static void pause_ms(long ms)
{
	struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

/*
 * With FAULTS_DUE the object of the fault is to be one with guard pages, which
 * comes by time: requests are made until one is.  malloc() does not tell.
 */
#if FRONT
#define give(p) free((void *)(p))

static INLINE void *alloc(size_t n)
{
	if (getenv("FAULTS_DUE"))
		pause_ms(20);
	return malloc(n);
}

#define plain(n) malloc(n)
#else
#define give(p) kfree((void *)(p))

/* A second, unless the machine is busy. */
#define TRIES 1000
#define SAMPLED(get, put)                                          \
	({                                                         \
		void *p_ = (get);                                  \
		int i_;                                            \
                                                                   \
		for (i_ = 0; getenv("FAULTS_DUE") && p_ &&         \
			     !is_kfence_address(p_) && i_ < TRIES; \
		     i_++) {                                       \
			put;                                       \
			pause_ms(1);                               \
			p_ = (get);                                \
		}                                                  \
		p_;                                                \
	})

static INLINE void *alloc(size_t n)
{
	return SAMPLED(kmalloc(n, GFP_KERNEL), kfree(p_));
}

#define plain(n) kmalloc((n), GFP_KERNEL)
#endif

/* What comes later: blocks of that size come and go. */
static NOINLINE void others(size_t n)
{
	void *p[200];
	int i;

	for (i = 0; i < 200; i++) {
		p[i] = plain(n);
		if (p[i])
			memset(p[i], 1, n);
	}
	for (i = 0; i < 200; i++)
		give(p[i]);
}

static NOINLINE void write_at(volatile void *p, long at)
{
	((volatile char *)p)[at] = 1;
}

static NOINLINE void read_at(volatile void *p, long at)
{
	seen = ((volatile char *)p)[at];
}

/* --- blocks --------------------------------------------------------------- */

static void overrun_rounding(void)
{
	char *p = alloc(42);

	write_at(p, 42);
	after();
	give(p);
}

static void overrun(void)
{
	char *p = alloc(64);

	write_at(p, 64);
	after();
	give(p);
}

/* Whatever lies between, the other one is in use, and is what is written. */
static void overrun_into_next(void)
{
	char *p = alloc(64), *q = alloc(64);

	write_at(p, q - p);
	after();
	give(p);
	give(q);
}

static void overread(void)
{
	char *p = alloc(64);

	read_at(p, 64);
	after();
	give(p);
}

static void underrun(void)
{
	char *p = alloc(64);

	write_at(p, -1);
	after();
	give(p);
}

static void use_after_free_read(void)
{
	char *p = alloc(100);

	give(p);
	read_at(p, 30);
	after();
	others(100);
}

static void use_after_free_write(void)
{
	char *p = alloc(100);

	give(p);
	write_at(p, 30);
	after();
	others(100);
}

static void double_free(void)
{
	char *p = alloc(64);

	sink = p;
	give(p);
	give(sink);
	after();
	others(64);
}

static void double_free_late(void)
{
	char *p = alloc(64), *q = alloc(64);

	sink = p;
	give(p);
	give(q);
	give(sink);
	after();
	others(64);
}

static void free_inside(void)
{
	char *p = alloc(64);

	sink = p + 16;
	give(sink);
	after();
	others(64);
}

static void free_foreign(void)
{
	static char block[64];

	sink = block + 16;
	give(sink);
	after();
}

static void free_stack(void)
{
	char block[64];

	sink = block + 16;
	give(sink);
	after();
}

static void free_junk(void)
{
	sink = (void *)(uintptr_t)0x1234567890;
	give(sink);
	after();
}

static void uninitialised(void)
{
	volatile long *p = alloc(200);

	if (p[2] == 12345)
		puts("unlikely");
	after();
	give(p);
}

static NOINLINE void lose(void)
{
	sink = alloc(1000);
	sink = NULL;
}

static void leak(void)
{
	lose();
	after();
}

/* What two threads do at once, with nothing between them that orders it. */
static char *volatile shared;
static int done;

static NOINLINE void *write_shared(void *unused)
{
	(void)unused;
	write_at(shared, 3);
	__atomic_store_n(&done, 1, __ATOMIC_RELAXED);
	return NULL;
}

static pthread_t beside(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, write_shared, NULL))
		exit(4);
	while (!__atomic_load_n(&done, __ATOMIC_RELAXED))
		pause_ms(1);
	return t;
}

static void race(void)
{
	pthread_t t;

	shared = alloc(64);
	t = beside();
	write_at(shared, 3);
	after();
	pthread_join(t, NULL);
	give(shared);
}

/* The other one has done with it, but nobody said so. */
static void race_with_free(void)
{
	pthread_t t;

	shared = alloc(64);
	t = beside();
	give(shared);
	after();
	pthread_join(t, NULL);
}

static void large_overrun(void)
{
	char *p = alloc(100000);

	write_at(p, 100000);
	after();
	give(p);
}

static void large_use_after_free(void)
{
	char *p = alloc(100000);

	give(p);
	write_at(p, 3000);
	after();
}

#if FRONT

#include <malloc.h>

void free_sized(void *p, size_t n) __attribute__((weak));

static void size_mismatch(void)
{
	void *p = alloc(64);

	if (!free_sized)
		exit(4);
	free_sized(p, 200);
	after();
}

static void realloc_of_freed(void)
{
	void *p = alloc(40);

	sink = p;
	free(p);
	sink = realloc(sink, 60);
	after();
	others(40);
}

static void size_of_freed(void)
{
	void *p = alloc(40);

	sink = p;
	free(p);
	seen = (char)malloc_usable_size(sink);
	after();
	others(40);
}

#else

struct thing {
	long a, b, c[6];
};

static struct kmem_cache *thing_cache(const char *name, slab_flags_t flags)
{
	return kmem_cache_create(name, sizeof(struct thing), 0, flags, NULL);
}

static void realloc_of_freed(void)
{
	void *p = alloc(40);

	sink = p;
	kfree(p);
	sink = krealloc(sink, 60, GFP_KERNEL);
	after();
	others(40);
}

static void size_of_freed(void)
{
	void *p = alloc(40);

	sink = p;
	kfree(p);
	seen = (char)ksize(sink);
	after();
	others(40);
}

static void krealloc_overrun(void)
{
	char *p = alloc(100);

	p = krealloc(p, 20, GFP_KERNEL);
	write_at(p, 20);
	after();
	kfree(p);
}

static INLINE void *take(struct kmem_cache *s)
{
	return SAMPLED(kmem_cache_alloc(s, GFP_KERNEL), kmem_cache_free(s, p_));
}

static void cache_overrun(void)
{
	struct kmem_cache *s = thing_cache("things", 0);
	struct thing *t = take(s);

	write_at(t, sizeof(*t));
	after();
	kmem_cache_free(s, t);
}

static void cache_double_free(void)
{
	struct kmem_cache *s = thing_cache("things", 0);
	struct thing *t = take(s);

	kmem_cache_free(s, t);
	kmem_cache_free(s, t);
	after();
	kmem_cache_shrink(s);
}

static void cache_use_after_free(void)
{
	struct kmem_cache *s = thing_cache("things", 0);
	struct thing *t = take(s);
	int i;

	kmem_cache_free(s, t);
	write_at(t, 8);
	after();
	for (i = 0; i < 5; i++)
		kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
}

static void bulk_use_after_free(void)
{
	struct kmem_cache *s = thing_cache("things", 0);
	void *p[20];

	if (!kmem_cache_alloc_bulk(s, GFP_KERNEL | __GFP_ZERO, 20, p))
		return;
	sink = p[0];
	kmem_cache_free_bulk(s, 20, p);
	write_at(sink, 8);
	after();
	if (!kmem_cache_alloc_bulk(s, GFP_KERNEL, 20, p))
		return;
}

static void wrong_cache(void)
{
	struct kmem_cache *a = thing_cache("things", 0);
	struct kmem_cache *b = thing_cache("others", 0);

	kmem_cache_free(b, take(a));
	after();
}

static void cache_free_of_kmalloc(void)
{
	kmem_cache_free(thing_cache("things", 0), alloc(64));
	after();
}

static void cache_left(void)
{
	struct kmem_cache *s = thing_cache("things", 0);

	sink = take(s);
	kmem_cache_destroy(s);
	after();
}

static NOINLINE void lose_object(void)
{
	sink = take(thing_cache("things", 0));
	sink = NULL;
}

static void cache_leak(void)
{
	lose_object();
	after();
}

static void rcu_overrun(void)
{
	struct kmem_cache *s = thing_cache("rcu", SLAB_TYPESAFE_BY_RCU);
	struct thing *t = take(s);

	write_at(t, sizeof(*t));
	after();
	kmem_cache_free(s, t);
}

static void rcu_double_free(void)
{
	struct kmem_cache *s = thing_cache("rcu", SLAB_TYPESAFE_BY_RCU);
	struct thing *t = take(s);

	kmem_cache_free(s, t);
	kmem_cache_free(s, t);
	after();
	kmem_cache_shrink(s);
}

static void vfree_of_kmalloc(void)
{
	vfree(alloc(100));
	after();
}

static void kfree_of_vmalloc(void)
{
	kfree(vmalloc(5000));
	after();
}

static void kfree_of_pages(void)
{
	kfree((void *)__get_free_pages(GFP_KERNEL, 1));
	after();
}

static void free_pages_of_kmalloc(void)
{
	free_pages((unsigned long)alloc(4096), 0);
	after();
}

static void vmalloc_overrun_rounding(void)
{
	char *p = vmalloc(5000);

	write_at(p, 5000);
	after();
	vfree(p);
}

static void vmalloc_overrun(void)
{
	char *p = vmalloc(8192);

	write_at(p, 8192);
	after();
	vfree(p);
}

static void kvmalloc_overrun_rounding(void)
{
	char *p = kvmalloc((6 << 20) + 100, GFP_KERNEL);

	write_at(p, (6 << 20) + 100);
	after();
	kvfree(p);
}

static void kvmalloc_overrun(void)
{
	char *p = kvmalloc(6 << 20, GFP_KERNEL);

	write_at(p, 6 << 20);
	after();
	kvfree(p);
}

static void kvmalloc_use_after_free(void)
{
	char *p = kvmalloc(6 << 20, GFP_KERNEL);

	kvfree(p);
	write_at(p, 100);
	after();
}

static NOINLINE void lose_area(void)
{
	sink = vmalloc(5000);
	sink = (void *)__get_free_pages(GFP_KERNEL, 0);
	sink = NULL;
}

static void area_leak(void)
{
	lose_area();
	after();
}

static void vmalloc_use_after_free(void)
{
	char *p = vmalloc(5000);

	vfree(p);
	write_at(p, 100);
	after();
}

static void page_overrun(void)
{
	char *p = (char *)__get_free_pages(GFP_KERNEL, 0);

	write_at(p, 4096);
	after();
	free_pages((unsigned long)p, 0);
}

static void page_use_after_free(void)
{
	char *p = (char *)__get_free_pages(GFP_KERNEL, 0);
	int i;

	free_pages((unsigned long)p, 0);
	write_at(p, 100);
	after();
	for (i = 0; i < 200; i++)
		sink = alloc_pages(GFP_KERNEL, 0);
}

static void page_double_free(void)
{
	unsigned long p = __get_free_pages(GFP_KERNEL, 0);

	free_pages(p, 0);
	free_pages(p, 0);
	after();
}

static void page_uninitialised(void)
{
	volatile long *p = (long *)__get_free_pages(GFP_KERNEL, 0);

	if (p[2] == 12345)
		puts("unlikely");
	after();
}

static void pool_use_after_free(void)
{
	mempool_t *m = mempool_create_kmalloc_pool(2, 64);
	void *p = mempool_alloc_preallocated(m);

	mempool_free(p, m);
	write_at(p, 8);
	after();
	sink = mempool_alloc_preallocated(m);
	sink = mempool_alloc_preallocated(m);
}

static void pool_double_free(void)
{
	mempool_t *m = mempool_create_kmalloc_pool(2, 64);
	void *p = mempool_alloc_preallocated(m);

	sink = mempool_alloc_preallocated(m);
	mempool_free(p, m);
	mempool_free(p, m);
	after();
}

static void percpu_overrun(void)
{
	char __percpu *cookie = __alloc_percpu(20, 8);

	write_at(per_cpu_ptr(cookie, 0), 20);
	after();
	free_percpu(cookie);
}

static void percpu_use_after_free(void)
{
	char __percpu *cookie = __alloc_percpu(20, 8);
	char *p = per_cpu_ptr(cookie, 0);

	free_percpu(cookie);
	write_at(p, 0);
	after();
}

static void dma_pool_use_after_free(void)
{
	struct dma_pool *d = dma_pool_create("d", NULL, 40, 8, 0);
	dma_addr_t handle;
	void *p = dma_pool_alloc(d, GFP_KERNEL, &handle);

	dma_pool_free(d, p, handle);
	write_at(p, 8);
	after();
}

static void dma_pool_double_free(void)
{
	struct dma_pool *d = dma_pool_create("d", NULL, 40, 8, 0);
	dma_addr_t handle;
	void *p = dma_pool_alloc(d, GFP_KERNEL, &handle);

	dma_pool_free(d, p, handle);
	dma_pool_free(d, p, handle);
	after();
}

static void gen_pool_overrun(void)
{
	static char memory[4096] __attribute__((aligned(64)));
	struct gen_pool *g = gen_pool_create(5, NUMA_NO_NODE);
	unsigned long p;

	if (gen_pool_add(g, (unsigned long)memory, sizeof(memory), -1))
		return;
	p = gen_pool_alloc(g, 20);
	write_at((void *)p, 20);
	after();
	gen_pool_free(g, p, 20);
}

static void gen_pool_use_after_free(void)
{
	struct gen_pool *g = gen_pool_create(5, NUMA_NO_NODE);
	void *memory = kmalloc(4096, GFP_KERNEL);
	unsigned long p;

	if (gen_pool_add(g, (unsigned long)memory, 4096, -1))
		return;
	p = gen_pool_alloc(g, 20);
	gen_pool_free(g, p, 20);
	write_at((void *)p, 0);
	after();
}

/* --- all kinds of calls, and no fault ------------------------------------- */

static void construct(void *obj)
{
	((struct thing *)obj)->b = 7;
}

/* An object must be as constructed when it is freed. */
static void constructor_lost(void)
{
	struct kmem_cache *s;
	struct thing *t;

	s = kmem_cache_create("made", sizeof(*t), 0, 0, construct);
	t = take(s);
	t->b = 8;
	kmem_cache_free(s, t);
	after();
	t = take(s);
	kmem_cache_free(s, t);
}

#define CHECK(x)                                     \
	do {                                         \
		if (!(x)) {                          \
			fprintf(stderr, "%s\n", #x); \
			exit(2);                     \
		}                                    \
	} while (0)

static void none_of_caches(void)
{
	struct kmem_cache *made, *rcu;
	struct thing *t;
	void *p[40];
	int i;

	made = kmem_cache_create("made", sizeof(*t), 0, 0, construct);
	rcu = thing_cache("rcu", SLAB_TYPESAFE_BY_RCU);
	for (i = 0; i < 40; i++) {
		p[i] = kmem_cache_alloc(made, GFP_KERNEL);
		CHECK(((struct thing *)p[i])->b == 7);
	}
	kmem_cache_free_bulk(made, 40, p);
	t = kmem_cache_alloc(rcu, GFP_KERNEL);
	t->a = 5;
	kmem_cache_free(rcu, t);
	/* readers may still look */
	CHECK(*(volatile long *)&t->a == 5);
	CHECK(!kmem_cache_destroy(made) && !kmem_cache_destroy(rcu));
}

static void none_of_blocks(void)
{
	void *p[40];
	char *s;
	int i;

	for (i = 0; i < 40; i++)
		p[i] = kzalloc((size_t)i * 700 + 1, GFP_KERNEL);
	for (i = 0; i < 40; i++)
		CHECK(!((char *)p[i])[i * 700]);
	kfree_bulk(40, p);
	s = kasprintf(GFP_KERNEL, "%d", 5);
	s = krealloc(s, 5000, GFP_KERNEL);
	CHECK(!strcmp(s, "5"));
	memset(s, 1, ksize(s));
	s = krealloc(s, 3, GFP_KERNEL);
	s = krealloc(s, 50000, GFP_KERNEL);
	memset(s, 1, 50000);
	s = krealloc(s, 20000, GFP_KERNEL);
	s = krealloc(s, 60000, GFP_KERNEL);
	CHECK(s[19999] == 1);
	memset(s, 1, ksize(s));
	kfree_sensitive(s);
	s = kzalloc(50000, GFP_KERNEL);
	s = krealloc(s, 60000, GFP_KERNEL | __GFP_ZERO);
	CHECK(!s[49999] && !s[59999]);
	kfree_sensitive(s);
	/* what was a slab's is anybody's */
	for (i = 0; i < 40; i++) {
		p[i] = kmalloc(8192, GFP_KERNEL);
		memset(p[i], 0, 8192);
	}
	for (i = 0; i < 40; i++)
		kfree(p[i]);
}

static void none_of_areas(void)
{
	char *p = kvmalloc(6 << 20, GFP_KERNEL), *q = vzalloc(5000);
	struct page *page;

	CHECK(!q[4999]);
	memset(p, 1, 6 << 20);
	p = kvrealloc(p, 9 << 20, GFP_KERNEL | __GFP_ZERO);
	CHECK(p[(6 << 20) - 1] == 1 && !p[(9 << 20) - 1]);
	p = kvrealloc(p, 7000000, GFP_KERNEL);
	p = kvrealloc(p, 9 << 20, GFP_KERNEL | __GFP_ZERO);
	CHECK(p[6999999] == 0 && !p[7000001]);
	kvfree(p);
	vfree(q);
	page = alloc_pages(GFP_KERNEL, 3);
	memset(page_address(page), 1, 8 * 4096);
	split_page(page, 3);
	__free_pages(page + 5, 0);
	memset(page_address(page + 4), 1, 4096);
	sink = page;
	p = alloc_pages_exact(5 * 4096, GFP_KERNEL | __GFP_ZERO);
	CHECK(!p[5 * 4096 - 1]);
	free_pages_exact(p, 5 * 4096);
}

static void none_of_pools(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(4, 300);
	struct dma_pool *d = dma_pool_create("d", NULL, 40, 8, 0);
	struct gen_pool *g = gen_pool_create(5, NUMA_NO_NODE);
	long __percpu *cookie = alloc_percpu(long);
	char *memory = kmalloc(4096, GFP_KERNEL), *p;
	dma_addr_t handle;
	unsigned long a;

	p = mempool_alloc(pool, GFP_KERNEL);
	memset(p, 1, 300);
	mempool_free(p, pool);
	p = mempool_alloc_preallocated(pool);
	memset(p, 1, 300);
	mempool_free(p, pool);
	mempool_destroy(pool);
	p = dma_pool_zalloc(d, GFP_KERNEL, &handle);
	CHECK(!p[39]);
	dma_pool_free(d, p, handle);
	dma_pool_destroy(d);
	CHECK(!gen_pool_add(g, (unsigned long)memory, 4096, -1));
	a = gen_pool_alloc(g, 20);
	memset((void *)a, 1, 20);
	gen_pool_free(g, a, 20);
	gen_pool_destroy(g);
	memset(memory, 1, 4096);
	kfree(memory);
	CHECK(!*per_cpu_ptr(cookie, 0));
	*this_cpu_ptr(cookie) = 1;
	free_percpu(cookie);
}

#endif

static void none(void)
{
	char *p = alloc(100);

	memset(p, 1, 100);
	give(p);
	others(100);
	others(3000);
#if !FRONT
	none_of_caches();
	none_of_blocks();
	none_of_areas();
	none_of_pools();
#endif
	after();
}

#define FAULT(name)         \
	{                   \
#name, name \
	}
static const struct {
	const char *name;
	void (*fn)(void);
} faults[] = {
	FAULT(overrun_rounding),
	FAULT(overrun),
	FAULT(overrun_into_next),
	FAULT(underrun),
	FAULT(overread),
	FAULT(use_after_free_read),
	FAULT(use_after_free_write),
	FAULT(double_free),
	FAULT(double_free_late),
	FAULT(free_inside),
	FAULT(free_foreign),
	FAULT(free_stack),
	FAULT(free_junk),
	FAULT(realloc_of_freed),
	FAULT(size_of_freed),
	FAULT(uninitialised),
	FAULT(leak),
	FAULT(race),
	FAULT(race_with_free),
	FAULT(large_overrun),
	FAULT(large_use_after_free),
#if FRONT
	FAULT(size_mismatch),
#else
	FAULT(krealloc_overrun),
	FAULT(cache_overrun),
	FAULT(cache_double_free),
	FAULT(cache_use_after_free),
	FAULT(bulk_use_after_free),
	FAULT(wrong_cache),
	FAULT(cache_free_of_kmalloc),
	FAULT(cache_left),
	FAULT(cache_leak),
	FAULT(constructor_lost),
	FAULT(rcu_overrun),
	FAULT(rcu_double_free),
	FAULT(vfree_of_kmalloc),
	FAULT(kfree_of_vmalloc),
	FAULT(kfree_of_pages),
	FAULT(free_pages_of_kmalloc),
	FAULT(vmalloc_overrun_rounding),
	FAULT(vmalloc_overrun),
	FAULT(vmalloc_use_after_free),
	FAULT(kvmalloc_overrun_rounding),
	FAULT(kvmalloc_overrun),
	FAULT(kvmalloc_use_after_free),
	FAULT(area_leak),
	FAULT(page_overrun),
	FAULT(page_use_after_free),
	FAULT(page_double_free),
	FAULT(page_uninitialised),
	FAULT(pool_use_after_free),
	FAULT(pool_double_free),
	FAULT(percpu_overrun),
	FAULT(percpu_use_after_free),
	FAULT(dma_pool_use_after_free),
	FAULT(dma_pool_double_free),
	FAULT(gen_pool_overrun),
	FAULT(gen_pool_use_after_free),
#endif
	FAULT(none),
};

/*
 * What a program does first is often served in its own way.  Only with
 * FAULTS_WARM: to memcheck an address is near what was freed there before.
 */
static void warm_up(void)
{
	static const size_t sizes[] = { 40, 42, 64, 100, 200, 1000 };
	size_t i;

	for (i = 0; getenv("FAULTS_WARM") && i < sizeof(sizes) / sizeof(*sizes);
	     i++)
		others(sizes[i]);
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(faults) / sizeof(*faults); i++) {
		if (!strcmp(argv[1], "--list"))
			puts(faults[i].name);
		if (!strcmp(argv[1], faults[i].name)) {
			warm_up();
			faults[i].fn();
			return 0;
		}
	}
	return argc > 1 && !strcmp(argv[1], "--list") ? 0 : 63;
}
