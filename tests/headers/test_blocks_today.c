/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Words of <linux/slab.h> and of what it brings: typed allocation, nodes,
 * copies, cleanup, errors in pointers, constants.
 */
#include <linux/err.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <kmem/kmem.h>

#include <errno.h>
#include <string.h>

#include "kunit/test.h"

struct point {
	int x, y;
};

struct path {
	size_t nr;
	struct point points[];
};

static bool all_zero(const void *p, size_t n)
{
	return p && !memchr_inv(p, 0, n);
}

static void objects_of_a_type(struct kunit *test)
{
	struct point *one = kmalloc_obj(*one);
	struct point *zero = kzalloc_obj(struct point, GFP_NOFS);
	struct point *v = kvmalloc_obj(*v), *vz = kvzalloc_obj(*vz);
	struct point *some = kmalloc_objs(*some, 100);
	struct point *zeros = kzalloc_objs(struct point, 100, GFP_KERNEL);
	struct point *vs = kvmalloc_objs(*vs, 1000);
	struct point *vzs = kvzalloc_objs(*vzs, 1000, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, ksize(one), sizeof(*one));
	KUNIT_EXPECT_TRUE(test, all_zero(zero, sizeof(*zero)));
	KUNIT_EXPECT_EQ(test, ksize(v), sizeof(*v));
	KUNIT_EXPECT_TRUE(test, all_zero(vz, sizeof(*vz)));
	KUNIT_EXPECT_GE(test, ksize(some), 100 * sizeof(*some));
	KUNIT_EXPECT_TRUE(test, all_zero(zeros, 100 * sizeof(*zeros)));
	KUNIT_EXPECT_NOT_NULL(test, vs);
	KUNIT_EXPECT_TRUE(test, all_zero(vzs, 1000 * sizeof(*vzs)));
	kfree(one);
	kfree(zero);
	kvfree(v);
	kvfree(vz);
	kfree(some);
	kfree(zeros);
	kvfree(vs);
	kvfree(vzs);
}

static void objects_with_an_array(struct kunit *test)
{
	struct path *path = kmalloc_flex(*path, points, 10);
	struct path *zero = kzalloc_flex(*zero, points, 10, GFP_NOFS);
	struct path *v = kvmalloc_flex(*v, points, 1000);
	struct path *vz = kvzalloc_flex(*vz, points, 1000, GFP_KERNEL);
	volatile size_t any = SIZE_MAX;

	KUNIT_EXPECT_GE(test, ksize(path), sizeof(*path) + 80);
	KUNIT_EXPECT_TRUE(test, all_zero(zero->points, 80));
	KUNIT_EXPECT_NOT_NULL(test, v);
	KUNIT_EXPECT_TRUE(test, all_zero(vz->points, 8000));
	KUNIT_EXPECT_NULL(test, kmalloc_flex(*path, points, any, GFP_NOWAIT));
	kfree(path);
	kfree(zero);
	kvfree(v);
	kvfree(vz);
}

static void blocks_of_a_node(struct kunit *test)
{
	gfp_t only = GFP_KERNEL | __GFP_THISNODE;
	void *v[10] = {
		kmalloc_node(100, GFP_KERNEL, 0),
		kzalloc_node(100, GFP_KERNEL, 7),
		kmalloc_array_node(10, 10, only, 0),
		kcalloc_node(10, 10, GFP_KERNEL, NUMA_NO_NODE),
		kvmalloc_node(100000, GFP_KERNEL, 0),
		kvzalloc_node(100000, GFP_KERNEL, 7),
		kvmalloc_array_node(1000, 100, only, 0),
		kvcalloc_node(1000, 100, GFP_KERNEL, NUMA_NO_NODE),
		kmalloc_track_caller(100, GFP_KERNEL),
		kmalloc_node_track_caller(100, GFP_KERNEL, 0),
	};

	KUNIT_EXPECT_TRUE(test, all_zero(v[1], 100) && all_zero(v[3], 100));
	KUNIT_EXPECT_TRUE(test, all_zero(v[5], 100000));
	KUNIT_EXPECT_TRUE(test, all_zero(v[7], 100000));
	for (int i = 0; i < 10; i++) {
		KUNIT_EXPECT_NOT_NULL(test, v[i]);
		kvfree(v[i]);
	}
	KUNIT_EXPECT_NULL(test, kmalloc_node(100, only, 7));
	KUNIT_EXPECT_NULL(test, kcalloc_node(10, 10, only, 7));
	KUNIT_EXPECT_NULL(test, kvmalloc_node(100000, only, 7));
	KUNIT_EXPECT_NULL(test, kvcalloc_node(1000, 100, only, 7));
	KUNIT_EXPECT_NULL(test, kmalloc_node_track_caller(100, only, 7));
	v[0] = __kmalloc_node_track_caller(100, GFP_KERNEL, 0,
					   (unsigned long)blocks_of_a_node);
	KUNIT_EXPECT_EQ(test, ksize(v[0]), 128);
	kfree(v[0]);
}

