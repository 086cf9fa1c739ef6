// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Requests: where they are served from, how deep they may go, what they do
 * when there is nothing, and that nothing is lost whatever fails.
 */
#include "unit/page/world.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include <linux/gfp.h>
#include <linux/mm.h>

#define DMA (&zones[ZONE_ID_DMA])
#define DMA32 (&zones[ZONE_ID_DMA32])
#define NORMAL (&zones[ZONE_ID_NORMAL])

#define MARK_TEST .options = "mem=16M,min_free_kbytes=1600,decay_ms=-1"

static void expect_report(struct kunit *test, const char *text)
{
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(fake_log(), text),
				  "no \"%s\" in \"%s\"", text, fake_log());
	fake_log_clear();
}

WORLD_CASE(alloc_gives_aligned_blocks_of_every_order, .window = 17 * GIB)
{
	for (unsigned int order = 0; order <= PG_MAX_ORDER; order++) {
		struct page *page = page_alloc(TEST_GFP_KERNEL, order);

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(
			test,
			virt_to_phys(page_addr(page)) % (PG_BYTES << order), 0);
		KUNIT_EXPECT_PTR_EQ(test, zone_of_pfn(page_pfn(page)), NORMAL);
		KUNIT_EXPECT_EQ(test, page->_refcount.counter, 1);
		KUNIT_EXPECT_EQ(test, page->flags, 0);
		KUNIT_EXPECT_EQ(test, page->private, 0);
		KUNIT_EXPECT_FALSE(test, PageCompound(page));
		KUNIT_EXPECT_EQ(test, pages_in_use(), 1ul << order);
		memset(page_addr(page), 0xff, PG_BYTES << order);
		page_free(page, order);
	}
}

WORLD_CASE(alloc_refuses_larger_orders, .window = 0)
{
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_GFP_KERNEL | TEST_QUIET, 11));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_GFP_KERNEL, 11));
	expect_report(test, "WARNING:");
	/* once */
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_GFP_KERNEL, 52));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(alloc_makes_compound_blocks, .window = 0)
{
	for (unsigned int order = 0; order <= PG_MAX_ORDER; order++) {
		struct page *page =
			page_alloc(TEST_GFP_KERNEL | __GFP_COMP, order);

		KUNIT_EXPECT_EQ(test, PageHead(page), order > 0);
		KUNIT_EXPECT_EQ(test, compound_order(page), order);
		for (unsigned long i = 1; i < 1ul << order; i++) {
			KUNIT_ASSERT_TRUE(test, PageTail(page + i));
			KUNIT_ASSERT_PTR_EQ(test, compound_head(page + i),
					    page);
			KUNIT_ASSERT_PTR_EQ(test, page_head(page + i), page);
		}
		page_free(page, order);
		for (unsigned long i = 0; i < 1ul << order; i++)
			KUNIT_ASSERT_FALSE(test, PageCompound(page + i));
	}
}

WORLD_CASE(alloc_clears_when_asked, .options = "mem=16M,decay_ms=-1")
{
	for (unsigned int round = 0; round < 3; round++)
		for (unsigned int order = 0; order <= PG_MAX_ORDER; order++) {
			struct page *page =
				page_alloc(TEST_GFP_KERNEL | __GFP_ZERO, order);
			size_t n = PG_BYTES << order;
			unsigned char *p = page_addr(page);

			for (size_t i = 0; i < n; i += 64)
				KUNIT_ASSERT_EQ(test, p[i], 0);
			KUNIT_ASSERT_EQ(test, p[n - 1], 0);
			memset(p, 0x5a, n);
			page_free(page, order);
		}
}

/* The zone is chosen by the flags. */
WORLD_CASE(alloc_obeys_the_zone_flags, .window = 17 * GIB)
{
	static const gfp_t kernel[] = { 0, __GFP_HIGHMEM, __GFP_MOVABLE,
					__GFP_HIGHMEM | __GFP_MOVABLE };

	for (unsigned int order = 0; order <= PG_MAX_ORDER; order += 5) {
		struct page *page;

		page = page_alloc(TEST_GFP_KERNEL | __GFP_DMA, order);
		KUNIT_EXPECT_LT(test, page_to_phys(page), 16 * MIB);
		page_free(page, order);
		page = page_alloc(TEST_GFP_KERNEL | __GFP_DMA32, order);
		KUNIT_EXPECT_PTR_EQ(test, zone_of_pfn(page_pfn(page)), DMA32);
		page_free(page, order);
		for (unsigned int i = 0; i < ARRAY_LEN(kernel); i++) {
			page = page_alloc(TEST_GFP_KERNEL | kernel[i], order);
			KUNIT_EXPECT_PTR_EQ(test, zone_of_pfn(page_pfn(page)),
					    NORMAL);
			page_free(page, order);
		}
	}
}

