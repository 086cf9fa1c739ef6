/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Every way into the allocators, with every call of the port that may fail
 * failing once, and failing from then on.  A way may get NULL or an error;
 * nothing crashes, nothing that was granted is damaged, nothing is left.
 *
 * Each try has a world of its own: in one kind the way boots the layers, in
 * the other they have booted and every page there is has been taken, so that
 * the way needs the port for whatever it asks.
 */
#include <sys/mman.h>

#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

#include "unit/alloc/world.h"

#define QUIET (GFP_KERNEL | __GFP_NOWARN)
/* More port calls than this no way makes. */
#define CALLS_MAX 400

/* What is held, with what it must hold. */
#define HELD 256

static struct {
	unsigned char *p;
	size_t n;
} held[HELD];
static unsigned int nr_held;
static struct kunit *now;

/* Also says no when there is no room to note it: nothing may be held then. */
static void hold(void *p, size_t n)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	KUNIT_ASSERT_LT(now, nr_held, HELD);
	held[nr_held].p = p;
	held[nr_held].n = n;
	memset(p, (int)nr_held, n < 64 ? n : 64);
	memset((char *)p + n - 1, (int)nr_held, 1);
	nr_held++;
}

static void *drop(void)
{
	unsigned char mark = (unsigned char)--nr_held;

	KUNIT_EXPECT_EQ(now, held[nr_held].p[0], mark);
	KUNIT_EXPECT_EQ(now, held[nr_held].p[held[nr_held].n - 1], mark);
	return held[nr_held].p;
}

/* --- kmalloc and its kin -------------------------------------------------- */

static void way_kmalloc(void)
{
	static const size_t sizes[] = { 8, 96, 1000, 8192, 20000, 1 << 20 };
	static const gfp_t gfp[] = { QUIET, QUIET | __GFP_ZERO, GFP_NOWAIT,
				     QUIET | __GFP_RECLAIMABLE,
				     GFP_ATOMIC | __GFP_NOWARN };
	unsigned int i, k;

	for (i = 0; i < ARRAY_LEN(sizes); i++)
		for (k = 0; k < ARRAY_LEN(gfp); k++)
			hold(kmalloc(sizes[i], gfp[k]), sizes[i]);
	while (nr_held)
		kfree(drop());
}

static void way_kmalloc_dma(void)
{
	hold(kmalloc(100, QUIET | __GFP_DMA), 100);
	hold(kmalloc(50000, QUIET | __GFP_DMA), 50000);
	hold(kmalloc_node(200, QUIET, 0), 200);
	hold(kmalloc_array(30, 10, QUIET), 300);
	while (nr_held)
		kfree(drop());
}

static void way_krealloc(void)
{
	size_t n, old = 10;
	char *p = kmalloc(old, QUIET), *q;

	if (!p)
		return;
	memset(p, 7, old);
	for (n = 30; n < 3 * MIB; n *= 3) {
		q = krealloc(p, n, QUIET);
		if (q)
			p = q;
		KUNIT_EXPECT_TRUE(now, all_bytes(p, 7, old));
		if (!q)
			continue;
		memset(p, 7, n);
		old = n;
	}
	kfree(p);
}

static void way_strings(void)
{
	char *s[4];
	unsigned int i;

	s[0] = kstrdup("a string", QUIET);
	s[1] = kstrndup("a string", 3, QUIET);
	s[2] = kmemdup("a string", 9, QUIET);
	s[3] = kasprintf(QUIET, "%s and %d", "a string", 12345);
	KUNIT_EXPECT_TRUE(now, !s[0] || !strcmp(s[0], "a string"));
	KUNIT_EXPECT_TRUE(now, !s[1] || !strcmp(s[1], "a s"));
	KUNIT_EXPECT_TRUE(now, !s[2] || !strcmp(s[2], "a string"));
	KUNIT_EXPECT_TRUE(now, !s[3] || !strcmp(s[3], "a string and 12345"));
	for (i = 0; i < 4; i++)
		kfree(s[i]);
}

static void way_bulk(void)
{
	void *p[3];

	p[0] = kmalloc(40, QUIET);
	p[1] = kmalloc(900, QUIET);
	p[2] = kmalloc(90000, QUIET);
	kfree_bulk(3, p);
}

static void way_kvmalloc(void)
{
	char *p, *q;

	hold(kvmalloc(100, QUIET), 100);
	hold(kvmalloc(100000, QUIET), 100000);
	hold(kvmalloc(9 * MIB, QUIET), 9 * MIB);
	hold(kvzalloc(5 * MIB, QUIET), 5 * MIB);
	hold(kvcalloc(100, 700, QUIET), 70000);
	while (nr_held)
		kvfree(drop());
	p = kvmalloc(2 * MIB, QUIET);
	if (!p)
		return;
	memset(p, 3, 2 * MIB);
	q = kvrealloc(p, 12 * MIB, QUIET);
	if (q)
		p = q;
	KUNIT_EXPECT_TRUE(now, all_bytes(p, 3, 2 * MIB));
	if (q) {
		q = kvrealloc(p, 30 * MIB, QUIET);
		if (q)
			p = q;
		KUNIT_EXPECT_TRUE(now, all_bytes(p, 3, 2 * MIB));
	}
	kvfree(p);
}

