// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Parts of zones that are not usable: given back, and met.
 */
#include "unit/page/world.h"

#include <pthread.h>
#include <linux/mm.h>

#include "lib/list.h"

#define NORMAL (&zones[ZONE_ID_NORMAL])
#define DMA32 (&zones[ZONE_ID_DMA32])
#define LARGE .window = 18 * GIB, .options = "decay_ms=-1"
#define BLOCK (4 * MIB)

static struct page *chain;

static void take_more(struct kunit *test, unsigned long n, unsigned int order)
{
	while (n--) {
		struct page *page = page_alloc(TEST_GFP_KERNEL, order);

		KUNIT_ASSERT_NOT_NULL(test, page);
		page->private = (unsigned long)chain;
		chain = page;
	}
}

static void give_all(unsigned int order)
{
	while (chain) {
		struct page *page = chain;

		chain = (struct page *)page->private;
		page->private = 0;
		page_free(page, order);
	}
}

/* Bytes of pages that are usable, by the port's account and by the zones'. */
static void expect_sound(struct kunit *test)
{
	size_t usable = zones_usable() << PG_SHIFT;
	size_t records = 0;

	for (unsigned int i = 0; i < ZONES; i++)
		records += ALIGN_UP(zones[i].grown - zones[i].start, 1024ul);
	KUNIT_EXPECT_EQ(test, fake_committed(), usable + records * 272);
	KUNIT_EXPECT_EQ(test, page_totals()->usable_pages, zones_usable());
	KUNIT_EXPECT_TRUE(test, zone_validate());
}

/* Unless the OS counts, all stays usable, for callers that must not call it. */
WORLD_CASE(holes_are_made_only_where_it_counts, LARGE)
{
	take_more(test, 32, 10);
	give_all(10);
	page_trim();
	KUNIT_EXPECT_EQ(test, NORMAL->absent, 0);
	KUNIT_EXPECT_FALSE(test, page_counted);
	expect_sound(test);
	fake_set_counts(true);
	page_trim();
	KUNIT_EXPECT_TRUE(test, page_counted);
	KUNIT_EXPECT_GT(test, NORMAL->absent, 30 * 1024);
	KUNIT_EXPECT_EQ(test, NORMAL->absent, NORMAL->nr_holes * 256);
	/* what requests that must not call the OS may count on */
	KUNIT_EXPECT_GE(test, NORMAL->free, NORMAL->mark[MARK_HIGH]);
	KUNIT_EXPECT_LT(test, NORMAL->free,
			NORMAL->mark[MARK_HIGH] + 1024 + 256);
	expect_sound(test);
}

/* Growth fills holes first, and their memory reads as zero. */
WORLD_CASE(holes_are_filled_by_growth, LARGE)
{
	unsigned long grown;

	take_more(test, 32, 10);
	for (struct page *p = chain; p; p = (struct page *)p->private)
		memset(page_addr(p), 0xa5, PG_BYTES);
	give_all(10);
	fake_set_counts(true);
	page_trim();
	KUNIT_EXPECT_GT(test, NORMAL->nr_holes, 120);
	grown = NORMAL->grown;
	KUNIT_EXPECT_TRUE(test, zone_can_grow(NORMAL));
	take_more(test, 30, 10);
	KUNIT_EXPECT_EQ(test, NORMAL->grown, grown);
	for (struct page *p = chain; p; p = (struct page *)p->private)
		KUNIT_EXPECT_EQ(test, *(int *)page_addr(p), 0);
	expect_sound(test);
	give_all(10);
}

/* By little where it counts, whatever the zone has. */
WORLD_CASE(holes_and_growth_are_small_where_it_counts, LARGE)
{
	unsigned long pages, at;

	grow_to(test, NORMAL, 100 * MIB);
	fake_set_counts(true);
	page_trim();
	for (unsigned int i = 0; i < 3; i++) {
		pages = zone_pages(NORMAL);
		KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
		KUNIT_EXPECT_EQ(test, zone_pages(NORMAL),
				pages + (pages < 1024 ? 256 : 1024));
	}
	while (NORMAL->nr_holes)
		KUNIT_ASSERT_TRUE(test, zone_grow(NORMAL, 0));
	at = NORMAL->grown;
	KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_EXPECT_EQ(test, NORMAL->grown, at + 1024);
}

