// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
//
// Both dialects from C++, where overloads and not macros tell them apart.

#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include <kmem/kmem.h>
#include <kmem/stats.h>

#include <cstring>
#include <sys/sysinfo.h>

#include "headers/constant_sizes.h"
#include "kunit/test.h"

namespace
{

struct node {
	unsigned long magic;
	char name[32];
};

int ctors, dtors;
kmem_cache_t *told_cache;
unsigned long told_flags;

void node_ctor(void *obj)
{
	ctors++;
	static_cast<node *>(obj)->magic = 5;
}

void node_ctor3(void *obj, kmem_cache_t *cache, unsigned long flags)
{
	told_cache = cache;
	told_flags = flags;
	node_ctor(obj);
}

void node_dtor3(void *obj, kmem_cache_t *, unsigned long)
{
	if (static_cast<node *>(obj)->magic == 5)
		dtors++;
}

int reset(struct kunit *)
{
	ctors = dtors = 0;
	told_cache = nullptr;
	told_flags = 0;
	return 0;
}

void try_cache(struct kunit *test, kmem_cache *cache, bool constructed)
{
	KUNIT_ASSERT_NOT_NULL(test, cache);
	node *obj = static_cast<node *>(kmem_cache_alloc(cache, GFP_KERNEL));
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, ctors > 0, constructed);
	if (constructed)
		KUNIT_EXPECT_EQ(test, obj->magic, 5);
	kmem_cache_free(cache, obj);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	reset(test);
}

void every_null_means_no_constructor(struct kunit *test)
{
	const size_t size = sizeof(node);

	try_cache(test, kmem_cache_create("cpp", size, 0, 0, NULL), false);
	try_cache(test, kmem_cache_create("cpp", size, 0, 0, nullptr), false);
	try_cache(test, kmem_cache_create("cpp", size, 0, 0, 0), false);
	try_cache(test, kmem_cache_create("cpp", size, 0, 0, NULL, NULL),
		  false);
	try_cache(test, kmem_cache_create("cpp", size, 0, 0, nullptr, nullptr),
		  false);
	try_cache(test, kmem_cache_create("cpp", size, NULL, 0), false);
	try_cache(test, kmem_cache_create("cpp", size, nullptr, 0), false);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

void every_kind_of_constructor(struct kunit *test)
{
	const size_t size = sizeof(node);
	struct kmem_cache_args args = {};

	try_cache(test, kmem_cache_create("cpp", size, 64, 0, node_ctor), true);
	try_cache(test, kmem_cache_create("cpp", size, 0, 0, &node_ctor), true);
	try_cache(test,
		  kmem_cache_create("cpp", size, 0, 0,
				    [](void *obj) { node_ctor(obj); }),
		  true);
	args.align = 64;
	args.ctor = node_ctor;
	try_cache(test, kmem_cache_create("cpp", size, &args, 0), true);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

void book_constructor_and_destructor(struct kunit *test)
{
	kmem_cache_t *cache = kmem_cache_create("cpp3", sizeof(node), 0,
						SLAB_HWCACHE_ALIGN, node_ctor3);

	KUNIT_ASSERT_NOT_NULL(test, cache);
	void *obj = kmem_cache_alloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_PTR_EQ(test, told_cache, cache);
	KUNIT_EXPECT_EQ(test, told_flags, SLAB_CTOR_CONSTRUCTOR);
	kmem_cache_free(cache, obj);
	kmem_cache_destroy(cache);

	reset(test);
	cache = kmem_cache_create("cpp6", sizeof(node), 0, 0, node_ctor3,
				  node_dtor3);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, obj);
	kmem_cache_destroy(cache);
	KUNIT_EXPECT_GT(test, ctors, 0);
	KUNIT_EXPECT_EQ(test, dtors, ctors);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

int elements;

void *alloc_int(int mask, void *data)
{
	elements++;
	return kmalloc(reinterpret_cast<size_t>(data), mask);
}

void *alloc_gfp(gfp_t gfp, void *data)
{
	elements++;
	return kmalloc(reinterpret_cast<size_t>(data), gfp);
}

void free_element(void *element, void *)
{
	elements--;
	kfree(element);
}

void try_pool(struct kunit *test, mempool_t *pool)
{
	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_EQ(test, elements, 2);
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 4), 0);
	KUNIT_EXPECT_EQ(test, elements, 4);
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 3, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, elements, 3);
	void *element = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, element);
	mempool_free(element, pool);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, elements, 0);
}

