// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Blocks that are kept for GFP_ATOMIC, however memory is cut up.
 */
#include "unit/page/world.h"

#include <linux/gfp.h>

#include "lib/list.h"

#define QUIET (__GFP_NOWARN | __GFP_NORETRY)
#define RANGE (1ul << PG_MAX_ORDER)
#define PAGES (256ul << (20 - PG_SHIFT))

/*
 * 256 MiB, of which a quarter free is far below low, and three quarters free
 * above it.
 */
#define SHORT .options = "mem=256M,min_free_kbytes=81920"

#define DMA32 (&zones[ZONE_ID_DMA32])

static unsigned long in_range(const struct page *page)
{
	return ALIGN_DOWN(page_pfn(page), RANGE);
}

/* Takes every page there is, one by one, and frees one of each four. */
static void cut_up(struct kunit *test, struct page **page)
{
	unsigned long n = 0, frees = 0;
	struct page *p;

	while ((p = page_alloc(GFP_KERNEL | __GFP_MEMALLOC | QUIET, 0))) {
		KUNIT_ASSERT_NULL(test, page[page_pfn(p)]);
		page[page_pfn(p)] = p;
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, PAGES);
	for (unsigned long i = 1; i < PAGES; i += 4, frees++) {
		page_free(page[i], 0);
		page[i] = NULL;
	}
	pcp_drain(true);
}

static void free_from(struct page **page, unsigned long from, unsigned long to)
{
	for (; from < to; from++) {
		if (page[from])
			page_free(page[from], 0);
		page[from] = NULL;
	}
	pcp_drain(true);
}

static struct page *cut[PAGES];

/* The range of the 128th MiB is whole, and kept after one request. */
static struct page *first_kept(struct kunit *test)
{
	unsigned long from = PAGES / 2;
	struct page *page;

	cut_up(test, cut);
	KUNIT_EXPECT_NULL(test, page_alloc(GFP_ATOMIC | QUIET, 3));
	KUNIT_EXPECT_EQ(test, DMA32->nr_highatomic, 0);
	free_from(cut, from, from + RANGE);
	page = page_alloc(GFP_ATOMIC | QUIET, 3);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, in_range(page), from);
	KUNIT_EXPECT_EQ(test, DMA32->nr_highatomic, 1);
	KUNIT_EXPECT_EQ(test, DMA32->highatomic[0], from);
	KUNIT_EXPECT_EQ(test, DMA32->free_highatomic, RANGE - 8);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	return page;
}

/*
 * Free memory is plenty, and only requests find four pages side by side that
 * may not wait for them.
 */
WORLD_CASE(atomic_blocks_are_found_in_pieces, SHORT)
{
	struct page *first = first_kept(test), *held[RANGE / 8], *page;
	unsigned long n = 0;
	struct page *chain = NULL;

	for (unsigned long i = 0; i < PAGES; i += 4)
		if (cut[i])
			free_from(cut, i + 2, i + 4);
	KUNIT_EXPECT_GT(test, DMA32->free, DMA32->mark[MARK_HIGH]);
	KUNIT_EXPECT_NULL(test, page_alloc(GFP_NOWAIT | QUIET, 2));
	KUNIT_EXPECT_NULL(test,
			  page_alloc(__GFP_HIGH | __GFP_NOMEMALLOC | QUIET, 2));
	/* one by one they come, and through the CPU's lists, none from there */
	while ((page = page_alloc(GFP_NOWAIT | QUIET, 0))) {
		KUNIT_ASSERT_NE(test, in_range(page), in_range(first));
		page->private = (unsigned long)chain;
		chain = page;
	}
	KUNIT_EXPECT_GE(test, DMA32->free - DMA32->free_highatomic,
			DMA32->mark[MARK_MIN] + DMA32->reserve[ZONE_ID_NORMAL]);
	KUNIT_EXPECT_EQ(test, DMA32->free_highatomic, RANGE - 8);
	while ((page = page_alloc(GFP_ATOMIC | QUIET, 3))) {
		KUNIT_EXPECT_EQ(test, in_range(page), in_range(first));
		held[n++] = page;
	}
	KUNIT_EXPECT_EQ(test, n, RANGE / 8 - 1);
	KUNIT_EXPECT_EQ(test, DMA32->free_highatomic, 0);
	while (n)
		page_free(held[--n], 3);
	page_free(first, 3);
	/* what is freed is kept again */
	pcp_drain(true);
	KUNIT_EXPECT_EQ(test, DMA32->free_highatomic, RANGE);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	while (chain) {
		page = chain;
		chain = (struct page *)page->private;
		page->private = 0;
		page_free(page, 0);
	}
	free_from(cut, 0, PAGES);
}