WORLD_CASE(alloc_tells_of_two_zones_at_once, .window = 17 * GIB)
{
	static const gfp_t pairs[] = { __GFP_DMA | __GFP_HIGHMEM,
				       __GFP_DMA | __GFP_DMA32,
				       __GFP_DMA32 | __GFP_HIGHMEM,
				       __GFP_DMA | __GFP_DMA32 |
					       __GFP_HIGHMEM };

	for (unsigned int i = 0; i < ARRAY_LEN(pairs); i++) {
		struct page *page = page_alloc(TEST_GFP_KERNEL | pairs[i], 0);

		if (!i)
			expect_report(test, "Illegal zone flags");
		KUNIT_EXPECT_STREQ(test, fake_log(), "");
		KUNIT_EXPECT_PTR_EQ(test, zone_of_pfn(page_pfn(page)),
				    pairs[i] & __GFP_DMA ? DMA : DMA32);
		page_free(page, 0);
	}
}

/* Takes blocks until there is none, into a chain; returns how many. */
static unsigned long take_all(gfp_t gfp, unsigned int order,
			      struct page **chain)
{
	struct page *page;
	unsigned long n = 0;

	while ((page = page_alloc(gfp, order))) {
		page->private = (unsigned long)*chain;
		*chain = page;
		n++;
	}
	return n;
}

static void free_all(struct page *chain, unsigned int order)
{
	while (chain) {
		struct page *next = (struct page *)chain->private;

		page_free(chain, order);
		chain = next;
	}
}

/*
 * Pages left when a kind of request cannot get any more, out of a min of 400.
 */
static unsigned long rest_for(gfp_t gfp)
{
	struct page *chain = NULL;
	unsigned long rest;

	page_report_rearm();
	take_all(gfp | TEST_QUIET, 0, &chain);
	pcp_drain(true);
	rest = DMA->free;
	free_all(chain, 0);
	pcp_drain(true);
	return rest;
}

WORLD_CASE(alloc_goes_as_deep_as_the_flags_allow, MARK_TEST)
{
	KUNIT_ASSERT_EQ(test, DMA->mark[MARK_MIN], 400);
	/* one page above the mark has to be left: min itself stays */
	KUNIT_EXPECT_EQ(test, rest_for(0), 400);
	KUNIT_EXPECT_EQ(test, rest_for(GFP_NOWAIT), 400);
	KUNIT_EXPECT_EQ(test, rest_for(TEST_GFP_KERNEL), 400);
	KUNIT_EXPECT_EQ(test, rest_for(TEST_GFP_KERNEL | __GFP_NORETRY), 400);
	/* half of min */
	KUNIT_EXPECT_EQ(test, rest_for(TEST_GFP_KERNEL | __GFP_HIGH), 200);
	/* without sleeping, a quarter of the rest more: 37.5 % of min */
	KUNIT_EXPECT_EQ(test, rest_for(GFP_ATOMIC), 150);
	KUNIT_EXPECT_EQ(test, rest_for(GFP_ATOMIC | __GFP_NOMEMALLOC), 200);
	/* everything */
	KUNIT_EXPECT_EQ(test, rest_for(__GFP_MEMALLOC), 0);
	KUNIT_EXPECT_EQ(test, rest_for(TEST_GFP_KERNEL | __GFP_MEMALLOC), 0);
	/* and the flag that beats it */
	KUNIT_EXPECT_EQ(test, rest_for(__GFP_MEMALLOC | __GFP_NOMEMALLOC), 400);
	port_task()->flags = PF_MEMALLOC;
	KUNIT_EXPECT_EQ(test, rest_for(TEST_GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, rest_for(GFP_NOWAIT), 0);
	KUNIT_EXPECT_EQ(test, rest_for(TEST_GFP_KERNEL | __GFP_NOMEMALLOC),
			400);
	port_task()->flags = 0;
}

WORLD_CASE(alloc_marks_pages_of_the_reserve, MARK_TEST)
{
	struct page *chain = NULL, *page;

	take_all(GFP_ATOMIC | TEST_QUIET, 0, &chain);
	KUNIT_EXPECT_FALSE(test, page_test(chain, PG_reserve));
	page = page_alloc(__GFP_MEMALLOC, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, page_test(page, PG_reserve));
	KUNIT_EXPECT_TRUE(test, page_is_pfmemalloc(page));
	page_free(page, 0);
	free_all(chain, 0);
	page = page_alloc(__GFP_MEMALLOC, 0);
	KUNIT_EXPECT_FALSE(test, page_test(page, PG_reserve));
	page_free(page, 0);
}

/* A block has to be there: single pages do not help. */
WORLD_CASE(alloc_of_a_block_needs_a_block, .options = "mem=4M,decay_ms=-1")
{
	struct page *chain = NULL, *keep[1024];
	unsigned long n = 0;

	take_all(__GFP_MEMALLOC | TEST_QUIET, 0, &chain);
	while (chain) {
		struct page *next = (struct page *)chain->private;

		if (page_pfn(chain) & 1)
			keep[n++] = chain;
		else
			page_free(chain, 0);
		chain = next;
	}
	KUNIT_EXPECT_EQ(test, n, 512);
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_GFP_KERNEL | TEST_QUIET, 1));
	KUNIT_EXPECT_NULL(test, page_alloc(__GFP_MEMALLOC | TEST_QUIET, 1));
	page_free(keep[--n], 0);
	chain = page_alloc(__GFP_MEMALLOC, 1);
	KUNIT_EXPECT_NOT_NULL(test, chain);
	page_free(chain, 1);
	while (n--)
		page_free(keep[n], 0);
}

