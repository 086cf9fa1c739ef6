// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * References, and frees that make no sense: each is told and does no harm.
 */
#include "unit/page/world.h"

#include <linux/gfp.h>
#include <linux/mm.h>

#define SMALL .options = "mem=16M,decay_ms=-1", .cpus = 1

static struct page *get(unsigned int order)
{
	return page_alloc(TEST_GFP_KERNEL, order);
}

static void expect_bad(struct kunit *test, const char *reason)
{
	KUNIT_EXPECT_PTR_EQ(test,
			    strstr(fake_log(),
				   "BUG: Bad page state in process kmem  pfn:"),
			    fake_log());
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(fake_log(), reason),
				  "no \"%s\" in \"%s\"", reason, fake_log());
	fake_log_clear();
	KUNIT_EXPECT_TRUE(test, zone_validate());
}

WORLD_CASE(free_twice_is_told, SMALL)
{
	for (unsigned int order = 0; order <= PG_MAX_ORDER; order++) {
		struct page *page = get(order);

		page_free(page, order);
		page_free(page, order);
		expect_bad(test, "page is free already");
		__free_pages(page, order);
		expect_bad(test, "page is free already");
		KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
	}
}

/* Inside of a larger free block the record is blank. */
WORLD_CASE(free_of_a_merged_page_is_told, SMALL)
{
	struct page *page = get(5);

	page_free(page, 5);
	page_free(page + 1, 0);
	expect_bad(test, "wrong _refcount");
	put_page(page + 1);
	expect_bad(test, "put_page() of a free page");
}

WORLD_CASE(free_of_wrong_orders_is_told, SMALL)
{
	struct page *page = get(2), *compound, *pair;

	page_free(page, 3);
	expect_bad(test, "order");
	page_free(page, 11);
	expect_bad(test, "wrong order");
	compound = page_alloc(TEST_GFP_KERNEL | __GFP_COMP, 2);
	page_free(compound, 1);
	expect_bad(test, "wrong order of a compound page");
	page_free(compound, 3);
	expect_bad(test, "wrong order");
	page_free(compound + 1, 0);
	expect_bad(test, "wrong _refcount");
	page_free(compound, 2);
	page_free(page, 2);
	/* a smaller order leaks the rest, which is the caller's mistake */
	pair = get(1);
	page_free(pair, 0);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_EQ(test, pages_in_use(), 1);
	init_page_count(pair + 1);
	page_free(pair + 1, 0);
}

WORLD_CASE(free_of_what_is_not_the_layers_is_told, SMALL)
{
	struct page *page = get(0), record = { 0 };

	page_free(&record, 0);
	expect_bad(test, "not a page of the window");
	page_free(window.map + window.pages, 0);
	expect_bad(test, "not a page of the window");
	page_set_bits(page, PG_MASK(PG_slab));
	page_free(page, 0);
	expect_bad(test, "page belongs to a slab");
	page_set_bits(page, 0);
	page_set_cache(page, (struct kmem_cache *)16, 0);
	page_free(page, 0);
	expect_bad(test, "page belongs to a slab");
	page_set_cache(page, NULL, 0);
	page_free(page, 0);
}

WORLD_CASE(free_takes_flags_of_the_owner_away, SMALL)
{
	struct page *page = get(4), *again;

	page_set_bits(page, PG_MASK(PG_large) | PG_MASK(PG_reserve));
	page->private = 77;
	page->lru.next = NULL;
	page_free(page, 4);
	again = get(4);
	KUNIT_EXPECT_EQ(test, again->flags, 0);
	KUNIT_EXPECT_EQ(test, again->private, 0);
	page_free(again, 4);
}

WORLD_CASE(free_of_the_last_reference, SMALL)
{
	for (unsigned int order = 0; order <= PG_MAX_ORDER; order++) {
		struct page *page =
			page_alloc(TEST_GFP_KERNEL | __GFP_COMP, order);
		unsigned long n = 1ul << order;

		get_page(page + n - 1);
		KUNIT_EXPECT_EQ(test, page_count(page + n / 2), 2);
		page_free(page, order);
		KUNIT_EXPECT_EQ(test, pages_in_use(), n);
		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		put_page(page + n - 1);
		KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
		/* the other way round */
		page = page_alloc(TEST_GFP_KERNEL | __GFP_COMP, order);
		KUNIT_EXPECT_TRUE(test, get_page_unless_zero(page));
		put_page(page);
		KUNIT_EXPECT_EQ(test, pages_in_use(), n);
		put_page(page);
		KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
		KUNIT_EXPECT_FALSE(test, get_page_unless_zero(page));
		KUNIT_EXPECT_TRUE(test, zone_validate());
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

/* Of a block that is not compound a guest holds one page only. */
WORLD_CASE(free_leaves_a_guest_the_first_page, SMALL)
{
	for (unsigned int order = 0; order <= PG_MAX_ORDER; order++) {
		struct page *page = get(order);

		get_page(page);
		__free_pages(page, order);
		KUNIT_EXPECT_EQ(test, pages_in_use(), 1);
		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		KUNIT_EXPECT_TRUE(test, zone_validate());
		put_page(page);
		KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
		/* a guest that leaves first changes nothing */
		page = get(order);
		get_page(page);
		put_page(page);
		__free_pages(page, order);
		KUNIT_EXPECT_EQ(test, pages_in_use(), 0);
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

static struct kunit_case free_cases[] = {
	KUNIT_CASE(free_twice_is_told),
	KUNIT_CASE(free_of_a_merged_page_is_told),
	KUNIT_CASE(free_of_wrong_orders_is_told),
	KUNIT_CASE(free_of_what_is_not_the_layers_is_told),
	KUNIT_CASE(free_takes_flags_of_the_owner_away),
	KUNIT_CASE(free_of_the_last_reference),
	KUNIT_CASE(free_leaves_a_guest_the_first_page),
	{}
};

static struct kunit_suite free_suite = {
	.name = "page-free",
	.test_cases = free_cases,
};

kunit_test_suite(free_suite);
