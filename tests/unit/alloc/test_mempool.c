// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* Pools: the order of attempts, the reserve, and its waiters. */
#include "unit/alloc/world.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>

#include <linux/mempool.h>

#include "alloc/mempool.h"

#define ADDED (__GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN)

/*
 * An allocator that writes down what it is asked, gives `budget` elements
 * (negative: any number), and checks that no lock is held around it.
 */
#define NOTES 64
struct source {
	int budget; /* elements it will give */
	int live;   /* given and not taken back */
	unsigned int allocs, frees, held;
	gfp_t gfp[NOTES];
	bool returns;        /* what comes back raises the budget */
	unsigned int one_in; /* if set, fails except one in so many */
};

static void source_reset(struct source *s, int budget)
{
	s->budget = budget;
	s->allocs = 0;
	s->frees = 0;
}

static bool source_grants(struct source *s)
{
	static _Thread_local uint64_t seed;
	int b = __atomic_load_n(&s->budget, __ATOMIC_RELAXED);

	if (s->one_in) {
		if (!seed)
			seed = (uintptr_t)&seed;
		return dice(&seed) % s->one_in == 0;
	}
	if (b < 0)
		return true;
	while (b &&
	       !__atomic_compare_exchange_n(&s->budget, &b, b - 1, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return b;
}

static void *source_alloc(gfp_t gfp, void *data)
{
	struct source *s = data;
	unsigned int n =
		__atomic_fetch_add(&s->allocs, 1, __ATOMIC_RELAXED) % NOTES;

	__atomic_store_n(&s->gfp[n], gfp, __ATOMIC_RELAXED);
	if (port_task()->held)
		__atomic_fetch_add(&s->held, 1, __ATOMIC_RELAXED);
	if (!source_grants(s))
		return NULL;
	__atomic_fetch_add(&s->live, 1, __ATOMIC_RELAXED);
	return calloc(1, 32);
}

static void source_free(void *elem, void *data)
{
	struct source *s = data;

	if (port_task()->held)
		__atomic_fetch_add(&s->held, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->frees, 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&s->live, 1, __ATOMIC_RELAXED);
	free(elem);
	if (s->returns)
		__atomic_fetch_add(&s->budget, 1, __ATOMIC_RELAXED);
}

static mempool_t *make(struct kunit *test, struct source *s, int min_nr)
{
	mempool_t *pool;

	memset(s, 0, sizeof(*s));
	s->budget = -1;
	pool = mempool_create(min_nr, source_alloc, source_free, s);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	return pool;
}

static void end(struct kunit *test, struct source *s, mempool_t *pool)
{
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, s->live, 0);
	KUNIT_EXPECT_EQ(test, s->held, 0);
}

#define EXPECT_NR(pool, min, curr)                              \
	do {                                                    \
		KUNIT_EXPECT_EQ(test, (pool)->min_nr, (min));   \
		KUNIT_EXPECT_EQ(test, (pool)->curr_nr, (curr)); \
	} while (0)

/* --- the order of attempts ------------------------------------------------ */

WORLD_CASE(mempool_create_fills_the_reserve)
{
	struct source s;
	mempool_t *pool = make(test, &s, 4);

	EXPECT_NR(pool, 4, 4);
	KUNIT_EXPECT_EQ(test, s.allocs, 4);
	KUNIT_EXPECT_EQ(test, s.gfp[0], GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, mempool_initialized(pool));
	KUNIT_EXPECT_TRUE(test, mempool_is_saturated(pool));
	mempool_free(NULL, pool);
	KUNIT_EXPECT_EQ(test, s.frees, 0);
	end(test, &s, pool);
	KUNIT_EXPECT_EQ(test, s.frees, 4);
	mempool_destroy(NULL);
}

WORLD_CASE(mempool_asks_the_allocator_first)
{
	struct source s;
	mempool_t *pool = make(test, &s, 4);
	void *e;

	source_reset(&s, -1);
	e = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, e);
	KUNIT_EXPECT_EQ(test, s.allocs, 1);
	KUNIT_EXPECT_EQ(test, s.gfp[0], 0x92880);
	EXPECT_NR(pool, 4, 4);
	mempool_free(e, pool);
	KUNIT_EXPECT_EQ(test, s.frees, 1);
	EXPECT_NR(pool, 4, 4);
	end(test, &s, pool);
}

WORLD_CASE(mempool_hands_out_the_reserve_from_its_top)
{
	struct source s;
	mempool_t *pool = make(test, &s, 4);
	void *was[4], *e[4];
	int i;

	memcpy(was, pool->elements, sizeof(was));
	source_reset(&s, 0);
	for (i = 0; i < 4; i++) {
		e[i] = mempool_alloc(pool, GFP_KERNEL);
		KUNIT_EXPECT_PTR_EQ(test, e[i], was[3 - i]);
	}
	KUNIT_EXPECT_EQ(test, s.allocs, 4);
	EXPECT_NR(pool, 4, 0);
	KUNIT_EXPECT_FALSE(test, mempool_is_saturated(pool));
	for (i = 0; i < 4; i++) {
		mempool_free(e[i], pool);
		EXPECT_NR(pool, 4, i + 1);
	}
	KUNIT_EXPECT_EQ(test, s.frees, 0);
	KUNIT_EXPECT_PTR_EQ(test, mempool_alloc(pool, GFP_NOWAIT), e[3]);
	mempool_free(e[3], pool);
	end(test, &s, pool);
}

static void empty_answers(struct kunit *test, mempool_t *pool, struct source *s,
			  gfp_t gfp, unsigned int calls)
{
	source_reset(s, 0);
	KUNIT_EXPECT_NULL(test, mempool_alloc(pool, gfp));
	KUNIT_EXPECT_EQ(test, s->allocs, calls);
	KUNIT_EXPECT_EQ(test, s->gfp[0], (gfp | ADDED) & ~__GFP_IO);
	if (calls > 1)
		KUNIT_EXPECT_EQ(test, s->gfp[1], gfp | ADDED);
}

WORLD_CASE(mempool_empty_without_sleeping_is_null)
{
	struct source s;
	mempool_t *pool = make(test, &s, 1);
	void *e;

	source_reset(&s, 0);
	e = mempool_alloc(pool, GFP_NOWAIT);
	KUNIT_ASSERT_NOT_NULL(test, e);
	empty_answers(test, pool, &s, GFP_ATOMIC, 1);
	empty_answers(test, pool, &s, GFP_NOWAIT, 1);
	KUNIT_EXPECT_EQ(test, s.gfp[0], 0x92800);
	empty_answers(test, pool, &s, GFP_NOWAIT | __GFP_IO, 2);
	KUNIT_EXPECT_NULL(test, mempool_alloc_preallocated(pool));
	mempool_free(e, pool);
	KUNIT_EXPECT_PTR_EQ(test, mempool_alloc_preallocated(pool), e);
	mempool_free(e, pool);
	end(test, &s, pool);
}

/* Gives to those only who allow IO. */
static void *io_alloc(gfp_t gfp, void *data)
{
	struct source *s = data;

	s->budget = gfp & __GFP_IO ? -1 : 0;
	return source_alloc(gfp, data);
}