WORLD_CASE(alloc_falls_back_to_lower_zones, .options = "mem=64M,decay_ms=-1")
{
	struct page *chain = NULL;
	unsigned long in[ZONES] = { 0 };

	take_all(TEST_GFP_KERNEL | TEST_QUIET, 0, &chain);
	for (struct page *p = chain; p; p = (struct page *)p->private)
		in[zone_of_pfn(page_pfn(p)) - zones]++;
	/* down to min, and in the lower zone to its reserve as well */
	KUNIT_EXPECT_EQ(test, in[ZONE_ID_DMA32], 12288 - 192);
	KUNIT_EXPECT_EQ(test, in[ZONE_ID_DMA], 4096 - 64 - 48);
	/* a request for the lower zone may have what was kept */
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_GFP_KERNEL | TEST_QUIET, 0));
	for (unsigned int i = 0; i < 48; i++) {
		struct page *page =
			page_alloc(TEST_GFP_KERNEL | __GFP_DMA | TEST_QUIET, 0);

		KUNIT_ASSERT_NOT_NULL(test, page);
		page->private = (unsigned long)chain;
		chain = page;
	}
	KUNIT_EXPECT_NULL(
		test, page_alloc(TEST_GFP_KERNEL | __GFP_DMA | TEST_QUIET, 0));
	free_all(chain, 0);
}

WORLD_CASE(alloc_that_may_sleep_grows_before_it_falls_back, .window = 17 * GIB,
	   .options = "decay_ms=-1")
{
	struct page *chain = NULL;
	unsigned long first;
	unsigned int n = 0;

	grow_to(test, NORMAL, 64 * MIB);
	grow_to(test, DMA, 16 * MIB);
	first = NORMAL->grown;
	while (NORMAL->grown == first) {
		struct page *page = page_alloc(TEST_GFP_KERNEL, 10);

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_ASSERT_PTR_EQ(test, zone_of_pfn(page_pfn(page)), NORMAL);
		page->private = (unsigned long)chain;
		chain = page;
		KUNIT_ASSERT_LT(test, n++, 25);
	}
	KUNIT_EXPECT_EQ(test, DMA->free, 4096);
	KUNIT_EXPECT_EQ(test, DMA32->grown, DMA32->start);
	free_all(chain, 10);
}

WORLD_CASE(alloc_that_may_not_sleep_never_grows, .window = 17 * GIB,
	   .options = "decay_ms=-1")
{
	unsigned long commits, normal = 0, dma = 0;
	struct page *chain = NULL;

	grow_to(test, NORMAL, 64 * MIB);
	grow_to(test, DMA, 16 * MIB);
	commits = fake_calls(FAKE_COMMIT);
	take_all(GFP_ATOMIC | TEST_QUIET, 0, &chain);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_COMMIT), commits);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAIT), 0);
	for (struct page *p = chain; p; p = (struct page *)p->private)
		if (zone_of_pfn(page_pfn(p)) == NORMAL)
			normal++;
		else
			dma++;
	KUNIT_EXPECT_GT(test, normal, 16000);
	KUNIT_EXPECT_GT(test, dma, 3900);
	free_all(chain, 0);
}