/* The form of 5.15 to 6.11 is told by its arguments. */
static void blocks_that_only_grow(struct kunit *test)
{
	char *p = kvmalloc(100, GFP_KERNEL), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	strcpy(p, "abc");
	KUNIT_EXPECT_PTR_EQ(test, kvrealloc(p, 100, 10, GFP_KERNEL), (void *)p);
	q = kvrealloc_sized(p, 4, 5000, GFP_KERNEL);
	KUNIT_EXPECT_STREQ(test, q, "abc");
	KUNIT_EXPECT_GE(test, ksize(q), 5000);
	kvfree(q);
}

static bool is_aligned(const void *p, unsigned long align)
{
	return p && !((unsigned long)p & (align - 1));
}

static void blocks_of_an_alignment(struct kunit *test)
{
	static const size_t sizes[] = { 1, 24, 72, 100, 600, 5000, 9000, 70000 };
	gfp_t only = GFP_KERNEL | __GFP_THISNODE;

	for (unsigned int i = 0; i < 8 * 15; i++) {
		size_t size = sizes[i / 15];
		unsigned long align = 1ul << i % 15;
		char *p, *q;

		p = krealloc_node_align(NULL, size, align, GFP_KERNEL, 0);
		KUNIT_ASSERT_TRUE(test, is_aligned(p, align));
		memset(p, 7, size);
		q = krealloc_node_align(p, size, 1, GFP_KERNEL, 0);
		KUNIT_EXPECT_PTR_EQ(test, q, p);
		q = krealloc_node_align(q, size + 1, 2 * align, GFP_KERNEL, 0);
		KUNIT_ASSERT_TRUE(test, is_aligned(q, 2 * align));
		KUNIT_EXPECT_NULL(test, memchr_inv(q, 7, size));
		KUNIT_EXPECT_NULL(test, krealloc_node(q, 2 * size, only, 7));
		q = krealloc_node(q, 3 * size, GFP_KERNEL, NUMA_NO_NODE);
		KUNIT_EXPECT_NULL(test, memchr_inv(q, 7, size));
		kfree(q);
		p = kvmalloc_node_align(size, align, GFP_KERNEL, 0);
		KUNIT_ASSERT_TRUE(test, is_aligned(p, align));
		memset(p, 9, size);
		p = kvrealloc_node_align(p, 2 * size, 4 * align, GFP_KERNEL, 0);
		KUNIT_ASSERT_TRUE(test, is_aligned(p, 4 * align));
		KUNIT_EXPECT_NULL(test, memchr_inv(p, 9, size));
		kvfree(p);
	}
	KUNIT_EXPECT_PTR_EQ(test, krealloc_node_align(NULL, 0, 64, only, 0),
			    ZERO_SIZE_PTR);
	KUNIT_EXPECT_PTR_EQ(test, kvmalloc_node_align(0, 64, only, 0),
			    ZERO_SIZE_PTR);
	KUNIT_EXPECT_NULL(test, kvmalloc_node_align(8, 8, only, 7));
}