WORLD_CASE(mempool_second_try_has_all_flags)
{
	struct source s = { .budget = -1 };
	mempool_t *pool = mempool_create(1, io_alloc, source_free, &s);
	gfp_t gfp = GFP_NOWAIT | __GFP_IO;
	void *e, *f, *g;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	source_reset(&s, 0);
	/* the reserve comes before the second try */
	e = mempool_alloc(pool, gfp);
	KUNIT_EXPECT_EQ(test, s.allocs, 1);
	EXPECT_NR(pool, 1, 0);
	f = mempool_alloc(pool, gfp);
	KUNIT_EXPECT_NOT_NULL(test, f);
	KUNIT_EXPECT_EQ(test, s.allocs, 3);
	KUNIT_EXPECT_EQ(test, s.gfp[1], (gfp | ADDED) & ~__GFP_IO);
	KUNIT_EXPECT_EQ(test, s.gfp[2], gfp | ADDED);
	g = mempool_alloc(pool, GFP_NOFS);
	KUNIT_EXPECT_NOT_NULL(test, g);
	KUNIT_EXPECT_EQ(test, s.allocs, 5);
	KUNIT_EXPECT_EQ(test, s.gfp[4], GFP_NOFS | ADDED);
	EXPECT_NR(pool, 1, 0);
	KUNIT_EXPECT_FALSE(test, queue_any(pool));
	mempool_free(e, pool);
	mempool_free(f, pool);
	mempool_free(g, pool);
	end(test, &s, pool);
}

WORLD_CASE(mempool_budget_of_two_and_a_reserve_of_four)
{
	static const int curr[] = { 4, 4, 3, 2, 1, 0 };
	struct source s;
	mempool_t *pool = make(test, &s, 4);
	void *e[6];
	int i;

	source_reset(&s, 2);
	for (i = 0; i < 6; i++) {
		e[i] = mempool_alloc(pool, GFP_ATOMIC);
		KUNIT_EXPECT_NOT_NULL(test, e[i]);
		EXPECT_NR(pool, 4, curr[i]);
	}
	KUNIT_EXPECT_NULL(test, mempool_alloc(pool, GFP_ATOMIC));
	for (i = 0; i < 6; i++)
		mempool_free(e[i], pool);
	EXPECT_NR(pool, 4, 4);
	KUNIT_EXPECT_EQ(test, s.frees, 2);
	end(test, &s, pool);
}

WORLD_CASE(mempool_refuses_zero)
{
	struct source s;
	mempool_t *pool = make(test, &s, 1);
	void *e;

	source_reset(&s, -1);
	e = mempool_alloc(pool, GFP_KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_NOT_NULL(test, e);
	KUNIT_EXPECT_EQ(test, s.gfp[0], 0x92880);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 1);
	mempool_free(e, pool);
	e = mempool_alloc(pool, GFP_KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 1);
	mempool_free(e, pool);
	end(test, &s, pool);
}

/* --- setting up and ending ------------------------------------------------ */

WORLD_CASE(mempool_of_nothing_keeps_one)
{
	struct source s;
	mempool_t *pool = make(test, &s, 0);
	void *e;

	EXPECT_NR(pool, 0, 1);
	source_reset(&s, 0);
	e = mempool_alloc(pool, GFP_NOWAIT);
	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_EXPECT_NULL(test, mempool_alloc(pool, GFP_NOWAIT));
	mempool_free(e, pool);
	EXPECT_NR(pool, 0, 1);
	KUNIT_EXPECT_EQ(test, s.frees, 0);
	end(test, &s, pool);
}

WORLD_CASE(mempool_of_less_than_nothing_is_refused)
{
	struct source s = { .budget = -1 };
	mempool_t pool;

	KUNIT_EXPECT_NULL(test,
			  mempool_create(-1, source_alloc, source_free, &s));
	KUNIT_EXPECT_EQ(test,
			mempool_init(&pool, -5, source_alloc, source_free, &s),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, s.allocs, 0);
	mempool_exit(&pool);
}

WORLD_CASE(mempool_create_undoes_what_it_did)
{
	struct source s = { 0 };
	int n;

	for (n = 0; n < 4; n++) {
		source_reset(&s, n);
		KUNIT_EXPECT_NULL(test, mempool_create(4, source_alloc,
						       source_free, &s));
		KUNIT_EXPECT_EQ(test, s.frees, n);
		KUNIT_EXPECT_EQ(test, s.live, 0);
	}
}

WORLD_CASE(mempool_init_needs_no_zeroed_struct)
{
	struct source s = { .budget = -1 };
	mempool_t pool;

	memset(&pool, 0xa5, sizeof(pool));
	KUNIT_ASSERT_EQ(
		test, mempool_init(&pool, 3, source_alloc, source_free, &s), 0);
	EXPECT_NR(&pool, 3, 3);
	mempool_free(mempool_alloc(&pool, GFP_KERNEL), &pool);
	mempool_exit(&pool);
	KUNIT_EXPECT_NULL(test, pool.elements);
	KUNIT_EXPECT_EQ(test, pool.curr_nr, 0);
	KUNIT_EXPECT_FALSE(test, mempool_initialized(&pool));
	mempool_exit(&pool);
	memset(&pool, 0, sizeof(pool));
	mempool_exit(&pool);
	KUNIT_EXPECT_EQ(test, s.live, 0);
}

/* The dialect of 2.6: a mask that is an int. */
static void *int_alloc(int flags, void *data)
{
	return source_alloc((gfp_t)flags, data);
}

WORLD_CASE(mempool_takes_both_dialects)
{
	struct source s = { .budget = -1 };
	mempool_t *pool = mempool_create(2, int_alloc, source_free, &s);

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 5, GFP_NOIO), 0);
	EXPECT_NR(pool, 5, 5);
	KUNIT_EXPECT_EQ(test, s.gfp[4], GFP_NOIO);
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 1), 0);
	EXPECT_NR(pool, 1, 1);
	end(test, &s, pool);
}

WORLD_CASE(mempool_ready_made_pools)
{
	struct kmem_cache *cache = kmem_cache_create("elem", 200, 0, 0, NULL);
	mempool_t *pool = mempool_create_slab_pool(4, cache), small;
	struct page *page;
	void *e;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	EXPECT_NR(pool, 4, 4);
	e = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_EXPECT_PTR_EQ(test, page_cache(addr_page(e)), cache);
	mempool_free(e, pool);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);

	KUNIT_ASSERT_EQ(test, mempool_init_kmalloc_pool(&small, 2, 100), 0);
	EXPECT_NR(&small, 2, 2);
	e = mempool_alloc(&small, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, ksize(e), 128);
	mempool_free(e, &small);
	mempool_exit(&small);

	pool = mempool_create_page_pool(4, 1);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	page = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page_address(page), 1, 2 * PAGE_SIZE);
	mempool_free(page, pool);
	mempool_destroy(pool);
}

static void ctor(void *obj)
{
	memset(obj, 1, 8);
}

