// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Memory back to the OS: when, how much, and that it reads as zero.
 */
#include "unit/page/world.h"

#include "sync/lock.h"

#define MS 1000000ull

static struct zone *const z = &zones[ZONE_ID_DMA];

static struct page *get(unsigned int order)
{
	return page_alloc(TEST_GFP_KERNEL, order);
}

static size_t allowance(void)
{
	return page_allowed() << PG_SHIFT;
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
	fake_clock_advance(499 * MS);
	page_tick();
	KUNIT_EXPECT_EQ(test, purges(), 0);
	KUNIT_EXPECT_EQ(test, z->nr_purged, z->free - 1024);
	fake_clock_advance(1 * MS);
	page_tick();
	KUNIT_EXPECT_EQ(test, purges(), 1);
	KUNIT_EXPECT_EQ(test, z->nr_purged, z->free);
	KUNIT_EXPECT_EQ(test, z->isolated, 0);
	KUNIT_EXPECT_EQ(test, *(char *)page_addr(page), 0);
	page_tick();
	KUNIT_EXPECT_EQ(test, purges(), 1);
}

WORLD_CASE(purge_default_is_a_second, .options = "mem=16M")
{
	page_free(get(9), 9);
	fake_clock_advance(999 * MS);
	page_tick();
	KUNIT_EXPECT_EQ(test, purges(), 0);
	fake_clock_advance(1 * MS);
	page_tick();
	KUNIT_EXPECT_EQ(test, purges(), 1);
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
	page_tick();
	page_free(get(5), 5);
	KUNIT_EXPECT_EQ(test, purges(), 0);
	/* but by an explicit call: a block, and the records of all four */
	KUNIT_EXPECT_EQ(test, page_trim(), 4 * MIB);
	KUNIT_EXPECT_EQ(test, purges(), 1 + 4 * 2);
	KUNIT_EXPECT_EQ(test, page_trim(), 0);
	KUNIT_EXPECT_EQ(test, purges(), 1 + 4 * 2);
}

WORLD_CASE(purge_takes_the_old_and_leaves_the_young,
	   .options = "mem=16M,decay_ms=100")
{
	struct page *a = get(10), *b = get(10);

	page_free(a, 10);
	fake_clock_advance(60 * MS);
	page_free(b, 10);
	fake_clock_advance(60 * MS);
	page_tick();
	KUNIT_EXPECT_EQ(test, purges(), 1);
	KUNIT_EXPECT_TRUE(test, page_test(a, PG_purged));
	KUNIT_EXPECT_FALSE(test, page_test(b, PG_purged));
	/* the one that costs no faults is used first */
	KUNIT_EXPECT_PTR_EQ(test, get(10), b);
	page_free(b, 10);
	/* it was needed in the round that ends, whatever the ticks have seen */
	fake_clock_advance(100 * MS);
	page_tick();
	KUNIT_EXPECT_FALSE(test, page_test(b, PG_purged));
	fake_clock_advance(100 * MS);
	page_tick();
	KUNIT_EXPECT_TRUE(test, page_test(b, PG_purged));
}

