/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools: what mempool_alloc() tries and in which order, what the reserve
 * does, waiting, resizing, the ready-made pools.
 *
 * The pools here have an element allocator that counts its calls, notes the
 * masks it is given and fails when its budget is spent.
 */
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

#define MASKS 8

static struct {
	int allocs, frees;
	int budget; /* successful allocations left; -1: no limit */
	gfp_t mask[MASKS];
} seen;

static void seen_reset(int budget)
{
	memset(&seen, 0, sizeof(seen));
	seen.budget = budget;
}

static void *element_alloc(gfp_t gfp, void *data)
{
	int n = __atomic_fetch_add(&seen.allocs, 1, __ATOMIC_RELAXED);

	if (n < MASKS)
		seen.mask[n] = gfp;
	if (seen.budget == 0)
		return NULL;
	if (seen.budget > 0)
		seen.budget--;
	return kmalloc((size_t)data, GFP_KERNEL);
}

static void element_free(void *element, void *data)
{
	(void)data;
	__atomic_fetch_add(&seen.frees, 1, __ATOMIC_RELAXED);
	kfree(element);
}

static mempool_t *pool_of(int min_nr)
{
	return mempool_create(min_nr, element_alloc, element_free,
			      (void *)(size_t)40);
}

static const char *kind(const void *p)
{
	return p ? "PTR" : "NULL";
}

#define STATE(test, key, pool)                                           \
	oracle_expect(test, key, "min_nr:%d curr_nr:%d", (pool)->min_nr, \
		      (pool)->curr_nr)

static void pool_with_memory_at_hand(struct kunit *test)
{
	mempool_t *pool;
	void *reserve[4], *p;

	seen_reset(-1);
	pool = pool_of(4);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	STATE(test, "mempool.create4", pool);
	oracle_expect(test, "mempool.create4.alloc_fn_calls", "%d",
		      seen.allocs);
	oracle_expect(test, "mempool.create4.alloc_fn_gfp", "0x%x",
		      seen.mask[0]);
	memcpy(reserve, pool->elements, sizeof(reserve));

	seen_reset(-1);
	p = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	STATE(test, "mempool.after_alloc_1", pool);
	oracle_expect(test, "mempool.alloc_1.alloc_fn_calls", "%d",
		      seen.allocs);
	oracle_expect(test, "mempool.alloc_1.alloc_fn_gfp", "0x%x",
		      seen.mask[0]);
	oracle_expect(test, "mempool.alloc_1.from_reserve", "%d",
		      p == reserve[0] || p == reserve[1] || p == reserve[2] ||
			      p == reserve[3]);
	mempool_free(p, pool);
	STATE(test, "mempool.after_free_1", pool);
	oracle_expect(test, "mempool.free_1.free_fn_calls", "%d", seen.frees);
	mempool_free(NULL, pool);
	oracle_expect(test, "mempool.free_NULL", "no-op");
	KUNIT_EXPECT_EQ(test, seen.frees, 1);
	mempool_destroy(pool);
}