WORLD_CASE(mempool_of_constructed_objects)
{
	struct kmem_cache *cache = kmem_cache_create("made", 64, 0, 0, ctor);
	mempool_t *pool;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	pool = mempool_create_slab_pool(2, cache);
	if (KMEM_DEBUG) {
		KUNIT_EXPECT_NULL(test, pool);
		KUNIT_EXPECT_EQ(test, log_count("cache made has a constructor"),
				1);
	} else {
		KUNIT_EXPECT_NOT_NULL(test, pool);
	}
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
}

/* Any element the free function can take may come. */
WORLD_CASE(mempool_takes_elements_it_never_gave)
{
	struct source s;
	mempool_t *pool = make(test, &s, 1);
	void *mine, *e;

	source_reset(&s, 0);
	e = mempool_alloc(pool, GFP_NOWAIT);
	mine = calloc(1, 32);
	s.live++;
	mempool_free(mine, pool);
	KUNIT_EXPECT_PTR_EQ(test, mempool_alloc(pool, GFP_NOWAIT), mine);
	mempool_free(mine, pool);
	mempool_free(e, pool);
	KUNIT_EXPECT_EQ(test, s.frees, 1);
	end(test, &s, pool);
}

/* --- another size --------------------------------------------------------- */

WORLD_CASE(mempool_resize_grows_and_shrinks)
{
	struct source s;
	mempool_t *pool = make(test, &s, 4);
	void *was[4];

	source_reset(&s, -1);
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 8), 0);
	EXPECT_NR(pool, 8, 8);
	KUNIT_EXPECT_EQ(test, s.allocs, 4);
	memcpy(was, pool->elements, sizeof(was));
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 3), 0);
	EXPECT_NR(pool, 3, 3);
	KUNIT_EXPECT_EQ(test, s.frees, 5);
	KUNIT_EXPECT_MEMEQ(test, pool->elements, was, 3 * sizeof(void *));
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 3), 0);
	EXPECT_NR(pool, 3, 3);
	end(test, &s, pool);
}

WORLD_CASE(mempool_resize_without_elements_is_no_failure)
{
	struct source s;
	mempool_t *pool = make(test, &s, 3);
	void *e[2];
	int i;

	source_reset(&s, -1);
	for (i = 0; i < 2; i++)
		e[i] = mempool_alloc(pool, GFP_KERNEL);
	source_reset(&s, 1);
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 6), 0);
	EXPECT_NR(pool, 6, 4);
	for (i = 0; i < 2; i++)
		mempool_free(e[i], pool);
	EXPECT_NR(pool, 6, 6);
	KUNIT_EXPECT_EQ(test, s.frees, 0);
	end(test, &s, pool);
}

WORLD_CASE(mempool_resize_without_an_array_changes_nothing, .window = 32 * MIB)
{
	struct source s;
	mempool_t *pool = make(test, &s, 2);
	void *head = NULL, **p;

	while ((p = kmalloc(8192, GFP_KERNEL | __GFP_NOWARN))) {
		*p = head;
		head = p;
	}
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 2000, GFP_NOWAIT), -ENOMEM);
	EXPECT_NR(pool, 2, 2);
	while ((p = head)) {
		head = *p;
		kfree(p);
	}
	end(test, &s, pool);
}

static void die(void)
{
	_exit(log_count("BUG: failure at ") == 1 &&
			      log_count("/mempool_resize()!\n") == 1 &&
			      log_count("Kernel panic - not syncing: "
					"BUG!\n") == 1 ?
		      3 :
		      1);
}

static void resize_to(struct kunit *test, mempool_t *pool, int new_min_nr)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	KUNIT_ASSERT_GE(test, pid, 0);
	if (!pid) {
		fake_set_die_hook(die);
		mempool_resize(pool, new_min_nr);
		_exit(2);
	}
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_TRUE(test, WIFEXITED(status));
	KUNIT_EXPECT_EQ(test, WEXITSTATUS(status), 3);
}

WORLD_CASE(mempool_resize_to_nothing_is_a_bug)
{
	struct source s;
	mempool_t *pool = make(test, &s, 2);

	resize_to(test, pool, 0);
	resize_to(test, pool, -3);
	end(test, &s, pool);
}

/* --- many at once --------------------------------------------------------- */