WORLD_CASE(purge_leaves_small_blocks, .options = "mem=16M,decay_ms=0")
{
	struct page *half = get(8), *other = get(8);

	KUNIT_EXPECT_PTR_EQ(test, half + 256, other);
	page_free(half, 8);
	fake_clock_advance(MS);
	page_tick();
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

WORLD_CASE(purge_bounds_what_one_call_does,
	   .options = "mem=256M,decay_ms=10,burst=1G", .window = GIB)
{
	struct page *pages[30];

	for (unsigned int i = 0; i < 30; i++)
		pages[i] = get(10);
	for (unsigned int i = 0; i < 30; i++)
		page_free(pages[i], 10);
	/* when the first of them was freed a round began */
	fake_clock_advance(10 * MS);
	page_tick();
	KUNIT_EXPECT_EQ(test, purges(), 1);
	fake_clock_advance(10 * MS);
	page_tick();
	KUNIT_EXPECT_GT(test, purges(), 1);
	KUNIT_EXPECT_LT(test, purges(), 30);
	/* the next slow path goes on, whether anything is freed or not */
	for (unsigned int i = 0; i < 30; i++)
		page_pass();
	KUNIT_EXPECT_EQ(test, purges(), 30);
	KUNIT_EXPECT_FALSE(test, page_due);
}

/* What has expired goes within the age, be it more than a tick's batch. */
WORLD_CASE(purge_in_the_background_is_whole,
	   .options = "mem=256M,decay_ms=10,burst=1G,background=1",
	   .window = GIB, .cpus = 1)
{
	struct page *pages[30];

	for (unsigned int i = 0; i < 30; i++)
		pages[i] = get(10);
	for (unsigned int i = 0; i < 30; i++)
		page_free(pages[i], 10);
	for (unsigned int i = 0; i < 3; i++) {
		/* something moves in each, so that it is not all given back */
		page_free(get(5), 5);
		fake_clock_advance(10 * MS);
		purge_background();
	}
	KUNIT_EXPECT_GE(test, purges(), 29);
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
	page_tick();
	KUNIT_EXPECT_GE(test, purges(), 1);
	KUNIT_EXPECT_EQ(test, z->nr_purged, z->free);
}

WORLD_CASE(purge_skips_when_a_zone_grows, .options = "mem=16M,decay_ms=0")
{
	lock_take(&grow_lock, LOCK_GROW);
	page_free(get(10), 10);
	KUNIT_EXPECT_EQ(test, purges(), 0);
	lock_drop(&grow_lock, LOCK_GROW);
	page_tick();
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

/* --- what is too much ----------------------------------------------------- */

#define RUSH                                                                  \
	.options = "mem=256M,decay_ms=1000,keep=1M,burst=16M", .window = GIB, \
	.cpus = 1

#define BLOCKS 32
static struct page *blocks[BLOCKS];

static void fill(void)
{
	for (unsigned int i = 0; i < BLOCKS; i++) {
		blocks[i] = get(8);
		memset(page_addr(blocks[i]), 0x5a, MIB);
	}
}

static void empty(unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		page_free(blocks[from], 8);
}

static size_t dirty(void)
{
	size_t pages = 0;

	for (unsigned int i = 0; i < ZONES; i++)
		pages += zones[i].dirty;
	return pages << PG_SHIFT;
}

WORLD_CASE(trim_follows_a_rush_at_once, RUSH)
{
	size_t allowed;

	fill();
	empty(0, 16);
	KUNIT_EXPECT_EQ(test, purges(), 0);
	KUNIT_EXPECT_EQ(test, dirty(), 16 * MIB);
	empty(16, BLOCKS);
	/* no time has passed, and what is left is what is allowed */
	KUNIT_EXPECT_GT(test, purges(), 0);
	allowed = allowance();
	KUNIT_EXPECT_GE(test, allowed, MIB);
	KUNIT_EXPECT_LT(test, allowed, 2 * MIB);
	KUNIT_EXPECT_LE(test, dirty(), allowed);
	KUNIT_EXPECT_TRUE(test, zone_validate());
}

/* The rush is over when the program grows by memory of the OS. */
WORLD_CASE(trim_ends_with_growth, RUSH)
{
	fill();
	empty(0, BLOCKS);
	KUNIT_EXPECT_LE(test, dirty(), allowance());
	/* too late to be regretted */
	fake_clock_advance(1001 * MS);
	fill();
	empty(0, 12);
	KUNIT_EXPECT_GE(test, dirty(), 12 * MIB);
	empty(12, BLOCKS);
}

/* Purged, taken again within the idle age: the next round costs nothing. */
WORLD_CASE(trim_is_regretted_once, RUSH)
{
	unsigned long before;
	size_t allowed;

	fill();
	empty(0, BLOCKS);
	before = purges();
	KUNIT_EXPECT_GT(test, before, 0);
	allowed = allowance();
	fill();
	for (unsigned int round = 0; round < 4; round++) {
		empty(0, BLOCKS);
		KUNIT_EXPECT_EQ(test, purges(), before);
		KUNIT_EXPECT_GE(test, allowance(), allowed + 28 * MIB);
		fake_clock_advance(100 * MS);
		fill();
	}
	empty(0, BLOCKS);
}

/*
 * A program that swings goes on; after it has stopped, what was learned goes.
 */
WORLD_CASE(what_was_learned_fades, RUSH)
{
	unsigned long before;
	size_t top;

	fill();
	empty(0, BLOCKS);
	fill();
	empty(0, BLOCKS);
	before = purges();
	top = allowance();
	KUNIT_EXPECT_GE(test, top, 28 * MIB);
	/* a swing in each round keeps it */
	for (unsigned int i = 0; i < 3; i++) {
		fill();
		fake_clock_advance(500 * MS);
		page_tick();
		fake_clock_advance(499 * MS);
		empty(0, BLOCKS);
	}
	KUNIT_EXPECT_GE(test, allowance(), 24 * MIB);
	/* silence does not */
	for (unsigned int i = 0; i < 12; i++) {
		fake_clock_advance(1000 * MS);
		page_tick();
	}
	KUNIT_EXPECT_LT(test, allowance(), 2 * MIB);
	KUNIT_EXPECT_GT(test, purges(), before);
	KUNIT_EXPECT_LE(test, dirty(), allowance());
}

/* Taken again later than that, it was right to purge it. */
WORLD_CASE(trim_is_not_regretted_late, RUSH)
{
	fill();
	empty(0, BLOCKS);
	fake_clock_advance(1001 * MS);
	fill();
	empty(0, BLOCKS);
	KUNIT_EXPECT_LT(test, allowance(), 2 * MIB);
}

/* Little more than allowed goes back too, when a round has not used it. */
WORLD_CASE(surplus_goes_after_the_decay_time, RUSH)
{
	struct page *keep[64], *small[64];

	for (unsigned int i = 0; i < 64; i++) {
		small[i] = get(5);
		keep[i] = get(5);
	}
	for (unsigned int i = 0; i < 64; i++)
		page_free(small[i], 5);
	/* 8 MiB in pieces of 128 KiB: no block is large enough to decay */
	KUNIT_EXPECT_EQ(test, dirty(), 8 * MIB);
	fake_clock_advance(1000 * MS);
	page_tick();
	/* the round that ended here began when one of them was free */
	KUNIT_EXPECT_LE(test, purges(), 1);
	fake_clock_advance(999 * MS);
	page_tick();
	KUNIT_EXPECT_LE(test, purges(), 1);
	fake_clock_advance(1 * MS);
	page_tick();
	KUNIT_EXPECT_GT(test, purges(), 1);
	for (unsigned int i = 0; i < 8; i++)
		page_tick();
	KUNIT_EXPECT_LE(test, dirty(), allowance());
	for (unsigned int i = 0; i < 64; i++)
		page_free(keep[i], 5);
}

/* 64 KiB go back, less does not, and neighbours in use keep what they hold. */
WORLD_CASE(trim_purges_fine_blocks,
	   .options = "mem=64M,keep=0,burst=0,decay_ms=1000", .cpus = 1)
{
	struct page *page[16], *half[16];

	for (unsigned int i = 0; i < 16; i++) {
		page[i] = get(4);
		memset(page_addr(page[i]), 0x5a, 16 * PG_BYTES);
	}
	for (unsigned int i = 0; i < 16; i += 2)
		page_free(page[i], 4);
	while (dirty() > allowance())
		page_tick();
	KUNIT_EXPECT_GE(test, purges(), 4);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	for (unsigned int i = 0; i < 16; i += 2)
		if (page_test(page[i], PG_purged))
			KUNIT_ASSERT_EQ(test, *(char *)page_addr(page[i]), 0);
	for (unsigned int i = 1; i < 16; i += 2) {
		KUNIT_ASSERT_EQ(test, *(char *)page_addr(page[i]), 0x5a);
		page_free(page[i], 4);
	}
	page_trim();
	for (unsigned int i = 0; i < 16; i++)
		half[i] = get(3);
	for (unsigned int i = 0; i < 16; i += 2)
		page_free(half[i], 3);
	KUNIT_EXPECT_EQ(test, dirty(), 0);
	for (unsigned int i = 1; i < 16; i += 2)
		page_free(half[i], 3);
}

WORLD_CASE(trim_never_happens_with_minus_1,
	   .options = "mem=256M,decay_ms=-1,keep=1M,burst=1M", .window = GIB)
{
	fill();
	empty(0, BLOCKS);
	fake_clock_advance(1000000 * MS);
	page_tick();
	KUNIT_EXPECT_EQ(test, purges(), 0);
}

/* A caller that must not sleep does none of this, whatever is dirty. */
WORLD_CASE(allocation_purges_nothing, RUSH)
{
	unsigned long before;

	fill();
	empty(0, 16);
	fake_clock_advance(10000 * MS);
	before = purges();
	for (unsigned int i = 0; i < 16; i++)
		blocks[i] = page_alloc(TEST_QUIET, 8);
	KUNIT_EXPECT_EQ(test, purges(), before);
	for (unsigned int i = 0; i < 16; i++)
		if (blocks[i])
			page_free(blocks[i], 8);
	empty(16, BLOCKS);
}

/* A block that lost its records is as good as before. */
WORLD_CASE(records_go_and_come_back, .options = "mem=16M,decay_ms=-1")
{
	struct page *page = get(10), *small[64];

	page_free(page, 10);
	page_trim();
	KUNIT_EXPECT_EQ(test, page->private, 1);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	for (unsigned int i = 0; i < 64; i++) {
		small[i] = get(4);
		memset(page_addr(small[i]), 1, 16 * PG_BYTES);
	}
	KUNIT_EXPECT_TRUE(test, zone_validate());
	for (unsigned int i = 0; i < 64; i++)
		page_free(small[i], 4);
}

/* --- rounds and the thread ------------------------------------------------ */

static unsigned int parts, left_parts;
static uint64_t last_then;

static bool part(uint64_t then)
{
	last_then = then;
	parts++;
	if (left_parts)
		left_parts--;
	return left_parts != 0;
}

static struct page_client idle_step = { .expire = part };

WORLD_CASE(rounds_come_once_in_a_decay_time, .options = "mem=16M,decay_ms=1000")
{
	page_register(&idle_step);
	page_tick();
	KUNIT_EXPECT_EQ(test, parts, 0);
	fake_clock_advance(999 * MS);
	page_tick();
	KUNIT_EXPECT_EQ(test, parts, 0);
	fake_clock_advance(1 * MS);
	left_parts = 3;
	page_tick();
	KUNIT_EXPECT_EQ(test, parts, 1);
	KUNIT_EXPECT_EQ(test, last_then, port_clock_ns() - 1000 * MS);
	page_tick();
	page_tick();
	/* the third was the last of this round */
	KUNIT_EXPECT_EQ(test, parts, 3);
	page_tick();
	KUNIT_EXPECT_EQ(test, parts, 3);
	fake_clock_advance(1000 * MS);
	page_tick();
	KUNIT_EXPECT_EQ(test, parts, 4);
}

WORLD_CASE(thread_is_there_when_wanted,
	   .options = "mem=16M,decay_ms=1000,background=1")
{
	page_tick();
	page_tick();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 1);
	/* a child has none and gets one when it asks for it */
	fake_fork_prepare();
	fake_fork_child();
	page_tick();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 2);
}