/* Above the largest block of pages, and aligned to more than a page. */
static void regions_of_an_alignment(struct kunit *test)
{
	char *p = kvmalloc_node_align(5 << 20, 1 << 16, GFP_KERNEL, 0);

	KUNIT_ASSERT_TRUE(test, is_aligned(p, 1 << 16));
	memset(p, 3, 5 << 20);
	p = kvrealloc_node_align(p, 7 << 20, 1 << 18, GFP_KERNEL, 0);
	KUNIT_ASSERT_TRUE(test, is_aligned(p, 1 << 18));
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 3, 5 << 20));
	preempt_disable();
	kvfree_atomic(p);
	preempt_enable();
	kvfree_atomic(kmalloc(100, GFP_KERNEL));
	kvfree_atomic(NULL);
	vfree(vmalloc(8));
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(p));
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static void blocks_of_a_private_set(struct kunit *test)
{
	kmem_buckets *b =
		kmem_buckets_create("mine", SLAB_ACCOUNT, 0, ~0u, NULL);
	char *p, *q;

	KUNIT_ASSERT_NOT_NULL(test, b);
	for (size_t size = 1; size <= KMALLOC_MAX_CACHE_SIZE;
	     size = size * 5 / 4 + 1) {
		p = kmem_buckets_alloc(b, size, GFP_KERNEL | __GFP_ZERO);
		q = kmalloc(size, GFP_KERNEL);
		KUNIT_ASSERT_TRUE(test, p && q);
		KUNIT_EXPECT_EQ(test, ksize(p), ksize(q));
		KUNIT_EXPECT_TRUE(test, all_zero(p, ksize(p)));
		KUNIT_EXPECT_PTR_NE(test, virt_to_head_page(p),
				    virt_to_head_page(q));
		KUNIT_EXPECT_EQ(test, (unsigned long)p % (ksize(q) & -ksize(q)),
				0);
		kfree(p);
		kfree(q);
	}
	p = kmem_buckets_valloc(b, 5 << 20, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kvfree(p);
	p = kmem_buckets_valloc(b, 100, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, ksize(p), 128);
	p = krealloc(p, 1000, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, ksize(p), 1024);
	kvfree(p);
	p = kmem_buckets_alloc_track_caller(b, 100000, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	p = kmem_buckets_alloc(NULL, 100, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, ksize(p), 128);
	kfree(p);
	p = kmem_buckets_alloc((kmem_buckets *)ZERO_SIZE_PTR, 0, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, p, ZERO_SIZE_PTR);
	KUNIT_EXPECT_PTR_EQ(test, kmem_buckets_alloc(b, 0, GFP_KERNEL),
			    ZERO_SIZE_PTR);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static void objects_in_hand(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("hand", 100, 0, 0, NULL);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(s, GFP_KERNEL, 10);
	void *v[20];

	KUNIT_ASSERT_NOT_NULL(test, sheaf);
	KUNIT_EXPECT_GE(test, kmem_cache_sheaf_size(sheaf), 10);
	KUNIT_EXPECT_EQ(test,
			kmem_cache_refill_sheaf(s, GFP_KERNEL, &sheaf, 20), 0);
	for (int i = 0; i < 20; i++) {
		v[i] = kmem_cache_alloc_from_sheaf(s, __GFP_ZERO, sheaf);
		KUNIT_ASSERT_TRUE(test, all_zero(v[i], 100));
		memset(v[i], i, 100);
	}
	kmem_cache_return_sheaf(s, GFP_KERNEL, sheaf);
	for (int i = 0; i < 20; i++) {
		KUNIT_EXPECT_NULL(test, memchr_inv(v[i], i, 100));
		kmem_cache_free(s, v[i]);
	}
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

static void addresses_are_told(struct kunit *test)
{
	char *p = kmalloc(100, GFP_KERNEL),
	     *large = kmalloc(100000, GFP_KERNEL);

	KUNIT_EXPECT_TRUE(test, kmem_valid_obj(p) && kmem_valid_obj(p + 99));
	KUNIT_EXPECT_FALSE(test, kmem_valid_obj(large) || kmem_valid_obj(&p));
	KUNIT_EXPECT_FALSE(test, kmem_valid_obj(NULL));
	KUNIT_EXPECT_FALSE(test, kmem_dump_obj(large) || kmem_dump_obj(&p));
	kfree(p);
	kfree(large);
}

static void pools_of_large_blocks(struct kunit *test)
{
	mempool_t *pool = mempool_create_kvmalloc_pool(1, 5 << 20);
	mempool_t inside;
	char *p;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	p = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	p[(5 << 20) - 1] = 1;
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(p));
	mempool_free(p, pool);
	mempool_destroy(pool);
	KUNIT_ASSERT_EQ(test, mempool_init_kvmalloc_pool(&inside, 2, 100), 0);
	p = mempool_alloc(&inside, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, ksize(p), 128);
	mempool_free(p, &inside);
	mempool_exit(&inside);
	p = mempool_kvmalloc(GFP_KERNEL, (void *)9000);
	KUNIT_EXPECT_NOT_NULL(test, p);
	mempool_kvfree(p, (void *)9000);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static void pools_of_pages(struct kunit *test)
{
	mempool_t *pool = mempool_create(2, mempool_alloc_pages,
					 mempool_free_pages, (void *)1);
	struct page *page;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	page = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_to_pfn(page) % 2, 0);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	KUNIT_EXPECT_TRUE(test, mempool_initialized(pool));
	mempool_free(page, pool);
	KUNIT_EXPECT_TRUE(test, mempool_is_saturated(pool));
	mempool_destroy(pool);
}

struct noted {
	struct rcu_head rcu;
	int n;
};

/* Without readers a block goes at once, or when it is waited for. */
static void blocks_that_readers_may_see(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("readers", 64, 0, 0, NULL);
	struct noted *p = kmalloc_obj(*p), *q = kmem_cache_alloc(s, GFP_KERNEL);
	struct noted *r = kvmalloc(8 << 20, GFP_KERNEL);
	struct noted *none = NULL;

	KUNIT_ASSERT_TRUE(test, s && p && q && r);
	kfree_rcu(p, rcu);
	kvfree_rcu(r, rcu);
	kfree_rcu(none, rcu);
	kfree_rcu_nolock(none, rcu);
	kfree_rcu_nolock((struct noted *)kmalloc_nolock(64, 0, 0), rcu);
	kvfree_rcu(none, rcu);
	kfree_rcu_mightsleep(none);
	kvfree_rcu_mightsleep(none);
	kvfree_rcu_mightsleep((struct noted *)kvmalloc(8 << 20, GFP_KERNEL));
	kfree_rcu_mightsleep((struct noted *)kmalloc(64, GFP_KERNEL));
	kvfree_call_rcu(&q->rcu, q);
	kvfree_rcu_barrier_on_cache(s);
	kvfree_rcu_barrier();
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static char *printed(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);
	return text;
}

static const char *printed_const(const char *fmt, ...)
{
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = kvasprintf_const(GFP_KERNEL, fmt, args);
	va_end(args);
	return text;
}

static void copies(struct kunit *test)
{
	static const short numbers[] = { 1, 2, 3 };
	const char *name = kstrdup_const("name", GFP_KERNEL);
	const char *text = kasprintf_const(GFP_KERNEL, "%s-%d", "a", 1);
	const char *more = printed_const("%s", "b");
	char *nul = kmemdup_nul("abcdef", 3, GFP_KERNEL);
	short *copy = kmemdup_array(numbers, 3, 2, GFP_KERNEL);
	char *large = kvmemdup("abc", 4, GFP_KERNEL);
	char *same = printed("%d|%s", 42, "x");
	volatile size_t any = SIZE_MAX;
	size_t most = any;

	KUNIT_EXPECT_STREQ(test, name, "name");
	KUNIT_EXPECT_STREQ(test, text, "a-1");
	KUNIT_EXPECT_STREQ(test, more, "b");
	KUNIT_EXPECT_STREQ(test, nul, "abc");
	KUNIT_EXPECT_MEMEQ(test, copy, numbers, sizeof(numbers));
	KUNIT_EXPECT_STREQ(test, large, "abc");
	KUNIT_EXPECT_STREQ(test, same, "42|x");
	KUNIT_EXPECT_NULL(test, kmemdup_array(numbers, most, 2, GFP_KERNEL));
	kfree_const(name);
	kfree_const(text);
	kfree_const(more);
	kfree(nul);
	kfree(copy);
	kvfree(large);
	kfree(same);
}

static void copies_of_what_users_hand_over(struct kunit *test)
{
	char *copy = memdup_user("abc", 4);
	char *large = vmemdup_user("abc", 4);
	char *nul = memdup_user_nul("abcdef", 3);
	char *text = strndup_user("abc", 10);
	int *array = memdup_array_user("\1\0\0\0\2\0\0\0", 2, 4);
	int *v = vmemdup_array_user("\1\0\0\0\2\0\0\0", 2, 4);

	KUNIT_EXPECT_STREQ(test, copy, "abc");
	KUNIT_EXPECT_STREQ(test, large, "abc");
	KUNIT_EXPECT_STREQ(test, nul, "abc");
	KUNIT_EXPECT_STREQ(test, text, "abc");
	KUNIT_EXPECT_EQ(test, array[1], 2);
	KUNIT_EXPECT_EQ(test, v[1], 2);
	KUNIT_EXPECT_EQ(test, PTR_ERR(strndup_user("abc", 3)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_user((void *)8, 4)), -EFAULT);
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_array_user(copy, ~0ul, 2)),
			-EOVERFLOW);
	KUNIT_EXPECT_EQ(test, PTR_ERR(vmemdup_array_user(copy, ~0ul, 2)),
			-EOVERFLOW);
	kfree(copy);
	kvfree(large);
	kfree(nul);
	kfree(text);
	kfree(array);
	kvfree(v);
}

static void bytes_that_differ(struct kunit *test)
{
	char v[100];

	memset(v, 0xa5, sizeof(v));
	for (int at = 0; at < 100; at++) {
		KUNIT_EXPECT_NULL(test, memchr_inv(v, 0xa5, 100));
		v[at] = 1;
		KUNIT_EXPECT_PTR_EQ(test, memchr_inv(v, 0xa5, 100), &v[at]);
		KUNIT_EXPECT_NULL(test, memchr_inv(v, 0xa5, (size_t)at));
		v[at] = (char)0xa5;
	}
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(v, 0, 100), v);
	KUNIT_EXPECT_NULL(test, memchr_inv(v, 0, 0));
	memzero_explicit(v + 1, 98);
	KUNIT_EXPECT_NULL(test, memchr_inv(v + 1, 0, 98));
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(v + 1, 0, 99), &v[99]);
}

