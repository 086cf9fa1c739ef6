// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * kswapd=1: what the thread keeps ready, who wakes it and how, and when it
 * leaves off.  A test calls what the thread would.
 */
#include "unit/page/world.h"

#include <sys/mman.h>

#define MS 1000000ull
#define DMA (&zones[ZONE_ID_DMA])
#define NORMAL (&zones[ZONE_ID_NORMAL])
#define LARGE .window = 17 * GIB, .options = "kswapd=1,decay_ms=1000"
#define LIMITED .options = "mem=4M,decay_ms=-1,kswapd=1"
#define NOWAIT (__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)

static unsigned long here(const struct zone *z)
{
	return z->free - z->nr_purged;
}

static struct page *chain;

static unsigned long take_all(gfp_t gfp, unsigned int order)
{
	unsigned long n = 0;
	struct page *page;

	while ((page = page_alloc(gfp | TEST_QUIET, order))) {
		page->private = (unsigned long)chain;
		chain = page;
		n++;
	}
	return n;
}

static unsigned long free_some(unsigned long n, unsigned int order)
{
	unsigned long done = 0;

	for (; chain && done < n; done++) {
		struct page *page = chain;

		chain = (struct page *)page->private;
		page_free(page, order);
	}
	return done;
}

static unsigned long host_calls(void)
{
	unsigned long n = 0;

	for (int call = 0; call < FAKE_CALLS; call++)
		n += fake_calls((enum fake_call)call);
	return n;
}

/*
 * A request that must not block finds memory that it could not have made free.
 */
WORLD_CASE(kswapd_grows_zones, LARGE)
{
	unsigned long calls, grown;
	struct page *large;

	grow_to(test, NORMAL, 64 * MIB);
	grow_to(test, DMA, 16 * MIB);
	calls = host_calls();
	grown = NORMAL->grown;
	take_all(NOWAIT, 10);
	large = chain;
	chain = NULL;
	KUNIT_EXPECT_LT(test, NORMAL->free, NORMAL->mark[MARK_LOW] + 1024);
	take_all(NOWAIT, 0);
	KUNIT_EXPECT_EQ(test, host_calls(), calls);
	kswapd_pass();
	KUNIT_EXPECT_GT(test, NORMAL->grown, grown);
	KUNIT_EXPECT_GE(test, NORMAL->free, NORMAL->mark[MARK_HIGH]);
	KUNIT_EXPECT_GT(test, take_all(NOWAIT, 0), 8000);
	/* and again, until the order does not matter any more */
	kswapd_pass();
	KUNIT_EXPECT_GT(test, take_all(NOWAIT, 0), 8000);
	free_some(~0ul, 0);
	chain = large;
	free_some(~0ul, 10);
}

/* What is kept for GFP_ATOMIC is no reason to leave off. */
WORLD_CASE(kswapd_counts_what_all_may_have, LARGE)
{
	unsigned long grown;

	grow_to(test, NORMAL, 64 * MIB);
	grown = NORMAL->grown;
	highatomic_fill(NORMAL);
	KUNIT_ASSERT_EQ(test, NORMAL->free_highatomic, 1024);
	take_all(NOWAIT, 0);
	KUNIT_EXPECT_GE(test, NORMAL->free, NORMAL->mark[MARK_HIGH]);
	kswapd_pass();
	KUNIT_EXPECT_GT(test, NORMAL->grown, grown);
	free_some(~0ul, 0);
}

static bool is_resident(const void *p)
{
	unsigned char vec = 0;

	return !mincore((void *)(uintptr_t)p, PG_BYTES, &vec) && vec & 1;
}

/* What is taken above the high mark has been touched. */
WORLD_CASE(kswapd_brings_pages_here, LARGE)
{
	struct kmem_pub_totals *t = page_totals();
	struct page *page;
	bool zero;

	KUNIT_EXPECT_EQ(test, here(NORMAL), 0);
	KUNIT_EXPECT_EQ(test, NORMAL->keep, NORMAL->mark[MARK_HIGH]);
	kswapd_pass();
	for (unsigned int i = 0; i < ZONES; i++)
		KUNIT_EXPECT_GE(test, here(&zones[i]), zones[i].keep);
	KUNIT_EXPECT_EQ(test, t->kswapd_pages, here(NORMAL) + here(DMA));
	/* no more than it takes */
	KUNIT_EXPECT_LT(test, here(NORMAL), NORMAL->keep + 1024);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	for (unsigned long i = 0; i < NORMAL->mark[MARK_HIGH]; i++) {
		page = page_alloc_known(__GFP_KSWAPD_RECLAIM | __GFP_HIGH, 0,
					&zero);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_ASSERT_FALSE(test, zero);
		KUNIT_ASSERT_TRUE(test, is_resident(page_addr(page)));
		page->private = (unsigned long)chain;
		chain = page;
	}
	free_some(~0ul, 0);
}

