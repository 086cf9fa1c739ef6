/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Test cases with limits: what each kind of allocation leaves, the peak and
 * the number of requests are what they must be, whatever was before.
 */
#define CONFIG_MEM_ALLOC_PROFILING

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <kmem/fault.h>
#include <kmem/kmem.h>
#include <kmem/test.h>
#include <linux/alloc_tag.h>
#include <linux/gfp.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "context/guard.h"
#include "kunit/test.h"
#include "lib/sanitized.h"

#define WRONG_UNLESS(cond) \
	((cond) ? (void)0 : world_wrong("%d: %s", __LINE__, #cond))

/* A tool has objects lie apart, so their slots are larger. */
static bool are(unsigned long bytes, unsigned long want)
{
	return SANITIZED ? bytes >= want : bytes == want;
}

static struct kmem_test_result got;

static void begin(void)
{
	int err = kmem_test_begin("case", NULL);

	if (err)
		world_wrong("kmem_test_begin(): %d", err);
}

static void end(void)
{
	int err = kmem_test_end(&got);

	if (err)
		world_wrong("kmem_test_end(): %d", err);
}

/* Memory that was there before is no case's. */
static struct kmem_cache *things;
static void *before[100];

static void start(void)
{
	things = kmem_cache_create("things", 200, 8, 0, NULL);
	for (int i = 0; i < 100; i++)
		before[i] = i % 2 ? kmalloc(100, GFP_KERNEL) :
				    kmem_cache_alloc(things, GFP_KERNEL);
}

static void finish(void)
{
	for (int i = 0; i < 100; i++)
		kfree(before[i]);
	kmem_cache_destroy(things);
	if (!kmem_validate())
		world_wrong("kmem_validate()");
}

/* --- what is left --------------------------------------------------------- */

struct want {
	const char *cache, *function;
	unsigned long blocks, bytes;
	unsigned int found;
};

static unsigned long last_bytes;

static void compare(const struct kmem_test_leak *leak, void *data)
{
	struct want *w;

	if (leak->bytes > last_bytes)
		world_wrong("%s comes late", leak->site);
	last_bytes = leak->bytes;
	for (w = data; w->cache; w++)
		if (strstr(leak->site, w->function)) {
			w->found++;
			if (strcmp(w->cache, leak->cache) ||
			    w->blocks != leak->blocks ||
			    !are(leak->bytes, w->bytes))
				world_wrong("%s: %lu of %lu bytes in '%s'",
					    leak->site, leak->blocks,
					    leak->bytes, leak->cache);
			return;
		}
	world_wrong("%s: %lu of '%s', not expected", leak->site, leak->blocks,
		    leak->cache);
}

static void *kept[10];

static __attribute__((noinline)) void by_kmalloc(void)
{
	kept[0] = kmalloc(100, GFP_KERNEL);
	kept[1] = kmalloc(100, GFP_ATOMIC);
	kfree(kmalloc(100, GFP_KERNEL));
}

static __attribute__((noinline)) void by_cache(void)
{
	kept[2] = kmem_cache_alloc(things, GFP_KERNEL);
	kmem_cache_alloc_bulk(things, GFP_KERNEL, 3, &kept[3]);
}

static __attribute__((noinline)) void by_pages(void)
{
	kept[6] = alloc_pages(GFP_KERNEL, 2);
	__free_pages(alloc_pages(GFP_KERNEL, 3), 3);
}

static __attribute__((noinline)) void by_large(void)
{
	kept[7] = kmalloc(100000, GFP_KERNEL);
}

static void each_kind(void)
{
	struct want want[] = {
		{ "kmalloc-128", "func:by_kmalloc", 1, 128, 0 },
		{ "things", "func:by_cache", 0, 0, 0 },
		{ "", "func:by_pages", 1, 4 * PAGE_SIZE, 0 },
		{ "", "func:by_large", 1, 131072, 0 },
		{ NULL, NULL, 0, 0, 0 },
	};
	unsigned int rows = 0;

	start();
	begin();
	by_kmalloc();
	by_cache();
	by_pages();
	by_large();
	WRONG_UNLESS(kmem_test_begin("another", NULL) == -EBUSY);
	/* what was there before and goes now is not the case's either */
	kfree(before[1]);
	before[1] = NULL;
	end();
	WRONG_UNLESS(got.leaks == 2 + 4 + 1 + 1);
	WRONG_UNLESS(are(got.leaked_bytes,
			 2 * 128 + 4 * 200 + 4 * PAGE_SIZE + 131072));
	WRONG_UNLESS(got.allocations == 3 + 2 + 2 + 1);
	WRONG_UNLESS(got.failed == 0 && got.broken == 0);
	/* by_cache has a site for one and one for three of them */
	last_bytes = ~0ul;
	want[1].blocks = 3;
	want[1].bytes = 600;
	for (struct want *w = want; w->cache; w++)
		rows += w->found;
	WRONG_UNLESS(rows == 0);
	kfree(kept[2]);
	begin();
	end();
	WRONG_UNLESS(!got.leaks && !got.peak && !got.allocations);
	kmem_test_for_each_leak(compare, want);
	WRONG_UNLESS(kmem_test_end(NULL) == -EINVAL);
	WRONG_UNLESS(!mem_alloc_profiling_enabled());

	/* the same again, with one line for each, is listed */
	kfree(kept[0]);
	kfree(kept[1]);
	kmem_cache_free_bulk(things, 3, &kept[3]);
	__free_pages(kept[6], 2);
	kfree(kept[7]);
	begin();
	by_kmalloc();
	kfree(kept[1]);
	by_cache();
	kmem_cache_free(things, kept[2]);
	by_pages();
	by_large();
	end();
	kmem_test_for_each_leak(compare, want);
	for (struct want *w = want; w->cache; w++)
		if (w->found != 1)
			world_wrong("%s: %u rows", w->function, w->found);
	kfree(kept[0]);
	kmem_cache_free_bulk(things, 3, &kept[3]);
	__free_pages(kept[6], 2);
	kfree(kept[7]);
	finish();
}

/* One that was turned on by hand stays so. */
static void profiling_stays(void)
{
	void *p;

	kmem_mem_profiling_set(true);
	begin();
	p = kmalloc(8, GFP_KERNEL);
	end();
	WRONG_UNLESS(mem_alloc_profiling_enabled() && got.leaks == 1);
	kfree(p);
}

struct late {
	char bytes[40];
	struct rcu_head rcu;
};

static void rcu_is_waited_for(void)
{
	struct late *p;

	begin();
	p = kmalloc(sizeof(*p), GFP_KERNEL);
	kfree_rcu(p, rcu);
	end();
	WRONG_UNLESS(got.leaks == 0 && got.allocations == 1);
}

/* --- the peak ------------------------------------------------------------- */

static void peaks(void)
{
	void *p[10];
	int i;

	start();
	/* once before, so that what the library makes for itself is there */
	for (int round = 0; round < 2; round++) {
		begin();
		for (i = 0; i < 10; i++)
			p[i] = kmalloc(1000, GFP_KERNEL);
		for (i = 0; i < 10; i++)
			kfree(p[i]);
		for (i = 0; i < 3; i++)
			kfree(kmalloc(2000, GFP_KERNEL));
		end();
	}
	WRONG_UNLESS(are(got.peak, SANITIZED ? 10 * 1000 : 10 * 1024));
	WRONG_UNLESS(got.allocations == 13 && !got.leaks);

	begin();
	p[0] = (void *)__get_free_pages(GFP_KERNEL, 3);
	p[1] = kmalloc(100000, GFP_KERNEL);
	free_pages((unsigned long)p[0], 3);
	kfree(p[1]);
	kfree(kmalloc(8, GFP_KERNEL));
	end();
	WRONG_UNLESS(got.peak == 8 * PAGE_SIZE + 100000);

	/* less in use than before is no peak */
	begin();
	kfree(before[0]);
	before[0] = kmem_cache_alloc(things, GFP_KERNEL);
	end();
	WRONG_UNLESS(got.peak == 0);

	begin();
	vfree(vmalloc(50 * PAGE_SIZE));
	end();
	WRONG_UNLESS(got.peak == 50 * PAGE_SIZE);
	finish();
}

/* --- limits --------------------------------------------------------------- */

static const struct kmem_test_limits tight = {
	.leaks = 1,
	.peak = 2048,
	.allocations = 3,
};

static unsigned int with(unsigned int left, size_t bytes, unsigned int calls)
{
	unsigned int bits;
	void *p[10];

	if (kmem_test_begin("tight", &tight))
		world_wrong("kmem_test_begin()");
	for (unsigned int i = 0; i < calls; i++) {
		p[i] = kmalloc(i ? 8 : bytes, GFP_KERNEL);
		if (i >= left)
			kfree(p[i]);
	}
	bits = (unsigned int)kmem_test_end(&got);
	for (unsigned int i = 0; i < left; i++)
		kfree(p[i]);
	return bits;
}

static void limits(void)
{
	start();
	with(1, 8, 1);
	WRONG_UNLESS(with(0, 8, 3) == 0);
	WRONG_UNLESS(with(1, 8, 3) == 0);
	WRONG_UNLESS(with(2, 8, 3) == KMEM_TEST_LEAKS);
	WRONG_UNLESS(with(0, 2048, 1) == 0);
	WRONG_UNLESS(with(0, 2049, 1) == KMEM_TEST_PEAK);
	WRONG_UNLESS(with(0, 8, 4) == KMEM_TEST_ALLOCATIONS);
	WRONG_UNLESS(with(3, 3000, 4) == 7 && got.broken == 7);
	finish();
}

/* --- requests that fail --------------------------------------------------- */

static bool no_things(const struct kmem_fault_request *rq, void *data)
{
	unsigned int *asked = data;

	/* of what it allocates it is not asked */
	kfree(kmalloc(8, GFP_ATOMIC));
	++*asked;
	return rq->cache == things && rq->kind == KMEM_FAILSLAB &&
	       rq->gfp & __GFP_DIRECT_RECLAIM && rq->bytes >= 200;
}

static bool big_pages(const struct kmem_fault_request *rq, void *data)
{
	(void)data;
	return rq->kind == KMEM_FAIL_PAGE_ALLOC && rq->bytes > PAGE_SIZE;
}

static void hooks(void)
{
	static unsigned int asked;
	static const struct kmem_fault_filter by_cache_and_bits = {
		.fails = no_things,
		.data = &asked,
	};
	static const struct kmem_fault_filter by_size = { .fails = big_pages };
	void *p, *q[3];

	start();
	begin();
	WRONG_UNLESS(!kmem_fault_hook(&by_cache_and_bits));
	WRONG_UNLESS(!kmem_cache_alloc(things, GFP_KERNEL));
	WRONG_UNLESS(!kmem_cache_alloc_bulk(things, GFP_KERNEL, 3, q));
	p = kmem_cache_alloc(things, GFP_ATOMIC);
	WRONG_UNLESS(p && asked == 3);
	kmem_cache_free(things, p);
	p = kmalloc(200, GFP_KERNEL);
	WRONG_UNLESS(p && asked == 4);
	kfree(p);
	p = kmem_cache_alloc(things, GFP_KERNEL | __GFP_NOFAIL);
	WRONG_UNLESS(p && asked == 4);
	kmem_cache_free(things, p);
	WRONG_UNLESS(!kmem_fault_hook(&by_size));
	WRONG_UNLESS(!alloc_pages(GFP_KERNEL, 1));
	p = alloc_pages(GFP_KERNEL, 0);
	WRONG_UNLESS(p);
	__free_pages(p, 0);
	WRONG_UNLESS(!kmem_fault_hook(NULL));
	p = alloc_pages(GFP_KERNEL, 1);
	WRONG_UNLESS(p);
	__free_pages(p, 1);
	end();
	/* what hooks ask for is no request of the case */
	WRONG_UNLESS(got.failed == 3 && got.allocations == 5 && !got.leaks);
	finish();
}

/* Attributes and hooks change beside allocations. */
static volatile bool stop;

static void *asks(void *arg)
{
	while (!stop) {
		kfree(kmalloc(64, GFP_KERNEL));
		kmem_cache_free(things,
				kmem_cache_alloc(things,
						 GFP_KERNEL | __GFP_NOFAIL));
	}
	return arg;
}

static bool never(const struct kmem_fault_request *rq, void *data)
{
	return rq->bytes == *(const size_t *)data;
}

static void set_beside(void)
{
	static const size_t none = 12345;
	static const struct kmem_fault_filter hook = {
		.fails = never,
		.data = (void *)(uintptr_t)&none,
	};
	struct kmem_fault_attr attr, old;
	pthread_t thread[2];

	start();
	kmem_fault_get(KMEM_FAILSLAB, &old);
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, asks, NULL);
	for (int i = 0; i < 300; i++) {
		attr = old;
		attr.verbose = 0;
		attr.ignore_gfp_wait = i % 2;
		attr.probability = (unsigned int)i % 101;
		attr.times = i;
		attr.space = i * 10;
		attr.interval = (unsigned long)i % 5;
		WRONG_UNLESS(!kmem_fault_set(KMEM_FAILSLAB, &attr));
		WRONG_UNLESS(!kmem_fault_hook(i % 3 ? &hook : NULL));
		kmem_fault_get(KMEM_FAILSLAB, &attr);
		WRONG_UNLESS(attr.probability == (unsigned int)i % 101);
	}
	kmem_fault_set(KMEM_FAILSLAB, &old);
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	finish();
}

/* --- threads -------------------------------------------------------------- */

#define THREADS 4
#define EACH 500

static void *worker(void *arg)
{
	void *p[20] = { NULL };

	for (int i = 0; i < EACH; i++) {
		kfree(p[i % 20]);
		p[i % 20] = i % 2 ? kmalloc((size_t)i, GFP_KERNEL) :
				    kmem_cache_alloc(things, GFP_KERNEL);
	}
	for (int i = 0; i < 20; i++)
		kfree(p[i]);
	/* this one is left */
	*(void **)arg = kmalloc(3000, GFP_KERNEL);
	return NULL;
}

static void threads(void)
{
	pthread_t thread[THREADS];
	void *p[THREADS];

	start();
	begin();
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, worker, &p[i]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	end();
	WRONG_UNLESS(got.allocations == THREADS * (EACH + 1));
	/* a slot is larger where it is debugged */
	WRONG_UNLESS(got.leaks == THREADS);
	WRONG_UNLESS(got.leaked_bytes >= THREADS * 4096ul);
	WRONG_UNLESS(got.peak >= THREADS * 3000 - 1096);
	for (int i = 0; i < THREADS; i++)
		kfree(p[i]);
	finish();
}

/* --- cases ---------------------------------------------------------------- */

static void in_both(struct kunit *test, void (*fn)(void))
{
	world_run(test, "", 60, fn);
	world_run(test, "percpu=lock", 60, fn);
}

static void lists_each_kind(struct kunit *test)
{
	in_both(test, each_kind);
	in_both(test, profiling_stays);
	in_both(test, rcu_is_waited_for);
}

static void knows_the_peak(struct kunit *test)
{
	in_both(test, peaks);
}

static void breaks_limits(struct kunit *test)
{
	in_both(test, limits);
}

static void asks_a_function(struct kunit *test)
{
	in_both(test, hooks);
}

static void faults_are_set_beside_allocations(struct kunit *test)
{
	in_both(test, set_beside);
}

static void counts_all_threads(struct kunit *test)
{
	in_both(test, threads);
	world_run(test, "slab_debug=FZP", 60, threads);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lists_each_kind),
	KUNIT_CASE(knows_the_peak),
	KUNIT_CASE(breaks_limits),
	KUNIT_CASE(asks_a_function),
	KUNIT_CASE(faults_are_set_beside_allocations),
	KUNIT_CASE(counts_all_threads),
	{},
};

static struct kunit_suite suite = {
	.name = "test_case",
	.test_cases = cases,
};

kunit_test_suite(suite);