/* Single pages are the last resort of GFP_ATOMIC, and of MEMALLOC. */
WORLD_CASE(atomic_pages_come_from_there_last, SHORT)
{
	struct page *first = first_kept(test), *page;
	unsigned long there = 0;

	/* everything else is out, that of DMA first: zones go downward */
	while ((page = page_alloc(GFP_DMA | GFP_KERNEL | __GFP_MEMALLOC | QUIET,
				  0)))
		cut[page_pfn(page)] = page;
	for (;;) {
		page = page_alloc(GFP_KERNEL | __GFP_MEMALLOC | QUIET, 0);
		KUNIT_ASSERT_NOT_NULL(test, page);
		if (in_range(page) == in_range(first))
			break;
		cut[page_pfn(page)] = page;
	}
	page_free(page, 0);
	pcp_drain(true);
	KUNIT_EXPECT_EQ(test, DMA32->free, DMA32->free_highatomic);
	KUNIT_EXPECT_EQ(test, DMA32->free_highatomic, RANGE - 8);
	/* below 37.5 % of min */
	KUNIT_EXPECT_NULL(test, page_alloc(GFP_ATOMIC | QUIET, 0));
	zone_lock(DMA32);
	DMA32->mark[MARK_MIN] = 64;
	zone_unlock(DMA32);
	while ((page = page_alloc(GFP_ATOMIC | QUIET, 0))) {
		KUNIT_EXPECT_EQ(test, in_range(page), in_range(first));
		cut[page_pfn(page)] = page;
		there++;
	}
	KUNIT_EXPECT_EQ(test, there,
			RANGE - 8 - 24 - DMA32->reserve[ZONE_ID_NORMAL]);
	page_free(first, 3);
	free_from(cut, 0, PAGES);
}

WORLD_CASE(atomic_blocks_go_before_a_request_fails, SHORT)
{
	struct page *first = first_kept(test), *page;
	unsigned long from = in_range(first);

	for (unsigned long i = 0; i < PAGES; i += 4)
		if (cut[i])
			free_from(cut, i + 2, i + 4);
	/* one that would rather fail leaves them alone */
	KUNIT_EXPECT_NULL(test, page_alloc(GFP_KERNEL | QUIET, 3));
	KUNIT_EXPECT_EQ(test, DMA32->nr_highatomic, 1);
	page = page_alloc(GFP_KERNEL, 3);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, in_range(page), from);
	KUNIT_EXPECT_EQ(test, DMA32->nr_highatomic, 0);
	KUNIT_EXPECT_EQ(test, DMA32->free_highatomic, 0);
	page_free(page, 3);
	page_free(first, 3);
	free_from(cut, 0, PAGES);
}

/* Nothing is kept of what an ordinary request, or one with room, takes. */
WORLD_CASE(atomic_blocks_are_kept_in_need_alone, .options = "mem=256M")
{
	struct page *page[3];

	page[0] = page_alloc(GFP_ATOMIC, 4);
	page[1] = page_alloc(GFP_KERNEL, 4);
	page[2] = page_alloc(GFP_NOWAIT, 4);
	for (unsigned int i = 0; i < ZONES; i++)
		KUNIT_EXPECT_EQ(test, zones[i].nr_highatomic, 0);
	for (int i = 0; i < 3; i++)
		page_free(page[i], 4);
}

static struct zone *top(void)
{
	struct zone *z = &zones[ZONES - 1];

	while (z > zones && z->start == z->end)
		z--;
	return z;
}

/* All requests are in need: how many ranges are kept of the zone at most? */
static void bound(struct kunit *test, unsigned int most)
{
	struct page *chain = NULL, *page;
	struct zone *z = top();

	while (zone_can_grow(z))
		KUNIT_ASSERT_TRUE(test, zone_grow(z, 0));
	for (unsigned int i = 0; i < 24; i++) {
		page = page_alloc(GFP_ATOMIC | QUIET, PG_MAX_ORDER);
		if (!page)
			break;
		page->private = (unsigned long)chain;
		chain = page;
		KUNIT_EXPECT_LE(test, z->nr_highatomic, most);
	}
	highatomic_fill(z);
	KUNIT_EXPECT_EQ(test, z->nr_highatomic, most);
	KUNIT_EXPECT_EQ(test, zones[ZONE_ID_DMA].nr_highatomic, 0);
	while (chain) {
		page = chain;
		chain = (struct page *)page->private;
		page->private = 0;
		page_free(page, PG_MAX_ORDER);
	}
}

WORLD_CASE(atomic_blocks_none_in_a_small_zone,
	   .options = "mem=76M,min_free_kbytes=60000")
{
	bound(test, 0);
}

