/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Misuse that a kernel survives: that the process goes on is the assertion;
 * what is printed is the business of tests/death.
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

#define WENT_ON(test, key) oracle_expect(test, key, "kernel went on")

static void unexpected_gfp_is_stripped(struct kunit *test)
{
	void *p = kmalloc(20000, GFP_KERNEL | __GFP_HIGHMEM);

	oracle_expect(test, "kmalloc.20000.GFP_HIGHMEM_bit",
		      "%s (warning 'Unexpected gfp' printed, flag stripped)",
		      p ? "PTR" : "NULL");
	kfree(p);
}

static void same_name_after_destroy(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-again", 40, 0, 0, NULL);

	kmem_cache_destroy(s);
	oracle_expect(test, "danger.create_destroy", "ok");
	s = kmem_cache_create("orc-again", 40, 0, 0, NULL);
	oracle_expect(test, "danger.create_after_destroy_same_name", "%s",
		      s ? "PTR" : "NULL");
	kmem_cache_destroy(s);
	WENT_ON(test, "danger.create_twice.outcome");
}

static void cache_of_size_zero(struct kunit *test)
{
	/* The kernel divides by it; here it is refused. */
	KUNIT_EXPECT_NULL(test, kmem_cache_create("orc-0", 0, 0, 0, NULL));
}

static void pool_of_a_negative_number(struct kunit *test)
{
	mempool_t *pool = mempool_create_kmalloc_pool(-1, 40);

	oracle_expect(test, "danger.mempool_create_negative", "%s",
		      pool ? "PTR" : "NULL");
	WENT_ON(test, "danger.mempool_negative.outcome");
}

static void nofail_that_may_not_wait(struct kunit *test)
{
	void *p = kmalloc(64, GFP_ATOMIC | __GFP_NOFAIL);

	oracle_expect(test, "danger.kmalloc_atomic_nofail", "%s",
		      p ? "PTR" : "NULL");
	kfree(p);
	WENT_ON(test, "danger.nofail_atomic.outcome");
}

/* Nothing of the allocator lies in or behind an object. */
static void writes_beyond_an_object(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-over", 64, 0, 0, NULL);
	char *p[4];

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (int i = 0; i < 4; i++)
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	p[1][64] = 0x12;
	oracle_expect(test, "danger.overflow", "survived");
	p[1][-1] = 0x12;
	oracle_expect(test, "danger.underflow", "survived");
	for (int i = 0; i < 4; i++)
		kmem_cache_free(s, p[i]);
	kmem_cache_destroy(s);
	WENT_ON(test, "danger.overflow.outcome");
	WENT_ON(test, "danger.underflow.outcome");
}

static void write_after_free(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-uaf", 64, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL), *late = p, *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	kmem_cache_free(s, p);
	/* A pointer that the compiler does not know to be dead. */
	__asm__ volatile("" : "+r"(late));
	late[5] = 0x12;
	q = kmem_cache_alloc(s, GFP_KERNEL);
	oracle_expect(test, "danger.uaf_write", "survived same:%d q5:0x%x",
		      late == q, (unsigned int)q[5]);
	kmem_cache_free(s, q);
	kmem_cache_destroy(s);
	WENT_ON(test, "danger.uaf_write.outcome");
}

static void memory_without_poison(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-poison", 64, 0, 0, NULL);
	unsigned char *p = kmem_cache_alloc(s, GFP_KERNEL);
	struct oracle_cache c;

	KUNIT_ASSERT_NOT_NULL(test, p);
	oracle_cache(s, &c);
	oracle_expect(test, "danger.poison.cache",
		      "object_size:%u size:%u objs_per_slab:%u order:%u",
		      c.object_size, c.size, c.objs_per_slab, c.order);
	memset(p, 0x41, 64);
	kmem_cache_free(s, p);
	p = kmem_cache_zalloc(s, GFP_KERNEL);
	oracle_expect(test, "danger.poison.zalloc",
		      "[0]:0x%x [63]:0x%x after_end[64]:0x%x", p[0], p[63],
		      p[64]);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	WENT_ON(test, "danger.poison_values.outcome");
}

/*
 * A constructed object keeps its state, and no free touches its bytes: what
 * the kernel's free pointer would overwrite is still there.
 */
static void free_changes_no_byte(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-bytes", 64, 0, 0, NULL);
	unsigned char *p = kmem_cache_alloc(s, GFP_KERNEL), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0x41, 64);
	kmem_cache_free(s, p);
	q = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_ASSERT_PTR_EQ(test, p, q);
	for (int i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test, q[i], 0x41);
	kmem_cache_free(s, q);
	kmem_cache_destroy(s);
}

/* The wrong cache gets nothing, and the object is not handed out again. */
static void free_to_the_wrong_cache(struct kunit *test)
{
	struct kmem_cache *right = kmem_cache_create("orc-w1", 64, 0, 0, NULL);
	struct kmem_cache *wrong = kmem_cache_create("orc-w2", 64, 0, 0, NULL);
	void *a = kmem_cache_alloc(right, GFP_KERNEL), *b, *c;

	KUNIT_ASSERT_NOT_NULL(test, a);
	kmem_cache_free(wrong, a);
	b = kmem_cache_alloc(wrong, GFP_KERNEL);
	oracle_expect(test, "danger.wrong_cache",
		      "next_alloc_from_wrong_cache_is_a:%d", a == b);
	c = kmem_cache_alloc(right, GFP_KERNEL);
	oracle_expect(test, "danger.wrong_cache2",
		      "next_alloc_from_right_cache_is_a:%d", a == c);
	kmem_cache_free(wrong, b);
	kmem_cache_free(right, c);
	/* It was leaked, so it is still the owner's and may be freed right. */
	kmem_cache_free(right, a);
	kmem_cache_destroy(wrong);
	kmem_cache_destroy(right);
	WENT_ON(test, "danger.wrong_cache.outcome");
}