WORLD_CASE(thread_is_not_there_otherwise, .options = "mem=16M")
{
	page_tick();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 0);
}

/* The thread waits for an idle age in which nothing moved. */
WORLD_CASE(thread_returns_all_of_an_idle_process,
	   .options = "mem=16M,decay_ms=1000,background=1", .cpus = 1)
{
	struct page *small[64];

	page_register(&idle_step);
	for (unsigned int i = 0; i < 64; i++)
		small[i] = get(3);
	for (unsigned int i = 0; i < 64; i++)
		page_free(small[i], 3);
	left_parts = 5;
	parts = 0;
	page_tick();
	fake_clock_advance(1000 * MS);
	purge_background();
	KUNIT_EXPECT_EQ(test, parts, 5);
	KUNIT_EXPECT_EQ(test, purges(), 0);
	fake_clock_advance(1000 * MS);
	purge_background();
	KUNIT_EXPECT_GT(test, purges(), 0);
	KUNIT_EXPECT_EQ(test, dirty(), 0);
	KUNIT_EXPECT_EQ(test, pcp_pages(), 0);
}

/* A process may keep an eighth of what it uses, be that more than burst=. */
WORLD_CASE(budget_is_what_is_allowed_if_that_is_more, .options = "",
	   .window = 2 * GIB)
{
	static struct page *page[192];

	KUNIT_EXPECT_LE(test, page_budget(), 64 * MIB);
	for (unsigned int i = 0; i < 192; i++)
		page[i] = get(10);
	KUNIT_EXPECT_GE(test, page_budget(), 95 * MIB);
	for (unsigned int i = 0; i < 192; i++)
		page_free(page[i], 10);
}