WORLD_CASE(atomic_blocks_one_in_64_megabytes,
	   .options = "mem=80M,min_free_kbytes=60000")
{
	bound(test, 1);
}

WORLD_CASE(atomic_blocks_a_hundredth, .window = 4 * GIB,
	   .options = "mem=2G,min_free_kbytes=1800000")
{
	bound(test, 6);
}

WORLD_CASE(atomic_blocks_sixteen_at_most, .window = 18 * GIB,
	   .options = "min_free_kbytes=12000000")
{
	/* of 14 GiB, a hundredth of which is more than twice as much */
	bound(test, HIGHATOMIC_MOST);
}

/* A zone that ends inside a range, as the hard limit may have it. */
WORLD_CASE(atomic_blocks_are_whole_ranges,
	   .options = "mem=83M,min_free_kbytes=80000")
{
	unsigned long last;

	while (zone_can_grow(DMA32))
		KUNIT_ASSERT_TRUE(test, zone_grow(DMA32, 0));
	last = ALIGN_DOWN(DMA32->grown, RANGE);
	KUNIT_ASSERT_LT(test, last, DMA32->grown);
	zone_lock(DMA32);
	__highatomic_reserve(DMA32, window.map + last);
	zone_unlock(DMA32);
	KUNIT_EXPECT_EQ(test, DMA32->nr_highatomic, 0);
}

WORLD_CASE(spans_do_not_grow_into_them, .options = "mem=128M")
{
	struct page *head[64], *behind = NULL, *chain = NULL, *page;
	unsigned long from;
	unsigned int n = 0;

	while (zone_can_grow(DMA32))
		KUNIT_ASSERT_TRUE(test, zone_grow(DMA32, 0));
	highatomic_fill(DMA32);
	KUNIT_ASSERT_EQ(test, DMA32->nr_highatomic, 1);
	from = DMA32->highatomic[0];
	while (!behind && n < ARRAY_LEN(head)) {
		head[n] = page_alloc_span(GFP_NOWAIT, 512, 0);
		if (!head[n])
			break;
		if (page_pfn(head[n]) + 512 == from)
			behind = head[n];
		n++;
	}
	KUNIT_ASSERT_NOT_NULL(test, behind);
	KUNIT_EXPECT_FALSE(test, page_grow_span(behind, 513));
	KUNIT_EXPECT_TRUE(test, highatomic_unreserve(ZONES - 1));
	KUNIT_EXPECT_FALSE(test, highatomic_unreserve(ZONES - 1));
	KUNIT_EXPECT_TRUE(test, page_grow_span(behind, 513));
	/* what is kept no more is no reserve that somebody uses */
	page_reserve_used(true);
	while ((page = page_alloc(GFP_NOWAIT | QUIET, 4))) {
		page->private = (unsigned long)chain;
		chain = page;
	}
	KUNIT_EXPECT_EQ(test, page_reserve_used(false), 0);
	while (chain) {
		page = chain;
		chain = (struct page *)page->private;
		page->private = 0;
		page_free(page, 4);
	}
	while (n)
		page_free_span(head[--n]);
}

/* They stay here while they are kept; a trim has them, too. */
WORLD_CASE(atomic_blocks_and_purging, SHORT)
{
	struct page *first = first_kept(test);
	unsigned long away;

	free_from(cut, 0, PAGES);
	page_free(first, 3);
	pcp_drain(true);
	fake_clock_advance(10000000000ull);
	page_tick();
	KUNIT_EXPECT_EQ(test, DMA32->free_highatomic, RANGE);
	away = DMA32->nr_purged;
	KUNIT_EXPECT_GT(test, away, 0);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	page_trim();
	KUNIT_EXPECT_EQ(test, DMA32->nr_highatomic, 0);
	KUNIT_EXPECT_EQ(test, DMA32->nr_purged, DMA32->free);
}

/* kmem_reserve() keeps them before they are needed. */
WORLD_CASE(atomic_blocks_of_a_reserve, .window = 18 * GIB)
{
	struct page *chain = NULL, *page, *next, *held[RANGE / 8];
	unsigned long n = 0;

	grow_to(test, top(), 64 * MIB);
	KUNIT_EXPECT_EQ(test, page_reserve(1 << 20), 0);
	KUNIT_EXPECT_EQ(test, top()->nr_highatomic, 1);
	while ((page = page_alloc(GFP_NOWAIT | QUIET, 0))) {
		page->private = (unsigned long)chain;
		chain = page;
	}
	KUNIT_EXPECT_EQ(test, top()->free_highatomic, RANGE);
	while (n < RANGE / 8 && (page = page_alloc(GFP_ATOMIC | QUIET, 3)))
		held[n++] = page;
	KUNIT_EXPECT_EQ(test, n, RANGE / 8);
	KUNIT_EXPECT_EQ(test, top()->free_highatomic, 0);
	KUNIT_EXPECT_GE(test, page_reserve_used(false), RANGE - 378);
	for (unsigned long i = 0; i < n; i++)
		page_free(held[i], 3);
	for (page = chain; page; page = next) {
		next = (struct page *)page->private;
		page->private = 0;
		page_free(page, 0);
	}
	/* a resident process keeps them through a trim */
	page_trim();
	KUNIT_EXPECT_EQ(test, top()->free_highatomic, RANGE);
}

