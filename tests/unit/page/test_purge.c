// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Memory back to the host: when, how much, and that it reads as zero.
 */
#include "unit/page/world.h"

#include "port/lock.h"

#define MS 1000000ull

static struct zone *const z = &zones[ZONE_ID_DMA];

static struct page *get(unsigned int order)
{
	return page_alloc(TEST_GFP_KERNEL, order);
}

static unsigned long purges(void)
{
	return fake_calls(FAKE_PURGE);
}

WORLD_CASE(purge_waits_for_the_decay_time, .options = "mem=16M,decay_ms=500")
{
	struct page *page = get(10);

	memset(page_addr(page), 0x5a, 4 * MIB);
	page_free(page, 10);
	KUNIT_EXPECT_NE(test, z->oldest_free_ns, 0);
	KUNIT_EXPECT_FALSE(test, purge_due());
	fake_clock_advance(499 * MS);
	page_decay();
	KUNIT_EXPECT_EQ(test, purges(), 0);
	KUNIT_EXPECT_EQ(test, z->nr_purged, z->free - 1024);
	fake_clock_advance(1 * MS);
	KUNIT_EXPECT_TRUE(test, purge_due());
	page_decay();
	KUNIT_EXPECT_EQ(test, purges(), 1);
	KUNIT_EXPECT_EQ(test, z->nr_purged, z->free);
	KUNIT_EXPECT_EQ(test, z->isolated, 0);
	KUNIT_EXPECT_EQ(test, z->oldest_free_ns, 0);
	KUNIT_EXPECT_EQ(test, *(char *)page_addr(page), 0);
	page_decay();
	KUNIT_EXPECT_EQ(test, purges(), 1);
}

WORLD_CASE(purge_default_is_a_second, .options = "mem=16M")
{
	page_free(get(9), 9);
	fake_clock_advance(999 * MS);
	KUNIT_EXPECT_FALSE(test, purge_due());
	fake_clock_advance(1 * MS);
	KUNIT_EXPECT_TRUE(test, purge_due());
}

WORLD_CASE(purge_happens_at_once_with_0, .options = "mem=16M,decay_ms=0")
{
	page_free(get(10), 10);
	KUNIT_EXPECT_EQ(test, purges(), 1);
	KUNIT_EXPECT_EQ(test, z->nr_purged, z->free);
	/* too small to go back */
	page_free(get(4), 4);
	KUNIT_EXPECT_EQ(test, z->nr_purged, z->free);
}

WORLD_CASE(purge_never_happens_with_minus_1, .options = "mem=16M,decay_ms=-1")
{
	page_free(get(10), 10);
	fake_clock_advance(1000000 * MS);
	page_decay();
	page_free(get(5), 5);
	KUNIT_EXPECT_EQ(test, purges(), 0);
	/* but by an explicit call */
	KUNIT_EXPECT_EQ(test, page_trim(), 4 * MIB);
	KUNIT_EXPECT_EQ(test, purges(), 1);
	KUNIT_EXPECT_EQ(test, page_trim(), 0);
}

WORLD_CASE(purge_takes_the_old_and_leaves_the_young,
	   .options = "mem=16M,decay_ms=100")
{
	struct page *a = get(10), *b = get(10);

	page_free(a, 10);
	fake_clock_advance(60 * MS);
	page_free(b, 10);
	fake_clock_advance(60 * MS);
	page_decay();
	KUNIT_EXPECT_EQ(test, purges(), 1);
	KUNIT_EXPECT_TRUE(test, page_test(a, PG_purged));
	KUNIT_EXPECT_FALSE(test, page_test(b, PG_purged));
	/* the one that costs no faults is used first */
	KUNIT_EXPECT_PTR_EQ(test, get(10), b);
	page_free(b, 10);
	fake_clock_advance(100 * MS);
	page_decay();
	KUNIT_EXPECT_TRUE(test, page_test(b, PG_purged));
}

WORLD_CASE(purge_leaves_small_blocks, .options = "mem=16M,decay_ms=0")
{
	struct page *half = get(8), *other = get(8);

	KUNIT_EXPECT_PTR_EQ(test, half + 256, other);
	page_free(half, 8);
	fake_clock_advance(MS);
	page_decay();
	KUNIT_EXPECT_EQ(test, purges(), 0);
	page_free(other, 8);
	KUNIT_EXPECT_EQ(test, purges(), 1);
}