WORLD_CASE(alloc_uses_what_lies_on_other_cpus, .options = "mem=4M,decay_ms=-1",
	   .cpus = 4)
{
	struct page *chain = NULL, *page;

	/* the refills leave pages on every CPU's lists */
	for (unsigned int cpu = 0; cpu < 4; cpu++) {
		fake_set_cpu(cpu);
		take_all(TEST_GFP_KERNEL | TEST_QUIET, 3, &chain);
		if (cpu == 3)
			break;
		free_all(chain, 3);
		chain = NULL;
	}
	KUNIT_EXPECT_EQ(test, pcp_pages(), 0);
	free_all(chain, 3);
	fake_set_cpu(0);
	chain = NULL;
	take_all(TEST_GFP_KERNEL | TEST_QUIET, 0, &chain);
	page = chain;
	chain = (struct page *)chain->private;
	fake_set_cpu(1);
	page_free(page, 0);
	KUNIT_EXPECT_EQ(test, pcp_pages(), 1);
	fake_set_cpu(2);
	page = page_alloc(TEST_GFP_KERNEL, 0);
	KUNIT_EXPECT_NOT_NULL(test, page);
	page_free(page, 0);
	free_all(chain, 0);
}

/* --- reclaim -------------------------------------------------------------- */

static struct page *hoard;
static unsigned int hoard_runs;
static gfp_t hoard_gfp;
static bool hoard_nested_ok, hoard_tells_lies;

static unsigned long give_hoard(gfp_t gfp, unsigned int priority)
{
	struct page *page = hoard;

	(void)priority;
	hoard_runs++;
	hoard_gfp = gfp;
	if (hoard_tells_lies)
		return 1;
	if (!page)
		return 0;
	/* inside, the reserves are open and reclaim does not run again */
	page = page_alloc(TEST_GFP_KERNEL | TEST_QUIET, 0);
	hoard_nested_ok = page && !reclaim_run(gfp, 0);
	if (page)
		page_free(page, 0);
	page = hoard;
	hoard = (struct page *)page->private;
	page_free(page, 0);
	return 1;
}

static struct page_client hoarder = { .shrink = give_hoard };

WORLD_CASE(alloc_reclaims, .options = "mem=4M,decay_ms=-1")
{
	struct page *page, *chain = NULL;

	take_all(TEST_GFP_KERNEL | TEST_QUIET, 0, &hoard);
	page_register(&hoarder);
	for (unsigned int i = 0; i < 20; i++) {
		hoard_runs = 0;
		page = page_alloc(TEST_GFP_KERNEL, 0);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, hoard_runs, 1);
		KUNIT_EXPECT_TRUE(test, hoard_nested_ok);
		KUNIT_EXPECT_EQ(test, port_task()->flags, 0);
		page->private = (unsigned long)chain;
		chain = page;
	}
	/* scopes reach the step */
	port_task()->flags = PF_MEMALLOC_NOFS;
	page = page_alloc(TEST_GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, hoard_gfp, TEST_GFP_KERNEL & ~__GFP_FS);
	page_free(page, 0);
	pcp_drain(true);
	free_all(chain, 0);
	port_task()->flags = PF_MEMALLOC_NOIO;
	KUNIT_EXPECT_EQ(test, page_gfp_context(TEST_GFP_KERNEL), __GFP_RECLAIM);
	port_task()->flags = 0;
	free_all(hoard, 0);
	hoard = NULL;
}

WORLD_CASE(alloc_that_may_not_sleep_does_not_reclaim,
	   .options = "mem=4M,decay_ms=-1")
{
	take_all(TEST_GFP_KERNEL | TEST_QUIET, 0, &hoard);
	page_register(&hoarder);
	KUNIT_EXPECT_NULL(test, page_alloc(GFP_NOWAIT, 0));
	KUNIT_EXPECT_EQ(test, hoard_runs, 0);
	/* nor does one inside reclaim */
	port_task()->flags = PF_MEMALLOC;
	KUNIT_EXPECT_NULL(
		test,
		page_alloc(TEST_GFP_KERNEL | TEST_QUIET | __GFP_NOMEMALLOC, 0));
	KUNIT_EXPECT_EQ(test, hoard_runs, 0);
	port_task()->flags = 0;
	/* nor does any while nobody may */
	gfp_allowed_mask = GFP_BOOT_MASK;
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_GFP_KERNEL | TEST_QUIET, 0));
	KUNIT_EXPECT_EQ(test, hoard_runs, 0);
	gfp_allowed_mask = __GFP_BITS_MASK;
	free_all(hoard, 0);
}

