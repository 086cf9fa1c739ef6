/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Many threads at once: mixed sizes, allocate here and free there, caches
 * that come and go, shrinking and trimming while others allocate.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "kunit/test.h"
#include "stress/work.h"

#define THREADS 12
#define HELD 200

static atomic_bool stop;
static atomic_uint failures;
static char why[200];

/* The first failure is kept; threads go on, so that memory comes back. */
static void fail(const char *what)
{
	if (atomic_fetch_add(&failures, 1) == 0)
		snprintf(why, sizeof(why), "%s", what);
}

/* Threads do fn until the time is over or one has failed. */
static void run_threads(struct kunit *test, unsigned int nr,
			void *(*fn)(void *number), unsigned int seconds)
{
	pthread_t t[16];

	atomic_store(&stop, false);
	atomic_store(&failures, 0);
	for (unsigned long i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL, fn, (void *)i), 0);
	for (uint64_t end = work_now_ms() + seconds * 1000ull;
	     work_now_ms() < end && !atomic_load(&failures);) {
		struct timespec ts = { .tv_nsec = 20000000 };

		nanosleep(&ts, NULL);
	}
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < nr; i++)
		pthread_join(t[i], NULL);
	KUNIT_EXPECT_EQ_MSG(test, atomic_load(&failures), 0u, "%s", why);
}

static void run(struct kunit *test, unsigned int nr, void *(*fn)(void *number),
		unsigned int seconds)
{
	unsigned long before;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	run_threads(test, nr, fn, seconds);
	work_balanced(test, before);
}

/* --- random replacement --------------------------------------------------- */

static gfp_t some_gfp(struct rng *r)
{
	static const gfp_t gfp[] = { GFP_KERNEL, GFP_KERNEL, GFP_NOFS,
				     GFP_NOWAIT, GFP_ATOMIC | __GFP_NOWARN };

	return gfp[rng_below(r, 5)];
}

static void parcel_drop(struct parcel *b)
{
	if (!b->p)
		return;
	if (!work_stamped(b->p, b->size, b->seed))
		fail("a block was written into by somebody else");
	if (b->from)
		kmem_cache_free(b->from, b->p);
	else
		kfree(b->p);
	b->p = NULL;
}

static void parcel_fill(struct parcel *b, struct rng *r,
			struct kmem_cache *from)
{
	b->from = from;
	b->size = from ? kmem_cache_size(from) : work_size(r);
	b->seed = rng_next(r);
	b->p = from ? kmem_cache_alloc(from, some_gfp(r)) :
		      kmalloc(b->size, some_gfp(r));
	if (b->p)
		work_stamp(b->p, b->size, b->seed);
}

static void *replace(void *number)
{
	struct rng r = { .state = (unsigned long)number };
	struct parcel held[HELD] = { 0 };

	while (!atomic_load(&stop)) {
		struct parcel *b = &held[rng_below(&r, HELD)];

		parcel_drop(b);
		parcel_fill(b, &r, NULL);
	}
	for (unsigned int i = 0; i < HELD; i++)
		parcel_drop(&held[i]);
	return NULL;
}

static void mixed_sizes(struct kunit *test)
{
	run(test, THREADS, replace, work_seconds(3));
}

/* --- allocate here, free there -------------------------------------------- */

static struct queue *queues[THREADS];
static struct kmem_cache *shared_cache[3];

static void *pass_on(void *number)
{
	unsigned long me = (unsigned long)number;
	struct rng r = { .state = me + 77 };
	struct parcel b;

	while (!atomic_load(&stop)) {
		uint32_t which = rng_below(&r, 6);

		parcel_fill(&b, &r, which < 3 ? shared_cache[which] : NULL);
		if (b.p && !queue_put(queues[(me + 1 + which) % THREADS], &b))
			parcel_drop(&b);
		while (queue_get(queues[me], &b)) {
			parcel_drop(&b);
			if (which & 1)
				break;
		}
	}
	return NULL;
}