static void errors_in_pointers(struct kunit *test)
{
	void *p = ERR_PTR(-ENOMEM);

	KUNIT_EXPECT_EQ(test, PTR_ERR(p), -ENOMEM);
	KUNIT_EXPECT_TRUE(test, IS_ERR(p) && IS_ERR_OR_NULL(NULL));
	KUNIT_EXPECT_FALSE(test, IS_ERR(test) || IS_ERR(NULL));
	KUNIT_EXPECT_TRUE(test, IS_ERR_VALUE(-4095L));
	KUNIT_EXPECT_FALSE(test, IS_ERR_VALUE(-4096L));
	KUNIT_EXPECT_PTR_EQ(test, ERR_CAST(p), p);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(p), -ENOMEM);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(test), 0);
	KUNIT_EXPECT_TRUE(test, ZERO_OR_NULL_PTR(ZERO_SIZE_PTR));
	KUNIT_EXPECT_TRUE(test, ZERO_OR_NULL_PTR(NULL));
	KUNIT_EXPECT_FALSE(test, ZERO_OR_NULL_PTR((char *)ZERO_SIZE_PTR + 1));
}

static int begun, ended;

static void end_of(int *n)
{
	ended += *n;
}

DEFINE_FREE(counted, int *, if (_T) end_of(_T))
DEFINE_CLASS(stay, int, ended += _T, (begun++, n), int n)
DEFINE_GUARD(watch, int *, begun += *_T, ended += *_T)
DEFINE_LOCK_GUARD_0(plain, begun++, ended++)

