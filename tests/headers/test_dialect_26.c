/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Code as the books on 2.6 write it, unchanged: flags are int, a cache is a
 * kmem_cache_t, constructors take three arguments and have a destructor.
 */
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include <kmem/kmem.h>

#include <string.h>

#include "kunit/test.h"

#define MAGIC 0x5ca11
#define OBJECTS 300

struct scull {
	struct list_head list;
	int magic;
	char name[60];
};

static kmem_cache_t *told_cache;
static unsigned long told_flags;
static int ctors, dtors, wrong;

static void scull_ctor(void *obj, kmem_cache_t *cachep, unsigned long flags)
{
	struct scull *s = obj;

	told_cache = cachep;
	told_flags = flags;
	ctors++;
	s->magic = MAGIC;
}

static void scull_dtor(void *obj, kmem_cache_t *cachep, unsigned long flags)
{
	struct scull *s = obj;

	(void)flags;
	dtors++;
	if (s->magic != MAGIC || cachep != told_cache)
		wrong++;
}

static int reset(struct kunit *test)
{
	(void)test;
	told_cache = NULL;
	told_flags = 0;
	ctors = dtors = wrong = 0;
	return 0;
}

static void leaves_nothing(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static void *take_all(struct kunit *test, kmem_cache_t *cache, void **objs)
{
	int flags = GFP_KERNEL, i;

	for (i = 0; i < OBJECTS; i++) {
		objs[i] = kmem_cache_alloc(cache, flags);
		KUNIT_ASSERT_NOT_NULL(test, objs[i]);
	}
	return objs[0];
}

static void give_all(kmem_cache_t *cache, void **objs)
{
	int i;

	for (i = 0; i < OBJECTS; i++)
		kmem_cache_free(cache, (const void *)objs[i]);
}

static void kmalloc_takes_int_flags(struct kunit *test)
{
	int flags = GFP_KERNEL | __GFP_REPEAT;
	size_t size = 100;
	char *p = kmalloc(size, flags);
	const void *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0xcc, size);
	q = p;
	kfree(q);
	p = kmalloc(size, GFP_ATOMIC | __GFP_COLD);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kzfree(p);
	leaves_nothing(test);
}

static void book_constructor_is_told_who_and_why(struct kunit *test)
{
	static void *objs[OBJECTS];
	size_t offset = 0;
	unsigned long flags = SLAB_HWCACHE_ALIGN | SLAB_NO_REAP;
	kmem_cache_t *cache;
	int first, i;

	cache = kmem_cache_create("scull_book", sizeof(struct scull), offset,
				  flags, scull_ctor);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	KUNIT_EXPECT_EQ(test, ctors, 0);
	take_all(test, cache, objs);
	KUNIT_EXPECT_PTR_EQ(test, told_cache, cache);
	KUNIT_EXPECT_EQ(test, told_flags, SLAB_CTOR_CONSTRUCTOR);
	KUNIT_EXPECT_GE(test, ctors, OBJECTS);
	for (i = 0; i < OBJECTS; i++)
		KUNIT_EXPECT_EQ(test, ((struct scull *)objs[i])->magic, MAGIC);

	/* Once for each object, never for each allocation. */
	first = ctors;
	give_all(cache, objs);
	take_all(test, cache, objs);
	KUNIT_EXPECT_EQ(test, ctors, first);
	give_all(cache, objs);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	KUNIT_EXPECT_EQ(test, dtors, 0);
	leaves_nothing(test);
}

static void destructor_undoes_each_constructor(struct kunit *test)
{
	static void *objs[OBJECTS];
	kmem_cache_t *cache;

	cache = kmem_cache_create("scull_pair", sizeof(struct scull), 0, 0,
				  scull_ctor, scull_dtor);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	take_all(test, cache, objs);
	give_all(cache, objs);
	KUNIT_EXPECT_GE(test, ctors, OBJECTS);
	kmem_cache_shrink(cache);
	KUNIT_EXPECT_EQ(test, dtors, ctors);

	take_all(test, cache, objs);
	KUNIT_EXPECT_GT(test, ctors, dtors);
	give_all(cache, objs);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	KUNIT_EXPECT_EQ(test, dtors, ctors);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	leaves_nothing(test);
}

