// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* Memory that nobody owns is filled, looked at, or cleared, as options say. */
#include <linux/mm.h>

#include "debug/bytes.h"
#include "debug/report.h"
#include "unit/page/world.h"

static const unsigned char *other(struct page *page, unsigned char value,
				  unsigned long nr)
{
	return bytes_other(page_addr(page), value, nr << PG_SHIFT);
}

/* Every order: taken, dirtied, freed, taken again. */
static void each_order(struct kunit *test, int freed, int taken)
{
	unsigned int order;

	for (order = 0; order <= PG_MAX_ORDER; order++) {
		struct page *page = page_alloc(TEST_GFP_KERNEL, order);
		unsigned long n = 1ul << order;

		KUNIT_ASSERT_NOT_NULL(test, page);
		memset(page_addr(page), 0x31, n << PG_SHIFT);
		page_free(page, order);
		if (freed >= 0)
			KUNIT_EXPECT_NULL(test,
					  other(page, (unsigned char)freed, n));
		page = page_alloc(TEST_GFP_KERNEL, order);
		KUNIT_ASSERT_NOT_NULL(test, page);
		if (taken >= 0)
			KUNIT_EXPECT_NULL(test,
					  other(page, (unsigned char)taken, n));
		page_free(page, order);
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(pages_are_cleared_when_allocated,
	   .options = "init_on_alloc=1,decay_ms=-1")
{
	each_order(test, -1, 0);
	KUNIT_EXPECT_TRUE(test, want_init_on_alloc(GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, want_init_on_free());
}

WORLD_CASE(pages_are_cleared_when_freed,
	   .options = "init_on_free=1,decay_ms=-1")
{
	each_order(test, 0, 0);
	KUNIT_EXPECT_FALSE(test, want_init_on_alloc(GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, want_init_on_alloc(__GFP_ZERO));
	KUNIT_EXPECT_TRUE(test, want_init_on_free());
}

WORLD_CASE(free_pages_are_filled, .options = "page_poison=1,decay_ms=-1")
{
	each_order(test, BYTE_PAGE, -1);
}

WORLD_CASE(pages_are_left_alone, .options = "decay_ms=-1")
{
	each_order(test, 0x31, -1);
}

/* Runs of pages, which are cut out of blocks, grow and shrink. */
static void runs(struct kunit *test, int taken)
{
	struct page *head = page_alloc_span(TEST_GFP_KERNEL, 7, 0);

	KUNIT_ASSERT_NOT_NULL(test, head);
	memset(page_addr(head), 0x31, 7 << PG_SHIFT);
	page_shrink_span(head, 3);
	if (page_grow_span(head, 5) && taken >= 0)
		KUNIT_EXPECT_NULL(test,
				  other(head + 3, (unsigned char)taken, 2));
	memset(page_addr(head), 0x31, 3 << PG_SHIFT);
	page_free_span(head);
	head = page_alloc_span(TEST_GFP_KERNEL, 7, 0);
	KUNIT_ASSERT_NOT_NULL(test, head);
	if (taken >= 0)
		KUNIT_EXPECT_NULL(test, other(head, (unsigned char)taken, 7));
	page_free_span(head);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(runs_are_cleared_when_allocated,
	   .options = "init_on_alloc=1,decay_ms=-1")
{
	runs(test, 0);
}

WORLD_CASE(runs_are_cleared_when_freed, .options = "init_on_free=1,decay_ms=-1")
{
	runs(test, 0);
}

WORLD_CASE(free_runs_are_filled, .options = "page_poison=1,decay_ms=-1")
{
	runs(test, -1);
}

/* What the OS took, and what was never used, reads as zero. */
WORLD_CASE(purged_pages_are_right, .options = "page_poison=1,decay_ms=0")
{
	for (unsigned int i = 0; i < 3; i++) {
		struct page *page = page_alloc(TEST_GFP_KERNEL, PG_MAX_ORDER);

		KUNIT_ASSERT_NOT_NULL(test, page);
		memset(page_addr(page), 0x31, PG_BYTES << PG_MAX_ORDER);
		page_free(page, PG_MAX_ORDER);
		page_trim();
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

/* A late write is seen in every page of a block, and once. */
WORLD_CASE(late_writes_are_seen, .options = "page_poison=1,decay_ms=-1")
{
	unsigned long before = report_errors(), i;
	struct page *page = page_alloc(TEST_GFP_KERNEL, 2), *again;
	unsigned char *p = page_addr(page);

	page_free(page, 2);
	for (i = 0; i < 4; i++)
		p[i * PG_BYTES + i * 1000] = 0;
	again = page_alloc(TEST_GFP_KERNEL, 2);
	KUNIT_ASSERT_PTR_EQ(test, again, page);
	KUNIT_EXPECT_EQ(test, report_errors() - before, 4);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(),
					   "pagealloc: memory corruption"));
	fake_log_clear();
	page_free(page, 2);
	page_free(page_alloc(TEST_GFP_KERNEL, 2), 2);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(filling_comes_before_clearing,
	   .options = "page_poison=1,init_on_free=1,decay_ms=-1")
{
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "will take precedence"));
	fake_log_clear();
	KUNIT_EXPECT_FALSE(test, want_init_on_free());
	each_order(test, BYTE_PAGE, -1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pages_are_cleared_when_allocated),
	KUNIT_CASE(pages_are_cleared_when_freed),
	KUNIT_CASE(free_pages_are_filled),
	KUNIT_CASE(pages_are_left_alone),
	KUNIT_CASE(runs_are_cleared_when_allocated),
	KUNIT_CASE(runs_are_cleared_when_freed),
	KUNIT_CASE(free_runs_are_filled),
	KUNIT_CASE(purged_pages_are_right),
	KUNIT_CASE(late_writes_are_seen),
	KUNIT_CASE(filling_comes_before_clearing),
	{},
};

static struct kunit_suite suite = {
	.name = "fill",
	.test_cases = cases,
};

kunit_test_suite(suite);