static int *handed_on(int *n)
{
	int *held __free(counted) = n;

	return_ptr(held);
}

static void scopes_end_what_they_hold(struct kunit *test)
{
	int three = 3, n = 0;

	begun = ended = 0;
	{
		int *held __free(counted) = &three;
		int *kept __free(counted) = &three;
		int *gone __free(counted) = &three;
		CLASS(stay, here)(5);

		KUNIT_EXPECT_PTR_EQ(test, no_free_ptr(kept), &three);
		KUNIT_EXPECT_NULL(test, kept);
		retain_and_null_ptr(gone);
		KUNIT_EXPECT_PTR_EQ(test, held, &three);
		KUNIT_EXPECT_EQ(test, here, 5);
		KUNIT_EXPECT_EQ(test, ended, 0);
	}
	KUNIT_EXPECT_EQ(test, ended, 8);
	KUNIT_EXPECT_PTR_EQ(test, handed_on(&three), &three);
	KUNIT_EXPECT_EQ(test, ended, 8);
	begun = ended = 0;
	scoped_guard(plain) n += begun;
	KUNIT_EXPECT_EQ(test, n, 1);
	KUNIT_EXPECT_EQ(test, ended, 1);
	{
		guard(watch)(&three);
		KUNIT_EXPECT_EQ(test, begun, 4);
	}
	KUNIT_EXPECT_EQ(test, ended, 4);
}