static void sixth_argument_may_be_null(struct kunit *test)
{
	static void *objs[OBJECTS];
	kmem_cache_t *cache;

	cache = kmem_cache_create("scull_ctor", sizeof(struct scull), 0, 0,
				  scull_ctor, NULL);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	take_all(test, cache, objs);
	give_all(cache, objs);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	KUNIT_EXPECT_GE(test, ctors, OBJECTS);
	KUNIT_EXPECT_EQ(test, dtors, 0);
	leaves_nothing(test);
}

static void both_functions_may_be_null(struct kunit *test)
{
	static void *objs[OBJECTS];
	kmem_cache_t *cache;

	cache = kmem_cache_create("scull_none", sizeof(struct scull), 0,
				  SLAB_HWCACHE_ALIGN, NULL, NULL);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	KUNIT_EXPECT_EQ(test, (unsigned long)take_all(test, cache, objs) % 64,
			0);
	give_all(cache, objs);
	kmem_cache_destroy(cache);

	cache = kmem_cache_create("scull_zero", sizeof(struct scull), 0, 0, 0,
				  0);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	kmem_cache_destroy(cache);

	cache = kmem_cache_create("scull_plain", sizeof(struct scull), 0, 0,
				  NULL);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	if (kmem_cache_destroy(cache))
		KUNIT_FAIL(test, "an empty cache had objects left");
	KUNIT_EXPECT_EQ(test, ctors, 0);
	leaves_nothing(test);
}

static void a_huge_size_does_not_wrap(struct kunit *test)
{
	kmem_cache_t *cache;

	if (sizeof(size_t) < 8)
		kunit_skip(test, "no size beyond 32 bits");
	cache = kmem_cache_create("scull_huge", ((size_t)1 << 32) + 64, 0, 0,
				  scull_ctor, NULL);
	KUNIT_EXPECT_NULL(test, cache);
	leaves_nothing(test);
}

/* Element functions as 2.6 declares them. */
static int elements;

static void *element_alloc(int gfp_mask, void *pool_data)
{
	elements++;
	return kmalloc((size_t)pool_data, gfp_mask);
}

static void element_free(void *element, void *pool_data)
{
	(void)pool_data;
	elements--;
	kfree(element);
}

static void mempool_takes_int_masks(struct kunit *test)
{
	mempool_t *pool;
	void *element;
	int mask = GFP_KERNEL;

	elements = 0;
	pool = mempool_create(4, element_alloc, element_free, (void *)128);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_EQ(test, elements, 4);
	KUNIT_EXPECT_EQ(test, pool->min_nr, 4);
	element = mempool_alloc(pool, mask);
	KUNIT_ASSERT_NOT_NULL(test, element);
	KUNIT_EXPECT_EQ(test, elements, 5);

	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 8, mask), 0);
	KUNIT_EXPECT_EQ(test, pool->min_nr, 8);
	KUNIT_EXPECT_EQ(test, elements, 9);
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 2, GFP_ATOMIC), 0);
	KUNIT_EXPECT_EQ(test, elements, 3);

	mempool_free(element, pool);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, elements, 0);
	leaves_nothing(test);
}

static void mempool_over_a_lookaside_cache(struct kunit *test)
{
	kmem_cache_t *cache;
	mempool_t *pool;
	void *element;

	cache = kmem_cache_create("scull_pool", 200, 0, 0, NULL, NULL);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	pool = mempool_create(3, mempool_alloc_slab, mempool_free_slab, cache);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	element = mempool_alloc(pool, GFP_NOIO);
	KUNIT_EXPECT_NOT_NULL(test, element);
	mempool_free(element, pool);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	leaves_nothing(test);
}