static unsigned int runs_of(gfp_t gfp, unsigned int order)
{
	struct page *page;

	hoard_runs = 0;
	page = page_alloc(gfp | TEST_QUIET, order);
	if (page)
		page_free(page, order);
	return page ? ~0u : hoard_runs;
}

WORLD_CASE(alloc_tries_as_hard_as_asked, .options = "mem=4M,decay_ms=-1")
{
	struct page *chain = NULL;

	take_all(TEST_GFP_KERNEL | TEST_QUIET, 0, &chain);
	page_register(&hoarder);
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_NORETRY, 0), 1);
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL, 0), 16);
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL, 3), 16);
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL, 4), 1);
	/* no stall for large blocks that can be done without */
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_NORETRY, 3), 1);
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_NORETRY, 4), 0);
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_RETRY_MAYFAIL, 0),
			16);
	/* except for unused memory */
	hoarder.spare = true;
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_NORETRY, 4), 1);
	hoarder.spare = false;
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_RETRY_MAYFAIL, 4),
			16);
	/* progress that brings no large block does not count for ever */
	hoard_tells_lies = true;
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_RETRY_MAYFAIL, 9),
			16);
	/* nor do lies */
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL, 0), 16);
	hoard_tells_lies = false;
	free_all(chain, 0);
}

/* Progress that somebody else takes: the next round may bring some for us. */
static unsigned int taken_away;

static unsigned long give_to_others(gfp_t gfp, unsigned int priority)
{
	(void)gfp;
	(void)priority;
	hoard_runs++;
	if (taken_away) {
		taken_away--;
		pages_given(1);
		return 1;
	}
	return 0;
}

static struct page_client generous = { .shrink = give_to_others };

WORLD_CASE(alloc_goes_on_while_there_is_progress,
	   .options = "mem=4M,decay_ms=-1")
{
	struct page *chain = NULL;

	take_all(TEST_GFP_KERNEL | TEST_QUIET, 0, &chain);
	page_register(&generous);
	taken_away = 50;
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL, 0), 50 + 16);
	taken_away = 50;
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_RETRY_MAYFAIL, 3),
			50 + 16);
	/* a large block is not made of many small ones */
	taken_away = 50;
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_RETRY_MAYFAIL, 4),
			16);
	taken_away = 50;
	KUNIT_EXPECT_EQ(test, runs_of(TEST_GFP_KERNEL | __GFP_NORETRY, 0), 1);
	free_all(chain, 0);
}

static struct page *ransom;
static unsigned int pauses;

static void pay_later(void)
{
	struct page *page = ransom;

	if (++pauses < 40 || !page)
		return;
	ransom = NULL;
	page_free(page, 0);
}

WORLD_CASE(alloc_nofail_waits_until_there_is_some,
	   .options = "mem=4M,decay_ms=-1")
{
	struct page *chain = NULL, *page;

	/* NOFAIL ends up with the rights of HIGH */
	take_all(TEST_GFP_KERNEL | __GFP_HIGH | TEST_QUIET, 0, &chain);
	ransom = chain;
	chain = (struct page *)chain->private;
	fake_set_yield_hook(pay_later);
	page = page_alloc(TEST_GFP_KERNEL | __GFP_NOFAIL, 0);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_NOT_NULL(test, page);
	KUNIT_EXPECT_NULL(test, ransom);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	page_free(page, 0);
	free_all(chain, 0);
}

WORLD_CASE(alloc_nofail_has_to_be_able_to_wait, MARK_TEST)
{
	struct page *chain = NULL;

	take_all(GFP_NOWAIT, 0, &chain);
	KUNIT_EXPECT_NULL(test, page_alloc(__GFP_NOFAIL | TEST_QUIET, 0));
	expect_report(test, "__GFP_NOFAIL without __GFP_DIRECT_RECLAIM");
	KUNIT_EXPECT_NULL(test, page_alloc(__GFP_NOFAIL | TEST_QUIET, 0));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	free_all(chain, 0);
}

