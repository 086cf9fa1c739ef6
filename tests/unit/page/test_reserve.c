// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Watermarks to the page, and a reserve of a size of one's own.
 */
#include "unit/page/world.h"

#include <pthread.h>
#include <linux/gfp.h>

#include "lib/list.h"

#define QUIET (__GFP_NOWARN | __GFP_NORETRY)

static struct zone *top(void)
{
	struct zone *z = &zones[ZONES - 1];

	while (z > zones && z->start == z->end)
		z--;
	return z;
}

/* Takes pages until there is none; the number that all zones have left. */
static unsigned long left_by(gfp_t gfp, struct page **chain)
{
	unsigned long left = 0;
	struct page *page;

	/* of order 4: no CPU's list stands between */
	while ((page = page_alloc(gfp, 4))) {
		page->private = (unsigned long)*chain;
		*chain = page;
	}
	for (unsigned int i = 0; i < ZONES; i++)
		left += zones[i].free;
	return left;
}

static void free_all(struct page *chain)
{
	while (chain) {
		struct page *page = chain;

		chain = (struct page *)page->private;
		page->private = 0;
		page_free(page, 4);
	}
}

/*
 * One zone, min 4096 pages: each kind of request stops at its own mark, to
 * the block of 16 pages.
 */
WORLD_CASE(marks_are_the_kernels, .options = "mem=64M,min_free_kbytes=16384")
{
	struct page *chain = NULL;
	unsigned long min = 4096, left;
	unsigned long marks = 0;

	for (unsigned int i = 0; i < ZONES; i++)
		marks += zones[i].mark[MARK_MIN];
	KUNIT_EXPECT_LE(test, min - marks, 2);
	left = left_by(GFP_NOWAIT, &chain);
	KUNIT_EXPECT_GE(test, left, marks);
	KUNIT_EXPECT_LT(test, left, marks + 64);
	/* NOMEMALLOC keeps HIGH, and takes away what non-blocking adds */
	left = left_by(__GFP_HIGH | __GFP_NOMEMALLOC | QUIET, &chain);
	KUNIT_EXPECT_GE(test, left, marks / 2);
	KUNIT_EXPECT_LT(test, left, marks / 2 + 64);
	left = left_by(GFP_KERNEL | __GFP_HIGH | QUIET, &chain);
	KUNIT_EXPECT_GE(test, left, marks / 2);
	left = left_by(GFP_ATOMIC | QUIET, &chain);
	KUNIT_EXPECT_GE(test, left, marks * 3 / 8);
	KUNIT_EXPECT_LT(test, left, marks * 3 / 8 + 64);
	left = left_by(__GFP_MEMALLOC | __GFP_NOMEMALLOC | QUIET, &chain);
	KUNIT_EXPECT_GE(test, left, marks * 3 / 8);
	left = left_by(__GFP_MEMALLOC | QUIET, &chain);
	KUNIT_EXPECT_LT(test, left, 64);
	free_all(chain);
}

WORLD_CASE(reserve_is_for_atomic_requests, .window = 18ul << 30)
{
	struct page *chain = NULL;
	unsigned long before, after;

	KUNIT_EXPECT_EQ(test, page_reserve(32 << 20), 0);
	KUNIT_EXPECT_GE(test, top()->free, top()->mark[MARK_HIGH]);
	before = left_by(GFP_NOWAIT, &chain);
	KUNIT_EXPECT_EQ(test, page_reserve_used(true), 0);
	after = left_by(GFP_ATOMIC | QUIET, &chain);
	KUNIT_EXPECT_GE(test, (before - after + 64) * PG_BYTES, 32ul << 20);
	KUNIT_EXPECT_GE(test, page_reserve_used(true) + 128, before - after);
	free_all(chain);
	KUNIT_EXPECT_GE(test, page_reserve_used(true) + 128, before - after);
	chain = page_alloc(GFP_KERNEL, 0);
	page_free(chain, 0);
	KUNIT_EXPECT_EQ(test, page_reserve_used(false), 0);
}