/* With a reserve all is here, and nothing needs to be touched. */
WORLD_CASE(kswapd_finds_a_reserve_here, LARGE)
{
	KUNIT_ASSERT_EQ(test, page_reserve(MIB), 0);
	kswapd_pass();
	KUNIT_EXPECT_EQ(test, page_totals()->kswapd_pages, 0);
}

/* Nothing that purges takes them away again. */
WORLD_CASE(kswapd_keeps_pages_here, LARGE)
{
	unsigned long kept, purges;

	kswapd_pass();
	kept = here(NORMAL);
	purges = fake_calls(FAKE_PURGE);
	for (unsigned int i = 0; i < 10; i++) {
		fake_clock_advance(1000 * MS);
		page_tick();
		purge_background();
	}
	page_trim();
	KUNIT_EXPECT_EQ(test, here(NORMAL), kept);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_PURGE), purges);
	/* but what is more than that goes */
	chain = NULL;
	for (unsigned int i = 0; i < 16; i++) {
		struct page *page = page_alloc(TEST_GFP_KERNEL, 10);

		page->private = (unsigned long)chain;
		chain = page;
	}
	free_some(~0ul, 10);
	for (unsigned int i = 0; i < 2; i++) {
		fake_clock_advance(1000 * MS);
		page_tick();
	}
	KUNIT_EXPECT_GT(test, fake_calls(FAKE_PURGE), purges);
	page_trim();
	KUNIT_EXPECT_GE(test, here(NORMAL), NORMAL->keep);
	KUNIT_EXPECT_LT(test, here(NORMAL), NORMAL->keep + 2 * 1024);
}

/* --- reclaim -------------------------------------------------------------- */

static unsigned int runs;
static gfp_t gfp_inside;
static uint32_t flags_inside;
static unsigned long gives = 1;

static unsigned long give(gfp_t gfp, unsigned int priority)
{
	(void)priority;
	runs++;
	gfp_inside = gfp;
	flags_inside = port_task()->flags;
	return free_some(gives, 0);
}

static struct page_client giver = { .shrink = give };

WORLD_CASE(kswapd_reclaims_when_asked, LIMITED)
{
	take_all(__GFP_HIGH, 0);
	page_register(&giver);
	KUNIT_EXPECT_LT(test, DMA->free, DMA->mark[MARK_LOW]);
	/* nobody asked, or nobody who wants it woken */
	kswapd_pass();
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_QUIET, 3));
	KUNIT_EXPECT_NULL(test, page_alloc(__GFP_HIGH | TEST_QUIET, 10));
	kswapd_pass();
	KUNIT_EXPECT_EQ(test, runs, 0);
	/* somebody did, and it does what it takes to be above high */
	gives = 3;
	KUNIT_EXPECT_NULL(test, page_alloc(NOWAIT, 3));
	kswapd_pass();
	KUNIT_EXPECT_GE(test, DMA->free, DMA->mark[MARK_HIGH]);
	KUNIT_EXPECT_LE(test, DMA->free, DMA->mark[MARK_HIGH] + 64);
	KUNIT_EXPECT_EQ(test, gfp_inside, TEST_GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, flags_inside, PF_MEMALLOC);
	KUNIT_EXPECT_EQ(test, port_task()->flags, 0);
	KUNIT_EXPECT_GT(test, runs, 10);
	/* that is all */
	runs = 0;
	kswapd_pass();
	KUNIT_EXPECT_EQ(test, runs, 0);
	free_some(~0ul, 0);
}

WORLD_CASE(kswapd_leaves_off_when_it_is_no_use, LIMITED)
{
	unsigned long wakes;

	page_register(&giver);
	gives = 0;
	take_all(__GFP_HIGH, 0);
	for (unsigned int i = 0; i < 40; i++) {
		page_alloc(NOWAIT, 3);
		kswapd_pass();
	}
	KUNIT_EXPECT_EQ(test, runs, 16);
	/* now nobody need call */
	wakes = fake_calls(FAKE_WAKE);
	page_alloc(TEST_GFP_KERNEL | __GFP_NORETRY | TEST_QUIET, 3);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes);
	/* somebody else's brought something, so it may be of use again */
	runs = 0;
	gives = 1;
	reclaim_run(TEST_GFP_KERNEL, 0);
	gives = 0;
	KUNIT_EXPECT_EQ(test, runs, 1);
	for (unsigned int i = 0; i < 40; i++) {
		page_alloc(NOWAIT, 3);
		kswapd_pass();
	}
	KUNIT_EXPECT_EQ(test, runs, 17);
	free_some(~0ul, 0);
}