WORLD_CASE(alloc_failure_is_reported_now_and_then,
	   .options = "mem=4M,decay_ms=-1")
{
	struct page *chain = NULL;

	take_all(TEST_GFP_KERNEL | TEST_QUIET, 0, &chain);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_GFP_KERNEL, 2));
	KUNIT_EXPECT_PTR_EQ(test,
			    strstr(fake_log(),
				   "kmem: page allocation failure: order:2, "
				   "mode:0xcc0(GFP_KERNEL), nodemask=(null)\n"),
			    fake_log());
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(),
					   "\nNode 0 DMA free:256kB min:256kB "
					   "low:320kB high:384kB "));
	expect_report(test, "*4096kB = 256kB\n");
	KUNIT_EXPECT_NULL(test, page_alloc(TEST_GFP_KERNEL, 2));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	fake_clock_advance(9999999999ull);
	KUNIT_EXPECT_NULL(test, page_alloc(GFP_ATOMIC | __GFP_NOMEMALLOC, 9));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	fake_clock_advance(1);
	KUNIT_EXPECT_NULL(test, page_alloc(GFP_ATOMIC | __GFP_NOMEMALLOC, 9));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	page_pass();
	expect_report(test, "order:9, mode:");
	free_all(chain, 0);
}

/* --- everything fails once ------------------------------------------------ */

static unsigned long nth;
static unsigned long *nth_failed; /* shared with the child */

/* The boot is part of it. */
static void fail_nth_body(struct kunit *test)
{
	struct page *held[80] = { NULL };
	struct page_stats st;
	unsigned int got = 0;

	fake_fail_nth(FAKE_ANY, nth);
	for (unsigned int i = 0; i < 80; i++) {
		held[i] = page_alloc(TEST_GFP_KERNEL | TEST_QUIET, 10);
		got += held[i] != NULL;
	}
	*nth_failed = fake_failed();
	fake_fail_nth(0, 0);
	for (unsigned int i = 0; i < 80; i++)
		if (held[i])
			page_free(held[i], 10);
	KUNIT_EXPECT_GE(test, got, 79);
	page_stats(&st);
	KUNIT_EXPECT_EQ(test, st.free + st.pcp, st.total);
}

static unsigned long fail_each(struct kunit *test, struct world w)
{
	for (nth = 1; nth < 1000; nth++) {
		*nth_failed = 0;
		in_world(test, w, fail_nth_body);
		if (!*nth_failed)
			break;
	}
	return nth;
}

