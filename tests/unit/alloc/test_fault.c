/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Requests that are made to fail, by calls: at run time, after caches have had
 * sheaves, and each attribute of the kernel's.
 */
#include "unit/alloc/world.h"

#include <kmem/fault.h>
#include <kmem/kmem.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "port/fake/fake.h"

#define MOST 40

/* Of n requests for 64 bytes, one by one, which fail: '.' or 'x' of each. */
static const char *objects(unsigned int n, gfp_t gfp)
{
	static char text[MOST + 1];
	void *p[MOST];

	for (unsigned int i = 0; i < n; i++)
		p[i] = kmalloc(64, gfp);
	for (unsigned int i = 0; i < n; i++) {
		text[i] = p[i] ? '.' : 'x';
		kfree(p[i]);
	}
	text[n] = 0;
	return text;
}

static struct kmem_fault_attr attr_of(enum kmem_fault kind)
{
	struct kmem_fault_attr attr;

	kmem_fault_get(kind, &attr);
	attr.probability = 100;
	attr.times = -1;
	attr.verbose = 0;
	attr.ignore_gfp_wait = false;
	return attr;
}

static void set(struct kunit *test, enum kmem_fault kind,
		const struct kmem_fault_attr *attr)
{
	KUNIT_ASSERT_EQ(test, kmem_fault_set(kind, attr), 0);
}

/* Nothing fails any more. */
static void unset(struct kunit *test)
{
	struct kmem_fault_attr off = { 0 };

	set(test, KMEM_FAILSLAB, &off);
	set(test, KMEM_FAIL_PAGE_ALLOC, &off);
}

WORLD_CASE(the_standard_is_the_kernels)
{
	struct kmem_fault_attr attr;

	kmem_fault_get(KMEM_FAIL_PAGE_ALLOC, &attr);
	KUNIT_EXPECT_EQ(test, attr.interval, 1);
	KUNIT_EXPECT_EQ(test, attr.probability, 0);
	KUNIT_EXPECT_EQ(test, attr.space, 0);
	KUNIT_EXPECT_EQ(test, attr.times, 1);
	KUNIT_EXPECT_EQ(test, attr.verbose, 2);
	KUNIT_EXPECT_EQ(test, attr.min_order, 1);
	KUNIT_EXPECT_TRUE(test, attr.ignore_gfp_wait);
	KUNIT_EXPECT_TRUE(test, attr.ignore_gfp_highmem);
	KUNIT_EXPECT_FALSE(test, attr.cache_filter || attr.task_filter);
	attr.probability = 101;
	KUNIT_EXPECT_EQ(test, kmem_fault_set(KMEM_FAILSLAB, &attr), -EINVAL);
	KUNIT_EXPECT_EQ(test, kmem_fault_set((enum kmem_fault)2, &attr),
			-EINVAL);
	KUNIT_EXPECT_STREQ(test, objects(5, GFP_KERNEL), ".....");
}

/* What lies in sheaves would be served without a question. */
WORLD_CASE(it_begins_at_any_time)
{
	struct kmem_fault_attr attr = attr_of(KMEM_FAILSLAB);
	struct kmem_cache *s = kmem_cache_create("late", 64, 0, 0, NULL);
	void *p[MOST];

	for (int i = 0; i < MOST; i++)
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	for (int i = 0; i < MOST / 2; i++)
		kmem_cache_free(s, p[i]);
	objects(MOST, GFP_KERNEL);
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(3, GFP_KERNEL), "xxx");
	KUNIT_EXPECT_NULL(test, kmem_cache_alloc(s, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 3, p), 0);
	/* what is freed now does not lie ready either */
	kmem_cache_free(s, p[MOST / 2]);
	KUNIT_EXPECT_NULL(test, kmem_cache_alloc(s, GFP_KERNEL));
	for (int i = MOST / 2 + 1; i < MOST; i++)
		kmem_cache_free(s, p[i]);
	unset(test);
	KUNIT_EXPECT_STREQ(test, objects(3, GFP_KERNEL), "...");
	kmem_cache_destroy(s);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

WORLD_CASE(interval_space_and_times)
{
	struct kmem_fault_attr attr = attr_of(KMEM_FAILSLAB);

	attr.interval = 4;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(12, GFP_KERNEL), "...x...x...x");
	attr.interval = 1;
	attr.times = 2;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(5, GFP_KERNEL), "xx...");
	kmem_fault_get(KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_EQ(test, attr.times, 0);
	attr.times = -1;
	attr.space = 4 * 64;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(6, GFP_KERNEL), "...xxx");
	unset(test);
}

