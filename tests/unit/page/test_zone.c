// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Window, zones, growth, watermarks, birth and fork.
 */
#include "unit/page/world.h"

#include <linux/mm.h>

#define DMA (&zones[ZONE_ID_DMA])
#define DMA32 (&zones[ZONE_ID_DMA32])
#define NORMAL (&zones[ZONE_ID_NORMAL])

static unsigned long pages_of(const struct zone *z)
{
	return z->grown - z->start;
}

static void expect_range(struct kunit *test, const struct zone *z, size_t start,
			 size_t grown, size_t end)
{
	KUNIT_EXPECT_EQ_MSG(test, z->start, start >> PG_SHIFT, "%s", z->name);
	KUNIT_EXPECT_EQ_MSG(test, z->grown, grown >> PG_SHIFT, "%s", z->name);
	KUNIT_EXPECT_EQ_MSG(test, z->end, end >> PG_SHIFT, "%s", z->name);
}

WORLD_CASE(zone_ranges_in_a_large_window, .window = 18 * GIB)
{
	/* the largest fraction of 1 TiB that fits with its records */
	KUNIT_EXPECT_EQ(test, window.size, 16 * GIB);
	KUNIT_EXPECT_EQ(test, (uintptr_t)window.base % (4 * MIB), 0);
	KUNIT_EXPECT_EQ(test, window.limit, 0);
	expect_range(test, DMA, 0, 0, 16 * MIB);
	expect_range(test, DMA32, 16 * MIB, 16 * MIB, 4 * GIB);
	expect_range(test, NORMAL, 4 * GIB, 4 * GIB + MIB, 16 * GIB);
	KUNIT_EXPECT_STREQ(test, NORMAL->name, "Normal");
	KUNIT_EXPECT_EQ(test, (uintptr_t)window.base, kmem_page_offset);
	KUNIT_EXPECT_PTR_EQ(test, window.map, kmem_mem_map);
}

WORLD_CASE(zone_ranges_in_a_small_window, .window = 18 * MIB)
{
	KUNIT_EXPECT_EQ(test, window.size, 16 * MIB);
	expect_range(test, DMA, 0, 16 * MIB, 16 * MIB);
	KUNIT_EXPECT_EQ(test, pages_of(DMA32), 0);
	KUNIT_EXPECT_EQ(test, DMA32->start, DMA32->end);
	KUNIT_EXPECT_EQ(test, NORMAL->start, NORMAL->end);
}

WORLD_CASE(zone_ranges_under_a_limit, .options = "mem=50M")
{
	KUNIT_EXPECT_EQ(test, window.size, 52 * MIB);
	KUNIT_EXPECT_EQ(test, window.limit, 50 * MIB);
	expect_range(test, DMA, 0, 16 * MIB, 16 * MIB);
	expect_range(test, DMA32, 16 * MIB, 50 * MIB, 52 * MIB);
	KUNIT_EXPECT_EQ(test, totalram_pages(), 50 * MIB / PG_BYTES);
	KUNIT_EXPECT_FALSE(test, zone_can_grow(DMA32));
	KUNIT_EXPECT_FALSE(test, zone_grow(DMA32, 0));
}

/* The least that mem= accepts; the window has whole blocks all the same. */
WORLD_CASE(zone_limit_may_be_1_mib, .options = "mem=1M")
{
	struct page *page;

	KUNIT_EXPECT_EQ(test, window.size, 4 * MIB);
	KUNIT_EXPECT_EQ(test, window.limit, 1 * MIB);
	expect_range(test, DMA, 0, 1 * MIB, 4 * MIB);
	KUNIT_EXPECT_FALSE(test, zone_can_grow(DMA));
	page = page_alloc(GFP_KERNEL, 7);
	KUNIT_EXPECT_NOT_NULL(test, page);
	page_free(page, 7);
}

WORLD_CASE(zone_limit_may_cut_inside_a_block, .options = "mem=5252K")
{
	KUNIT_EXPECT_EQ(test, pages_of(DMA), 5252 / 4);
	KUNIT_EXPECT_EQ(test, DMA->free, 5252 / 4);
	/* 1313 pages = 1024 + 256 + 32 + 1 */
	KUNIT_EXPECT_EQ(test, DMA->area[10].nr_free, 1);
	KUNIT_EXPECT_EQ(test, DMA->area[8].nr_free, 1);
	KUNIT_EXPECT_EQ(test, DMA->area[5].nr_free, 1);
	KUNIT_EXPECT_EQ(test, DMA->area[0].nr_free, 1);
}