WORLD_CASE(steps_in_a_world, SHORT)
{
	struct page *page;
	unsigned long before;

	cut_up(test, cut);
	free_from(cut, PAGES / 2, PAGES / 2 + RANGE);
	before = port_task()->steps;
	page = page_alloc(GFP_ATOMIC | QUIET, 3);
	KUNIT_EXPECT_EQ(test, DMA32->nr_highatomic, 1);
	/* docs/contexts.md; no lock is busy and nothing is late here */
	KUNIT_EXPECT_LE(test, port_task()->steps - before, RANGE + 100);
	KUNIT_EXPECT_GT(test, port_task()->steps - before, 0);
	page_free(page, 3);
	free_from(cut, 0, PAGES);
}

static void steps_are_bounded(struct kunit *test)
{
	if (!KMEM_DEBUG)
		kunit_skip(test, "steps are counted in debug builds");
	steps_in_a_world(test);
}

/* Everything at once, and every invariant after each hundred of it. */
WORLD_CASE(atomic_blocks_in_a_crowd,
	   .options = "mem=512M,min_free_kbytes=300000")
{
	static const gfp_t flags[] = {
		GFP_ATOMIC | QUIET,
		GFP_ATOMIC | QUIET,
		GFP_NOWAIT | QUIET,
		GFP_KERNEL | __GFP_NOWARN,
		GFP_KERNEL | QUIET | __GFP_MEMALLOC,
		GFP_ATOMIC | QUIET | __GFP_NOMEMALLOC,
	};
	static struct {
		struct page *page;
		unsigned int order;
	} held[4096];
	unsigned long kept = 0, gave = 0;
	uint64_t seed = 11;

	for (unsigned int i = 0; i < 100000; i++) {
		unsigned int at = dice(&seed) % ARRAY_LEN(held);
		unsigned int roll = dice(&seed) % 4000;

		if (held[at].page) {
			page_free(held[at].page, held[at].order);
			held[at].page = NULL;
		} else {
			unsigned int o = dice(&seed) % 16;
			gfp_t gfp = flags[dice(&seed) % ARRAY_LEN(flags)];

			held[at].order = o > 10 ? o - 11 : o;
			held[at].page = page_alloc(gfp, held[at].order);
		}
		if (roll == 0)
			page_trim();
		else if (roll == 1)
			gave += highatomic_unreserve(ZONES - 1);
		else if (roll == 2)
			highatomic_fill(DMA32);
		kept += DMA32->free_highatomic != 0;
		if (!(i % 100))
			KUNIT_ASSERT_TRUE(test, zone_validate());
	}
	KUNIT_EXPECT_GT(test, kept, 1000);
	KUNIT_EXPECT_GT(test, gave, 0);
	for (unsigned int i = 0; i < ARRAY_LEN(held); i++)
		if (held[i].page)
			page_free(held[i].page, held[i].order);
	page_trim();
	pcp_drain(true);
	KUNIT_EXPECT_EQ(test, DMA32->free_highatomic, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(atomic_blocks_are_found_in_pieces),
	KUNIT_CASE(atomic_pages_come_from_there_last),
	KUNIT_CASE(atomic_blocks_go_before_a_request_fails),
	KUNIT_CASE(atomic_blocks_are_kept_in_need_alone),
	KUNIT_CASE(atomic_blocks_none_in_a_small_zone),
	KUNIT_CASE(atomic_blocks_one_in_64_megabytes),
	KUNIT_CASE(atomic_blocks_a_hundredth),
	KUNIT_CASE(atomic_blocks_sixteen_at_most),
	KUNIT_CASE(atomic_blocks_are_whole_ranges),
	KUNIT_CASE(spans_do_not_grow_into_them),
	KUNIT_CASE(atomic_blocks_and_purging),
	KUNIT_CASE(atomic_blocks_of_a_reserve),
	KUNIT_CASE(steps_are_bounded),
	KUNIT_CASE(atomic_blocks_in_a_crowd),
	{},
};

static struct kunit_suite suite = { .name = "highatomic", .test_cases = cases };

kunit_test_suite(suite);