/* --- waking --------------------------------------------------------------- */

WORLD_CASE(kswapd_is_woken_by_who_may_call, LIMITED)
{
	unsigned long wakes = fake_calls(FAKE_WAKE), calls;

	take_all(__GFP_HIGH, 0);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes);
	KUNIT_EXPECT_EQ(test, kswapd_nap_ns(), 100 * MS);
	page_alloc(TEST_GFP_KERNEL | __GFP_NORETRY | TEST_QUIET, 3);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes + 1);
	/* the bell rings until somebody hears it */
	page_alloc(TEST_GFP_KERNEL | __GFP_NORETRY | TEST_QUIET, 3);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes + 1);
	page_alloc((TEST_GFP_KERNEL & ~__GFP_KSWAPD_RECLAIM) | __GFP_NORETRY |
			   TEST_QUIET,
		   3);
	kswapd_pass();
	KUNIT_EXPECT_EQ(test, kswapd_nap_ns(), 100 * MS);
	/* others leave a note, and it looks more often for a second */
	calls = host_calls();
	for (unsigned int i = 0; i < 10; i++)
		page_alloc(NOWAIT, 3);
	KUNIT_EXPECT_EQ(test, host_calls(), calls);
	kswapd_pass();
	KUNIT_EXPECT_EQ(test, kswapd_nap_ns(), 10 * MS);
	fake_clock_advance(999 * MS);
	kswapd_pass();
	KUNIT_EXPECT_EQ(test, kswapd_nap_ns(), 10 * MS);
	fake_clock_advance(1 * MS);
	KUNIT_EXPECT_EQ(test, kswapd_nap_ns(), 100 * MS);
	/* nobody rings from within reclaim, which the thread itself is in */
	thread_forked();
	port_task()->flags = PF_MEMALLOC;
	page_alloc(TEST_GFP_KERNEL | __GFP_NOMEMALLOC | TEST_QUIET, 3);
	port_task()->flags = 0;
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes + 1);
	free_some(~0ul, 0);
}

WORLD_CASE(kswapd_is_not_woken_without_the_option, .options = "mem=4M")
{
	unsigned long wakes = fake_calls(FAKE_WAKE);

	take_all(TEST_GFP_KERNEL | __GFP_NORETRY, 0);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 0);
	KUNIT_EXPECT_EQ(test, DMA->keep, 0);
	free_some(~0ul, 0);
}

/* Nothing has been freed yet. */
WORLD_CASE(kswapd_starts_with_the_first_who_may_block,
	   .options = "mem=16M,kswapd=1")
{
	struct page *page;

	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 0);
	page = page_alloc(TEST_GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 1);
	page_free(page, 0);
}

WORLD_CASE(kswapd_has_a_thread, .options = "mem=16M,kswapd=1,background=1")
{
	struct page *page = page_alloc(NOWAIT, 0);

	page_put(page, 0, LOCK_SPIN);
	page_put(page_alloc(NOWAIT, 4), 4, LOCK_SPIN);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 0);
	page = page_alloc(TEST_GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 1);
	page_pass_due();
	page_pass();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 1);
	/* a child has none, and gets one */
	fake_fork_prepare();
	fake_fork_child();
	page_put(page, 0, LOCK_SPIN);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 1);
	page_free(page_alloc(TEST_GFP_KERNEL, 0), 0);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 2);
}

static struct kunit_case kswapd_cases[] = {
	KUNIT_CASE(kswapd_grows_zones),
	KUNIT_CASE(kswapd_counts_what_all_may_have),
	KUNIT_CASE(kswapd_brings_pages_here),
	KUNIT_CASE(kswapd_finds_a_reserve_here),
	KUNIT_CASE(kswapd_keeps_pages_here),
	KUNIT_CASE(kswapd_reclaims_when_asked),
	KUNIT_CASE(kswapd_leaves_off_when_it_is_no_use),
	KUNIT_CASE(kswapd_is_woken_by_who_may_call),
	KUNIT_CASE(kswapd_is_not_woken_without_the_option),
	KUNIT_CASE(kswapd_starts_with_the_first_who_may_block),
	KUNIT_CASE(kswapd_has_a_thread),
	{}
};

static struct kunit_suite kswapd_suite = {
	.name = "page-kswapd",
	.test_cases = kswapd_cases,
};

kunit_test_suite(kswapd_suite);