/*
 * Between a bad free and the next visit to its slab nothing is looked at, in
 * the kernel as here: what was given in comes out.  A free that visits the slab
 * itself, as each does without restartable sequences, is refused at once.
 */
static void free_of_an_interior_pointer(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-inner", 64, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	kfree(p + 8);
	q = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	if (q == p + 8) {
		oracle_expect(test, "danger.kfree_interior",
			      "next_is_interior:%d", 1);
	} else {
		KUNIT_EXPECT_EQ(test, (q - p) % 64, 0);
		KUNIT_EXPECT_PTR_NE(test, q, p);
		kfree(q);
	}
	kfree(p);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	WENT_ON(test, "danger.kfree_interior.outcome");
}

static void double_free(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-dbl", 64, 0, 0, NULL);
	void *a = kmem_cache_alloc(s, GFP_KERNEL), *b, *c;

	KUNIT_ASSERT_NOT_NULL(test, a);
	kmem_cache_free(s, a);
	kmem_cache_free(s, a);
	b = kmem_cache_alloc(s, GFP_KERNEL);
	c = kmem_cache_alloc(s, GFP_KERNEL);
	oracle_expect(test, "danger.double_free", "b_is_a:%d c_is_a:%d", b == a,
		      c == a);
	kmem_cache_free(s, a);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	WENT_ON(test, "danger.double_free.outcome");
}

static void double_free_with_one_between(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-aba", 64, 0, 0, NULL);
	void *a = kmem_cache_alloc(s, GFP_KERNEL);
	void *b = kmem_cache_alloc(s, GFP_KERNEL), *c;

	KUNIT_ASSERT_NOT_NULL(test, b);
	kmem_cache_free(s, a);
	kmem_cache_free(s, b);
	kmem_cache_free(s, a);
	kmem_cache_alloc(s, GFP_KERNEL);
	kmem_cache_alloc(s, GFP_KERNEL);
	c = kmem_cache_alloc(s, GFP_KERNEL);
	oracle_expect(test, "danger.double_free_aba", "c_is_a:%d", c == a);
	kmem_cache_free(s, a);
	kmem_cache_free(s, b);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	WENT_ON(test, "danger.double_free_ab.outcome");
}

static void kfree_of_bare_pages(struct kunit *test)
{
	unsigned long p = __get_free_page(GFP_KERNEL);
	struct page *block = alloc_pages(GFP_KERNEL, 2);

	KUNIT_ASSERT_NE(test, p, 0);
	kfree((void *)p);
	oracle_expect(test, "danger.kfree_order0_page", "survived");
	kfree(page_address(block));
	/* Leaked, not freed: it may still be freed the right way. */
	free_page(p);
	__free_pages(block, 2);
	WENT_ON(test, "danger.kfree_page.outcome");
}

static void destroy_with_live_objects(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-live", 136, 0, 0, NULL);
	char *a = kmem_cache_alloc(s, GFP_KERNEL);
	char *b = kmem_cache_alloc(s, GFP_KERNEL);
	struct oracle_counts n;

	KUNIT_ASSERT_NOT_NULL(test, b);
	memset(a, 0x21, 136);
	memset(b, 0x22, 136);
	KUNIT_EXPECT_NE(test, kmem_cache_destroy(s), 0);
	oracle_expect(test, "destroy_live.objects_still_readable", "%d",
		      a[0] == 0x21 && b[135] == 0x22);
	kmem_cache_free(s, a);
	kmem_cache_free(s, b);
	oracle_counts(s, &n);
	oracle_expect(test, "destroy_live.free_after_failed_destroy", "ok");
	/* The kernel keeps the empty slab; a cache that is gone needs none. */
	KUNIT_EXPECT_EQ(test, n.slabs, 0);
	KUNIT_EXPECT_EQ(test, n.active, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(unexpected_gfp_is_stripped),
	KUNIT_CASE(same_name_after_destroy),
	KUNIT_CASE(cache_of_size_zero),
	KUNIT_CASE(pool_of_a_negative_number),
	KUNIT_CASE(nofail_that_may_not_wait),
	KUNIT_CASE(writes_beyond_an_object),
	KUNIT_CASE(write_after_free),
	KUNIT_CASE(memory_without_poison),
	KUNIT_CASE(free_changes_no_byte),
	KUNIT_CASE(free_to_the_wrong_cache),
	KUNIT_CASE(free_of_an_interior_pointer),
	KUNIT_CASE(double_free),
	KUNIT_CASE(double_free_with_one_between),
	KUNIT_CASE(kfree_of_bare_pages),
	{},
};

/* Leaves a slab of a cache that is gone: its balance is its own. */
static struct kunit_case leaking_cases[] = {
	KUNIT_CASE(destroy_with_live_objects),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_danger",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};

static struct kunit_suite leaking_suite = {
	.name = "conform_danger_leaking",
	.test_cases = leaking_cases,
};
kunit_test_suites(&suite, &leaking_suite);