static void alloc_loses_nothing_when_the_host_fails(struct kunit *test)
{
	nth_failed = mmap(NULL, sizeof(*nth_failed), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	KUNIT_ASSERT_TRUE(test, nth_failed != MAP_FAILED);
	/* reserve, map, and three commits for each of several steps */
	KUNIT_EXPECT_GT(test,
			fail_each(test,
				  (struct world){ .window = 17 * GIB,
						  .unbooted = true,
						  .options = "decay_ms=-1" }),
			14);
	KUNIT_EXPECT_GT(
		test,
		fail_each(test,
			  (struct world){ .window = 17 * GIB,
					  .unbooted = true,
					  .host_page = 65536,
					  .options = "mem=2G,decay_ms=0" }),
		14);
}

WORLD_CASE(alloc_takes_what_a_poor_host_gives, .window = 17 * GIB,
	   .options = "decay_ms=-1")
{
	struct page *chain = NULL;
	unsigned long n;
	size_t has;

	/* no more memory at all: lower zones, then failure, then recovery */
	grow_to(test, DMA, 16 * MIB);
	has = (NORMAL->grown - NORMAL->start) << PG_SHIFT;
	has += 16 * MIB;
	fake_fail_from(FAKE_ANY, 1);
	n = take_all(TEST_GFP_KERNEL | TEST_QUIET, 4, &chain);
	KUNIT_EXPECT_GT(test, n, (has >> 16) - 60);
	KUNIT_EXPECT_LT(test, n, has >> 16);
	fake_fail_nth(0, 0);
	n = NORMAL->grown;
	free_all(page_alloc(TEST_GFP_KERNEL, 4), 4);
	KUNIT_EXPECT_GT(test, NORMAL->grown, n);
	free_all(chain, 4);
}

/* --- a model, and threads ------------------------------------------------- */

static void model_body(struct kunit *test)
{
	static struct {
		struct page *page;
		unsigned int order;
	} held[300];
	static unsigned char owner[4ul << 20 >> 2];
	unsigned long total = 0;
	uint64_t seed = 4711;

	for (unsigned int step = 0; step < 30000; step++) {
		unsigned int i = dice(&seed) % 300;
		struct page *page = held[i].page;
		unsigned long n;

		fake_set_cpu(dice(&seed) % 4);
		fake_clock_advance(dice(&seed) % 1000000);
		if (page) {
			n = 1ul << held[i].order;
			for (unsigned long p = 0; p < n; p++)
				owner[page_pfn(page) + p] = 0;
			page_free(page, held[i].order);
			held[i].page = NULL;
			total -= n;
		} else {
			gfp_t gfp = TEST_QUIET;

			gfp |= dice(&seed) % 2 ? TEST_GFP_KERNEL : GFP_ATOMIC;
			gfp |= dice(&seed) % 8 ? 0 : __GFP_DMA;
			gfp |= dice(&seed) % 4 ? 0 : __GFP_COMP;
			gfp |= dice(&seed) % 4 ? 0 : __GFP_ZERO;
			held[i].order = dice(&seed) % 4 ? dice(&seed) % 3 :
							  dice(&seed) % 11;
			page = page_alloc(gfp, held[i].order);
			if (!page)
				continue;
			n = 1ul << held[i].order;
			for (unsigned long p = 0; p < n; p++) {
				unsigned long *word = page_addr(page + p);

				KUNIT_ASSERT_EQ(test, owner[page_pfn(page) + p],
						0);
				owner[page_pfn(page) + p] = 1;
				if (gfp & __GFP_ZERO)
					KUNIT_ASSERT_EQ(test,
							word[0] | word[511], 0);
				word[0] = ~0ul;
				word[511] = ~0ul;
			}
			held[i].page = page;
			total += n;
		}
		if (step % 64)
			continue;
		KUNIT_ASSERT_EQ(test, pages_in_use(), total);
		KUNIT_ASSERT_TRUE(test, zone_validate());
		if (step % 1024 == 0)
			page_trim();
	}
	for (unsigned int i = 0; i < 300; i++)
		if (held[i].page)
			page_free(held[i].page, held[i].order);
	fake_set_cpu(0);
}

static void alloc_agrees_with_a_model_in_random_use(struct kunit *test)
{
	in_world(test, (struct world){ .options = "mem=48M,decay_ms=20" },
		 model_body);
	in_world(test,
		 (struct world){ .window = 4 * GIB, .options = "decay_ms=0" },
		 model_body);
}

#define THREADS 4
#define THREAD_STEPS 12000

static unsigned int failures;

static void *hammer(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	struct page *held[16] = { NULL };
	unsigned int order[16];

	fake_set_cpu((uintptr_t)arg % 3);
	for (unsigned int step = 0; step < THREAD_STEPS; step++) {
		unsigned int i = dice(&seed) % 16;

		if (held[i]) {
			if (*(uintptr_t *)page_addr(held[i]) != (uintptr_t)arg)
				__atomic_fetch_add(&failures, 1,
						   __ATOMIC_RELAXED);
			page_free(held[i], order[i]);
			held[i] = NULL;
		} else {
			order[i] = dice(&seed) % 3 ? dice(&seed) % 4 :
						     dice(&seed) % 11;
			held[i] = page_alloc(TEST_QUIET |
						     (dice(&seed) % 4 ?
							      TEST_GFP_KERNEL :
							      GFP_ATOMIC),
					     order[i]);
			if (held[i])
				*(uintptr_t *)page_addr(held[i]) =
					(uintptr_t)arg;
		}
		if (step % 32 == 0)
			sched_yield();
		if (step % 512 == 0)
			fake_clock_advance(1000000);
		if (step % 2048 == 0 && !zone_validate())
			__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
	}
	for (unsigned int i = 0; i < 16; i++)
		if (held[i])
			page_free(held[i], order[i]);
	return NULL;
}

static void threads_body(struct kunit *test)
{
	pthread_t thread[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&thread[i], NULL, hammer,
					       (void *)(i + 1)),
				0);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	KUNIT_EXPECT_EQ(test, failures, 0);
	page_trim();
	KUNIT_EXPECT_EQ(test, pcp_pages(), 0);
}

static void alloc_by_threads(struct kunit *test)
{
	in_world(test, (struct world){ .options = "mem=64M,decay_ms=1" },
		 threads_body);
	in_world(test,
		 (struct world){ .window = 17 * GIB,
				 .options = "decay_ms=0",
				 .unbooted = true },
		 threads_body);
}

/*
 * A block that is away to be purged must not look like one that is not there.
 * The other thread has it until this one waits, or has failed.
 */
static bool block_is_away, request_is_done;