/* What another thread does while this one waits for grow_lock. */
static void *grows(void *unused)
{
	zone_grow(NORMAL, 0);
	return unused;
}

static void grow_meanwhile(void)
{
	pthread_t t;

	fake_set_yield_hook(NULL);
	__atomic_store_n(&grow_lock.word, LOCK_FREE, __ATOMIC_RELEASE);
	if (!pthread_create(&t, NULL, grows, NULL))
		pthread_join(t, NULL);
}

/* What another thread has filled is looked at before more is taken. */
WORLD_CASE(holes_are_filled_for_all_who_wait, LARGE)
{
	unsigned long holes;

	grow_to(test, NORMAL, 100 * MIB);
	fake_set_counts(true);
	page_trim();
	holes = NORMAL->nr_holes;
	KUNIT_ASSERT_GT(test, holes, 2);
	grow_lock.word = LOCK_HELD;
	fake_set_yield_hook(grow_meanwhile);
	KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, holes - 1);
	expect_sound(test);
}

/* A refusal is as good as a limit; what cannot go stays as it was. */
WORLD_CASE(holes_after_a_refusal, LARGE)
{
	unsigned long free;

	take_more(test, 16, 10);
	give_all(10);
	free = NORMAL->free;
	fake_fail_from(FAKE_BIT(FAKE_UNCOMMIT), 1);
	KUNIT_EXPECT_EQ(test, page_uncommit(), 0);
	KUNIT_EXPECT_EQ(test, NORMAL->free, free);
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, 0);
	expect_sound(test);
	fake_fail_nth(FAKE_BIT(FAKE_UNCOMMIT), 3);
	KUNIT_EXPECT_GE(test, page_uncommit(), 15 * BLOCK);
	fake_fail_nth(0, 0);
	/* what was refused need not have been for a limit */
	KUNIT_EXPECT_FALSE(test, page_counted);
	expect_sound(test);
	page_trim();
	KUNIT_EXPECT_FALSE(test, page_counted);
	take_more(test, 16, 10);
	give_all(10);
}

/* A commit that fails leaves the hole for another time. */
WORLD_CASE(holes_survive_each_failure, LARGE)
{
	unsigned long holes, absent;

	grow_to(test, NORMAL, 100 * MIB);
	fake_set_counts(true);
	page_trim();
	holes = NORMAL->nr_holes;
	absent = NORMAL->absent;
	fake_fail_from(FAKE_BIT(FAKE_COMMIT), 1);
	KUNIT_EXPECT_FALSE(test, zone_grow(NORMAL, 10));
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, holes);
	KUNIT_EXPECT_EQ(test, NORMAL->absent, absent);
	expect_sound(test);
	/* beyond the end there may be room when there is none in a hole */
	fake_fail_nth(FAKE_BIT(FAKE_COMMIT), 1);
	KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 10));
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, holes);
	expect_sound(test);
	fake_fail_nth(0, 0);
	KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 10));
	KUNIT_EXPECT_LT(test, NORMAL->nr_holes, holes);
}