WORLD_CASE(zone_grows_by_pages_of_the_host, .options = "mem=5252K",
	   .host_page = 65536)
{
	KUNIT_EXPECT_EQ(test, pages_of(DMA) * PG_BYTES,
			5252 * 1024 / 65536 * 65536);
	KUNIT_EXPECT_EQ(test, window.map[pages_of(DMA) - 1].flags, 0);
}

/* 1 MiB at a time up to 4, then at least 4 MiB or half of what is there. */
WORLD_CASE(zone_grows_in_steps, .window = 18 * GIB)
{
	size_t want = MIB;

	while (want < 300 * MIB) {
		size_t step = want / 2 > 4 * MIB ? want / 2 : 4 * MIB;

		KUNIT_EXPECT_TRUE(test, zone_can_grow(NORMAL));
		KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
		if (want < 4 * MIB)
			want += MIB;
		else
			want += (step + 4 * MIB - 1) / (4 * MIB) * (4 * MIB);
		KUNIT_ASSERT_EQ(test, pages_of(NORMAL) * PG_BYTES, want);
		KUNIT_EXPECT_EQ(test, NORMAL->free, pages_of(NORMAL));
		KUNIT_EXPECT_EQ(test, NORMAL->nr_purged, NORMAL->free);
	}
	KUNIT_EXPECT_TRUE(test, zone_grow(DMA, 0));
	expect_range(test, DMA, 0, 16 * MIB, 16 * MIB);
	KUNIT_EXPECT_FALSE(test, zone_can_grow(DMA));
	KUNIT_EXPECT_TRUE(test, zone_grow(DMA32, 0));
	expect_range(test, DMA32, 16 * MIB, 17 * MIB, 4 * GIB);
	while (zone_grow(DMA32, 0))
		;
	KUNIT_EXPECT_EQ(test, DMA32->grown, DMA32->end);
	KUNIT_EXPECT_FALSE(test, zone_can_grow(DMA32));
}

/* Whatever is asked for, the step has a block of that order. */
WORLD_CASE(zone_grows_by_a_block_of_the_order, .window = 18 * GIB)
{
	for (unsigned int order = 0; order <= PG_MAX_ORDER; order++) {
		unsigned long was = NORMAL->area[order].nr_free;

		was = NORMAL->grown;
		KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, order));
		was = (was + (1ul << order) - 1) >> order << order;
		KUNIT_EXPECT_GE(test, NORMAL->grown, was + (1ul << order));
		KUNIT_EXPECT_TRUE(test, zone_validate());
	}
}

/* A zone of its own may be the first that grows, with any page of the OS. */
WORLD_CASE(zone_shares_a_page_of_the_host, .window = 18 * GIB,
	   .host_page = 65536)
{
	unsigned long pfn = DMA32->start;

	KUNIT_EXPECT_EQ(test, pages_of(DMA), 0);
	KUNIT_EXPECT_TRUE(test, zone_grow(DMA32, 0));
	KUNIT_EXPECT_TRUE(test, fake_usable(window.owner + pfn));
	KUNIT_EXPECT_TRUE(test, fake_usable(window.column + pfn));
	KUNIT_EXPECT_TRUE(test, fake_usable(window.map + pfn));
	fake_fail_from(FAKE_BIT(FAKE_COMMIT), 1);
	KUNIT_EXPECT_FALSE(test, zone_grow(DMA, 0));
	fake_fail_nth(0, 0);
	KUNIT_EXPECT_TRUE(test, fake_usable(window.owner + pfn));
	KUNIT_EXPECT_TRUE(test, zone_grow(DMA, 0));
}

WORLD_CASE(zone_growth_touches_few_records, .window = 18 * GIB)
{
	char *records = (char *)(window.map + NORMAL->start);
	size_t end;

	grow_to(test, NORMAL, 64 * MIB);
	end = pages_of(NORMAL) * 64;
	KUNIT_EXPECT_TRUE(test, fake_usable(records));
	KUNIT_EXPECT_TRUE(test, fake_usable(records + end - 1));
	KUNIT_EXPECT_FALSE(test, fake_usable(records + end));
	KUNIT_EXPECT_TRUE(test,
			  fake_usable(window.slab_map + NORMAL->start * 64));
	for (unsigned long i = 4096; i < pages_of(NORMAL); i++)
		KUNIT_ASSERT_EQ(test,
				page_bits(window.map + NORMAL->start + i) != 0,
				i % 1024 == 0);
}