WORLD_CASE(mempool_bulk_fills_the_gaps)
{
	struct source s;
	mempool_t *pool = make(test, &s, 4);
	void *e[4] = { NULL }, *mine = calloc(1, 32);
	int i;

	s.live++;
	e[1] = mine;
	source_reset(&s, 2);
	KUNIT_EXPECT_EQ(test, mempool_alloc_bulk(pool, e, 4, 1), 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_NOT_NULL(test, e[i]);
	KUNIT_EXPECT_PTR_EQ(test, e[1], mine);
	KUNIT_EXPECT_EQ(test, s.gfp[0], 0x92880);
	/* two from the allocator, one from the reserve */
	EXPECT_NR(pool, 4, 3);
	KUNIT_EXPECT_EQ(test, mempool_free_bulk(pool, e, 4), 1);
	EXPECT_NR(pool, 4, 4);
	KUNIT_EXPECT_EQ(test, mempool_free_bulk(pool, e + 1, 3), 0);
	for (i = 1; i < 4; i++)
		source_free(e[i], &s);
	KUNIT_EXPECT_EQ(test, mempool_alloc_bulk(pool, e, 0, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	end(test, &s, pool);
}

/* --- waiting -------------------------------------------------------------- */

/*
 * A thread that waits.  Its hook runs between its last look and its sleep;
 * what happens there must not be slept through, and the fake clock, which
 * only a wait that ended by itself moves, tells.
 */
static _Thread_local void (*before_sleep)(void);

static void sleep_hook(void)
{
	void (*hook)(void) = before_sleep;

	before_sleep = NULL;
	if (hook)
		hook();
}

static mempool_t *the_pool;
static struct source *the_source;
static void *the_elem;

static void free_the_elem(void)
{
	mempool_free(the_elem, the_pool);
}

WORLD_CASE(mempool_wait_is_ended_by_a_free)
{
	struct source s;
	mempool_t *pool = make(test, &s, 1);
	uint64_t now = port_clock_ns();
	unsigned long wakes;
	void *e;

	source_reset(&s, 0);
	the_pool = pool;
	the_elem = mempool_alloc(pool, GFP_KERNEL);
	source_reset(&s, 0);
	fake_set_yield_hook(sleep_hook);
	before_sleep = free_the_elem;
	wakes = fake_calls(FAKE_WAKE);
	e = mempool_alloc(pool, GFP_KERNEL);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes + 1);
	KUNIT_EXPECT_PTR_EQ(test, e, the_elem);
	KUNIT_EXPECT_EQ(test, port_clock_ns(), now);
	KUNIT_EXPECT_EQ(test, s.allocs, 3);
	KUNIT_EXPECT_EQ(test, s.gfp[0], 0x92880);
	KUNIT_EXPECT_EQ(test, s.gfp[1], 0x92cc0);
	KUNIT_EXPECT_EQ(test, s.gfp[2], 0x92cc0);
	EXPECT_NR(pool, 1, 0);
	mempool_free(e, pool);
	EXPECT_NR(pool, 1, 1);
	KUNIT_EXPECT_EQ(test, s.frees, 0);
	end(test, &s, pool);
}

static void let_it_give(void)
{
	the_source->budget = 1;
}

/* Nobody frees: after its five seconds the waiter asks again. */
WORLD_CASE(mempool_wait_asks_the_allocator_each_round)
{
	struct source s;
	mempool_t *pool = make(test, &s, 1);
	uint64_t now = port_clock_ns();
	void *e, *f;

	source_reset(&s, 0);
	e = mempool_alloc(pool, GFP_KERNEL);
	the_source = &s;
	source_reset(&s, 0);
	fake_set_yield_hook(sleep_hook);
	before_sleep = let_it_give;
	f = mempool_alloc(pool, GFP_KERNEL);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_NOT_NULL(test, f);
	KUNIT_EXPECT_EQ(test, port_clock_ns() - now, 5000000000);
	KUNIT_EXPECT_EQ(test, s.allocs, 3);
	EXPECT_NR(pool, 1, 0);
	mempool_free(f, pool);
	mempool_free(e, pool);
	EXPECT_NR(pool, 1, 1);
	KUNIT_EXPECT_EQ(test, s.frees, 1);
	end(test, &s, pool);
}

static void free_and_let_it_give(void)
{
	free_the_elem();
	let_it_give();
}

/* Granted an element and given another: the reserve keeps the first. */
WORLD_CASE(mempool_grant_goes_back_when_the_allocator_gives)
{
	struct source s;
	mempool_t *pool = make(test, &s, 1);
	void *e;

	source_reset(&s, 0);
	the_pool = pool;
	the_source = &s;
	the_elem = mempool_alloc(pool, GFP_KERNEL);
	fake_set_yield_hook(sleep_hook);
	before_sleep = free_and_let_it_give;
	e = mempool_alloc(pool, GFP_KERNEL);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_PTR_NE(test, e, the_elem);
	EXPECT_NR(pool, 1, 1);
	KUNIT_EXPECT_PTR_EQ(test, mempool_alloc(pool, GFP_NOWAIT), the_elem);
	mempool_free(the_elem, pool);
	mempool_free(e, pool);
	end(test, &s, pool);
}

static void *newcomer_got;

static void free_and_come_new(void)
{
	free_the_elem();
	newcomer_got = mempool_alloc(the_pool, GFP_NOWAIT);
}

WORLD_CASE(mempool_newcomers_do_not_pass_who_waits)
{
	struct source s;
	mempool_t *pool = make(test, &s, 1);
	void *e;

	source_reset(&s, 0);
	the_pool = pool;
	the_elem = mempool_alloc(pool, GFP_KERNEL);
	fake_set_yield_hook(sleep_hook);
	before_sleep = free_and_come_new;
	e = mempool_alloc(pool, GFP_KERNEL);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_PTR_EQ(test, e, the_elem);
	KUNIT_EXPECT_NULL(test, newcomer_got);
	mempool_free(e, pool);
	end(test, &s, pool);
}

/*
 * Threads with numbers.  A thread is in the queue when it asks the allocator
 * with all its flags, so the allocator of these tests knows who waits.
 */
#define THREADS 6
static _Thread_local int me = -1;
static bool queued[THREADS];
static unsigned int arrivals;
static int order[THREADS];

static void *queue_alloc(gfp_t gfp, void *data)
{
	if (me >= 0 && gfp & __GFP_DIRECT_RECLAIM)
		__atomic_store_n(&queued[me], true, __ATOMIC_RELEASE);
	return source_alloc(gfp, data);
}

static void await(bool *flag)
{
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void *wait_and_pass_on(void *arg)
{
	void *e;

	me = (int)(intptr_t)arg;
	e = mempool_alloc(the_pool, GFP_KERNEL);
	order[__atomic_fetch_add(&arrivals, 1, __ATOMIC_ACQ_REL)] = me;
	mempool_free(e, the_pool);
	return e;
}

WORLD_CASE(mempool_serves_in_the_order_of_arrival)
{
	struct source s = { .budget = 1 };
	pthread_t thread[THREADS];
	void *e, *got;
	int i;

	the_pool = mempool_create(1, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	e = mempool_alloc(the_pool, GFP_NOWAIT);
	KUNIT_ASSERT_NOT_NULL(test, e);
	for (i = 0; i < THREADS; i++) {
		pthread_create(&thread[i], NULL, wait_and_pass_on,
			       (void *)(intptr_t)i);
		await(&queued[i]);
	}
	KUNIT_EXPECT_NULL(test, mempool_alloc(the_pool, GFP_NOWAIT));
	mempool_free(e, the_pool);
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &got);
		KUNIT_EXPECT_PTR_EQ(test, got, e);
	}
	for (i = 0; i < THREADS; i++)
		KUNIT_EXPECT_EQ(test, order[i], i);
	EXPECT_NR(the_pool, 1, 1);
	KUNIT_EXPECT_FALSE(test, queue_any(the_pool));
	end(test, &s, the_pool);
}

static void *wait_only(void *arg)
{
	me = (int)(intptr_t)arg;
	return mempool_alloc(the_pool, GFP_KERNEL);
}

WORLD_CASE(mempool_each_free_serves_one)
{
	struct source s = { .budget = THREADS };
	pthread_t thread[THREADS];
	void *e[THREADS], *got;
	int i, j, seen[THREADS] = { 0 };

	the_pool = mempool_create(THREADS, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	for (i = 0; i < THREADS; i++)
		e[i] = mempool_alloc(the_pool, GFP_NOWAIT);
	for (i = 0; i < THREADS; i++) {
		pthread_create(&thread[i], NULL, wait_only,
			       (void *)(intptr_t)i);
		await(&queued[i]);
	}
	for (i = 0; i < THREADS; i++)
		mempool_free(e[i], the_pool);
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &got);
		for (j = 0; j < THREADS; j++)
			seen[j] += got == e[j];
	}
	for (j = 0; j < THREADS; j++)
		KUNIT_EXPECT_EQ(test, seen[j], 1);
	EXPECT_NR(the_pool, THREADS, 0);
	for (i = 0; i < THREADS; i++)
		mempool_free(e[i], the_pool);
	EXPECT_NR(the_pool, THREADS, THREADS);
	end(test, &s, the_pool);
}

WORLD_CASE(mempool_growing_serves_who_waits)
{
	struct source s = { .budget = 1 };
	pthread_t thread[3];
	void *e, *got[3];
	int i;

	the_pool = mempool_create(1, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	e = mempool_alloc(the_pool, GFP_NOWAIT);
	for (i = 0; i < 3; i++) {
		pthread_create(&thread[i], NULL, wait_only,
			       (void *)(intptr_t)i);
		await(&queued[i]);
	}
	__atomic_store_n(&s.budget, 3, __ATOMIC_RELAXED);
	KUNIT_EXPECT_EQ(test, mempool_resize(the_pool, 4), 0);
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], &got[i]);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_NOT_NULL(test, got[i]);
		mempool_free(got[i], the_pool);
	}
	mempool_free(e, the_pool);
	EXPECT_NR(the_pool, 4, 4);
	end(test, &s, the_pool);
}

/*
 * Barrier C: the element goes to the allocator, since the reserve was full
 * when its free began; meanwhile another thread empties the reserve and
 * waits.  It is woken by that very free and not by its five seconds.
 */
