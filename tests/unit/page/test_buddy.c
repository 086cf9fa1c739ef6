// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Split and merge against a model: a set of free pages has exactly one
 * division into the largest aligned blocks, whatever happened before.
 */
#include "unit/page/world.h"

/* One zone of one block: 1024 pages. */
#define SMALL .options = "mem=4M,decay_ms=-1"

static struct zone *const z = &zones[ZONE_ID_DMA];

/* The number of blocks of each order that a set of pages divides into. */
static void divide(const bool *free, unsigned long n,
		   unsigned long nr[PG_ORDERS])
{
	unsigned long size[1024];

	memset(nr, 0, PG_ORDERS * sizeof(*nr));
	for (unsigned long i = 0; i < n; i++)
		size[i] = free[i];
	for (unsigned long half = 1; half < n; half *= 2)
		for (unsigned long i = 0; i + half < n; i += 2 * half)
			if (size[i] == half && size[i + half] == half) {
				size[i] = 2 * half;
				size[i + half] = 0;
			}
	for (unsigned long i = 0; i < n; i++)
		if (size[i])
			nr[__builtin_ctzl(size[i])]++;
}

static void expect_division(struct kunit *test, const bool *free,
			    unsigned long n)
{
	unsigned long nr[PG_ORDERS];

	divide(free, n, nr);
	for (unsigned int o = 0; o < PG_ORDERS; o++)
		KUNIT_EXPECT_EQ_MSG(test, z->area[o].nr_free, nr[o], "order %u",
				    o);
}

static struct page *take(unsigned int order)
{
	struct page *page;

	zone_lock(z);
	page = __buddy_take(z, order);
	zone_unlock(z);
	return page;
}

static void give(struct page *page, unsigned int order, bool purged)
{
	zone_lock(z);
	page_set_bits(page, purged ? PG_MASK(PG_purged) : 0);
	__buddy_give(z, page, order);
	zone_unlock(z);
}

static void isolate(struct page *page, unsigned int order)
{
	zone_lock(z);
	__buddy_isolate(z, page, order);
	zone_unlock(z);
}

WORLD_CASE(buddy_starts_with_one_purged_block, SMALL)
{
	KUNIT_EXPECT_EQ(test, z->free, 1024);
	KUNIT_EXPECT_EQ(test, z->nr_purged, 1024);
	KUNIT_EXPECT_EQ(test, z->area[PG_MAX_ORDER].nr_free, 1);
}

WORLD_CASE(buddy_splits_down_to_the_order_and_merges_back, SMALL)
{
	for (unsigned int order = 0; order < PG_ORDERS; order++) {
		struct page *page = take(order);

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, page_pfn(page) & ((1ul << order) - 1), 0);
		KUNIT_EXPECT_EQ(test, z->free, 1024 - (1ul << order));
		/* one half of each order above it is left */
		for (unsigned int o = 0; o < PG_ORDERS; o++)
			KUNIT_EXPECT_EQ(test, z->area[o].nr_free,
					o >= order && o < PG_MAX_ORDER);
		KUNIT_EXPECT_TRUE(test, zone_validate());
		give(page, order, false);
		KUNIT_EXPECT_EQ(test, z->area[PG_MAX_ORDER].nr_free, 1);
		KUNIT_EXPECT_TRUE(test, zone_validate());
	}
}

static unsigned long bits_reversed(unsigned long i)
{
	unsigned long r = 0;

	for (unsigned int b = 0; b < 10; b++)
		r |= (i >> b & 1) << (9 - b);
	return r;
}

static unsigned long nth(unsigned int way, unsigned long i)
{
	switch (way) {
	case 0:
		return i;
	case 1:
		return 1023 - i;
	case 2:
		return bits_reversed(i);
	default:
		return i * 389 % 1024;
	}
}

WORLD_CASE(buddy_merges_all_pages_freed_in_any_order, SMALL)
{
	static struct page *pages[1024];
	bool seen[1024];

	for (unsigned int way = 0; way < 4; way++) {
		bool free[1024] = { false };

		memset(seen, 0, sizeof(seen));
		for (unsigned int i = 0; i < 1024; i++) {
			pages[i] = take(0);
			KUNIT_ASSERT_NOT_NULL(test, pages[i]);
			KUNIT_ASSERT_LT(test, page_pfn(pages[i]), 1024);
			KUNIT_ASSERT_FALSE(test, seen[page_pfn(pages[i])]);
			seen[page_pfn(pages[i])] = true;
		}
		KUNIT_EXPECT_NULL(test, take(0));
		KUNIT_EXPECT_EQ(test, z->free, 0);
		for (unsigned int i = 0; i < 1024; i++) {
			unsigned long pfn = nth(way, i);

			give(window.map + pfn, 0, false);
			free[pfn] = true;
			if (i % 61)
				continue;
			expect_division(test, free, 1024);
			KUNIT_ASSERT_TRUE(test, zone_validate());
		}
		KUNIT_EXPECT_EQ(test, z->free, 1024);
		KUNIT_EXPECT_EQ(test, z->area[PG_MAX_ORDER].nr_free, 1);
	}
}

/* All 65536 sets of free pages in a block of 16, all else in use. */
WORLD_CASE(buddy_divides_every_set_of_16_pages_one_way, SMALL)
{
	struct page *all = take(PG_MAX_ORDER);

	for (unsigned int set = 0; set < 1u << 16; set++) {
		bool free[16];

		for (unsigned int k = 0; k < 16; k++) {
			/* given in an order that depends on the set */
			unsigned int i = (k * 7 + set) % 16;

			free[i] = set >> i & 1;
			if (free[i])
				give(all + i, 0, false);
		}
		expect_division(test, free, 16);
		if (set % 997 == 0)
			KUNIT_ASSERT_TRUE(test, zone_validate());
		for (unsigned int k = 0; k < 16; k++) {
			unsigned int i = (k * 5 + set / 16) % 16;

			if (free[i])
				isolate(all + i, 0);
		}
		KUNIT_ASSERT_EQ(test, z->free, 0);
	}
	give(all, PG_MAX_ORDER, false);
}