/* An OS that refuses large steps may grant small ones, and nothing is left. */
WORLD_CASE(zone_growth_halves_what_is_refused, .window = 18 * GIB)
{
	unsigned long before;
	size_t committed;

	grow_to(test, NORMAL, 100 * MIB);
	/* five arrays and the pages */
	for (unsigned int i = 1; i <= 6; i++) {
		fake_set_counts(false);
		page_trim();
		before = pages_of(NORMAL);
		committed = fake_committed();
		fake_fail_nth(FAKE_BIT(FAKE_COMMIT), i);
		KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
		KUNIT_EXPECT_EQ(test, fake_failed(), 1);
		KUNIT_EXPECT_LE(test, pages_of(NORMAL) - before,
				before / 4 + 1024);
		KUNIT_EXPECT_EQ(test, fake_committed() - committed,
				(pages_of(NORMAL) - before) * (PG_BYTES + 272));
		KUNIT_EXPECT_TRUE(test, zone_validate());
	}
	before = pages_of(NORMAL);
	committed = fake_committed();
	for (unsigned int i = 1; i <= 6; i++) {
		fake_fail_from(FAKE_BIT(FAKE_COMMIT), i);
		KUNIT_EXPECT_FALSE(test, zone_grow(NORMAL, 0));
		KUNIT_EXPECT_EQ(test, pages_of(NORMAL), before);
		KUNIT_EXPECT_EQ(test, fake_committed(), committed);
	}
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
	fake_fail_nth(0, 0);
	KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
}

/* Nor is anything lost when what was committed cannot be ended either. */
WORLD_CASE(zone_growth_goes_on_from_half_a_step, .window = 18 * GIB)
{
	unsigned long before;

	grow_to(test, NORMAL, 100 * MIB);
	before = pages_of(NORMAL);
	/* some of these grow it: the arrays are there from the last */
	for (unsigned int i = 1; i <= 6; i++) {
		fake_fail_from(FAKE_BIT(FAKE_COMMIT) | FAKE_BIT(FAKE_UNCOMMIT),
			       i);
		zone_grow(NORMAL, 0);
		fake_fail_nth(0, 0);
	}
	KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_EXPECT_GT(test, pages_of(NORMAL), before);
	KUNIT_EXPECT_EQ(test, NORMAL->absent, 0);
}

WORLD_CASE(zone_lookups_know_the_usable_part, .window = 18 * GIB)
{
	char *end = window.base + (NORMAL->grown << PG_SHIFT);
	int local;

	KUNIT_EXPECT_FALSE(test, page_is_usable(window.base));
	grow_to(test, DMA, 16 * MIB);
	KUNIT_EXPECT_TRUE(test, page_is_usable(window.base));
	KUNIT_EXPECT_TRUE(test, page_is_usable(window.base + 16 * MIB - 1));
	KUNIT_EXPECT_FALSE(test, page_is_usable(window.base + 16 * MIB));
	KUNIT_EXPECT_TRUE(test, page_is_usable(end - 1));
	KUNIT_EXPECT_FALSE(test, page_is_usable(end));
	KUNIT_EXPECT_FALSE(test, page_is_usable(window.base - 1));
	KUNIT_EXPECT_FALSE(test, page_is_usable(window.base + window.size));
	KUNIT_EXPECT_FALSE(test, page_is_usable(&local));
	KUNIT_EXPECT_FALSE(test, page_is_usable(NULL));
	KUNIT_EXPECT_TRUE(test, virt_addr_valid(window.base));
	KUNIT_EXPECT_FALSE(test, virt_addr_valid(&local));
	KUNIT_EXPECT_PTR_EQ(test, zone_of_pfn(0), DMA);
	KUNIT_EXPECT_PTR_EQ(test, zone_of_pfn(4095), DMA);
	KUNIT_EXPECT_PTR_EQ(test, zone_of_pfn(4096), DMA32);
	KUNIT_EXPECT_PTR_EQ(test, zone_of_pfn(1048575), DMA32);
	KUNIT_EXPECT_PTR_EQ(test, zone_of_pfn(1048576), NORMAL);
	KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_EXPECT_TRUE(test, page_is_usable(end));
}