WORLD_CASE(purge_trim_empties_cpu_lists, .options = "mem=16M,decay_ms=-1",
	   .cpus = 1)
{
	struct page *pages[600];

	for (unsigned int i = 0; i < 600; i++) {
		pages[i] = get(0);
		memset(page_addr(pages[i]), 1, PG_BYTES);
	}
	for (unsigned int i = 0; i < 600; i++)
		page_free(pages[i], 0);
	KUNIT_EXPECT_GE(test, page_trim(), 2 * MIB);
	KUNIT_EXPECT_EQ(test, pcp_pages(), 0);
	KUNIT_EXPECT_EQ(test, z->nr_purged, z->free);
	for (unsigned int i = 0; i < 600; i++)
		KUNIT_ASSERT_EQ(test, *(char *)page_addr(pages[i]), 0);
}

WORLD_CASE(purge_bounds_what_one_call_does, .options = "mem=256M,decay_ms=10",
	   .window = GIB)
{
	struct page *pages[30];

	for (unsigned int i = 0; i < 30; i++)
		pages[i] = get(10);
	for (unsigned int i = 0; i < 30; i++)
		page_free(pages[i], 10);
	fake_clock_advance(20 * MS);
	page_decay();
	KUNIT_EXPECT_GE(test, purges(), 1);
	KUNIT_EXPECT_LT(test, purges(), 30);
	while (purge_due())
		page_decay();
	KUNIT_EXPECT_EQ(test, purges(), 30);
}

/* A slow free looks whether something else is due. */
WORLD_CASE(purge_is_started_by_frees, .options = "mem=16M,decay_ms=10")
{
	page_free(get(10), 10);
	fake_clock_advance(20 * MS);
	page_free(get(5), 5);
	/* the free block of 5 is young, and its block with it */
	fake_clock_advance(20 * MS);
	page_free(get(4), 4);
	fake_clock_advance(20 * MS);
	page_decay();
	KUNIT_EXPECT_GE(test, purges(), 1);
	KUNIT_EXPECT_EQ(test, z->nr_purged, z->free);
}

WORLD_CASE(purge_skips_when_a_zone_grows, .options = "mem=16M,decay_ms=0")
{
	lock_take(&grow_lock, LOCK_GROW);
	page_free(get(10), 10);
	KUNIT_EXPECT_EQ(test, purges(), 0);
	lock_drop(&grow_lock, LOCK_GROW);
	page_decay();
	KUNIT_EXPECT_EQ(test, purges(), 1);
}

WORLD_CASE(purge_saves_the_clearing, .options = "mem=16M,decay_ms=0")
{
	struct page *page = get(10);
	bool zero;

	memset(page_addr(page), 0x5a, 4 * MIB);
	page_free(page, 10);
	page = page_alloc_known(TEST_GFP_KERNEL, 9, &zero);
	KUNIT_EXPECT_TRUE(test, zero);
	memset(page_addr(page), 0x5a, 2 * MIB);
	page_free(page, 9);
	page = page_alloc_known(TEST_GFP_KERNEL, 10, &zero);
	KUNIT_EXPECT_TRUE(test, zero);
	for (size_t i = 0; i < 4 * MIB; i += 512)
		KUNIT_ASSERT_EQ(test, ((char *)page_addr(page))[i], 0);
	page_free(page, 10);
}

static struct kunit_case purge_cases[] = {
	KUNIT_CASE(purge_waits_for_the_decay_time),
	KUNIT_CASE(purge_default_is_a_second),
	KUNIT_CASE(purge_happens_at_once_with_0),
	KUNIT_CASE(purge_never_happens_with_minus_1),
	KUNIT_CASE(purge_takes_the_old_and_leaves_the_young),
	KUNIT_CASE(purge_leaves_small_blocks),
	KUNIT_CASE(purge_trim_empties_cpu_lists),
	KUNIT_CASE(purge_bounds_what_one_call_does),
	KUNIT_CASE(purge_is_started_by_frees),
	KUNIT_CASE(purge_skips_when_a_zone_grows),
	KUNIT_CASE(purge_saves_the_clearing),
	{}
};

static struct kunit_suite purge_suite = {
	.name = "page-purge",
	.test_cases = purge_cases,
};

kunit_test_suite(purge_suite);
