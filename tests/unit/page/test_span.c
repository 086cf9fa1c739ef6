// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Runs of any number of pages.
 */
#include <sys/mman.h>

#include "unit/page/world.h"

#define SMALL .options = "mem=16M,decay_ms=-1"

static unsigned long used(void)
{
	return pages_in_use();
}

WORLD_CASE(span_takes_exactly_its_pages, SMALL)
{
	for (unsigned long nr = 1; nr <= 1024; nr += nr < 70 ? 1 : 37) {
		struct page *head = page_alloc_span(TEST_GFP_KERNEL, nr, 0);

		KUNIT_ASSERT_NOT_NULL(test, head);
		KUNIT_EXPECT_EQ(test, used(), nr);
		KUNIT_EXPECT_EQ(test, head->private, nr);
		KUNIT_EXPECT_EQ(test, head->_refcount.counter, 1);
		KUNIT_EXPECT_TRUE(test, page_test(head, PG_span));
		memset(page_addr(head), 0x5a, nr << PG_SHIFT);
		KUNIT_ASSERT_TRUE(test, zone_validate());
		page_free_span(head);
		KUNIT_EXPECT_EQ(test, used(), 0);
		KUNIT_ASSERT_TRUE(test, zone_validate());
	}
}

WORLD_CASE(span_is_aligned_as_asked, SMALL)
{
	static const unsigned long lengths[] = { 1, 3, 5, 16, 33, 300 };

	for (unsigned int align = 0; align <= PG_MAX_ORDER; align++)
		for (unsigned int i = 0; i < ARRAY_LEN(lengths); i++) {
			struct page *first = page_alloc(TEST_GFP_KERNEL, 0);
			struct page *head = page_alloc_span(TEST_GFP_KERNEL,
							    lengths[i], align);

			KUNIT_ASSERT_NOT_NULL(test, head);
			KUNIT_EXPECT_EQ(
				test, page_pfn(head) & ((1ul << align) - 1), 0);
			KUNIT_EXPECT_EQ(test, used(), lengths[i] + 1);
			page_free_span(head);
			page_free(first, 0);
		}
}

WORLD_CASE(span_refuses_what_cannot_be, SMALL)
{
	KUNIT_EXPECT_NULL(test, page_alloc_span(TEST_GFP_KERNEL, 0, 0));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_NULL(test, page_alloc_span(TEST_GFP_KERNEL | TEST_QUIET,
						1025, 0));
	KUNIT_EXPECT_NULL(test,
			  page_alloc_span(TEST_GFP_KERNEL | TEST_QUIET, 1, 11));
	KUNIT_EXPECT_NULL(test, page_alloc_span(TEST_GFP_KERNEL | TEST_QUIET,
						~0ul, 0));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_NULL(test, page_alloc_span(TEST_GFP_KERNEL, 1025, 0));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "WARNING:"));
}

WORLD_CASE(span_is_cut_to_any_length, SMALL)
{
	for (unsigned long nr = 1; nr <= 40; nr++)
		for (unsigned long to = 1; to <= nr; to++) {
			struct page *head =
				page_alloc_span(TEST_GFP_KERNEL, nr, 0);

			page_shrink_span(head, to);
			KUNIT_ASSERT_EQ(test, used(), to);
			KUNIT_ASSERT_EQ(test, head->private, to);
			page_free_span(head);
			KUNIT_ASSERT_EQ(test, used(), 0);
		}
}

WORLD_CASE(span_clears_only_what_is_not_zero, SMALL)
{
	struct page *head = page_alloc_span(TEST_GFP_KERNEL | __GFP_ZERO, 9, 0);

	/* fresh: the rest of its block is still known to be zero */
	KUNIT_EXPECT_EQ(test, zones[0].nr_purged, zones[0].free);
	memset(page_addr(head), 0x5a, 9 << PG_SHIFT);
	page_free_span(head);
	head = page_alloc_span(TEST_GFP_KERNEL | __GFP_ZERO, 13, 0);
	for (size_t i = 0; i < 13 << PG_SHIFT; i++)
		KUNIT_ASSERT_EQ(test, ((char *)page_addr(head))[i], 0);
	page_free_span(head);
}

/* Are these pages in memory, as the system sees it? */
static bool touched(const struct page *head, unsigned long nr)
{
	unsigned char there[1024];

	if (mincore(page_addr(head), nr << PG_SHIFT, there))
		return true;
	for (unsigned long i = 0; i < nr; i++)
		if (there[i] & 1)
			return true;
	return false;
}