static void allocate_here_free_there(struct kunit *test)
{
	unsigned long before;
	struct parcel b;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	for (int i = 0; i < 3; i++) {
		char name[20];

		snprintf(name, sizeof(name), "stress-%d", i);
		shared_cache[i] = kmem_cache_create(
			name, i ? 24u << (i * 2) : 8, 0, 0, NULL);
		KUNIT_ASSERT_NOT_NULL(test, shared_cache[i]);
	}
	for (int i = 0; i < THREADS; i++)
		queues[i] = queue_new(500);
	run_threads(test, THREADS, pass_on, work_seconds(3));
	/* The queues still hold blocks when the threads are gone. */
	for (int i = 0; i < THREADS; i++) {
		while (queue_get(queues[i], &b))
			parcel_drop(&b);
		queue_delete(queues[i]);
	}
	KUNIT_EXPECT_EQ_MSG(test, atomic_load(&failures), 0u, "%s", why);
	for (int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, kmem_cache_destroy(shared_cache[i]), 0);
	work_balanced(test, before);
}

/* --- caches that come and go ---------------------------------------------- */

static void construct(void *obj)
{
	memset(obj, 0x5e, 16);
}

static void one_cache_life(unsigned long me, struct rng *r)
{
	bool ctor = rng_below(r, 2);
	struct kmem_cache *s;
	void *p[300];
	char name[32];
	int n;

	snprintf(name, sizeof(name), "life-%lu", me);
	s = kmem_cache_create(name, 16 + rng_below(r, 2000), 0,
			      rng_below(r, 2) ? SLAB_HWCACHE_ALIGN : 0,
			      ctor ? construct : NULL);
	if (!s) {
		fail("kmem_cache_create failed");
		return;
	}
	n = (int)rng_below(r, 300);
	if (rng_below(r, 2)) {
		n = kmem_cache_alloc_bulk(s, GFP_KERNEL, (size_t)n, p);
	} else {
		for (int i = 0; i < n; i++)
			p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	}
	for (int i = 0; i < n; i++) {
		if (!p[i])
			fail("kmem_cache_alloc with GFP_KERNEL gave NULL");
		else if (ctor && *(unsigned char *)p[i] != 0x5e)
			fail("an object that is not constructed");
	}
	if (rng_below(r, 4) == 0)
		kmem_cache_shrink(s);
	if (rng_below(r, 2))
		kmem_cache_free_bulk(s, (size_t)n, p);
	else
		for (int i = 0; i < n; i++)
			kmem_cache_free(s, p[i]);
	if (kmem_cache_destroy(s))
		fail("kmem_cache_destroy says objects are left");
}

static void *lives(void *number)
{
	struct rng r = { .state = (unsigned long)number * 31 + 5 };

	while (!atomic_load(&stop))
		one_cache_life((unsigned long)number, &r);
	return NULL;
}

static void caches_come_and_go(struct kunit *test)
{
	run(test, 6, lives, work_seconds(3));
}

/* --- shrinking and trimming under load ------------------------------------ */

static struct kmem_cache *contended;

static void *shrink_or_use(void *number)
{
	unsigned long me = (unsigned long)number;
	struct rng r = { .state = me + 1000 };
	struct parcel held[64] = { 0 };

	while (!atomic_load(&stop)) {
		if (me == 0) {
			kmem_cache_shrink(contended);
		} else if (me == 1) {
			kmem_trim();
			drain_all_pages(NULL);
		} else if (me == 2) {
			replace(number);
		} else {
			struct parcel *b = &held[rng_below(&r, 64)];

			parcel_drop(b);
			parcel_fill(b, &r, contended);
		}
	}
	for (int i = 0; i < 64; i++)
		parcel_drop(&held[i]);
	return NULL;
}

static void shrink_while_others_allocate(struct kunit *test)
{
	unsigned long before;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	contended = kmem_cache_create("contended", 200, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, contended);
	run(test, 8, shrink_or_use, work_seconds(3));
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(contended), 0);
	work_balanced(test, before);
}

/* --- pages, and pools under fire ------------------------------------------ */

static void *pages(void *number)
{
	struct rng r = { .state = (unsigned long)number + 9 };
	unsigned long held[32] = { 0 };
	unsigned int order[32];

	while (!atomic_load(&stop)) {
		unsigned int i = rng_below(&r, 32);

		if (held[i]) {
			if (!work_stamped((void *)held[i],
					  PAGE_SIZE << order[i], i))
				fail("pages written into by somebody else");
			free_pages(held[i], order[i]);
		}
		order[i] = rng_below(&r, rng_below(&r, 20) ? 4 : 9);
		held[i] = __get_free_pages(some_gfp(&r), order[i]);
		if (held[i])
			work_stamp((void *)held[i], PAGE_SIZE << order[i], i);
	}
	for (unsigned int i = 0; i < 32; i++)
		if (held[i])
			free_pages(held[i], order[i]);
	return NULL;
}

