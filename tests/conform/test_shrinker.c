/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Shrinkers and notifiers as code of 6.1 uses them: what they are told, and
 * that requests are served from what they hold.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include "conform/oracle.h"
#include "kunit/test.h"

const char oracle_options[] = "mem=48M";

/* A cache of pages that a program could do without. */
struct stock {
	struct page *first;
	unsigned long nr;
	unsigned long counts, scans, most;
	gfp_t gfp_count, gfp_scan;
	bool again; /* called from inside itself */
	bool inside;
};

static struct stock stock;

static void put(struct stock *s, struct page *page)
{
	set_page_private(page, (unsigned long)s->first);
	s->first = page;
	s->nr++;
}

static void drop(struct stock *s)
{
	struct page *page = s->first;

	s->first = (struct page *)page_private(page);
	set_page_private(page, 0);
	s->nr--;
	__free_page(page);
}

static void fill(struct stock *s, gfp_t gfp)
{
	struct page *page;

	while ((page = alloc_page(gfp)))
		put(s, page);
}

static void empty(struct stock *s)
{
	while (s->first)
		drop(s);
}

static unsigned long stock_count(struct shrinker *shrinker,
				 struct shrink_control *sc)
{
	(void)shrinker;
	stock.counts++;
	stock.gfp_count = sc->gfp_mask;
	return stock.nr ? stock.nr : SHRINK_EMPTY;
}

static unsigned long stock_scan(struct shrinker *shrinker,
				struct shrink_control *sc)
{
	unsigned long n = 0;
	void *p;

	(void)shrinker;
	stock.scans++;
	stock.gfp_scan = sc->gfp_mask;
	if (sc->nr_to_scan > stock.most)
		stock.most = sc->nr_to_scan;
	if (!(sc->gfp_mask & __GFP_FS))
		return SHRINK_STOP;
	if (stock.inside)
		stock.again = true;
	stock.inside = true;
	p = kmalloc(64, GFP_KERNEL | __GFP_NOWARN);
	kfree(p);
	for (; n < sc->nr_to_scan && stock.first; n++)
		drop(&stock);
	stock.inside = false;
	return n;
}

static struct shrinker stock_shrinker = {
	.count_objects = stock_count,
	.scan_objects = stock_scan,
	.seeks = DEFAULT_SEEKS,
};

static void shrinker_serves_requests(struct kunit *test)
{
	struct stock used = { 0 };
	unsigned long all, i;
	struct page *page;

	KUNIT_ASSERT_EQ(test, register_shrinker(&stock_shrinker, "stock-%d", 1),
			0);
	fill(&stock, GFP_NOWAIT | __GFP_NOWARN);
	all = stock.nr;
	KUNIT_ASSERT_GT(test, all, 1000);
	for (i = 0; i < all / 2; i++) {
		page = alloc_page(GFP_KERNEL);
		KUNIT_EXPECT_NOT_NULL(test, page);
		if (!page)
			break;
		put(&used, page);
	}
	KUNIT_EXPECT_LT(test, stock.nr, all);
	KUNIT_EXPECT_GT(test, stock.scans, 0);
	KUNIT_EXPECT_GE(test, stock.counts, 1);
	KUNIT_EXPECT_LE(test, stock.most, 128);
	KUNIT_EXPECT_FALSE(test, stock.again);
	KUNIT_EXPECT_TRUE(test, stock.gfp_scan & __GFP_FS);
	unregister_shrinker(&stock_shrinker);
	i = stock.counts;
	empty(&used);
	empty(&stock);
	fill(&used, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	KUNIT_EXPECT_EQ(test, stock.counts, i);
	empty(&used);
}

static void shrinker_in_two_steps(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, prealloc_shrinker(&stock_shrinker, "stock"), 0);
	free_prealloced_shrinker(&stock_shrinker);
	KUNIT_ASSERT_EQ(test, prealloc_shrinker(&stock_shrinker, "stock"), 0);
	register_shrinker_prepared(&stock_shrinker);
	unregister_shrinker(&stock_shrinker);
	/* one that is not registered is left alone */
	unregister_shrinker(&stock_shrinker);
	KUNIT_ASSERT_EQ(test, register_shrinker(&stock_shrinker, "stock"), 0);
	unregister_shrinker(&stock_shrinker);
}

static unsigned long notified;

static int give_stock(struct notifier_block *nb, unsigned long action,
		      void *data)
{
	unsigned long *freed = data, n = 0;

	(void)nb;
	(void)action;
	notified++;
	for (; n < 64 && stock.first; n++)
		drop(&stock);
	*freed += n;
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = give_stock };

static void notifier_saves_a_request(struct kunit *test)
{
	struct stock used = { 0 };
	struct page *page = NULL;

	KUNIT_ASSERT_EQ(test, register_oom_notifier(&notifier), 0);
	fill(&stock, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	KUNIT_EXPECT_EQ(test, notified, 0);
	while (!notified && (page = alloc_page(GFP_KERNEL)))
		put(&used, page);
	KUNIT_EXPECT_EQ(test, notified, 1);
	KUNIT_EXPECT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, unregister_oom_notifier(&notifier), 0);
	KUNIT_EXPECT_EQ(test, unregister_oom_notifier(&notifier), -2);
	empty(&used);
	empty(&stock);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(shrinker_serves_requests),
	KUNIT_CASE(shrinker_in_two_steps),
	KUNIT_CASE(notifier_saves_a_request),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_shrinker",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