/* What was purged long ago was not purged in error, whatever came after it. */
WORLD_CASE(old_purges_do_not_count, .options = "mem=256M,decay_ms=100",
	   .window = GIB)
{
	struct page *page[8];
	size_t before;

	for (unsigned int i = 0; i < 8; i++)
		page[i] = get(10);
	for (unsigned int i = 0; i < 7; i++)
		page_free(page[i], 10);
	for (unsigned int i = 0; i < 20; i++) {
		fake_clock_advance(100 * MS);
		page_tick();
	}
	KUNIT_EXPECT_EQ(test, dirty(), 0);
	page_free(page[7], 10);
	for (unsigned int i = 0; i < 2; i++) {
		fake_clock_advance(100 * MS);
		page_tick();
	}
	KUNIT_EXPECT_EQ(test, dirty(), 0);
	before = allowance();
	for (unsigned int i = 0; i < 8; i++)
		page[i] = get(10);
	KUNIT_EXPECT_LE(test, allowance(), before + 4 * MIB);
	for (unsigned int i = 0; i < 8; i++)
		page_free(page[i], 10);
}

static struct kunit_case purge_cases[] = {
	KUNIT_CASE(trim_follows_a_rush_at_once),
	KUNIT_CASE(trim_ends_with_growth),
	KUNIT_CASE(trim_is_regretted_once),
	KUNIT_CASE(what_was_learned_fades),
	KUNIT_CASE(trim_is_not_regretted_late),
	KUNIT_CASE(surplus_goes_after_the_decay_time),
	KUNIT_CASE(trim_purges_fine_blocks),
	KUNIT_CASE(trim_never_happens_with_minus_1),
	KUNIT_CASE(allocation_purges_nothing),
	KUNIT_CASE(records_go_and_come_back),
	KUNIT_CASE(rounds_come_once_in_a_decay_time),
	KUNIT_CASE(thread_is_there_when_wanted),
	KUNIT_CASE(thread_is_not_there_otherwise),
	KUNIT_CASE(budget_is_what_is_allowed_if_that_is_more),
	KUNIT_CASE(old_purges_do_not_count),
	KUNIT_CASE(thread_returns_all_of_an_idle_process),
	KUNIT_CASE(purge_waits_for_the_decay_time),
	KUNIT_CASE(purge_default_is_a_second),
	KUNIT_CASE(purge_happens_at_once_with_0),
	KUNIT_CASE(purge_never_happens_with_minus_1),
	KUNIT_CASE(purge_takes_the_old_and_leaves_the_young),
	KUNIT_CASE(purge_leaves_small_blocks),
	KUNIT_CASE(purge_trim_empties_cpu_lists),
	KUNIT_CASE(purge_bounds_what_one_call_does),
	KUNIT_CASE(purge_in_the_background_is_whole),
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