/* Twenty at once: the table of regions grows too. */
static void way_regions(void)
{
	unsigned int i;
	char *p, *q;

	for (i = 0; i < 20; i++)
		hold(region_alloc(4096 + i * 65536, i % 5 ? 4096 : MIB, QUIET),
		     4096 + i * 65536);
	while (nr_held) {
		p = drop();
		q = region_resize(p, 7 * MIB, QUIET);
		KUNIT_EXPECT_TRUE(now, region_free(q ? q : p));
	}
}

/* --- caches --------------------------------------------------------------- */

static void construct(void *obj)
{
	memset(obj, 0x5e, 16);
}

static void cache_used(struct kmem_cache *s, size_t n)
{
	static void *p[200];
	unsigned int cpu;

	for (cpu = 0; cpu < 12; cpu += 3) {
		/* slots of CPUs that are new to the cache */
		fake_set_cpu(cpu);
		hold(kmem_cache_alloc(s, cpu % 2 ? GFP_NOWAIT : QUIET), n);
	}
	hold(kmem_cache_alloc_node(s, QUIET, 0), n);
	if (kmem_cache_alloc_bulk(s, QUIET, 200, p))
		kmem_cache_free_bulk(s, 200, p);
	kmem_cache_shrink(s);
	while (nr_held)
		kmem_cache_free(s, drop());
	fake_set_cpu(0);
}

static void way_caches(void)
{
	static const unsigned int sizes[] = { 16, 200, 3000, 40000 };
	struct kmem_cache *s[8];
	char name[16];
	void *obj;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "way-%u", i);
		s[i] = kmem_cache_create(name, sizes[i / 2], 0,
					 i == 3 ? SLAB_HWCACHE_ALIGN : 0,
					 i % 2 ? construct : NULL);
	}
	for (i = 0; i < 8; i++) {
		if (!s[i])
			continue;
		/* a constructed object must be given back so */
		obj = i % 2 ? kmem_cache_alloc(s[i], QUIET) : NULL;
		if (obj)
			kmem_cache_free(s[i], obj);
		else if (i % 2 == 0)
			cache_used(s[i], sizes[i / 2]);
	}
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(now, kmem_cache_destroy(s[i]), 0);
}

/* --- pages ---------------------------------------------------------------- */

static void way_pages(void)
{
	struct page *page[MAX_ORDER];
	unsigned int order, i;

	for (order = 0; order < MAX_ORDER; order++)
		page[order] =
			alloc_pages(order % 2 ? QUIET : GFP_NOWAIT, order);
	for (order = 0; order < MAX_ORDER; order++) {
		if (!page[order])
			continue;
		if (order != 3) {
			__free_pages(page[order], order);
			continue;
		}
		split_page(page[order], order);
		for (i = 0; i < 8; i++)
			__free_pages(page[order] + i, 0);
	}
}

static void way_pages_otherwise(void)
{
	struct page *list[100] = { 0 };
	unsigned long i, n, z;
	void *exact;

	exact = alloc_pages_exact(70000, QUIET);
	z = get_zeroed_page(QUIET);
	KUNIT_EXPECT_TRUE(now, !z || all_bytes((void *)z, 0, PAGE_SIZE));
	n = alloc_pages_bulk(QUIET, 100, list);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(now, list[i] != NULL, i < n);
		if (list[i])
			__free_page(list[i]);
	}
	free_page(z);
	if (exact)
		free_pages_exact(exact, 70000);
	list[0] = alloc_pages(QUIET | __GFP_DMA | __GFP_COMP, 2);
	if (list[0])
		__free_pages(list[0], 2);
}

static void way_spans(void)
{
	struct page *a = page_alloc_span(QUIET, 5, 0);
	struct page *b = page_alloc_span(QUIET, 700, 3);
	struct page *c = page_alloc_span(GFP_NOWAIT, 1, 5);

	if (b)
		page_shrink_span(b, 9);
	if (a)
		page_free_span(a);
	if (b)
		page_free_span(b);
	if (c)
		page_free_span(c);
}

/* --- pools ---------------------------------------------------------------- */

/* Nobody gives anything back, so nothing here may wait for it. */
static void pool_used(mempool_t *pool, bool pages)
{
	void *e[12];
	unsigned int i, n = 0;

	for (i = 0; i < 12; i++) {
		e[n] = i % 3 ? mempool_alloc(pool, GFP_NOWAIT) :
			       mempool_alloc_preallocated(pool);
		if (!e[n])
			continue;
		if (!pages)
			memset(e[n], (int)i, 100);
		n++;
	}
	/* what it has kept back it gives, whatever the port says */
	KUNIT_EXPECT_GE(now, n, 4);
	mempool_resize(pool, 9);
	mempool_resize(pool, 2);
	while (n)
		mempool_free(e[--n], pool);
}