static void nothing_body(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, page_ready());
	KUNIT_EXPECT_FALSE(test, page_is_usable(test));
	KUNIT_EXPECT_EQ(test, page_trim(), 0);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	page_tick();
}

static void zone_answers_before_boot(struct kunit *test)
{
	in_world(test, (struct world){ .unbooted = true }, nothing_body);
}

static const char *marks_options;
static unsigned long marks_want[2][3];

static void marks_body(struct kunit *test)
{
	(void)marks_options;
	for (unsigned int i = 0; i < 2; i++)
		for (unsigned int m = 0; m < MARKS; m++)
			KUNIT_EXPECT_EQ_MSG(test, zones[i].mark[m],
					    marks_want[i][m], "zone %u mark %u",
					    i, m);
}

/*
 * Pages, worked out by hand.  min of all = sqrt(16 * kB) / 4, cut to the
 * zones by size; low and high lie a quarter of min, or a thousandth of the
 * zone, above.  Each column is min, low, high.
 */
static void zone_marks_follow_the_table(struct kunit *test)
{
	static const struct {
		const char *options;
		unsigned long dma[3], dma32[3];
	} table[] = {
		/* 256 kB */
		{ "mem=4M", { 64, 80, 96 }, { 0, 0, 0 } },
		/* 512 kB */
		{ "mem=16M", { 128, 160, 192 }, { 0, 0, 0 } },
		/* 724 kB = 181 pages, in halves */
		{ "mem=32M", { 90, 112, 134 }, { 90, 112, 134 } },
		/* 1024 kB = 256 pages, 1 : 3 */
		{ "mem=64M", { 64, 80, 96 }, { 192, 240, 288 } },
		/* 80 MiB usable at first: 1144 kB = 286 pages, 1 : 4 */
		{ "mem=1G", { 57, 71, 85 }, { 228, 285, 342 } },
		{ "mem=16M,min_free_kbytes=100", { 25, 31, 37 }, { 0, 0, 0 } },
		/* a thousandth of the zone is more than a quarter of min */
		{ "mem=16M,min_free_kbytes=8", { 2, 6, 10 }, { 0, 0, 0 } },
	};

	for (unsigned int i = 0; i < ARRAY_LEN(table); i++) {
		memcpy(marks_want[0], table[i].dma, sizeof(marks_want[0]));
		memcpy(marks_want[1], table[i].dma32, sizeof(marks_want[1]));
		kunit_info(test, "%s", table[i].options);
		in_world(test,
			 (struct world){ .options = table[i].options,
					 .window = 4 * GIB },
			 marks_body);
	}
}

WORLD_CASE(zone_reserves_follow_the_zones_above, .window = 18 * GIB)
{
	unsigned long normal, dma32;

	grow_to(test, NORMAL, 64 * MIB);
	/* only Normal has grown */
	normal = pages_of(NORMAL) / 256;
	KUNIT_EXPECT_EQ(test, DMA->reserve[ZONE_ID_DMA], 0);
	KUNIT_EXPECT_EQ(test, DMA->reserve[ZONE_ID_DMA32], 0);
	KUNIT_EXPECT_EQ(test, DMA->reserve[ZONE_ID_NORMAL], normal);
	KUNIT_EXPECT_EQ(test, DMA32->reserve[ZONE_ID_NORMAL], normal);
	KUNIT_EXPECT_EQ(test, NORMAL->reserve[ZONE_ID_NORMAL], 0);
	grow_to(test, DMA32, 64 * MIB);
	dma32 = pages_of(DMA32) / 256;
	KUNIT_EXPECT_EQ(test, DMA->reserve[ZONE_ID_DMA32], dma32);
	KUNIT_EXPECT_EQ(test, DMA->reserve[ZONE_ID_NORMAL],
			(pages_of(NORMAL) + pages_of(DMA32)) / 256);
	KUNIT_EXPECT_EQ(test, DMA32->reserve[ZONE_ID_DMA32], 0);
	KUNIT_EXPECT_EQ(test, DMA32->reserve[ZONE_ID_NORMAL], normal);
	/* marks were computed again: 2 * 72 MiB, sqrt(16 * 147456) = 1536 kB */
	KUNIT_EXPECT_EQ(test, (pages_of(NORMAL) + pages_of(DMA32)) * 4, 147456);
	KUNIT_EXPECT_EQ(test, NORMAL->mark[MARK_MIN], 384 / 2);
}