WORLD_CASE(buddy_isolates_a_block_out_of_a_larger_one, SMALL)
{
	for (unsigned int order = 0; order <= PG_MAX_ORDER; order++)
		for (unsigned long pfn = 0; pfn < 1024; pfn += 1ul << order) {
			bool free[1024];

			memset(free, true, sizeof(free));
			memset(free + pfn, false, 1ul << order);
			isolate(window.map + pfn, order);
			KUNIT_ASSERT_FALSE(test, page_test(window.map + pfn,
							   PG_buddy));
			expect_division(test, free, 1024);
			if (pfn % 64 == 0)
				KUNIT_ASSERT_TRUE(test, zone_validate());
			give(window.map + pfn, order, false);
			KUNIT_ASSERT_EQ(test, z->area[PG_MAX_ORDER].nr_free, 1);
		}
}

WORLD_CASE(buddy_gives_every_range_of_64_pages, SMALL)
{
	struct page *all = take(PG_MAX_ORDER);
	unsigned long n = 0;

	for (unsigned long from = 0; from < 64; from++)
		for (unsigned long to = from + 1; to <= 64; to++) {
			bool free[64] = { false };

			memset(free + from, true, to - from);
			zone_lock(z);
			__buddy_give_range(z, from, to, n & 1);
			zone_unlock(z);
			expect_division(test, free, 64);
			KUNIT_EXPECT_EQ(test, z->nr_purged,
					n++ & 1 ? to - from : 0);
			KUNIT_ASSERT_TRUE(test, zone_validate());
			for (unsigned long i = from; i < to; i++)
				isolate(window.map + i, 0);
		}
	give(all, PG_MAX_ORDER, false);
}

WORLD_CASE(buddy_knows_what_still_reads_as_zero, SMALL)
{
	struct page *page = take(0), *other;

	/* halves of a purged block are purged */
	KUNIT_EXPECT_TRUE(test, page_test(page, PG_purged));
	KUNIT_EXPECT_EQ(test, z->nr_purged, 1023);
	/* both parts purged: the whole is */
	give(page, 0, true);
	KUNIT_EXPECT_EQ(test, z->nr_purged, 1024);
	KUNIT_EXPECT_TRUE(test, page_test(window.map, PG_purged));
	/* one part is not: the whole is not */
	page = take(0);
	give(page, 0, false);
	KUNIT_EXPECT_EQ(test, z->nr_purged, 0);
	KUNIT_EXPECT_FALSE(test, page_test(window.map, PG_purged));
	/* what costs no page fault is taken first */
	page = take(9);
	other = take(9);
	give(page, 9, true);
	isolate(page, 9);
	give(page, 8, true);
	give(other, 8, false);
	KUNIT_EXPECT_PTR_EQ(test, take(8), other);
	KUNIT_EXPECT_PTR_EQ(test, take(8), page);
	give(page, 9, false);
	give(other, 9, false);
}

WORLD_CASE(buddy_agrees_with_a_model_in_random_use, SMALL)
{
	static struct {
		struct page *page;
		unsigned int order;
		bool purged;
	} held[256];
	unsigned int nr = 0;
	uint64_t seed = 42;
	bool free[1024];

	memset(free, true, sizeof(free));
	for (unsigned int step = 0; step < 20000; step++) {
		if (nr < 256 && dice(&seed) % 5 < 3) {
			unsigned int order = dice(&seed) % 8;
			struct page *page = take(order);

			if (!page)
				continue;
			for (unsigned long i = 0; i < 1ul << order; i++) {
				KUNIT_ASSERT_TRUE(test,
						  free[page_pfn(page) + i]);
				free[page_pfn(page) + i] = false;
			}
			held[nr].page = page;
			held[nr].purged = page_test(page, PG_purged);
			held[nr++].order = order;
		} else if (nr) {
			unsigned int i = dice(&seed) % nr;

			give(held[i].page, held[i].order,
			     held[i].purged && dice(&seed) % 2);
			memset(free + page_pfn(held[i].page), true,
			       1ul << held[i].order);
			held[i] = held[--nr];
		}
		if (step % 16 == 0) {
			expect_division(test, free, 1024);
			KUNIT_ASSERT_TRUE(test, zone_validate());
		}
	}
	while (nr--)
		give(held[nr].page, held[nr].order, false);
	KUNIT_EXPECT_EQ(test, z->area[PG_MAX_ORDER].nr_free, 1);
}

static struct kunit_case buddy_cases[] = {
	KUNIT_CASE(buddy_starts_with_one_purged_block),
	KUNIT_CASE(buddy_splits_down_to_the_order_and_merges_back),
	KUNIT_CASE(buddy_merges_all_pages_freed_in_any_order),
	KUNIT_CASE(buddy_divides_every_set_of_16_pages_one_way),
	KUNIT_CASE(buddy_isolates_a_block_out_of_a_larger_one),
	KUNIT_CASE(buddy_gives_every_range_of_64_pages),
	KUNIT_CASE(buddy_knows_what_still_reads_as_zero),
	KUNIT_CASE(buddy_agrees_with_a_model_in_random_use),
	{}
};

static struct kunit_suite buddy_suite = {
	.name = "page-buddy",
	.test_cases = buddy_cases,
};

kunit_test_suite(buddy_suite);