static void old_names_still_mean_something(struct kunit *test)
{
	kmem_cache_t *cache;
	void *p, *q;

	KUNIT_EXPECT_EQ(test, __GFP_WAIT & GFP_KERNEL, __GFP_WAIT);
	KUNIT_EXPECT_EQ(test, __GFP_WAIT & GFP_ATOMIC & __GFP_DIRECT_RECLAIM,
			0);
	KUNIT_EXPECT_EQ(test, __GFP_COLD | __GFP_ATOMIC | __GFP_NOTRACK, 0);
	KUNIT_EXPECT_EQ(test, SLAB_NO_REAP | SLAB_MEM_SPREAD, 0);
	KUNIT_EXPECT_EQ(test, MAX_ORDER, 11);

	cache = kmem_cache_create("scull_old", 40, 0,
				  SLAB_MUST_HWCACHE_ALIGN | SLAB_TEMPORARY |
					  SLAB_DESTROY_BY_RCU | SLAB_PANIC,
				  NULL, NULL);
	p = kmem_cache_alloc(cache, SLAB_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);

	/* The four-argument form of 5.15 never shrinks. */
	p = kvmalloc(64, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0x42, 64);
	q = kvrealloc(p, 64, 32, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	q = kvrealloc(p, 64, 3 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, ((char *)q)[63], 0x42);
	kvfree(q);
	leaves_nothing(test);
}

static void pages_by_address(struct kunit *test)
{
	int flags = GFP_KERNEL;
	unsigned long quantum = __get_free_pages(flags, 2);
	unsigned long zeroed = get_zeroed_page(flags);
	struct page *page;
	size_t i;

	KUNIT_ASSERT_NE(test, quantum, 0);
	KUNIT_ASSERT_NE(test, zeroed, 0);
	KUNIT_EXPECT_EQ(test, quantum % (4 * PAGE_SIZE), 0);
	for (i = 0; i < PAGE_SIZE; i++)
		if (((char *)zeroed)[i])
			KUNIT_FAIL(test, "byte %zu is not zero", i);
	page = virt_to_page(quantum + PAGE_SIZE);
	KUNIT_EXPECT_PTR_EQ(test, page_address(page),
			    (void *)(quantum + PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, __pa(quantum), virt_to_phys((void *)quantum));
	KUNIT_EXPECT_PTR_EQ(test, __va(__pa(quantum)), (void *)quantum);
	free_page(zeroed);
	free_pages(quantum, 2);
	leaves_nothing(test);
}

static int dentries = 10;

static int shrink_dcache(int nr_to_scan, unsigned int gfp_mask)
{
	if (nr_to_scan) {
		if (!(gfp_mask & __GFP_FS))
			return -1;
		dentries -= nr_to_scan < dentries ? nr_to_scan : dentries;
	}
	return dentries;
}

static unsigned long none(struct shrinker *s, struct shrink_control *sc)
{
	(void)s;
	(void)sc;
	return SHRINK_EMPTY;
}

static void shrinkers_by_name_and_without(struct kunit *test)
{
	struct shrinker *(*set)(int, shrinker_t) = set_shrinker;
	struct shrinker *old = set(DEFAULT_SEEKS, shrink_dcache);
	struct shrinker mine = {
		.count_objects = none,
		.scan_objects = none,
		.seeks = DEFAULT_SEEKS,
	};
	int (*by_pointer)(struct shrinker *, const char *, ...) =
		register_shrinker;

	KUNIT_ASSERT_NOT_NULL(test, old);
	kmem_trim();
	KUNIT_EXPECT_EQ(test, dentries, 0);
	remove_shrinker(old);
	KUNIT_EXPECT_EQ(test, register_shrinker(&mine), 0);
	unregister_shrinker(&mine);
	KUNIT_EXPECT_EQ(test, register_shrinker(&mine, "mine"), 0);
	unregister_shrinker(&mine);
	KUNIT_EXPECT_EQ(test,
			register_shrinker(&mine, "m-%d:%d-%s%s%s%s%s%s", 1, 2,
					  "a", "b", "c", "d", "e", "f"),
			0);
	unregister_shrinker(&mine);
	KUNIT_EXPECT_EQ(test, by_pointer(&mine, "mine"), 0);
	unregister_shrinker(&mine);
	KUNIT_EXPECT_EQ(test, prealloc_shrinker(&mine), 0);
	register_shrinker_prepared(&mine);
	unregister_shrinker(&mine);
	KUNIT_EXPECT_EQ(test, prealloc_shrinker(&mine, "mine-%d", 5), 0);
	free_prealloced_shrinker(&mine);
	leaves_nothing(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kmalloc_takes_int_flags),
	KUNIT_CASE(book_constructor_is_told_who_and_why),
	KUNIT_CASE(destructor_undoes_each_constructor),
	KUNIT_CASE(sixth_argument_may_be_null),
	KUNIT_CASE(both_functions_may_be_null),
	KUNIT_CASE(a_huge_size_does_not_wrap),
	KUNIT_CASE(mempool_takes_int_masks),
	KUNIT_CASE(mempool_over_a_lookaside_cache),
	KUNIT_CASE(old_names_still_mean_something),
	KUNIT_CASE(pages_by_address),
	KUNIT_CASE(shrinkers_by_name_and_without),
	{ NULL, NULL },
};

static struct kunit_suite suite = {
	.name = "dialect_26",
	.init = reset,
	.test_cases = cases,
};
kunit_test_suite(suite);