/* Another mapping: growth skips it, and it has no owner here. */
WORLD_CASE(holes_of_others_are_passed_over, LARGE)
{
	char *theirs = window.base + (NORMAL->start << PG_SHIFT) + 3 * BLOCK;
	unsigned long absent;

	fake_take(theirs + 3 * PG_BYTES, 5 * PG_BYTES, true);
	fake_take(theirs + 6 * BLOCK, 2 * BLOCK, true);
	take_more(test, 32, 10);
	for (struct page *p = chain; p; p = (struct page *)p->private) {
		char *at = page_addr(p);

		KUNIT_EXPECT_FALSE(test, at == theirs);
		KUNIT_EXPECT_FALSE(test, at == theirs + 6 * BLOCK);
		KUNIT_EXPECT_FALSE(test, at == theirs + 7 * BLOCK);
		memset(at, 1, BLOCK);
	}
	absent = NORMAL->absent;
	KUNIT_EXPECT_EQ(test, absent, 2 * 1024 + 256);
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, 0);
	KUNIT_EXPECT_FALSE(test, page_is_usable(theirs));
	KUNIT_EXPECT_FALSE(test, page_is_usable(theirs + MIB - 1));
	KUNIT_EXPECT_TRUE(test, page_is_usable(theirs + MIB));
	KUNIT_EXPECT_FALSE(test, virt_addr_valid(theirs));
	KUNIT_EXPECT_NULL(test, page_owner(theirs));
	KUNIT_EXPECT_TRUE(test, page_is_usable(theirs - 1));
	KUNIT_EXPECT_TRUE(test, page_is_usable(theirs + BLOCK));
	give_all(10);
	expect_sound(test);
	page_trim();
	KUNIT_EXPECT_EQ(test, NORMAL->absent, absent);
}

/* One that comes while a block is given back is there when it is wanted. */
WORLD_CASE(holes_may_be_taken_by_others, LARGE)
{
	struct page *hole;
	unsigned long holes;
	char *at;

	grow_to(test, NORMAL, 100 * MIB);
	fake_set_counts(true);
	page_trim();
	holes = NORMAL->nr_holes;
	hole = list_entry_of(NORMAL->holes.next, struct page, lru);
	at = page_addr(hole);
	fake_take(at + MIB / 2, MIB / 4, true);
	KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
	/* one more is off the list than is usable */
	KUNIT_EXPECT_LE(test, NORMAL->nr_holes, holes - 2);
	KUNIT_EXPECT_EQ(test, NORMAL->absent, (NORMAL->nr_holes + 1) * 256);
	KUNIT_EXPECT_FALSE(test, page_is_usable(at));
	while (NORMAL->nr_holes)
		KUNIT_ASSERT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_EXPECT_FALSE(test, page_is_usable(at));
	expect_sound(test);
}

/* Met in the middle of a block: the rest of that is never handed out. */
WORLD_CASE(holes_inside_a_block, LARGE)
{
	char *end = window.base + (NORMAL->grown << PG_SHIFT);

	KUNIT_EXPECT_EQ(test, NORMAL->grown - NORMAL->start, 256);
	fake_take(end + MIB / 2, PG_BYTES, true);
	for (unsigned int i = 0; i < 8; i++)
		KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_EXPECT_GT(test, NORMAL->absent, 0);
	KUNIT_EXPECT_LE(test, NORMAL->absent, 256);
	take_more(test, 4000, 0);
	for (struct page *p = chain; p; p = (struct page *)p->private)
		*(int *)page_addr(p) = 1;
	give_all(0);
	expect_sound(test);
}

/* Growth comes near by small steps: what it stops at is the rest of a hole. */
WORLD_CASE(holes_are_known_by_each_address, LARGE)
{
	char *end = window.base + (NORMAL->grown << PG_SHIFT);
	char *theirs = end + MIB + 100 * PG_BYTES;

	fake_take(theirs, PG_BYTES, true);
	for (unsigned int i = 0; i < 8; i++)
		KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 0));
	KUNIT_EXPECT_EQ(test, NORMAL->absent, 192);
	KUNIT_ASSERT_TRUE(test, page_known(theirs));
	KUNIT_EXPECT_TRUE(test, page_is_usable(end + MIB + 64 * PG_BYTES - 1));
	KUNIT_EXPECT_FALSE(test, page_is_usable(end + MIB + 64 * PG_BYTES));
	KUNIT_EXPECT_FALSE(test, page_is_usable(theirs));
	KUNIT_EXPECT_FALSE(test, virt_addr_valid(theirs + PG_BYTES));
	KUNIT_EXPECT_FALSE(test, page_is_usable(end + 2 * MIB - 1));
	KUNIT_EXPECT_TRUE(test, page_is_usable(end + 2 * MIB));
	expect_sound(test);
}