static void blocks_that_free_themselves(struct kunit *test)
{
	size_t n = 0;

	for (int i = 0; i < 1000; i++) {
		void *a __free(kfree) = kmalloc(8000, GFP_KERNEL);
		void *b __free(kvfree) = kvmalloc(8000, GFP_KERNEL);
		void *c __free(kfree_sensitive) = kmalloc(8000, GFP_KERNEL);
		void *d __free(free_page) = (void *)get_zeroed_page(GFP_KERNEL);
		void *e __free(kfree) = ERR_PTR(-ENOMEM);

		n += a && b && c && d && e;
	}
	KUNIT_EXPECT_EQ(test, n, 1000);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static void sections_nest_under_every_name(struct kunit *test)
{
	preempt_disable();
	preempt_disable_notrace();
	preempt_disable();
	preempt_disable();
	KUNIT_EXPECT_EQ(test, preempt_count(), 4);
	preempt_enable_notrace();
	preempt_enable_no_resched();
	preempt_enable_no_resched_notrace();
	KUNIT_EXPECT_TRUE(test, in_atomic() && !preemptible());
	preempt_enable();
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

/* Constants of the headers, those without effect too. */
static void constants(struct kunit *test)
{
	mempool_free_t *fn = mempool_kfree;

	KUNIT_EXPECT_PTR_EQ(test, fn, &mempool_kfree);
	KUNIT_EXPECT_EQ(test, arch_slab_minalign(), ARCH_SLAB_MINALIGN);
	KUNIT_EXPECT_GE(test, ARCH_KMALLOC_MINALIGN, 8);
	KUNIT_EXPECT_EQ(test, KMALLOC_MAX_SIZE, PAGE_SIZE << MAX_PAGE_ORDER);
	KUNIT_EXPECT_EQ(test, KMALLOC_MAX_ORDER, MAX_PAGE_ORDER);
	KUNIT_EXPECT_EQ(test, KMALLOC_MIN_SIZE, 1 << KMALLOC_SHIFT_LOW);
	KUNIT_EXPECT_EQ(test, KMALLOC_MAX_CACHE_SIZE, 1 << KMALLOC_SHIFT_HIGH);
	KUNIT_EXPECT_EQ(test, KMALLOC_SHIFT_MAX, PAGE_SHIFT + MAX_PAGE_ORDER);
	KUNIT_EXPECT_EQ(test, SLAB_OBJ_MIN_SIZE, 8);
	KUNIT_EXPECT_EQ(test, __GFP_OTHER_NODE | __GFP_KMEMCG | __GFP_NOTRACK,
			0);
	KUNIT_EXPECT_EQ(test, __GFP_SKIP_ZERO | __GFP_SKIP_KASAN, 0);
	KUNIT_EXPECT_EQ(test, __GFP_NOLOCKDEP, 0);
	KUNIT_EXPECT_NE(test, __GFP_NO_OBJ_EXT & __GFP_BITS_MASK, 0);
	KUNIT_EXPECT_EQ(test, SLAB_ACCOUNT | SLAB_DEBUG_OBJECTS, 0);
	KUNIT_EXPECT_NE(test, SLAB_SKIP_KFENCE, 0);
	KUNIT_EXPECT_EQ(test, SLAB_CTOR_CONSTRUCTOR & SLAB_CTOR_ATOMIC, 0);
	KUNIT_EXPECT_EQ(test, SLAB_CTOR_CONSTRUCTOR & SLAB_CTOR_VERIFY, 0);
	KUNIT_EXPECT_NE(test, SHRINKER_NUMA_AWARE, SHRINKER_MEMCG_AWARE);
	KUNIT_EXPECT_NE(test, SHRINKER_NONSLAB, SHRINKER_MEMCG_AWARE);
	KUNIT_EXPECT_TRUE(test, likely(1) && !unlikely(0));
}

static int made;

static void make3(void *obj, struct kmem_cache *s, unsigned long flags)
{
	made += obj && s && flags == SLAB_CTOR_CONSTRUCTOR;
}

static void make1(void *obj)
{
	made += obj != NULL;
}

/* The functions behind the shapes of kmem_cache_create(). */
static void caches_of_every_shape(struct kunit *test)
{
	struct kmem_cache_args args = { .align = 64, .ctor = make1 };
	struct kmem_cache *v[4] = {
		kmem_cache_create_ctor3("three", 40, 0, 0, make3),
		__kmem_cache_create_args("args", 40, &args, 0),
		__kmem_cache_default_args("default", 40, NULL, 0),
		kmem_cache_create_usercopy("window", 40, 0, 0, 8, 16, make1),
	};

	for (int i = 0; i < 4; i++) {
		void *p;

		KUNIT_ASSERT_NOT_NULL(test, v[i]);
		made = 0;
		p = kmem_cache_alloc(v[i], GFP_KERNEL);
		KUNIT_EXPECT_EQ(test, made > 0, i != 2);
		KUNIT_EXPECT_EQ(test, i == 1 && (unsigned long)p % 64, 0);
		kmem_cache_free(v[i], p);
		kmem_cache_destroy(v[i]);
	}
}

/* Flags that change where a cache's memory comes from, or nothing. */
static void caches_of_every_flag(struct kunit *test)
{
	static const slab_flags_t flags[] = {
		SLAB_CACHE_DMA32,    SLAB_RECLAIM_ACCOUNT, SLAB_NO_MERGE,
		SLAB_NOLEAKTRACE,    SLAB_NO_USER_FLAGS,   SLAB_DEBUG_OBJECTS,
		SLAB_SKIP_KFENCE,    SLAB_NO_REAP,         SLAB_MEM_SPREAD,
		SLAB_STORE_USER,     SLAB_RED_ZONE,        SLAB_TEMPORARY,
		SLAB_DESTROY_BY_RCU, SLAB_POISON,          SLAB_HWCACHE_ALIGN,
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct kmem_cache *s =
			kmem_cache_create("flagged", 40, 0, flags[i], NULL);
		void *p;

		KUNIT_ASSERT_NOT_NULL(test, s);
		KUNIT_EXPECT_EQ(test, kmem_cache_size(s), 40);
		KUNIT_EXPECT_STREQ(test, kmem_cache_name(s), "flagged");
		p = kmem_cache_zalloc(s, GFP_KERNEL);
		KUNIT_EXPECT_TRUE(test, all_zero(p, 40));
		kmem_cache_free(s, p);
		kmem_cache_destroy(s);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(objects_of_a_type),
	KUNIT_CASE(objects_with_an_array),
	KUNIT_CASE(blocks_of_a_node),
	KUNIT_CASE(blocks_that_only_grow),
	KUNIT_CASE(blocks_of_an_alignment),
	KUNIT_CASE(regions_of_an_alignment),
	KUNIT_CASE(blocks_of_a_private_set),
	KUNIT_CASE(objects_in_hand),
	KUNIT_CASE(addresses_are_told),
	KUNIT_CASE(pools_of_large_blocks),
	KUNIT_CASE(pools_of_pages),
	KUNIT_CASE(blocks_that_readers_may_see),
	KUNIT_CASE(copies),
	KUNIT_CASE(copies_of_what_users_hand_over),
	KUNIT_CASE(bytes_that_differ),
	KUNIT_CASE(errors_in_pointers),
	KUNIT_CASE(scopes_end_what_they_hold),
	KUNIT_CASE(blocks_that_free_themselves),
	KUNIT_CASE(sections_nest_under_every_name),
	KUNIT_CASE(constants),
	KUNIT_CASE(caches_of_every_shape),
	KUNIT_CASE(caches_of_every_flag),
	{},
};

static struct kunit_suite suite = {
	.name = "headers_blocks_today",
	.test_cases = cases,
};

kunit_test_suite(suite);