WORLD_CASE(probability_is_a_share)
{
	struct kmem_fault_attr attr = attr_of(KMEM_FAILSLAB);
	unsigned int failed = 0;
	void *p;

	attr.probability = 50;
	set(test, KMEM_FAILSLAB, &attr);
	for (int i = 0; i < 1000; i++) {
		p = kmalloc(64, GFP_KERNEL);
		failed += !p;
		kfree(p);
	}
	/* twelve times the deviation of 1000 coins */
	KUNIT_EXPECT_GT(test, failed, 300);
	KUNIT_EXPECT_LT(test, failed, 700);
	unset(test);
}

WORLD_CASE(some_requests_are_let_through)
{
	struct kmem_fault_attr attr = attr_of(KMEM_FAILSLAB);
	void *p;

	attr.ignore_gfp_wait = true;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(2, GFP_KERNEL), "..");
	KUNIT_EXPECT_STREQ(test, objects(2, GFP_ATOMIC), "xx");
	KUNIT_EXPECT_STREQ(test, objects(2, GFP_NOWAIT), "xx");
	p = kmalloc(64, GFP_KERNEL | __GFP_NOFAIL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	attr.ignore_gfp_wait = false;
	attr.task_filter = true;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(2, GFP_KERNEL), "..");
	kmem_make_it_fail(true);
	KUNIT_EXPECT_STREQ(test, objects(2, GFP_KERNEL), "xx");
	p = kmalloc(64, GFP_KERNEL | __GFP_NOFAIL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	kmem_make_it_fail(false);
	KUNIT_EXPECT_STREQ(test, objects(2, GFP_KERNEL), "..");
	unset(test);
}

WORLD_CASE(caches_are_named, .options = "slab_debug=A,named")
{
	struct kmem_fault_attr attr = attr_of(KMEM_FAILSLAB);
	struct kmem_cache *named = kmem_cache_create("named", 64, 0, 0, NULL);
	struct kmem_cache *other = kmem_cache_create("other", 64, 0, 0, NULL);
	void *p[3];

	attr.cache_filter = true;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_NULL(test, kmem_cache_alloc(named, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk(named, GFP_KERNEL, 3, p),
			0);
	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk(other, GFP_KERNEL, 3, p),
			3);
	kmem_cache_free_bulk(other, 3, p);
	KUNIT_EXPECT_STREQ(test, objects(2, GFP_KERNEL), "..");
	unset(test);
	kmem_cache_destroy(named);
	kmem_cache_destroy(other);
}

static const char *blocks(gfp_t gfp)
{
	static char text[4];

	for (unsigned int order = 0; order < 3; order++) {
		struct page *page = alloc_pages(gfp, order);

		text[order] = page ? '.' : 'x';
		if (page)
			__free_pages(page, order);
	}
	return text;
}