static void pool_on_its_reserve(struct kunit *test)
{
	void *reserve[4], *out[4];
	mempool_t *pool;
	bool stack = true;

	seen_reset(-1);
	pool = pool_of(4);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	memcpy(reserve, pool->elements, sizeof(reserve));

	seen_reset(0);
	for (int i = 0; i < 4; i++) {
		int at = -1;

		out[i] = mempool_alloc(pool, GFP_KERNEL);
		for (int j = 0; j < 4; j++)
			if (reserve[j] == out[i])
				at = j;
		oracle_expect(test,
			      oracle_key("mempool.reserve_handout_%d."
					 "is_element_added_as_number",
					 i),
			      "%d", at);
	}
	oracle_expect(test, "mempool.reserve_handout.alloc_fn_calls_for_4",
		      "%d", seen.allocs);
	STATE(test, "mempool.reserve_drained", pool);

	seen_reset(0);
	oracle_expect(test, "mempool.empty.GFP_ATOMIC", "%s",
		      kind(mempool_alloc(pool, GFP_ATOMIC)));
	oracle_expect(test, "mempool.empty.GFP_ATOMIC.alloc_fn_calls", "%d",
		      seen.allocs);
	KUNIT_EXPECT_EQ(test, seen.mask[0],
			GFP_ATOMIC | __GFP_NOMEMALLOC | __GFP_NORETRY |
				__GFP_NOWARN);
	seen_reset(0);
	oracle_expect(test, "mempool.empty.GFP_NOWAIT", "%s",
		      kind(mempool_alloc(pool, GFP_NOWAIT)));
	oracle_expect(test, "mempool.empty.GFP_NOWAIT.alloc_fn_calls", "%d",
		      seen.allocs);
	oracle_expect(test, "mempool.empty.GFP_NOWAIT.alloc_fn_gfp", "0x%x",
		      seen.mask[0]);
	seen_reset(0);
	oracle_expect(test, "mempool.empty.GFP_NOWAIT_plus_IO", "%s",
		      kind(mempool_alloc(pool, GFP_NOWAIT | __GFP_IO)));
	oracle_expect(test, "mempool.empty.GFP_NOWAIT_plus_IO.alloc_fn_calls",
		      "%d", seen.allocs);
	KUNIT_EXPECT_NULL(test, mempool_alloc_preallocated(pool));

	seen_reset(0);
	mempool_free(out[0], pool);
	STATE(test, "mempool.refill_1", pool);
	for (int i = 1; i < 4; i++)
		mempool_free(out[i], pool);
	STATE(test, "mempool.refill_4", pool);
	oracle_expect(test, "mempool.refill.free_fn_calls", "%d", seen.frees);
	for (int i = 0; i < 4; i++)
		stack &= pool->elements[i] == out[i];
	oracle_expect(test, "mempool.refill_order_is_stack", "%d", stack);
	out[0] = mempool_alloc_preallocated(pool);
	KUNIT_EXPECT_PTR_EQ(test, out[0], out[3]);
	mempool_free(out[0], pool);
	mempool_destroy(pool);
}

struct give_back {
	mempool_t *pool;
	void *element;
};

static void give_back(void *arg)
{
	struct give_back *g = arg;

	mempool_free(g->element, g->pool);
}

static void pool_waits_for_an_element(struct kunit *test)
{
	struct give_back g;
	mempool_t *pool;
	unsigned long t;
	void *p;

	seen_reset(-1);
	pool = pool_of(1);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	g.pool = pool;
	seen_reset(0);
	g.element = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, g.element);
	seen_reset(0);
	t = oracle_clock_ms();
	oracle_later(300, give_back, &g);
	p = mempool_alloc(pool, GFP_KERNEL);
	t = oracle_clock_ms() - t;
	oracle_later_end();
	oracle_expect(test, "mempool.empty.GFP_KERNEL.waits_for_free",
		      "%s same_element:%d alloc_fn_calls:%d gfp0:0x%x", kind(p),
		      p == g.element, seen.allocs, seen.mask[0]);
	/* The second try has all that the caller allowed. */
	KUNIT_EXPECT_EQ(test, seen.mask[1] & GFP_KERNEL, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, seen.mask[2] & GFP_KERNEL, GFP_KERNEL);
	/* It was the free that ended the wait, not a timeout of 5 s. */
	KUNIT_EXPECT_GE(test, t, 290);
	KUNIT_EXPECT_LT(test, t, 4500);
	mempool_free(p, pool);
	mempool_destroy(pool);
}