/* What the zones have less than min now, each for itself. */
static unsigned long below_min(void)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < ZONES; i++)
		if (zones[i].free < zones[i].mark[MARK_MIN])
			n += zones[i].mark[MARK_MIN] - zones[i].free;
	return n;
}

WORLD_CASE(reserve_used_is_what_was_taken_below_min,
	   .options = "mem=64M,min_free_kbytes=16384")
{
	struct page *chain = NULL;
	unsigned long used;

	left_by(GFP_NOWAIT, &chain);
	KUNIT_EXPECT_EQ(test, page_reserve_used(false), 0);
	left_by(GFP_ATOMIC | QUIET, &chain);
	used = below_min();
	KUNIT_EXPECT_GT(test, used, 2048);
	KUNIT_EXPECT_EQ(test, page_reserve_used(false), used);
	/* a reset begins with what is used now */
	KUNIT_EXPECT_EQ(test, page_reserve_used(true), used);
	KUNIT_EXPECT_EQ(test, page_reserve_used(false), used);
	free_all(chain);
	/* the worst, not the last */
	KUNIT_EXPECT_EQ(test, page_reserve_used(true), used);
	KUNIT_EXPECT_EQ(test, page_reserve_used(false), 0);
}

/* A min that was raised later was not gone below. */
WORLD_CASE(reserve_used_is_not_what_min_was_raised_by, .window = 18ul << 30)
{
	struct page *page = page_alloc(GFP_KERNEL, 4);

	KUNIT_EXPECT_EQ(test, page_reserve(256 << 20), 0);
	page_free(page, 4);
	page = page_alloc(GFP_ATOMIC, 4);
	KUNIT_EXPECT_EQ(test, page_reserve_used(false), 0);
	page_free(page, 4);
}

/* Nor are blocks used that are away to be purged. */
WORLD_CASE(reserve_used_leaves_out_what_is_away,
	   .options = "mem=16M,min_free_kbytes=4096")
{
	struct zone *z = top();
	struct page *away[3], *page;

	zone_lock(z);
	for (int i = 0; i < 3; i++) {
		away[i] = list_entry_of(z->area[PG_MAX_ORDER].away.next,
					struct page, lru);
		__buddy_isolate(z, away[i], PG_MAX_ORDER);
		z->isolated += 1ul << PG_MAX_ORDER;
	}
	zone_unlock(z);
	page = page_alloc(GFP_ATOMIC, 4);
	KUNIT_EXPECT_NOT_NULL(test, page);
	KUNIT_EXPECT_LT(test, z->free, z->mark[MARK_MIN]);
	KUNIT_EXPECT_EQ(test, page_reserve_used(false), 0);
	page_free(page, 4);
	zone_lock(z);
	for (int i = 0; i < 3; i++) {
		z->isolated -= 1ul << PG_MAX_ORDER;
		__buddy_give(z, away[i], PG_MAX_ORDER);
	}
	zone_unlock(z);
}

WORLD_CASE(reserve_is_there_and_stays, .window = 18ul << 30)
{
	unsigned long populated, purged;
	struct page *page;

	KUNIT_EXPECT_EQ(test, page_reserve(1 << 20), 0);
	populated = fake_calls(FAKE_POPULATE);
	KUNIT_EXPECT_GT(test, populated, 0);
	KUNIT_EXPECT_GT(test, fake_calls(FAKE_LOCK), 0);
	/* growth is made to be there before it is used */
	KUNIT_EXPECT_TRUE(test, zone_grow(top(), 0));
	KUNIT_EXPECT_GT(test, fake_calls(FAKE_POPULATE), populated);
	purged = fake_calls(FAKE_PURGE);
	page = page_alloc(GFP_KERNEL, 10);
	page_free(page, 10);
	fake_clock_advance(10000000000ull);
	page_tick();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_PURGE), purged);
	/*
	 * whatever asks: a caller that must not fault would fault it in again
	 */
	KUNIT_EXPECT_EQ(test, page_trim(), 0);
	purge_background();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_PURGE), purged);
}

/* What another thread does while this one waits for grow_lock. */
static void *reserves(void *unused)
{
	page_reserve(1 << 20);
	return unused;
}