static bool w_waits, b_is_done;
static void *w_got[2];

static void hold_until_freed(void)
{
	__atomic_store_n(&w_waits, true, __ATOMIC_RELEASE);
	await(&b_is_done);
}

static void *drain_and_wait(void *arg)
{
	(void)arg;
	w_got[0] = mempool_alloc(the_pool, GFP_KERNEL);
	before_sleep = hold_until_freed;
	w_got[1] = mempool_alloc(the_pool, GFP_KERNEL);
	return NULL;
}

static pthread_t w_thread;

static void slow_free(void *elem, void *data)
{
	if (!w_got[0]) {
		pthread_create(&w_thread, NULL, drain_and_wait, NULL);
		await(&w_waits);
	}
	source_free(elem, data);
}

WORLD_CASE(mempool_free_to_the_allocator_wakes)
{
	struct source s = { .budget = 2, .returns = true };
	uint64_t now = port_clock_ns();
	unsigned long wakes;
	void *e;

	the_pool = mempool_create(1, source_alloc, slow_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	e = mempool_alloc(the_pool, GFP_KERNEL);
	fake_set_yield_hook(sleep_hook);
	wakes = fake_calls(FAKE_WAKE);
	mempool_free(e, the_pool);
	KUNIT_EXPECT_GT(test, fake_calls(FAKE_WAKE), wakes);
	__atomic_store_n(&b_is_done, true, __ATOMIC_RELEASE);
	pthread_join(w_thread, NULL);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_NOT_NULL(test, w_got[0]);
	KUNIT_EXPECT_NOT_NULL(test, w_got[1]);
	KUNIT_EXPECT_EQ(test, port_clock_ns(), now);
	mempool_free(w_got[0], the_pool);
	mempool_free(w_got[1], the_pool);
	EXPECT_NR(the_pool, 1, 1);
	end(test, &s, the_pool);
}

static void *bulk_wait(void *arg)
{
	void **e = arg;

	me = 0;
	mempool_alloc_bulk(the_pool, e, 3, 0);
	return NULL;
}

/* It takes three at once, and who comes after it waits behind it. */
WORLD_CASE(mempool_bulk_waits_for_all_and_is_not_passed)
{
	struct source s = { .budget = 3 };
	void *e[3], *got[3] = { NULL }, *last;
	pthread_t bulk, single;
	int i;

	the_pool = mempool_create(3, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	for (i = 0; i < 3; i++)
		e[i] = mempool_alloc(the_pool, GFP_NOWAIT);
	pthread_create(&bulk, NULL, bulk_wait, got);
	await(&queued[0]);
	pthread_create(&single, NULL, wait_only, (void *)1);
	await(&queued[1]);
	mempool_free(e[0], the_pool);
	mempool_free(e[1], the_pool);
	EXPECT_NR(the_pool, 3, 2);
	KUNIT_EXPECT_NULL(test, mempool_alloc(the_pool, GFP_NOWAIT));
	mempool_free(e[2], the_pool);
	pthread_join(bulk, NULL);
	EXPECT_NR(the_pool, 3, 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_NOT_NULL(test, got[i]);
	mempool_free(got[0], the_pool);
	pthread_join(single, &last);
	KUNIT_EXPECT_PTR_EQ(test, last, got[0]);
	mempool_free(last, the_pool);
	mempool_free(got[1], the_pool);
	mempool_free(got[2], the_pool);
	EXPECT_NR(the_pool, 3, 3);
	end(test, &s, the_pool);
}

static bool go_on;

static void hold_until_told(void)
{
	__atomic_store_n(&w_waits, true, __ATOMIC_RELEASE);
	await(&go_on);
}

static void *held_bulk_wait(void *arg)
{
	before_sleep = hold_until_told;
	return bulk_wait(arg);
}

/* What the queue is about to take is neither freed nor without a place. */
WORLD_CASE(mempool_resize_leaves_the_queue_its_elements)
{
	struct source s = { .budget = 4 };
	void *e[4], *got[3] = { NULL };
	pthread_t bulk;
	int i;

	the_pool = mempool_create(4, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	for (i = 0; i < 4; i++)
		e[i] = mempool_alloc(the_pool, GFP_NOWAIT);
	fake_set_yield_hook(sleep_hook);
	pthread_create(&bulk, NULL, held_bulk_wait, got);
	await(&w_waits);
	for (i = 0; i < 4; i++)
		mempool_free(e[i], the_pool);
	EXPECT_NR(the_pool, 4, 4);
	KUNIT_EXPECT_EQ(test, mempool_resize(the_pool, 1), 0);
	EXPECT_NR(the_pool, 1, 4);
	KUNIT_EXPECT_EQ(test, s.frees, 0);
	KUNIT_EXPECT_NULL(test, mempool_alloc(the_pool, GFP_NOWAIT));
	KUNIT_EXPECT_NULL(test, mempool_alloc_preallocated(the_pool));
	__atomic_store_n(&go_on, true, __ATOMIC_RELEASE);
	pthread_join(bulk, NULL);
	fake_set_yield_hook(NULL);
	EXPECT_NR(the_pool, 1, 1);
	KUNIT_EXPECT_EQ(test, mempool_resize(the_pool, 2), 0);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_NOT_NULL(test, got[i]);
		mempool_free(got[i], the_pool);
	}
	EXPECT_NR(the_pool, 2, 2);
	KUNIT_EXPECT_EQ(test, s.frees, 2);
	end(test, &s, the_pool);
}

/* What is too much when the last has left is freed then. */
WORLD_CASE(mempool_last_in_the_queue_trims)
{
	struct source s = { .budget = 4 };
	void *e[4], *got[3] = { NULL };
	pthread_t bulk;
	int i;

	the_pool = mempool_create(4, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	for (i = 0; i < 4; i++)
		e[i] = mempool_alloc(the_pool, GFP_NOWAIT);
	fake_set_yield_hook(sleep_hook);
	pthread_create(&bulk, NULL, held_bulk_wait, got);
	await(&w_waits);
	for (i = 0; i < 4; i++)
		mempool_free(e[i], the_pool);
	/* the allocator serves it, and nobody needs four */
	__atomic_store_n(&s.budget, 3, __ATOMIC_RELAXED);
	KUNIT_EXPECT_EQ(test, mempool_resize(the_pool, 1), 0);
	__atomic_store_n(&go_on, true, __ATOMIC_RELEASE);
	pthread_join(bulk, NULL);
	fake_set_yield_hook(NULL);
	EXPECT_NR(the_pool, 1, 1);
	KUNIT_EXPECT_EQ(test, s.frees, 3);
	for (i = 0; i < 3; i++)
		mempool_free(got[i], the_pool);
	end(test, &s, the_pool);
}

static void shrink_then_free(void)
{
	before_sleep = free_the_elem;
	mempool_resize(the_pool, 2);
}

/* It waits for three; from when two are all there can be it takes those. */
WORLD_CASE(mempool_shrinking_tells_the_queue)
{
	struct source s;
	void *e[3], *got[3] = { NULL };
	uint64_t now = port_clock_ns();
	int i;

	the_pool = make(test, &s, 3);
	source_reset(&s, 0);
	for (i = 0; i < 3; i++)
		e[i] = mempool_alloc(the_pool, GFP_NOWAIT);
	mempool_free(e[0], the_pool);
	mempool_free(e[1], the_pool);
	the_elem = e[2];
	fake_set_yield_hook(sleep_hook);
	before_sleep = shrink_then_free;
	KUNIT_EXPECT_EQ(test, mempool_alloc_bulk(the_pool, got, 3, 0), 0);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_EQ(test, port_clock_ns(), now);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_NOT_NULL(test, got[i]);
		mempool_free(got[i], the_pool);
	}
	EXPECT_NR(the_pool, 2, 2);
	end(test, &s, the_pool);
}

/* More than the reserve ever holds: warned of, and served in parts. */
WORLD_CASE(mempool_bulk_beyond_the_reserve_still_ends)
{
	struct source s = { .budget = 1 };
	void *e, *got[3] = { NULL };
	pthread_t bulk;
	int i;

	the_pool = mempool_create(1, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	e = mempool_alloc(the_pool, GFP_NOWAIT);
	pthread_create(&bulk, NULL, bulk_wait, got);
	await(&queued[0]);
	for (i = 0; i < 3; i++) {
		mempool_free(i ? calloc(1, 32) : e, the_pool);
		while (__atomic_load_n(&the_pool->curr_nr, __ATOMIC_ACQUIRE))
			sched_yield();
	}
	s.live += 2;
	pthread_join(bulk, NULL);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 1);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_NOT_NULL(test, got[i]);
		mempool_free(got[i], the_pool);
	}
	end(test, &s, the_pool);
}

/* --- under load ----------------------------------------------------------- */

#define LOAD_THREADS 6
static unsigned int load_rounds;

static void *load(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	unsigned long bad = 0;
	unsigned int i, n;
	void **e[2];

	for (i = 0; i < load_rounds; i++) {
		e[0] = mempool_alloc(the_pool, GFP_KERNEL);
		if (!e[0]) {
			bad++;
			continue;
		}
		/* nobody else has it */
		bad += __atomic_exchange_n(e[0], arg, __ATOMIC_RELAXED) != NULL;
		n = 1;
		if (dice(&seed) % 4 == 0) {
			e[1] = mempool_alloc(the_pool, GFP_NOWAIT);
			if (e[1]) {
				bad += __atomic_exchange_n(e[1], arg,
							   __ATOMIC_RELAXED) !=
				       NULL;
				n = 2;
			}
		}
		if (dice(&seed) % 8 == 0)
			sched_yield();
		while (n--) {
			bad += __atomic_exchange_n(e[n], NULL,
						   __ATOMIC_RELAXED) != arg;
			mempool_free(e[n], the_pool);
		}
	}
	return (void *)bad;
}

static void run_load(struct kunit *test, void (*meanwhile)(struct kunit *))
{
	pthread_t thread[LOAD_THREADS];
	uintptr_t i;
	void *bad;

	for (i = 0; i < LOAD_THREADS; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&thread[i], NULL, load,
					       (void *)(i + 1)),
				0);
	if (meanwhile)
		meanwhile(test);
	for (i = 0; i < LOAD_THREADS; i++) {
		pthread_join(thread[i], &bad);
		KUNIT_EXPECT_NULL(test, bad);
	}
}

/* An allocator that never gives: the reserve alone serves everybody. */
WORLD_CASE(mempool_lives_on_its_reserve)
{
	struct source s;

	the_pool = make(test, &s, 2);
	source_reset(&s, 0);
	load_rounds = 400;
	run_load(test, NULL);
	EXPECT_NR(the_pool, 2, 2);
	KUNIT_EXPECT_EQ(test, s.live, 2);
	end(test, &s, the_pool);
}

WORLD_CASE(mempool_lives_with_an_allocator_that_fails_at_random)
{
	struct source s;

	the_pool = make(test, &s, 3);
	s.one_in = 3;
	load_rounds = 2000;
	run_load(test, NULL);
	/* what came by mail after the reserve was full goes back */
	KUNIT_EXPECT_EQ(test, mempool_resize(the_pool, 3), 0);
	EXPECT_NR(the_pool, 3, 3);
	KUNIT_EXPECT_EQ(test, s.live, 3);
	end(test, &s, the_pool);
}

static void resize_all_the_time(struct kunit *test)
{
	uint64_t seed = 23;
	unsigned int i;

	for (i = 0; i < 400; i++) {
		int n = (int)(dice(&seed) % 12) + 1;

		KUNIT_EXPECT_EQ(test, mempool_resize(the_pool, n), 0);
		sched_yield();
	}
	/* whatever they do, it has room for this many in the end */
	KUNIT_EXPECT_EQ(test, mempool_resize(the_pool, 4), 0);
}

WORLD_CASE(mempool_resizes_under_load)
{
	struct source s;

	the_pool = make(test, &s, 3);
	s.one_in = 3;
	load_rounds = 2000;
	run_load(test, resize_all_the_time);
	KUNIT_EXPECT_EQ(test, mempool_resize(the_pool, 4), 0);
	KUNIT_EXPECT_EQ(test, the_pool->min_nr, 4);
	KUNIT_EXPECT_EQ(test, the_pool->curr_nr, s.live);
	KUNIT_EXPECT_LE(test, the_pool->curr_nr, 4);
	KUNIT_EXPECT_FALSE(test, queue_any(the_pool));
	end(test, &s, the_pool);
}

static void *held_wait(void *arg)
{
	before_sleep = hold_until_told;
	return wait_only(arg);
}

/* --- frees that find everything busy -------------------------------------- */

#define MANY 1000

static mempool_t many[MANY];
static void *many_elem[MANY];

/*
 * Every queue's lock is held, and a fork is under way: a free needs neither,
 * and touches its own pool alone.
 */
WORLD_CASE(mempool_free_needs_no_lock)
{
	struct source s = { .budget = -1 };
	unsigned long steps;

	for (unsigned int i = 0; i < MANY; i++) {
		memset(&many[i], 0, sizeof(many[i]));
		KUNIT_ASSERT_EQ(test,
				mempool_init(&many[i], 1, source_alloc,
					     source_free, &s),
				0);
		many_elem[i] = mempool_alloc_preallocated(&many[i]);
		KUNIT_ASSERT_NOT_NULL(test, many_elem[i]);
		KUNIT_ASSERT_TRUE(test,
				  lock_word_try(&queue_of(&many[i])->lock));
	}
	fake_fork_prepare();
	for (unsigned int i = 0; i < MANY; i++) {
		steps = port_task()->steps;
		mempool_free(many_elem[i], &many[i]);
		/* its slot once more where misuse is looked for */
		KUNIT_ASSERT_LE(test, port_task()->steps - steps, 2);
		KUNIT_ASSERT_EQ(test, many[i].curr_nr, 1);
	}
	fake_fork_parent();
	for (unsigned int i = 0; i < MANY; i++)
		mempool_exit(&many[i]);
	KUNIT_EXPECT_EQ(test, s.live, 0);
	KUNIT_EXPECT_EQ(test, s.held, 0);
}

/* What a free interrupted may be the very one who holds the queue. */
WORLD_CASE(mempool_free_wakes_the_first_in_the_queue)
{
	struct source s = { .budget = 1 };
	unsigned long wakes;
	pthread_t thread;
	void *e, *got;

	the_pool = mempool_create(1, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	e = mempool_alloc(the_pool, GFP_NOWAIT);
	fake_set_yield_hook(sleep_hook);
	pthread_create(&thread, NULL, held_wait, (void *)0);
	await(&w_waits);
	queue_take(the_pool);
	wakes = fake_calls(FAKE_WAKE);
	mempool_free(e, the_pool);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes + 1);
	EXPECT_NR(the_pool, 1, 1);
	queue_drop(the_pool);
	__atomic_store_n(&go_on, true, __ATOMIC_RELEASE);
	pthread_join(thread, &got);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_PTR_EQ(test, got, e);
	mempool_free(e, the_pool);
	end(test, &s, the_pool);
}

/* Many frees while one sleeps are one wake-up. */
WORLD_CASE(mempool_rings_once)
{
	struct source s = { .budget = 3 };
	unsigned long wakes;
	pthread_t bulk;
	void *e[3], *got[3] = { NULL };

	the_pool = mempool_create(3, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	for (int i = 0; i < 3; i++)
		e[i] = mempool_alloc(the_pool, GFP_NOWAIT);
	fake_set_yield_hook(sleep_hook);
	pthread_create(&bulk, NULL, held_bulk_wait, got);
	await(&w_waits);
	wakes = fake_calls(FAKE_WAKE);
	for (int i = 0; i < 3; i++)
		mempool_free(e[i], the_pool);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes + 1);
	__atomic_store_n(&go_on, true, __ATOMIC_RELEASE);
	pthread_join(bulk, NULL);
	fake_set_yield_hook(NULL);
	for (int i = 0; i < 3; i++)
		mempool_free(got[i], the_pool);
	end(test, &s, the_pool);
}

/* What frees without a look at the slots is told by the two counts. */
WORLD_CASE(mempool_of_a_slab_knows_when_it_is_short)
{
	struct kmem_cache *s = kmem_cache_create("short", 64, 0, 0, NULL);
	mempool_t *pool = mempool_create_slab_pool(2, s);
	void *a, *b, *c;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_EQ(test, pool->kmem_full,
			reserve_checked(pool) ? INT_MAX : 2);
	c = mempool_alloc(pool, GFP_KERNEL);
	a = mempool_alloc_preallocated(pool);
	b = mempool_alloc_preallocated(pool);
	mempool_free(a, pool);
	EXPECT_NR(pool, 2, 1);
	mempool_free(b, pool);
	EXPECT_NR(pool, 2, 2);
	mempool_free(c, pool);
	EXPECT_NR(pool, 2, 2);
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 3), 0);
	KUNIT_EXPECT_EQ(test, pool->kmem_full,
			reserve_checked(pool) ? INT_MAX : 3);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