static void way_pools(void)
{
	struct kmem_cache *s = kmem_cache_create("way-pool", 100, 0, 0, NULL);
	mempool_t *kinds[3] = { 0 }, inside;
	unsigned int i;

	kinds[0] = mempool_create_kmalloc_pool(4, 100);
	if (s)
		kinds[1] = mempool_create_slab_pool(4, s);
	kinds[2] = mempool_create_page_pool(4, 1);
	for (i = 0; i < 3; i++)
		if (kinds[i])
			pool_used(kinds[i], i == 2);
	for (i = 0; i < 3; i++)
		mempool_destroy(kinds[i]);
	memset(&inside, 0, sizeof(inside));
	if (!mempool_init_kmalloc_pool(&inside, 4, 3000)) {
		pool_used(&inside, false);
		mempool_exit(&inside);
	}
	KUNIT_EXPECT_EQ(now, kmem_cache_destroy(s), 0);
}

/* --- giving back ---------------------------------------------------------- */

/* With decay_ms=0 memory goes back at once, and is asked for again. */
static void way_there_and_back(void)
{
	unsigned int round;

	for (round = 0; round < 3; round++) {
		hold(kmalloc(3 * MIB, QUIET), 3 * MIB);
		hold(kmalloc(3 * MIB, QUIET), 3 * MIB);
		hold(kmalloc(500, QUIET), 500);
		while (nr_held)
			kfree(drop());
		page_trim();
	}
}

/* -------------------------------------------------------------------------- */

static void (*way)(void);
static unsigned long nth;
static bool from, booted;
/* In memory that the world shares with the test. */
static unsigned long *failures;

/* A block that is held so that nobody has it; the note lies in the block. */
struct hog {
	struct hog *next;
	unsigned int order;
};

static struct hog *hog_all(void)
{
	struct hog *all = NULL, *one;
	unsigned int order = MAX_ORDER;

	while (order--)
		while ((one = (void *)__get_free_pages(
				GFP_NOWAIT | __GFP_NOWARN, order))) {
			*one = (struct hog){ .next = all, .order = order };
			all = one;
		}
	return all;
}

static void unhog(struct hog *all)
{
	struct hog *next;

	for (; all; all = next) {
		next = all->next;
		free_pages((unsigned long)all, all->order);
	}
}

static void try_way(struct kunit *test)
{
	struct hog *hogs = NULL;

	now = test;
	if (booted)
		hogs = hog_all();
	if (from)
		fake_fail_from(FAKE_ANY, nth);
	else
		fake_fail_nth(FAKE_ANY, nth);
	way();
	*failures = fake_failed();
	fake_fail_nth(0, 0);
	KUNIT_EXPECT_EQ(test, nr_held, 0);
	unhog(hogs);
	/* with the port well again, all of it can be had */
	way();
}

/* n from 1 up, until no call is left to fail. */
static unsigned int sweep(struct kunit *test)
{
	struct world w = { .options = "decay_ms=0",
			   .window = 256 * MIB,
			   .unbooted = !booted };

	for (nth = 1; nth < CALLS_MAX; nth++) {
		in_world(test, w, try_way);
		if (!*failures || test->status)
			break;
	}
	KUNIT_EXPECT_LT(test, nth, CALLS_MAX);
	/* one failed at least, or nothing has been tested */
	KUNIT_EXPECT_GT(test, nth, 1);
	return (unsigned int)nth;
}

static void every_nth(struct kunit *test, void (*which)(void))
{
	unsigned int tries = 0;

	way = which;
	for (booted = 0;; booted = 1) {
		for (from = 0;; from = 1) {
			tries += sweep(test);
			if (from || test->status)
				break;
		}
		if (booted || test->status)
			break;
	}
	kunit_info(test, "%u tries", tries);
}

#define WAY(name)                                                \
	static void name##_survives_failures(struct kunit *test) \
	{                                                        \
		every_nth(test, way_##name);                     \
	}

WAY(kmalloc)
WAY(kmalloc_dma)
WAY(krealloc)
WAY(strings)
WAY(bulk)
WAY(kvmalloc)
WAY(regions)
WAY(caches)
WAY(pages)
WAY(pages_otherwise)
WAY(spans)
WAY(pools)
WAY(there_and_back)

static int suite_init(struct kunit_suite *suite)
{
	(void)suite;
	failures = mmap(NULL, sizeof(*failures), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return failures == MAP_FAILED;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kmalloc_survives_failures),
	KUNIT_CASE(kmalloc_dma_survives_failures),
	KUNIT_CASE(krealloc_survives_failures),
	KUNIT_CASE(strings_survives_failures),
	KUNIT_CASE(bulk_survives_failures),
	KUNIT_CASE(kvmalloc_survives_failures),
	KUNIT_CASE(regions_survives_failures),
	KUNIT_CASE(caches_survives_failures),
	KUNIT_CASE(pages_survives_failures),
	KUNIT_CASE(pages_otherwise_survives_failures),
	KUNIT_CASE(spans_survives_failures),
	KUNIT_CASE(pools_survives_failures),
	KUNIT_CASE(there_and_back_survives_failures),
	{},
};

static struct kunit_suite suite = {
	.name = "every-path",
	.suite_init = suite_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