/* In an array there is no way around it: lower zones serve. */
WORLD_CASE(holes_in_an_array_end_the_zone, LARGE)
{
	unsigned long grown = NORMAL->grown;

	fake_take(window.map + NORMAL->start + 2048, PG_BYTES, true);
	take_more(test, 16, 10);
	KUNIT_EXPECT_LE(test, NORMAL->grown - grown, 2048);
	KUNIT_EXPECT_GT(test, DMA32->grown, DMA32->start);
	give_all(10);
	expect_sound(test);
}

/* A process that is resident makes what it fills resident, and nothing else. */
WORLD_CASE(holes_and_a_reserve, .window = 18 * GIB)
{
	unsigned long holes;
	char *hole;

	grow_to(test, NORMAL, 100 * MIB);
	fake_take(window.base + (NORMAL->grown << PG_SHIFT), BLOCK, true);
	grow_to(test, NORMAL, (NORMAL->grown - NORMAL->start) * PG_BYTES + 1);
	fake_set_counts(true);
	page_trim();
	KUNIT_EXPECT_EQ(test, page_reserve(MIB), 0);
	holes = NORMAL->nr_holes;
	KUNIT_ASSERT_GT(test, holes, 0);
	hole = page_addr(list_entry_of(NORMAL->holes.next, struct page, lru));
	KUNIT_EXPECT_FALSE(test, fake_usable(hole));
	fake_fail_nth(FAKE_BIT(FAKE_POPULATE), 1);
	zone_grow(NORMAL, 10);
	fake_fail_nth(0, 0);
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, holes);
	expect_sound(test);
	KUNIT_EXPECT_TRUE(test, zone_grow(NORMAL, 10));
	KUNIT_EXPECT_LT(test, NORMAL->nr_holes, holes);
	holes = NORMAL->nr_holes;
	page_trim();
	KUNIT_EXPECT_EQ(test, NORMAL->nr_holes, holes);
	expect_sound(test);
}

/* What became holes leaves room under the hard limit. */
WORLD_CASE(holes_are_no_part_of_the_hard_limit, .options = "mem=256M",
	   .window = 18 * GIB)
{
	take_more(test, 50, 10);
	KUNIT_EXPECT_FALSE(test, mem_fits(100 * MIB));
	give_all(10);
	KUNIT_EXPECT_GE(test, page_uncommit(), 150 * MIB);
	KUNIT_EXPECT_TRUE(test, mem_fits(100 * MIB));
	KUNIT_EXPECT_TRUE(test, mem_charge(150 * MIB, TEST_GFP_KERNEL));
	/* a hole is not filled over the limit */
	while (zone_can_grow(DMA32) && zone_grow(DMA32, 0))
		;
	KUNIT_EXPECT_LE(test, zones_usable() * PG_BYTES + 150 * MIB, 256 * MIB);
	mem_uncharge(150 * MIB);
	expect_sound(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(holes_are_made_only_where_it_counts),
	KUNIT_CASE(holes_are_filled_by_growth),
	KUNIT_CASE(holes_and_growth_are_small_where_it_counts),
	KUNIT_CASE(holes_are_filled_for_all_who_wait),
	KUNIT_CASE(holes_after_a_refusal),
	KUNIT_CASE(holes_survive_each_failure),
	KUNIT_CASE(holes_of_others_are_passed_over),
	KUNIT_CASE(holes_may_be_taken_by_others),
	KUNIT_CASE(holes_inside_a_block),
	KUNIT_CASE(holes_are_known_by_each_address),
	KUNIT_CASE(holes_in_an_array_end_the_zone),
	KUNIT_CASE(holes_and_a_reserve),
	KUNIT_CASE(holes_are_no_part_of_the_hard_limit),
	{},
};

static struct kunit_suite suite = {
	.name = "page-hole",
	.test_cases = cases,
};

kunit_test_suite(suite);