/* What is known to be zero is not written to, cut or merged as it may be. */
WORLD_CASE(span_leaves_what_is_zero_alone, SMALL)
{
	struct page *a, *b;

	a = page_alloc_span(TEST_GFP_KERNEL | __GFP_ZERO, 700, 0);
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_EXPECT_FALSE(test, touched(a, 700));
	/* from the rest of its block */
	b = page_alloc_span(TEST_GFP_KERNEL | __GFP_ZERO, 130, 0);
	KUNIT_EXPECT_FALSE(test, touched(b, 130));
	KUNIT_EXPECT_FALSE(test, touched(a, 700));
	page_free_span(a);
	page_free_span(b);
	/* given back, purged, and given again */
	a = page_alloc_span(TEST_GFP_KERNEL, 1024, 0);
	memset(page_addr(a), 0x5a, 1024 << PG_SHIFT);
	page_free_span(a);
	page_trim();
	b = page_alloc_span(TEST_GFP_KERNEL | __GFP_ZERO, 1000, 0);
	KUNIT_EXPECT_FALSE(test, touched(b, 1000));
	page_free_span(b);
}

WORLD_CASE(span_grows_where_it_is, SMALL)
{
	struct page *head = page_alloc_span(TEST_GFP_KERNEL, 33, 0);
	unsigned long free = zones[0].free;

	memset(page_addr(head), 0x5a, 33 << PG_SHIFT);
	for (unsigned long nr = 34; nr <= 1024; nr += nr < 70 ? 1 : 53) {
		KUNIT_ASSERT_TRUE(test, page_grow_span(head, nr));
		KUNIT_EXPECT_EQ(test, head->private, nr);
		KUNIT_EXPECT_EQ(test, used(), nr);
		KUNIT_EXPECT_EQ(test, zones[0].free, free - (nr - 33));
		KUNIT_EXPECT_EQ(test, page_totals()->span_pages, nr);
		((char *)page_addr(head))[(nr << PG_SHIFT) - 1] = 1;
		KUNIT_ASSERT_TRUE(test, zone_validate());
	}
	KUNIT_EXPECT_EQ(test, *((char *)page_addr(head) + (33 << PG_SHIFT) - 1),
			0x5a);
	KUNIT_EXPECT_FALSE(test, page_grow_span(head, 1025));
	KUNIT_EXPECT_TRUE(test, page_grow_span(head, head->private));
	page_shrink_span(head, 20);
	KUNIT_EXPECT_TRUE(test, page_grow_span(head, 40));
	page_free_span(head);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(span_does_not_grow_over_others, SMALL)
{
	struct page *head = page_alloc_span(TEST_GFP_KERNEL, 33, 0);
	struct page *next = page_alloc_span(TEST_GFP_KERNEL, 16, 0);
	unsigned long gap = page_pfn(next) - page_pfn(head);

	/* it lies in what the first one's block had left */
	KUNIT_ASSERT_GT(test, gap, 33);
	KUNIT_ASSERT_LT(test, gap, 64);
	KUNIT_EXPECT_FALSE(test, page_grow_span(head, gap + 1));
	KUNIT_EXPECT_EQ(test, head->private, 33);
	KUNIT_EXPECT_EQ(test, used(), 49);
	KUNIT_ASSERT_TRUE(test, zone_validate());
	KUNIT_EXPECT_TRUE(test, page_grow_span(head, gap));
	KUNIT_EXPECT_FALSE(test, page_grow_span(head, gap + 1));
	page_free_span(next);
	/* what lies on a CPU's list is not the zone's to give */
	page_shrink_span(head, 16);
	next = page_alloc(TEST_GFP_KERNEL, 0);
	page_free(next, 0);
	KUNIT_ASSERT_TRUE(test, page_test(next, PG_pcp));
	if (page_pfn(next) >= page_pfn(head) + 16)
		KUNIT_EXPECT_FALSE(
			test, page_grow_span(head, page_pfn(next) + 1 -
							   page_pfn(head)));
	page_free_span(head);
}

/* Neither the reserve nor what is beyond the zone. */
WORLD_CASE(span_grows_above_the_mark_only,
	   .options = "mem=4M,decay_ms=-1,min_free_kbytes=1024")
{
	struct page *head = page_alloc_span(TEST_GFP_KERNEL, 100, 0);
	unsigned long nr = 100;

	while (page_grow_span(head, nr + 1))
		nr++;
	KUNIT_EXPECT_GT(test, nr, 600);
	KUNIT_EXPECT_GE(test, zones[0].free, zones[0].mark[MARK_LOW]);
	KUNIT_EXPECT_LE(test, zones[0].free, zones[0].mark[MARK_LOW] + 2);
	page_free_span(head);
}

static void expect_bad(struct kunit *test, const char *reason)
{
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "BUG: Bad page state"));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(fake_log(), reason), "%s",
				  reason);
	fake_log_clear();
}