WORLD_CASE(zone_mark_wants_pages_and_a_block, .options = "mem=4M")
{
	struct page *page[4];

	/* free 1024; min 64 */
	KUNIT_EXPECT_TRUE(test, __zone_mark_ok(DMA, 0, 1023, 0));
	KUNIT_EXPECT_FALSE(test, __zone_mark_ok(DMA, 0, 1024, 0));
	KUNIT_EXPECT_TRUE(test, __zone_mark_ok(DMA, 3, 1016, 0));
	KUNIT_EXPECT_FALSE(test, __zone_mark_ok(DMA, 3, 1017, 0));
	zone_lock(DMA);
	for (unsigned int i = 0; i < 4; i++)
		page[i] = __buddy_take(DMA, 8);
	page_set_bits(page[1], 0);
	__buddy_give(DMA, page[1], 8);
	page_set_bits(page[3], 0);
	__buddy_give(DMA, page[3], 8);
	/* 512 pages, but no two blocks of 256 are buddies */
	KUNIT_EXPECT_TRUE(test, __zone_mark_ok(DMA, 8, 0, 0));
	KUNIT_EXPECT_FALSE(test, __zone_mark_ok(DMA, 9, 0, 0));
	page_set_bits(page[0], 0);
	__buddy_give(DMA, page[0], 8);
	page_set_bits(page[2], 0);
	__buddy_give(DMA, page[2], 8);
	zone_unlock(DMA);
}

/* Every port call of the boot fails once; a later try finishes it. */
static void boot_fails_body(struct kunit *test)
{
	unsigned int tries = 0;

	for (;;) {
		fake_fail_nth(FAKE_ANY, tries + 1);
		if (!page_boot())
			break;
		KUNIT_EXPECT_EQ(test, fake_failed(), 1);
		KUNIT_EXPECT_FALSE(test, page_ready());
		KUNIT_EXPECT_EQ(test, port_task()->held, 0);
		KUNIT_ASSERT_LT(test, ++tries, 50);
	}
	KUNIT_EXPECT_GE(test, tries, 2);
	fake_fail_nth(0, 0);
	KUNIT_EXPECT_TRUE(test, page_ready());
	KUNIT_EXPECT_EQ(test, page_boot(), 0);
	KUNIT_EXPECT_EQ(test, fake_maps(), 1);
}

static void boot_dead_body(struct kunit *test)
{
	fake_fail_from(FAKE_ANY, 1);
	for (unsigned int i = 0; i < 3; i++)
		KUNIT_EXPECT_NULL(test, page_alloc(TEST_GFP_KERNEL, 0));
	fake_fail_nth(0, 0);
}

static void zone_boot_survives_failures(struct kunit *test)
{
	in_world(test, (struct world){ .unbooted = true }, boot_fails_body);
	in_world(test, (struct world){ .unbooted = true }, boot_dead_body);
}

WORLD_CASE(zone_fork_leaves_a_whole_layer, .options = "mem=64M")
{
	struct page *page = page_alloc(TEST_GFP_KERNEL, 0);
	int status;
	pid_t pid;

	KUNIT_ASSERT_NOT_NULL(test, page);
	fake_fork_prepare();
	pid = fork();
	if (!pid) {
		fake_fork_child();
		page_free(page, 0);
		page = page_alloc(TEST_GFP_KERNEL, 5);
		KUNIT_ASSERT_NOT_NULL(test, page);
		page_free(page, 5);
		KUNIT_ASSERT_TRUE(test, zone_validate());
		_exit(port_task()->held ? 2 : 0);
	}
	fake_fork_parent();
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	page_free(page, 0);
}

/*
 * A block that another thread frees while the fork copies memory: the worst
 * is a list's head of after that and the block's record of before.
 */