WORLD_CASE(pages_have_orders)
{
	struct kmem_fault_attr attr = attr_of(KMEM_FAIL_PAGE_ALLOC);
	void *p;

	set(test, KMEM_FAIL_PAGE_ALLOC, &attr);
	KUNIT_EXPECT_STREQ(test, blocks(GFP_KERNEL), ".xx");
	KUNIT_EXPECT_STREQ(test, blocks(GFP_HIGHUSER), "...");
	attr.ignore_gfp_highmem = false;
	attr.min_order = 0;
	set(test, KMEM_FAIL_PAGE_ALLOC, &attr);
	KUNIT_EXPECT_STREQ(test, blocks(GFP_HIGHUSER), "xxx");
	/* what is made of pages, and not what comes from caches */
	KUNIT_EXPECT_NULL(test, vmalloc(PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, kvmalloc(8 * MIB, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmalloc(1 * MIB, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, alloc_percpu(long));
	KUNIT_EXPECT_STREQ(test, objects(2, GFP_KERNEL), "..");
	/* pages are counted for space */
	attr.space = 8;
	set(test, KMEM_FAIL_PAGE_ALLOC, &attr);
	p = alloc_pages_exact(7 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_EXPECT_NULL(test, p);
	KUNIT_EXPECT_STREQ(test, blocks(GFP_KERNEL), "...");
	KUNIT_EXPECT_STREQ(test, blocks(GFP_KERNEL), "xxx");
	unset(test);
}

WORLD_CASE(the_nth_of_all_kinds_fails)
{
	struct kmem_fault_attr attr = attr_of(KMEM_FAILSLAB);
	struct page *page;

	KUNIT_ASSERT_EQ(test, kmem_fail_nth(3), 0);
	KUNIT_EXPECT_STREQ(test, objects(1, GFP_KERNEL), ".");
	KUNIT_EXPECT_EQ(test, kmem_fail_nth_left(), 2);
	page = alloc_page(GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, page);
	__free_page(page);
	KUNIT_EXPECT_NULL(test, vmalloc(PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, kmem_fail_nth_left(), 0);
	KUNIT_EXPECT_STREQ(test, objects(3, GFP_KERNEL), "...");
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "forcing a failure"));
	/* while it counts, nothing else fails */
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_ASSERT_EQ(test, kmem_fail_nth(3), 0);
	KUNIT_EXPECT_STREQ(test, objects(3, GFP_KERNEL), "..x");
	KUNIT_EXPECT_STREQ(test, objects(1, GFP_KERNEL), "x");
	KUNIT_ASSERT_EQ(test, kmem_fail_nth(5), 0);
	KUNIT_ASSERT_EQ(test, kmem_fail_nth(0), 0);
	KUNIT_EXPECT_STREQ(test, objects(1, GFP_KERNEL), "x");
	unset(test);
}

WORLD_CASE(pools_fail_where_they_may)
{
	mempool_t *pool = mempool_create_kmalloc_pool(2, 64);
	struct kmem_fault_attr attr = attr_of(KMEM_FAILSLAB);
	void *p;

	/* its element, and then it has another way */
	set(test, KMEM_FAILSLAB, &attr);
	p = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	mempool_free(p, pool);
	unset(test);
	/* the first question of an atomic one is its own */
	KUNIT_ASSERT_EQ(test, kmem_fail_nth(1), 0);
	KUNIT_EXPECT_NULL(test, mempool_alloc(pool, GFP_ATOMIC));
	KUNIT_ASSERT_EQ(test, kmem_fail_nth(1), 0);
	p = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, kmem_fail_nth_left(), 0);
	mempool_free(p, pool);
	mempool_destroy(pool);
}

/* Addresses that lie on the stack, as the port has it. */
static unsigned int stack_of_two(void **pc, unsigned int n)
{
	if (n > 0)
		pc[0] = (void *)0x1000;
	if (n > 1)
		pc[1] = (void *)0x2000;
	return n < 2 ? n : 2;
}

WORLD_CASE(stacks_are_looked_at)
{
	struct kmem_fault_attr attr = attr_of(KMEM_FAILSLAB);

	fake_set_stack_hook(stack_of_two);
	attr.require_start = 0x2000;
	attr.require_end = 0x2001;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(1, GFP_KERNEL), "x");
	attr.stacktrace_depth = 1;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(1, GFP_KERNEL), ".");
	attr.stacktrace_depth = 32;
	attr.reject_start = 0x1000;
	attr.reject_end = 0x1800;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(1, GFP_KERNEL), ".");
	attr.require_end = attr.require_start = 0;
	attr.reject_start = 0x3000;
	attr.reject_end = 0x4000;
	set(test, KMEM_FAILSLAB, &attr);
	KUNIT_EXPECT_STREQ(test, objects(1, GFP_KERNEL), "x");
	unset(test);
}

WORLD_CASE(each_is_told, .options = "failslab=1,100,0,4,"
				    "failslab.ignore_gfp_wait=0,"
				    "failslab.verbose=1")
{
	KUNIT_EXPECT_STREQ(test, objects(5, GFP_KERNEL), "xxxx.");
	KUNIT_EXPECT_NOT_NULL(
		test, strstr(fake_log(),
			     "FAULT_INJECTION: forcing a failure.\n"
			     "name failslab, interval 1, probability 100, "
			     "space 0, times 4\n"));
	KUNIT_EXPECT_NULL(test, strstr(fake_log(), "Call Trace"));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(the_standard_is_the_kernels),
	KUNIT_CASE(it_begins_at_any_time),
	KUNIT_CASE(interval_space_and_times),
	KUNIT_CASE(probability_is_a_share),
	KUNIT_CASE(some_requests_are_let_through),
	KUNIT_CASE(caches_are_named),
	KUNIT_CASE(pages_have_orders),
	KUNIT_CASE(the_nth_of_all_kinds_fails),
	KUNIT_CASE(pools_fail_where_they_may),
	KUNIT_CASE(stacks_are_looked_at),
	KUNIT_CASE(each_is_told),
	{},
};

static struct kunit_suite suite = { .name = "fault", .test_cases = cases };

kunit_test_suite(suite);