static void reserve_meanwhile(void)
{
	pthread_t t;

	fake_set_yield_hook(NULL);
	__atomic_store_n(&grow_lock.word, LOCK_FREE, __ATOMIC_RELEASE);
	if (!pthread_create(&t, NULL, reserves, NULL))
		pthread_join(t, NULL);
}

WORLD_CASE(reserve_comes_while_a_trim_waits, .window = 18ul << 30)
{
	unsigned long purged;

	grow_to(test, top(), 200ul << 20);
	purged = fake_calls(FAKE_PURGE);
	grow_lock.word = LOCK_HELD;
	fake_set_yield_hook(reserve_meanwhile);
	KUNIT_EXPECT_EQ(test, page_trim(), 0);
	KUNIT_EXPECT_TRUE(test, page_resident);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_PURGE), purged);
}

/*
 * A resident zone costs what it has, so it has what was asked for, the base
 * of 80 MiB that it boots with, the marks, and a step of 64 MiB at most.
 */
#define COSTS_AT_MOST(bytes) (((bytes) + (160ul << 20)) >> PG_SHIFT)

WORLD_CASE(reserve_is_no_larger_than_it_must_be, .window = 18ul << 30)
{
	KUNIT_EXPECT_EQ(test, page_reserve(1ul << 30), 0);
	KUNIT_EXPECT_LE(test, zones_usable(),
			COSTS_AT_MOST((1ul << 30) / 5 * 8));
}

WORLD_CASE(stock_is_for_any_request, .window = 18ul << 30)
{
	unsigned long min = top()->mark[MARK_MIN], before;
	struct page *chain = NULL;

	KUNIT_EXPECT_EQ(test, page_stock(1ul << 30), 0);
	before = zones_usable();
	KUNIT_EXPECT_LE(test, before, COSTS_AT_MOST(1ul << 30));
	/* the marks grow as the zone does, and by no reserve */
	KUNIT_EXPECT_LE(test, top()->mark[MARK_MIN], 4 * min + 4096);
	KUNIT_EXPECT_EQ(test, top()->nr_highatomic, 0);
	for (int i = 0; i < 1024 / 4; i++) {
		struct page *page = page_alloc(GFP_KERNEL, PG_MAX_ORDER);

		KUNIT_ASSERT_NOT_NULL(test, page);
		page->private = (unsigned long)chain;
		chain = page;
	}
	KUNIT_EXPECT_EQ(test, zones_usable(), before);
	while (chain) {
		struct page *next = (struct page *)chain->private;

		chain->private = 0;
		page_free(chain, PG_MAX_ORDER);
		chain = next;
	}
}

WORLD_CASE(reserve_that_cannot_be, .options = "mem=16M")
{
	KUNIT_EXPECT_EQ(test, page_reserve(64 << 20), -12);
}

WORLD_CASE(reserve_without_the_right_to_lock, .window = 18ul << 30)
{
	fake_fail_from(FAKE_BIT(FAKE_LOCK), 1);
	KUNIT_EXPECT_EQ(test, page_reserve(1 << 20), 0);
	fake_fail_nth(0, 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "cannot be locked"));
	fake_log_clear();
	fake_fail_from(FAKE_BIT(FAKE_POPULATE), 1);
	KUNIT_EXPECT_EQ(test, page_reserve(1 << 20), -12);
	fake_fail_nth(0, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(marks_are_the_kernels),
	KUNIT_CASE(reserve_is_no_larger_than_it_must_be),
	KUNIT_CASE(stock_is_for_any_request),
	KUNIT_CASE(reserve_is_for_atomic_requests),
	KUNIT_CASE(reserve_used_is_what_was_taken_below_min),
	KUNIT_CASE(reserve_used_is_not_what_min_was_raised_by),
	KUNIT_CASE(reserve_used_leaves_out_what_is_away),
	KUNIT_CASE(reserve_is_there_and_stays),
	KUNIT_CASE(reserve_comes_while_a_trim_waits),
	KUNIT_CASE(reserve_that_cannot_be),
	KUNIT_CASE(reserve_without_the_right_to_lock),
	{},
};

static struct kunit_suite suite = { .name = "reserve", .test_cases = cases };

kunit_test_suite(suite);
