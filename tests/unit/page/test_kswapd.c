// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Pages ahead of need: what the thread does, in the test's own hands.
 */
#include "unit/page/world.h"

#include <linux/gfp.h>

#define ATOMIC (GFP_ATOMIC | __GFP_NOWARN)
#define ORDER 4

/* Takes blocks until there is none; returns how many. */
static unsigned int take_all(gfp_t gfp, struct page **chain)
{
	unsigned int n = 0;
	struct page *page;

	while ((page = page_alloc(gfp, ORDER))) {
		page->private = (unsigned long)*chain;
		*chain = page;
		n++;
	}
	return n;
}

static void free_all(struct page *chain)
{
	while (chain) {
		struct page *page = chain;

		chain = (struct page *)page->private;
		page->private = 0;
		page_free(page, ORDER);
	}
}

static struct zone *top(void)
{
	struct zone *z = &zones[ZONES - 1];

	while (z > zones && z->start == z->end)
		z--;
	return z;
}

static unsigned long host_calls(void)
{
	unsigned long n = 0;

	for (int call = 0; call < FAKE_CALLS; call++)
		n += fake_calls((enum fake_call)call);
	return n;
}

WORLD_CASE(kswapd_brings_pages_for_who_cannot, .options = "kswapd=1,mem=512M")
{
	unsigned long grown = top()->grown, before = host_calls();
	struct page *chain = NULL;

	KUNIT_EXPECT_FALSE(test, kswapd_balance());
	KUNIT_EXPECT_GT(test, take_all(ATOMIC, &chain), 0);
	/* nobody was woken, and the zone is as it was */
	KUNIT_EXPECT_EQ(test, host_calls(), before);
	KUNIT_EXPECT_EQ(test, top()->grown, grown);
	KUNIT_EXPECT_TRUE(test, kswapd_balance());
	KUNIT_EXPECT_GT(test, top()->grown, grown);
	KUNIT_EXPECT_GE(test, top()->free, top()->mark[MARK_HIGH]);
	KUNIT_EXPECT_GT(test, take_all(ATOMIC, &chain), 0);
	free_all(chain);
}

WORLD_CASE(kswapd_is_off_unless_wanted, .options = "mem=512M")
{
	unsigned long grown = top()->grown;
	struct page *chain = NULL;

	take_all(ATOMIC, &chain);
	KUNIT_EXPECT_FALSE(test, kswapd_balance());
	KUNIT_EXPECT_EQ(test, top()->grown, grown);
	free_all(chain);
}

/* The lightest of requests asks for nothing. */
WORLD_CASE(kswapd_is_not_asked_by_the_lightest, .options = "kswapd=1,mem=512M")
{
	struct page *chain = NULL;

	take_all(__GFP_NOWARN, &chain);
	KUNIT_EXPECT_FALSE(test, kswapd_balance());
	free_all(chain);
}

static struct page *cache[64];
static unsigned int cached;

static unsigned long give_way(gfp_t gfp)
{
	if (!cached || !(gfp & __GFP_DIRECT_RECLAIM))
		return 0;
	page_free(cache[--cached], ORDER);
	return 1ul << ORDER;
}

static struct reclaim_step step = { .name = "cache", .run = give_way };

/* At the limit there is reclaim, until high is reached. */
WORLD_CASE(kswapd_reclaims_at_the_limit, .options = "kswapd=1,mem=16M")
{
	struct page *chain = NULL;

	for (; cached < ARRAY_LEN(cache); cached++)
		cache[cached] = page_alloc(TEST_GFP_KERNEL, ORDER);
	reclaim_register(&step);
	take_all(ATOMIC, &chain);
	KUNIT_EXPECT_LT(test, top()->free, top()->mark[MARK_MIN]);
	KUNIT_EXPECT_TRUE(test, kswapd_balance());
	KUNIT_EXPECT_GE(test, top()->free, top()->mark[MARK_HIGH]);
	KUNIT_EXPECT_GT(test, cached, 0);
	while (cached)
		page_free(cache[--cached], ORDER);
	free_all(chain);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kswapd_brings_pages_for_who_cannot),
	KUNIT_CASE(kswapd_is_off_unless_wanted),
	KUNIT_CASE(kswapd_is_not_asked_by_the_lightest),
	KUNIT_CASE(kswapd_reclaims_at_the_limit),
	{},
};

static struct kunit_suite suite = { .name = "kswapd", .test_cases = cases };

kunit_test_suite(suite);