WORLD_CASE(mempool_free_of_nothing_needs_no_pool)
{
	struct kmem_cache *s = kmem_cache_create("none", 64, 0, 0, NULL);
	mempool_t *pool = mempool_create_slab_pool(1, s);

	KUNIT_ASSERT_NOT_NULL(test, pool);
	mempool_free(NULL, NULL);
	mempool_free(NULL, pool);
	EXPECT_NR(pool, 1, 1);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

/* An element of the reserve is nobody's to free. */
WORLD_CASE(double_free_in_a_world)
{
	struct source s;
	mempool_t *pool = make(test, &s, 3);
	void *e;

	e = mempool_alloc_preallocated(pool);
	mempool_free(e, pool);
	EXPECT_NR(pool, 3, 3);
	mempool_free(e, pool);
	KUNIT_EXPECT_EQ(test, log_count("BUG mempool"), 1);
	KUNIT_EXPECT_EQ(test, log_count("Object already free"), 1);
	EXPECT_NR(pool, 3, 3);
	KUNIT_EXPECT_EQ(test, s.frees, 0);
	/* with room as well */
	KUNIT_EXPECT_PTR_EQ(test, mempool_alloc_preallocated(pool), e);
	mempool_free(pool->elements[0], pool);
	KUNIT_EXPECT_EQ(test, log_count("Object already free"), 2);
	EXPECT_NR(pool, 3, 2);
	KUNIT_EXPECT_EQ(test, mempool_free_bulk(pool, &e, 1), 1);
	EXPECT_NR(pool, 3, 3);
	KUNIT_EXPECT_EQ(test, s.live, 3);
	end(test, &s, pool);
}

static void mempool_double_free_is_reported(struct kunit *test)
{
	if (!KMEM_DEBUG)
		kunit_skip(test, "misuse is looked for in debug builds");
	double_free_in_a_world(test);
}

/* Holes that others left: found wherever they are, each slot looked at once. */
WORLD_CASE(mempool_finds_the_slot_that_is_left)
{
	struct source s;
	mempool_t *pool = make(test, &s, 16);
	unsigned long steps;
	void *e[16];
	int i, at;

	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 21), 0);
	KUNIT_EXPECT_EQ(test, mempool_resize(pool, 16), 0);
	for (at = 0; at < 16; at++) {
		for (i = 0; i < 16; i++)
			e[i] = mempool_alloc_preallocated(pool);
		KUNIT_EXPECT_EQ(test, pool->curr_nr, 0);
		/* the only one is at an unlikely place */
		mempool_free(e[0], pool);
		pool->elements[0] = NULL;
		pool->elements[at] = e[0];
		steps = port_task()->steps;
		KUNIT_EXPECT_PTR_EQ(test, mempool_alloc_preallocated(pool),
				    e[0]);
		KUNIT_EXPECT_LE(test, port_task()->steps - steps, 16 + 16);
		/* the only room is */
		for (i = 0; i < 16; i++)
			mempool_free(e[i], pool);
		pool->curr_nr--;
		e[0] = pool->elements[at];
		pool->elements[at] = NULL;
		steps = port_task()->steps;
		mempool_free(e[0], pool);
		KUNIT_EXPECT_LE(test, port_task()->steps - steps,
				2 * (16 + 16));
		EXPECT_NR(pool, 16, 16);
		KUNIT_EXPECT_PTR_EQ(test, pool->elements[at], e[0]);
	}
	end(test, &s, pool);
}