static void *purge_slowly(void *arg)
{
	unsigned long waits = fake_calls(FAKE_WAIT);
	struct page *block = arg;

	lock_take(&grow_lock, LOCK_GROW);
	zone_lock(DMA);
	__buddy_isolate(DMA, block, 10);
	DMA->isolated += 1024;
	zone_unlock(DMA);
	__atomic_store_n(&block_is_away, true, __ATOMIC_RELEASE);
	while (fake_calls(FAKE_WAIT) == waits &&
	       !__atomic_load_n(&request_is_done, __ATOMIC_ACQUIRE))
		sched_yield();
	zone_lock(DMA);
	DMA->isolated -= 1024;
	page_set_bits(block, 0);
	__buddy_give(DMA, block, 10);
	zone_unlock(DMA);
	lock_drop(&grow_lock, LOCK_GROW);
	return NULL;
}

WORLD_CASE(alloc_waits_for_a_block_that_is_being_purged,
	   .options = "mem=8M,decay_ms=-1")
{
	struct page *keep = page_alloc(TEST_GFP_KERNEL, 10), *page;
	pthread_t thread;

	page = page_alloc(TEST_GFP_KERNEL, 9);
	KUNIT_ASSERT_NOT_NULL(test, page);
	page_free(page, 9);
	page -= page_pfn(page) % 1024;
	KUNIT_ASSERT_EQ(test, pthread_create(&thread, NULL, purge_slowly, page),
			0);
	while (!__atomic_load_n(&block_is_away, __ATOMIC_ACQUIRE))
		sched_yield();
	page = page_alloc(TEST_GFP_KERNEL | __GFP_NORETRY, 9);
	__atomic_store_n(&request_is_done, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	KUNIT_EXPECT_NOT_NULL(test, page);
	if (page)
		page_free(page, 9);
	page_free(keep, 10);
}

/* The same with threads that purge all the time. */
static bool stop;

static void *purger(void *arg)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		page_trim();
	return arg;
}

WORLD_CASE(alloc_does_not_fail_while_others_purge,
	   .options = "mem=8M,decay_ms=-1")
{
	pthread_t thread[2];
	struct page *keep;

	/* the zone is two blocks: one is used, one is fought for */
	keep = page_alloc(TEST_GFP_KERNEL, 10);
	KUNIT_ASSERT_NOT_NULL(test, keep);
	for (unsigned int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, purger, NULL);
	for (unsigned int i = 0; i < 2000; i++) {
		struct page *page = page_alloc(TEST_GFP_KERNEL, 9);

		KUNIT_EXPECT_NOT_NULL(test, page);
		if (!page)
			break;
		*(char *)page_addr(page) = 1;
		page_free(page, 9);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	page_free(keep, 10);
}

static struct kunit_case alloc_cases[] = {
	KUNIT_CASE(alloc_gives_aligned_blocks_of_every_order),
	KUNIT_CASE(alloc_refuses_larger_orders),
	KUNIT_CASE(alloc_makes_compound_blocks),
	KUNIT_CASE(alloc_clears_when_asked),
	KUNIT_CASE(alloc_obeys_the_zone_flags),
	KUNIT_CASE(alloc_tells_of_two_zones_at_once),
	KUNIT_CASE(alloc_goes_as_deep_as_the_flags_allow),
	KUNIT_CASE(alloc_marks_pages_of_the_reserve),
	KUNIT_CASE(alloc_of_a_block_needs_a_block),
	KUNIT_CASE(alloc_falls_back_to_lower_zones),
	KUNIT_CASE(alloc_that_may_sleep_grows_before_it_falls_back),
	KUNIT_CASE(alloc_that_may_not_sleep_never_grows),
	KUNIT_CASE(alloc_uses_what_lies_on_other_cpus),
	KUNIT_CASE(alloc_reclaims),
	KUNIT_CASE(alloc_that_may_not_sleep_does_not_reclaim),
	KUNIT_CASE(alloc_tries_as_hard_as_asked),
	KUNIT_CASE(alloc_goes_on_while_there_is_progress),
	KUNIT_CASE(alloc_nofail_waits_until_there_is_some),
	KUNIT_CASE(alloc_nofail_has_to_be_able_to_wait),
	KUNIT_CASE(alloc_failure_is_reported_now_and_then),
	KUNIT_CASE(alloc_loses_nothing_when_the_host_fails),
	KUNIT_CASE(alloc_takes_what_a_poor_host_gives),
	KUNIT_CASE(alloc_agrees_with_a_model_in_random_use),
	KUNIT_CASE(alloc_by_threads),
	KUNIT_CASE(alloc_waits_for_a_block_that_is_being_purged),
	KUNIT_CASE(alloc_does_not_fail_while_others_purge),
	{}
};

static struct kunit_suite alloc_suite = {
	.name = "page-alloc",
	.test_cases = alloc_cases,
};

kunit_test_suite(alloc_suite);