WORLD_CASE(zone_fork_forgets_what_is_torn, .options = "mem=64M")
{
	struct page *early = page_alloc(TEST_GFP_KERNEL, 6);
	struct page *torn = page_alloc(TEST_GFP_KERNEL, 6);
	struct page record = *torn;
	int status;
	pid_t pid;

	fake_fork_prepare();
	page_put(early, 6, LOCK_ONCE);
	fake_fork_parent();
	KUNIT_EXPECT_TRUE(test, page_test(early, PG_pcp));
	fake_fork_prepare();
	/* what was late came back before the copying began */
	KUNIT_EXPECT_FALSE(test, page_test(early, PG_pcp));
	page_put(torn, 6, LOCK_ONCE);
	pid = fork();
	if (!pid) {
		*torn = record;
		torn->private = 16;
		fake_fork_child();
		early = page_alloc(TEST_GFP_KERNEL, 5);
		KUNIT_ASSERT_NOT_NULL(test, early);
		page_free(early, 5);
		KUNIT_ASSERT_TRUE(test, zone_validate());
		_exit(port_task()->held ? 2 : 0);
	}
	fake_fork_parent();
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_TRUE(test, zone_validate());
}

/* With every lock of the layer held, a caller that must not wait does not. */
WORLD_CASE(zone_busy_locks_stop_nobody, .options = "mem=64M")
{
	struct page *small = page_alloc(TEST_GFP_KERNEL, 0);
	struct page *large = page_alloc(TEST_GFP_KERNEL, 6);
	unsigned long waits = fake_calls(FAKE_WAIT);
	struct page_stats before, after;

	page_stats(&before);
	fake_fork_prepare();
	page_put(small, 0, LOCK_SPIN);
	page_put(large, 6, LOCK_ONCE);
	KUNIT_EXPECT_NULL(test, page_alloc(__GFP_HIGH | TEST_QUIET, 0));
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_QUIET, 4));
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAIT), waits);
	fake_fork_parent();
	page_stats(&after);
	KUNIT_EXPECT_EQ(test, after.free, before.free + 1 + 64);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	/* balance what the world compares with */
	KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
}

/* A block that waits to be put away is free: freeing it again is told. */
WORLD_CASE(zone_deferred_block_is_free, .options = "mem=64M")
{
	struct page *page = page_alloc(TEST_GFP_KERNEL, 4);

	fake_fork_prepare();
	page_put(page, 4, LOCK_SPIN);
	page_put(page, 4, LOCK_SPIN);
	fake_fork_parent();
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "BUG: Bad page state"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "page is free already"));
}

WORLD_CASE(zone_asks_for_large_pages, .options = "mem=64M,thp=1")
{
	KUNIT_EXPECT_GE(test, fake_calls(FAKE_LARGE), 1);
}

WORLD_CASE(zone_asks_for_none_by_default, .options = "mem=64M")
{
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_LARGE), 0);
}

static struct kunit_case zone_cases[] = {
	KUNIT_CASE(zone_asks_for_large_pages),
	KUNIT_CASE(zone_asks_for_none_by_default),
	KUNIT_CASE(zone_ranges_in_a_large_window),
	KUNIT_CASE(zone_ranges_in_a_small_window),
	KUNIT_CASE(zone_ranges_under_a_limit),
	KUNIT_CASE(zone_limit_may_be_1_mib),
	KUNIT_CASE(zone_limit_may_cut_inside_a_block),
	KUNIT_CASE(zone_grows_by_pages_of_the_host),
	KUNIT_CASE(zone_grows_in_steps),
	KUNIT_CASE(zone_grows_by_a_block_of_the_order),
	KUNIT_CASE(zone_shares_a_page_of_the_host),
	KUNIT_CASE(zone_growth_goes_on_from_half_a_step),
	KUNIT_CASE(zone_growth_touches_few_records),
	KUNIT_CASE(zone_growth_halves_what_is_refused),
	KUNIT_CASE(zone_lookups_know_the_usable_part),
	KUNIT_CASE(zone_answers_before_boot),
	KUNIT_CASE(zone_marks_follow_the_table),
	KUNIT_CASE(zone_reserves_follow_the_zones_above),
	KUNIT_CASE(zone_mark_wants_pages_and_a_block),
	KUNIT_CASE(zone_boot_survives_failures),
	KUNIT_CASE(zone_fork_leaves_a_whole_layer),
	KUNIT_CASE(zone_fork_forgets_what_is_torn),
	KUNIT_CASE(zone_busy_locks_stop_nobody),
	KUNIT_CASE(zone_deferred_block_is_free),
	{}
};

static struct kunit_suite zone_suite = {
	.name = "page-zone",
	.test_cases = zone_cases,
};

kunit_test_suite(zone_suite);