void pools_of_both_masks(struct kunit *test)
{
	void *size = reinterpret_cast<void *>(64);
	mempool_t embedded = {};

	elements = 0;
	try_pool(test, mempool_create(2, alloc_int, free_element, size));
	try_pool(test, mempool_create(2, alloc_gfp, free_element, size));
	try_pool(test, mempool_create_node(2, alloc_int, free_element, size,
					   GFP_KERNEL, NUMA_NO_NODE));
	KUNIT_ASSERT_EQ(
		test, mempool_init(&embedded, 1, alloc_int, free_element, size),
		0);
	KUNIT_EXPECT_TRUE(test, mempool_initialized(&embedded));
	mempool_exit(&embedded);
	KUNIT_ASSERT_EQ(test, mempool_init_kmalloc_pool(&embedded, 1, 40), 0);
	mempool_exit(&embedded);
	mempool_t *pool = mempool_create_page_pool(1, 0);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, elements, 0);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

struct packet {
	unsigned int len;
	unsigned short data[];
};

void typed_allocation(struct kunit *test)
{
	node *one = kzalloc_obj(*one);
	node *many = kmalloc_objs(node, 4, GFP_KERNEL);
	packet *p = kzalloc_flex(*p, data, 12);

	KUNIT_ASSERT_NOT_NULL(test, one);
	KUNIT_ASSERT_NOT_NULL(test, many);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, one->magic, 0);
	KUNIT_EXPECT_GE(test, ksize(many), 4 * sizeof(node));
	KUNIT_EXPECT_GE(test, ksize(p), sizeof(packet) + 24);
	kfree(p);
	kfree(many);
	kfree(one);
	{
		char *name __free(kfree) = kstrdup("scoped", GFP_KERNEL);
		node *bad __free(kvfree) = static_cast<node *>(ERR_PTR(-12));

		KUNIT_EXPECT_STREQ(test, name, "scoped");
		KUNIT_EXPECT_TRUE(test, IS_ERR(bad));
		char *kept = no_free_ptr(name);
		KUNIT_EXPECT_NULL(test, name);
		kfree(kept);
	}
	void *p4 = kvrealloc(kvmalloc(32, GFP_KERNEL), 32, 100, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p4);
	p4 = kvrealloc(p4, 200, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p4);
	kvfree(p4);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

void scopes_from_cpp(struct kunit *test)
{
	unsigned int was = memalloc_nofs_save();
	int guard = 1, scoped_guard = 2; // words of C++ programs

	KUNIT_EXPECT_EQ(test, current_gfp_context(GFP_KERNEL), GFP_NOFS);
	memalloc_nofs_restore(was);
	preempt_disable();
	KUNIT_EXPECT_TRUE(test, in_atomic());
	preempt_enable();
	might_sleep_if(guard == scoped_guard);
	might_alloc(GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

void pages_from_cpp(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 1);
	struct sysinfo si;

	KUNIT_ASSERT_NOT_NULL(test, page);
	set_page_private(page, 3);
	KUNIT_EXPECT_EQ(test, page_private(page), 3);
	set_page_private(page, 0);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_page(page_address(page)), page);
	KUNIT_EXPECT_PTR_EQ(test, kmap_atomic(page), page_address(page));
	__free_pages(page, 1);
	si_meminfo(&si);
	KUNIT_EXPECT_GT(test, si.totalram, 0);
	KUNIT_EXPECT_STREQ(test, kmem_version(), KMEM_VERSION_STRING);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

unsigned long empty(struct shrinker *, struct shrink_control *)
{
	return SHRINK_EMPTY;
}

void shrinkers_from_cpp(struct kunit *test)
{
	struct shrinker *s = shrinker_alloc(0, "cpp-%d", 20);
	struct shrinker mine = {};

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->count_objects = empty;
	s->scan_objects = empty;
	shrinker_register(s);
	shrinker_free(s);
	mine.count_objects = empty;
	mine.scan_objects = empty;
	KUNIT_EXPECT_EQ(test, register_shrinker(&mine), 0);
	unregister_shrinker(&mine);
	KUNIT_EXPECT_EQ(test, register_shrinker(&mine, "%s", "mine"), 0);
	unregister_shrinker(&mine);
	KUNIT_EXPECT_EQ(test, prealloc_shrinker(&mine), 0);
	register_shrinker_prepared(&mine);
	unregister_shrinker(&mine);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

struct kunit_case cases[] = {
	KUNIT_CASE(every_null_means_no_constructor),
	KUNIT_CASE(every_kind_of_constructor),
	KUNIT_CASE(book_constructor_and_destructor),
	KUNIT_CASE(pools_of_both_masks),
	KUNIT_CASE(typed_allocation),
	KUNIT_CASE(scopes_from_cpp),
	KUNIT_CASE(pages_from_cpp),
	KUNIT_CASE(shrinkers_from_cpp),
	{ nullptr, nullptr },
};

struct kunit_suite suite = {
	"dialect_cpp", nullptr, nullptr, reset, nullptr, cases,
};

} // namespace

kunit_test_suite(suite);