/* --- fork ----------------------------------------------------------------- */

/* The parent's waiters do not exist in the child. */
WORLD_CASE(mempool_child_has_no_waiters)
{
	struct source s = { .budget = 1 };
	pthread_t thread;
	int status;
	void *e, *got;
	pid_t pid;

	the_pool = mempool_create(1, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	e = mempool_alloc(the_pool, GFP_NOWAIT);
	pthread_create(&thread, NULL, wait_only, (void *)0);
	await(&queued[0]);
	KUNIT_EXPECT_TRUE(test, queue_any(the_pool));
	fflush(stdout);
	fake_fork_prepare();
	pid = fork();
	if (!pid) {
		bool ok;

		fake_fork_child();
		mempool_free(e, the_pool);
		ok = the_pool->curr_nr == 1 && !queue_any(the_pool) &&
		     mempool_alloc(the_pool, GFP_KERNEL) == e;
		_exit(ok ? 0 : 1);
	}
	fake_fork_parent();
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	mempool_free(e, the_pool);
	pthread_join(thread, &got);
	KUNIT_EXPECT_PTR_EQ(test, got, e);
	mempool_free(e, the_pool);
	end(test, &s, the_pool);
}

/* Nor does the one for whom an element came, which had not taken it yet. */
WORLD_CASE(mempool_child_has_what_a_waiter_had_not_taken)
{
	struct source s = { .budget = 1 };
	pthread_t thread;
	int status;
	void *e, *got;
	pid_t pid;

	the_pool = mempool_create(1, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	e = mempool_alloc(the_pool, GFP_NOWAIT);
	fake_set_yield_hook(sleep_hook);
	pthread_create(&thread, NULL, held_wait, (void *)0);
	await(&w_waits);
	mempool_free(e, the_pool);
	EXPECT_NR(the_pool, 1, 1);
	fflush(stdout);
	fake_fork_prepare();
	pid = fork();
	if (!pid) {
		fake_fork_child();
		_exit(mempool_alloc(the_pool, GFP_NOWAIT) == e ? 0 : 1);
	}
	fake_fork_parent();
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_NULL(test, mempool_alloc(the_pool, GFP_NOWAIT));
	__atomic_store_n(&go_on, true, __ATOMIC_RELEASE);
	pthread_join(thread, &got);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_PTR_EQ(test, got, e);
	mempool_free(e, the_pool);
	end(test, &s, the_pool);
}

static void *free_first_thing(void *arg)
{
	while (!queue_any(the_pool))
		sched_yield();
	mempool_free(arg, the_pool);
	return NULL;
}

/* The lock, a place and a count were another thread's, which is not here. */
static int in_that_child(void *e)
{
	pthread_t thread;
	void *f;

	fake_fork_child();
	f = mempool_alloc(the_pool, GFP_NOWAIT);
	if (!f || the_pool->curr_nr)
		return 1;
	if (mempool_alloc(the_pool, GFP_NOWAIT))
		return 2;
	/* both places are there */
	mempool_free(e, the_pool);
	mempool_free(f, the_pool);
	if (the_pool->curr_nr != 2)
		return 3;
	e = mempool_alloc(the_pool, GFP_NOWAIT);
	f = mempool_alloc(the_pool, GFP_NOWAIT);
	if (!e || !f)
		return 4;
	/* and somebody may wait */
	pthread_create(&thread, NULL, free_first_thing, e);
	if (mempool_alloc(the_pool, GFP_KERNEL) != e)
		return 5;
	pthread_join(thread, NULL);
	return the_pool->curr_nr || queue_any(the_pool) ? 6 : 0;
}

WORLD_CASE(mempool_child_has_no_calls_of_others_under_way)
{
	struct source s = { .budget = 2 };
	int status;
	void *e;
	pid_t pid;

	the_pool = mempool_create(2, queue_alloc, source_free, &s);
	KUNIT_ASSERT_NOT_NULL(test, the_pool);
	e = mempool_alloc(the_pool, GFP_NOWAIT);
	KUNIT_ASSERT_NOT_NULL(test, e);
	fflush(stdout);
	/* a free between its place and its slot, and a holder of the queue */
	the_pool->curr_nr++;
	queue_take(the_pool);
	pid = fork();
	if (!pid) {
		/* a child that waits for ever fails */
		alarm(60);
		port_task()->held = 0;
		_exit(in_that_child(e));
	}
	queue_drop(the_pool);
	the_pool->curr_nr--;
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	mempool_free(e, the_pool);
	EXPECT_NR(the_pool, 2, 2);
	end(test, &s, the_pool);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(mempool_free_needs_no_lock),
	KUNIT_CASE(mempool_free_wakes_the_first_in_the_queue),
	KUNIT_CASE(mempool_of_a_slab_knows_when_it_is_short),
	KUNIT_CASE(mempool_rings_once),
	KUNIT_CASE(mempool_free_of_nothing_needs_no_pool),
	KUNIT_CASE(mempool_double_free_is_reported),
	KUNIT_CASE(mempool_finds_the_slot_that_is_left),
	KUNIT_CASE(mempool_child_has_no_calls_of_others_under_way),
	KUNIT_CASE(mempool_create_fills_the_reserve),
	KUNIT_CASE(mempool_asks_the_allocator_first),
	KUNIT_CASE(mempool_hands_out_the_reserve_from_its_top),
	KUNIT_CASE(mempool_empty_without_sleeping_is_null),
	KUNIT_CASE(mempool_second_try_has_all_flags),
	KUNIT_CASE(mempool_budget_of_two_and_a_reserve_of_four),
	KUNIT_CASE(mempool_refuses_zero),
	KUNIT_CASE(mempool_of_nothing_keeps_one),
	KUNIT_CASE(mempool_of_less_than_nothing_is_refused),
	KUNIT_CASE(mempool_create_undoes_what_it_did),
	KUNIT_CASE(mempool_init_needs_no_zeroed_struct),
	KUNIT_CASE(mempool_takes_both_dialects),
	KUNIT_CASE(mempool_ready_made_pools),
	KUNIT_CASE(mempool_of_constructed_objects),
	KUNIT_CASE(mempool_takes_elements_it_never_gave),
	KUNIT_CASE(mempool_resize_grows_and_shrinks),
	KUNIT_CASE(mempool_resize_without_elements_is_no_failure),
	KUNIT_CASE(mempool_resize_without_an_array_changes_nothing),
	KUNIT_CASE(mempool_resize_to_nothing_is_a_bug),
	KUNIT_CASE(mempool_bulk_fills_the_gaps),
	KUNIT_CASE(mempool_wait_is_ended_by_a_free),
	KUNIT_CASE(mempool_wait_asks_the_allocator_each_round),
	KUNIT_CASE(mempool_grant_goes_back_when_the_allocator_gives),
	KUNIT_CASE(mempool_newcomers_do_not_pass_who_waits),
	KUNIT_CASE(mempool_serves_in_the_order_of_arrival),
	KUNIT_CASE(mempool_each_free_serves_one),
	KUNIT_CASE(mempool_growing_serves_who_waits),
	KUNIT_CASE(mempool_free_to_the_allocator_wakes),
	KUNIT_CASE(mempool_bulk_waits_for_all_and_is_not_passed),
	KUNIT_CASE(mempool_resize_leaves_the_queue_its_elements),
	KUNIT_CASE(mempool_last_in_the_queue_trims),
	KUNIT_CASE(mempool_shrinking_tells_the_queue),
	KUNIT_CASE(mempool_bulk_beyond_the_reserve_still_ends),
	KUNIT_CASE(mempool_lives_on_its_reserve),
	KUNIT_CASE(mempool_lives_with_an_allocator_that_fails_at_random),
	KUNIT_CASE(mempool_resizes_under_load),
	KUNIT_CASE(mempool_child_has_no_waiters),
	KUNIT_CASE(mempool_child_has_what_a_waiter_had_not_taken),
	{},
};

static struct kunit_suite suite = {
	.name = "alloc_mempool",
	.test_cases = cases,
};

kunit_test_suite(suite);