static void page_blocks(struct kunit *test)
{
	run(test, 8, pages, work_seconds(2));
}

/* --- mapped regions, freed, kept, and used again -------------------------- */

struct mapped {
	char *p;
	size_t size;
	char mark;
};

static void mapped_mark(struct mapped *m, char mark)
{
	m->mark = mark;
	for (size_t i = 0; i < m->size; i += 512 << 10)
		m->p[i] = mark;
	m->p[m->size - 1] = mark;
}

static void mapped_check(const struct mapped *m, size_t size)
{
	for (size_t i = 0; i < size; i += 512 << 10)
		if (m->p[i] != m->mark)
			fail("a region written into by somebody else");
}

static void *map_and_unmap(void *number)
{
	struct rng r = { .state = (unsigned long)number + 21 };
	struct mapped held[3] = { 0 };

	while (!atomic_load(&stop)) {
		struct mapped *m = &held[rng_below(&r, 3)];
		size_t size = ((size_t)5 << 20) + rng_below(&r, 8 << 20);
		gfp_t zero = rng_below(&r, 4) ? 0 : __GFP_ZERO;
		char *p;

		if (rng_below(&r, 200) == 0)
			kmem_trim();
		if (!m->p) {
			m->p = kvmalloc(size, GFP_KERNEL | zero);
			m->size = size;
			if (m->p && zero &&
			    (m->p[0] || m->p[size - 1] || m->p[size / 2]))
				fail("a region that is not zero");
		} else if (rng_below(&r, 3)) {
			mapped_check(m, m->size);
			kvfree(m->p);
			m->p = NULL;
		} else {
			p = kvrealloc(m->p, size, GFP_KERNEL);
			if (p) {
				m->p = p;
				mapped_check(m,
					     m->size < size ? m->size : size);
				m->size = size;
			}
		}
		if (m->p)
			mapped_mark(m, (char)rng_next(&r));
	}
	for (int i = 0; i < 3; i++)
		kvfree(held[i].p);
	return NULL;
}

static void regions_come_and_go(struct kunit *test)
{
	run(test, 8, map_and_unmap, work_seconds(2));
}

static mempool_t *pool;
static atomic_uint budget_gone;

/* Fails most of the time, so that threads live on the reserve. */
static void *stingy_alloc(gfp_t gfp, void *data)
{
	if (atomic_fetch_add(&budget_gone, 1) % 4)
		return NULL;
	return kmalloc((size_t)data, gfp);
}

static void stingy_free(void *element, void *data)
{
	(void)data;
	kfree(element);
}

static void *pool_user(void *number)
{
	struct rng r = { .state = (unsigned long)number + 3 };

	while (!atomic_load(&stop)) {
		uint32_t seed = rng_next(&r);
		void *p = mempool_alloc(pool, GFP_KERNEL);

		if (!p) {
			fail("mempool_alloc with GFP_KERNEL gave NULL");
			continue;
		}
		work_stamp(p, 100, seed);
		if (rng_below(&r, 8) == 0)
			sched_yield();
		if (!work_stamped(p, 100, seed))
			fail("a pool's element has two owners");
		mempool_free(p, pool);
		if ((unsigned long)number == 0 && rng_below(&r, 50) == 0 &&
		    mempool_resize(pool, 1 + (int)rng_below(&r, 12)))
			fail("mempool_resize failed");
	}
	return NULL;
}

static void pool_under_fire(struct kunit *test)
{
	unsigned long before;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	atomic_store(&budget_gone, 0);
	pool = NULL;
	for (int i = 0; i < 100 && !pool; i++)
		pool = mempool_create(1, stingy_alloc, stingy_free,
				      (void *)100ul);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	run_threads(test, 10, pool_user, work_seconds(2));
	mempool_destroy(pool);
	work_balanced(test, before);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(mixed_sizes),
	KUNIT_CASE_SLOW(allocate_here_free_there),
	KUNIT_CASE_SLOW(caches_come_and_go),
	KUNIT_CASE_SLOW(shrink_while_others_allocate),
	KUNIT_CASE_SLOW(page_blocks),
	KUNIT_CASE_SLOW(regions_come_and_go),
	KUNIT_CASE_SLOW(pool_under_fire),
	{},
};

static struct kunit_suite suite = {
	.name = "stress_threads",
	.test_cases = cases,
};
kunit_test_suite(suite);