WORLD_CASE(span_misuse_is_told_and_does_no_harm, SMALL)
{
	struct page *head = page_alloc_span(TEST_GFP_KERNEL, 5, 0);
	struct page *block = page_alloc(TEST_GFP_KERNEL, 2);

	page_free_span(block);
	expect_bad(test, "not the head of a run");
	page_shrink_span(block, 1);
	expect_bad(test, "not the head of a run");
	page_shrink_span(head, 6);
	expect_bad(test, "cannot be cut");
	page_shrink_span(head, 0);
	expect_bad(test, "cannot be cut");
	KUNIT_EXPECT_FALSE(test, page_grow_span(head, 4));
	expect_bad(test, "cannot grow");
	KUNIT_EXPECT_FALSE(test, page_grow_span(block, 9));
	expect_bad(test, "not the head of a run");
	page_free(head, 0);
	expect_bad(test, "head of a run");
	page_free_span(head + 1);
	expect_bad(test, "not the head of a run");
	KUNIT_EXPECT_EQ(test, used(), 9);
	page_free_span(head);
	page_free_span(head);
	expect_bad(test, "page is");
	page_free(block, 2);
}

WORLD_CASE(span_agrees_with_a_model_in_random_use, SMALL)
{
	struct {
		struct page *head;
		unsigned long nr;
	} held[64] = { { NULL, 0 } };
	unsigned long total = 0, grown = 0;
	uint64_t seed = 99;

	for (unsigned int step = 0; step < 6000; step++) {
		unsigned int i = dice(&seed) % 64;

		if (!held[i].head) {
			held[i].nr = dice(&seed) % 80 + 1;
			held[i].head =
				page_alloc_span(TEST_GFP_KERNEL | TEST_QUIET,
						held[i].nr, dice(&seed) % 4);
			if (!held[i].head)
				continue;
			/* a mark in each page: nobody else may have it */
			for (unsigned long p = 0; p < held[i].nr; p++)
				*(unsigned int *)page_addr(held[i].head + p) =
					i;
			total += held[i].nr;
		} else if (dice(&seed) % 3) {
			for (unsigned long p = 0; p < held[i].nr; p++)
				KUNIT_ASSERT_EQ(test,
						*(unsigned int *)page_addr(
							held[i].head + p),
						i);
			page_free_span(held[i].head);
			total -= held[i].nr;
			held[i].head = NULL;
		} else if (dice(&seed) % 2) {
			unsigned long to = held[i].nr + dice(&seed) % 60;

			if (!page_grow_span(held[i].head, to))
				continue;
			for (unsigned long p = held[i].nr; p < to; p++)
				*(unsigned int *)page_addr(held[i].head + p) =
					i;
			total += to - held[i].nr;
			held[i].nr = to;
			grown++;
		} else {
			unsigned long to = dice(&seed) % held[i].nr + 1;

			page_shrink_span(held[i].head, to);
			total -= held[i].nr - to;
			held[i].nr = to;
		}
		if (step % 32 == 0) {
			KUNIT_ASSERT_EQ(test, used(), total);
			KUNIT_ASSERT_TRUE(test, zone_validate());
		}
	}
	KUNIT_EXPECT_GT(test, grown, 20);
	for (unsigned int i = 0; i < 64; i++)
		if (held[i].head)
			page_free_span(held[i].head);
}

static struct kunit_case span_cases[] = {
	KUNIT_CASE(span_takes_exactly_its_pages),
	KUNIT_CASE(span_is_aligned_as_asked),
	KUNIT_CASE(span_refuses_what_cannot_be),
	KUNIT_CASE(span_is_cut_to_any_length),
	KUNIT_CASE(span_clears_only_what_is_not_zero),
	KUNIT_CASE(span_leaves_what_is_zero_alone),
	KUNIT_CASE(span_grows_where_it_is),
	KUNIT_CASE(span_does_not_grow_over_others),
	KUNIT_CASE(span_grows_above_the_mark_only),
	KUNIT_CASE(span_misuse_is_told_and_does_no_harm),
	KUNIT_CASE(span_agrees_with_a_model_in_random_use),
	{}
};

static struct kunit_suite span_suite = {
	.name = "page-span",
	.test_cases = span_cases,
};

kunit_test_suite(span_suite);