static void pool_with_a_budget(struct kunit *test)
{
	mempool_t *pool;
	void *p[6];

	seen_reset(-1);
	pool = pool_of(4);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	seen_reset(2);
	for (int i = 0; i < 6; i++) {
		p[i] = mempool_alloc(pool, GFP_ATOMIC);
		oracle_expect(test,
			      oracle_key("mempool.budget2_min4.alloc_%d",
					 i + 1),
			      "%s curr_nr:%d", kind(p[i]), pool->curr_nr);
	}
	oracle_expect(test, "mempool.budget2_min4.alloc_7", "%s curr_nr:%d",
		      kind(mempool_alloc(pool, GFP_ATOMIC)), pool->curr_nr);
	for (int i = 0; i < 6; i++)
		mempool_free(p[i], pool);
	STATE(test, "mempool.budget2_all_freed", pool);
	oracle_expect(test, "mempool.budget2_all_freed.free_fn_calls", "%d",
		      seen.frees);
	mempool_destroy(pool);
}

static void pool_resize(struct kunit *test)
{
	mempool_t *pool;
	void *first[3], *p[3];

	seen_reset(-1);
	pool = pool_of(4);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	memcpy(first, pool->elements, sizeof(first));
	seen_reset(-1);
	oracle_expect(test, "mempool.resize_up_8.ret", "%d",
		      mempool_resize(pool, 8));
	STATE(test, "mempool.resize_up_8", pool);
	oracle_expect(test, "mempool.resize_up_8.alloc_fn_calls", "%d",
		      seen.allocs);
	seen_reset(-1);
	oracle_expect(test, "mempool.resize_down_3.ret", "%d",
		      mempool_resize(pool, 3));
	STATE(test, "mempool.resize_down_3", pool);
	oracle_expect(test, "mempool.resize_down_3.free_fn_calls", "%d",
		      seen.frees);
	oracle_expect(test, "mempool.resize_down_3.keeps_first_added", "%d",
		      memcmp(first, pool->elements, sizeof(first)) == 0);
	/* Also in the form of 2.6. */
	oracle_expect(test, "mempool.resize_same_3.ret", "%d",
		      mempool_resize(pool, 3, GFP_KERNEL));
	STATE(test, "mempool.resize_same_3", pool);

	seen_reset(1);
	oracle_expect(test, "mempool.resize_up_6_alloc_fails_after_1.ret", "%d",
		      mempool_resize(pool, 6));
	STATE(test, "mempool.resize_up_6_alloc_fails_after_1", pool);

	/* What comes in from outside fills the reserve up. */
	seen_reset(-1);
	for (int i = 0; i < 3; i++)
		p[i] = mempool_alloc(pool, GFP_KERNEL);
	seen.frees = 0;
	for (int i = 0; i < 3; i++)
		mempool_free(p[i], pool);
	STATE(test, "mempool.under_filled_refilled_by_free", pool);
	oracle_expect(test,
		      "mempool.under_filled_refilled_by_free.free_fn_calls",
		      "%d", seen.frees);
	seen_reset(-1);
	oracle_expect(test, "mempool.destroy.free_fn_calls",
		      "curr_nr_before:%d", pool->curr_nr);
	mempool_destroy(pool);
	oracle_expect(test, "mempool.destroy.free_fn_calls", "%d", seen.frees);
	mempool_destroy(NULL);
	oracle_expect(test, "mempool.destroy_NULL", "no-op");
}

/* 6.1 keeps nothing for min_nr 0; the newest kernels keep one element. */
static void pool_of_nothing(struct kunit *test)
{
	mempool_t *pool;
	void *p, *q;

	seen_reset(-1);
	pool = pool_of(0);
	oracle_expect(test, "mempool.create0", "%s", kind(pool));
	KUNIT_ASSERT_NOT_NULL(test, pool);
	oracle_expect(test, "mempool.create0_state", "min_nr:%d", pool->min_nr);
	p = mempool_alloc(pool, GFP_KERNEL);
	oracle_expect(test, "mempool.create0.alloc", "%s", kind(p));
	mempool_free(p, pool);
	oracle_expect(test, "mempool.create0_after_free", "min_nr:%d",
		      pool->min_nr);

	/* The one element is what a request lives on that must not fail. */
	seen_reset(0);
	p = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	q = mempool_alloc(pool, GFP_NOWAIT);
	oracle_expect(test, "mempool.create0.alloc_fn_fails.GFP_NOWAIT", "%s",
		      kind(q));
	mempool_free(p, pool);
	mempool_destroy(pool);
}

static void pool_that_cannot_be_filled(struct kunit *test)
{
	mempool_t *pool;

	seen_reset(2);
	pool = pool_of(4);
	oracle_expect(test, "mempool.create4_alloc_fails_after_2",
		      "%s free_fn_calls:%d", kind(pool), seen.frees);
}

static void ready_made_pools(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("orc-pool", 72, 0, 0, NULL);
	mempool_t *pool;
	void *p;

	pool = mempool_create_slab_pool(4, s);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	STATE(test, "mempool.slab_pool_4", pool);
	p = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, oracle_owner(p), s);
	mempool_free(p, pool);
	mempool_destroy(pool);
	kmem_cache_destroy(s);

	pool = mempool_create_kmalloc_pool(4, 100);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	p = mempool_alloc(pool, GFP_KERNEL);
	oracle_expect(test, "mempool.kmalloc_pool_100.element_ksize", "%zu",
		      ksize(p));
	mempool_free(p, pool);
	mempool_destroy(pool);

	pool = mempool_create_page_pool(4, 1);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	STATE(test, "mempool.page_pool_order1_4", pool);
	p = mempool_alloc(pool, GFP_KERNEL);
	memset(page_address(p), 1, 2 * PAGE_SIZE);
	mempool_free(p, pool);
	mempool_destroy(pool);
}

static void embedded_pools(struct kunit *test)
{
	mempool_t pool;

	memset(&pool, 0, sizeof(pool));
	mempool_exit(&pool);
	KUNIT_EXPECT_FALSE(test, mempool_initialized(&pool));
	oracle_expect(test, "mempool.mempool_init_kmalloc_pool.ret", "%d",
		      mempool_init_kmalloc_pool(&pool, 2, 100));
	STATE(test, "mempool.mempool_init_static", &pool);
	oracle_expect(test, "mempool.mempool_initialized", "%d",
		      mempool_initialized(&pool));
	KUNIT_EXPECT_TRUE(test, mempool_is_saturated(&pool));
	mempool_exit(&pool);
	oracle_expect(test, "mempool.mempool_exit.elements_is_NULL",
		      "%d curr_nr:%d", pool.elements == NULL, pool.curr_nr);
	mempool_exit(&pool);
	oracle_expect(test, "mempool.mempool_exit_twice", "no-op");
}

static void bulk_of_a_pool(struct kunit *test)
{
	void *p[4] = { NULL }, *kept;
	mempool_t *pool;

	seen_reset(-1);
	pool = pool_of(4);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	kept = p[1] = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, mempool_alloc_bulk(pool, p, 4, 1), 0);
	KUNIT_EXPECT_PTR_EQ(test, p[1], kept);
	for (int i = 0; i < 4; i++)
		KUNIT_EXPECT_NOT_NULL(test, p[i]);
	for (unsigned int i = mempool_free_bulk(pool, p, 4); i < 4; i++)
		mempool_free(p[i], pool);
	KUNIT_EXPECT_EQ(test, pool->curr_nr, 4);
	mempool_destroy(pool);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pool_with_memory_at_hand),
	KUNIT_CASE(pool_on_its_reserve),
	KUNIT_CASE(pool_waits_for_an_element),
	KUNIT_CASE(pool_with_a_budget),
	KUNIT_CASE(pool_resize),
	KUNIT_CASE(pool_of_nothing),
	KUNIT_CASE(pool_that_cannot_be_filled),
	KUNIT_CASE(ready_made_pools),
	KUNIT_CASE(embedded_pools),
	KUNIT_CASE(bulk_of_a_pool),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_mempool",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
