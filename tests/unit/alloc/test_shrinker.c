// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Shrinkers: how much each is asked for, what its answers mean, that they
 * help, and that they may come and go at any time.
 */
#include "unit/alloc/world.h"

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/shrinker.h>

#include <kmem/kmem.h>
#include <kmem/stats.h>

#include <sched.h>

#define SMALL .options = "mem=16M,decay_ms=-1"

/* A shrinker that notes what it is asked for. */
struct probe {
	unsigned long have;   /* its answer to count */
	unsigned long answer; /* to scan */
	unsigned long looked; /* nr_scanned, if not 0; ~0: 0 */
	unsigned int counts, scans;
	unsigned long asked, most;
	gfp_t gfp;
};

static unsigned long probe_count(struct shrinker *s, struct shrink_control *sc)
{
	struct probe *p = s->private_data;

	p->counts++;
	p->gfp = sc->gfp_mask;
	return p->have;
}

static unsigned long probe_scan(struct shrinker *s, struct shrink_control *sc)
{
	struct probe *p = s->private_data;

	p->scans++;
	p->asked += sc->nr_to_scan;
	p->most = sc->nr_to_scan > p->most ? sc->nr_to_scan : p->most;
	if (sc->nr_scanned != sc->nr_to_scan || sc->nid || sc->memcg ||
	    sc->gfp_mask != p->gfp)
		p->asked = 0;
	if (p->looked)
		sc->nr_scanned = p->looked == ~0ul ? 0 : p->looked;
	return p->answer;
}

static struct shrinker *probe_new(struct probe *p, const char *name)
{
	struct shrinker *s = shrinker_alloc(0, "%s-%d", name, 7);

	s->count_objects = probe_count;
	s->scan_objects = probe_scan;
	s->private_data = p;
	shrinker_register(s);
	/* so that nothing comes back but by shrinkers */
	slab_shrink(GFP_KERNEL, 0);
	return s;
}

static void forget(struct probe *p)
{
	p->counts = p->scans = 0;
	p->asked = p->most = 0;
}

WORLD_CASE(shrinker_is_asked_by_the_formula, SMALL)
{
	struct probe p = { .have = 4096 };
	struct shrinker *s = probe_new(&p, "probe");

	KUNIT_EXPECT_EQ(test, s->seeks, 2);
	KUNIT_EXPECT_EQ(test, s->batch, 0);
	/*
	 * With seeks 2 the share is 2, 4, 8, .. 64 at priorities 12 to 7: less
	 * than a batch, put off.  Then 128, 256, .. 8192 and a little of what
	 * was put off: 1, 2, 4, .. 32 batches of 128, and 64 at the end, where
	 * twice of what there is is the most.
	 */
	KUNIT_EXPECT_EQ(test, reclaim_run(GFP_KERNEL, 0), 0);
	KUNIT_EXPECT_EQ(test, p.counts, 13);
	KUNIT_EXPECT_EQ(test, p.scans, 127);
	KUNIT_EXPECT_EQ(test, p.asked, 127 * 128);
	KUNIT_EXPECT_EQ(test, p.most, 128);
	KUNIT_EXPECT_EQ(test, s->deferred, 126);
	/* who gives up early asks for a quarter at most */
	s->deferred = 0;
	forget(&p);
	reclaim_run(GFP_KERNEL | __GFP_NORETRY, 0);
	KUNIT_EXPECT_EQ(test, p.counts, 9);
	KUNIT_EXPECT_EQ(test, p.asked, 7 * 128);
	/* what costs twice as much is asked for half as much */
	s->deferred = 0;
	s->seeks = 4;
	forget(&p);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, p.asked, 63 * 128);
	/* what costs nothing: half of it each time */
	s->deferred = 0;
	s->seeks = 0;
	forget(&p);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, p.asked, 13 * 2048);
	/* batches of its own */
	s->batch = 1000;
	forget(&p);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, p.most, 1000);
	/* little: when the sum is all there is, it is done in one go */
	s->batch = 0;
	s->seeks = 2;
	s->deferred = 0;
	p.have = 5;
	forget(&p);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, p.scans, 2);
	KUNIT_EXPECT_EQ(test, p.asked, 5 + 10);
	shrinker_free(s);
}

WORLD_CASE(shrinker_answers_mean_what_they_say, SMALL)
{
	struct probe p = { .have = 4096, .answer = SHRINK_STOP };
	struct shrinker *s = probe_new(&p, "probe");
	struct kmem_pub_totals *t = page_totals();

	/* stop: no second batch; all is owed, but not more than twice of it */
	KUNIT_EXPECT_EQ(test, reclaim_run(GFP_KERNEL, 0), 0);
	KUNIT_EXPECT_EQ(test, p.scans, 7);
	KUNIT_EXPECT_EQ(test, s->deferred, 8192);
	KUNIT_EXPECT_EQ(test, t->shrunk, 0);
	KUNIT_EXPECT_EQ(test, s->freed, 0);
	KUNIT_EXPECT_EQ(test, s->scanned, 0);
	/* what is owed is part of what is asked for */
	forget(&p);
	p.answer = 0;
	reclaim_run(GFP_KERNEL | __GFP_NORETRY, 0);
	KUNIT_EXPECT_GT(test, p.asked, 7 * 128);
	s->deferred = 0;
	/* empty, and not known */
	forget(&p);
	p.answer = 1;
	p.have = SHRINK_EMPTY;
	KUNIT_EXPECT_EQ(test, reclaim_run(GFP_KERNEL, 0), 0);
	p.have = 0;
	KUNIT_EXPECT_EQ(test, reclaim_run(GFP_KERNEL, 0), 0);
	KUNIT_EXPECT_EQ(test, p.counts, 26);
	KUNIT_EXPECT_EQ(test, p.scans, 0);
	KUNIT_EXPECT_EQ(test, t->shrunk, 0);
	KUNIT_EXPECT_EQ(test, s->deferred, 0);
	/* objects are not pages, whatever a shrinker says */
	p.have = 128;
	p.answer = 1000000;
	s->calls = 0;
	KUNIT_EXPECT_EQ(test, reclaim_run(GFP_KERNEL, 0), 0);
	KUNIT_EXPECT_EQ(test, s->freed, t->shrunk);
	KUNIT_EXPECT_EQ(test, s->freed, s->calls * 1000000);
	/* it looked at more than it was told, or at nothing */
	p.answer = 0;
	p.have = 4096;
	p.looked = 5000;
	s->deferred = 0;
	forget(&p);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, p.scans, 8);
	KUNIT_EXPECT_LT(test, s->deferred, 128);
	p.looked = ~0ul;
	forget(&p);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_LE(test, p.scans, 13);
	KUNIT_EXPECT_GT(test, p.scans, 0);
	shrinker_free(s);
}

static char order[16];

static unsigned long count_order(struct shrinker *s, struct shrink_control *sc)
{
	size_t n = strlen(order);

	(void)sc;
	if (n < sizeof(order) - 1)
		order[n] = *(char *)s->private_data;
	return 0;
}

WORLD_CASE(shrinkers_are_called_in_order, SMALL)
{
	static char names[] = "abc";
	struct shrinker *s[3];

	for (unsigned int i = 0; i < 3; i++) {
		s[i] = shrinker_alloc(SHRINKER_NUMA_AWARE, "%c", names[i]);
		s[i]->count_objects = count_order;
		s[i]->private_data = names + i;
	}
	shrinker_register(s[1]);
	shrinker_register(s[2]);
	shrinker_register(s[0]);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_PTR_EQ(test, strstr(order, "bcabca"), order);
	for (unsigned int i = 0; i < 3; i++)
		shrinker_free(s[i]);
	memset(order, 0, sizeof(order));
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_STREQ(test, order, "");
}

/* --- they help ------------------------------------------------------------ */

struct item {
	struct item *next;
	char fill[1000];
};

static struct kmem_cache *item_cache;
static struct item *items;
static unsigned long nr_items;
static unsigned int nested_scans, depth;
static uint32_t flags_inside;
static gfp_t gfp_inside;

static unsigned long count_items(struct shrinker *s, struct shrink_control *sc)
{
	(void)s;
	(void)sc;
	return nr_items ? nr_items : SHRINK_EMPTY;
}

static void drop_item(void)
{
	struct item *i = items;

	items = i->next;
	nr_items--;
	kmem_cache_free(item_cache, i);
}

static unsigned long scan_items(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long n = 0;
	void *p;

	(void)s;
	gfp_inside = sc->gfp_mask;
	if (!(sc->gfp_mask & __GFP_FS))
		return SHRINK_STOP;
	flags_inside = port_task()->flags;
	if (depth++)
		nested_scans++;
	/* the reserve is open, and no other reclaim begins */
	p = kmalloc(100, GFP_KERNEL | __GFP_NOWARN);
	kfree(p);
	p = (void *)__get_free_pages(
		GFP_KERNEL | __GFP_NOWARN | __GFP_NOMEMALLOC, 3);
	free_pages((unsigned long)p, 3);
	for (; n < sc->nr_to_scan && nr_items; n++)
		drop_item();
	depth--;
	return n;
}

static void fill_items(void)
{
	struct item *i;

	for (;;) {
		i = kmem_cache_alloc(item_cache, GFP_NOWAIT | __GFP_NOWARN);
		if (!i)
			return;
		i->next = items;
		items = i;
		nr_items++;
	}
}

static struct shrinker *items_begin(void)
{
	struct shrinker *s;

	item_cache = kmem_cache_create("item", sizeof(struct item), 0, 0, NULL);
	s = shrinker_alloc(0, "items");
	s->count_objects = count_items;
	s->scan_objects = scan_items;
	shrinker_register(s);
	fill_items();
	return s;
}

static void items_end(struct shrinker *s)
{
	shrinker_free(s);
	while (items)
		drop_item();
	kmem_cache_destroy(item_cache);
}

static void free_chain(struct page *chain)
{
	while (chain) {
		struct page *page = chain;

		chain = (struct page *)page->private;
		__free_page(page);
	}
}

WORLD_CASE(shrinkers_make_requests_succeed, SMALL)
{
	struct shrinker *s = items_begin();
	unsigned long all = nr_items, used = 0;
	struct page *chain = NULL, *page;

	KUNIT_ASSERT_GT(test, all, 10000);
	while (used < all / 8) {
		page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page);
		page->private = (unsigned long)chain;
		chain = page;
		used++;
	}
	KUNIT_EXPECT_LT(test, nr_items, all);
	KUNIT_EXPECT_GT(test, nr_items, 0);
	KUNIT_EXPECT_EQ(test, flags_inside, PF_MEMALLOC);
	KUNIT_EXPECT_EQ(test, nested_scans, 0);
	KUNIT_EXPECT_EQ(test, port_task()->flags, 0);
	KUNIT_EXPECT_EQ(test, gfp_inside, GFP_KERNEL);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	free_chain(chain);
	items_end(s);
}

/* Few objects lie in sheaves when they are free, and they count. */
WORLD_CASE(shrinkers_give_pages_in_one_run, SMALL)
{
	struct shrinker *s;

	s = items_begin();
	while (nr_items > 40)
		drop_item();
	kmem_cache_shrink(item_cache);
	slab_shrink(GFP_KERNEL, 0);
	KUNIT_EXPECT_GE(test, reclaim_run(GFP_KERNEL, 0), 8);
	KUNIT_EXPECT_EQ(test, nr_items, 0);
	items_end(s);
}

/* Which of the flags a callback sees decides what it does. */
static unsigned long scan_outside(struct shrinker *s, struct shrink_control *sc)
{
	mm_account_reclaimed_pages(3);
	return probe_scan(s, sc);
}

/* What it drops lies elsewhere; reclaim takes its word. */
WORLD_CASE(shrinkers_tell_of_other_memory, SMALL)
{
	struct probe p = { .have = 128, .answer = 128 };
	struct shrinker *s = probe_new(&p, "outside");

	KUNIT_EXPECT_EQ(test, reclaim_run(GFP_KERNEL, 0), 0);
	KUNIT_EXPECT_GT(test, p.scans, 0);
	forget(&p);
	s->deferred = 0;
	s->scan_objects = scan_outside;
	KUNIT_EXPECT_EQ(test, reclaim_run(GFP_KERNEL, 0), 3ul * p.scans);
	KUNIT_EXPECT_GT(test, p.scans, 0);
	shrinker_free(s);
}

WORLD_CASE(shrinkers_see_the_scopes, SMALL)
{
	struct shrinker *s = items_begin();
	unsigned long all = nr_items;
	struct page *chain = NULL, *page;

	while ((page = alloc_page(GFP_NOFS | __GFP_NOWARN))) {
		page->private = (unsigned long)chain;
		chain = page;
	}
	KUNIT_EXPECT_NULL(test, alloc_page(GFP_NOFS | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, gfp_inside, GFP_NOFS | __GFP_NOWARN);
	port_task()->flags = PF_MEMALLOC_NOIO;
	KUNIT_EXPECT_NULL(test, alloc_page(GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, gfp_inside, GFP_NOIO | __GFP_NOWARN);
	port_task()->flags = 0;
	KUNIT_EXPECT_EQ(test, nr_items, all);
	KUNIT_EXPECT_GT(test, s->deferred, all);
	page = alloc_page(GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, page);
	KUNIT_EXPECT_LT(test, nr_items, all);
	__free_page(page);
	free_chain(chain);
	items_end(s);
}

WORLD_CASE(trim_has_shrinkers_give_all, SMALL)
{
	struct shrinker *s = items_begin();

	kmem_trim();
	KUNIT_EXPECT_EQ(test, nr_items, 0);
	KUNIT_EXPECT_EQ(test, flags_inside, PF_MEMALLOC);
	KUNIT_EXPECT_EQ(test, port_task()->flags, 0);
	/* not from within */
	fill_items();
	port_task()->flags = PF_MEMALLOC;
	kmem_trim();
	port_task()->flags = 0;
	KUNIT_EXPECT_GT(test, nr_items, 0);
	items_end(s);
}

/* --- coming and going ----------------------------------------------------- */

WORLD_CASE(shrinker_that_is_not_ours_is_refused, SMALL)
{
	struct shrinker mine;

	memset(&mine, 0x5a, sizeof(mine));
	shrinker_register(&mine);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 1);
	shrinker_free(&mine);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 2);
	KUNIT_EXPECT_EQ(test, log_count("shrinker_free() of what"), 1);
	KUNIT_EXPECT_FALSE(test, hooks_any(HOOK_SHRINKER));
	/* one that was never registered, and none */
	shrinker_free(shrinker_alloc(0, "unused"));
	shrinker_free(NULL);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 2);
}

static struct probe of_caller = { .have = 300 };
static struct shrinker callers = {
	.count_objects = probe_count,
	.scan_objects = probe_scan,
	.seeks = DEFAULT_SEEKS,
	.private_data = &of_caller,
};

static unsigned int counts_now(void)
{
	forget(&of_caller);
	reclaim_run(GFP_KERNEL, 0);
	return of_caller.counts;
}

WORLD_CASE(shrinkers_of_callers, SMALL)
{
	unregister_shrinker(&callers);
	KUNIT_EXPECT_EQ(test, register_shrinker(&callers), 0);
	KUNIT_EXPECT_EQ(test, counts_now(), 13);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 0);
	KUNIT_EXPECT_EQ(test, register_shrinker(&callers), -17);
	KUNIT_EXPECT_EQ(test, register_shrinker(&callers, "again"), -17);
	KUNIT_EXPECT_EQ(test, prealloc_shrinker(&callers, "again"), -17);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 3);
	unregister_shrinker(&callers);
	unregister_shrinker(&callers);
	KUNIT_EXPECT_EQ(test, counts_now(), 0);
	KUNIT_EXPECT_EQ(test, register_shrinker(&callers, "a-%s-%d", "b", 3),
			0);
	KUNIT_EXPECT_STREQ(test, callers.name, "a-b-3");
	KUNIT_EXPECT_EQ(test, counts_now(), 13);
	unregister_shrinker(&callers);
	KUNIT_EXPECT_EQ(test, prealloc_shrinker(&callers), 0);
	register_shrinker_prepared(&callers);
	KUNIT_EXPECT_EQ(test, counts_now(), 13);
	unregister_shrinker(&callers);
	KUNIT_EXPECT_EQ(test, prealloc_shrinker(&callers, "c"), 0);
	KUNIT_EXPECT_EQ(test, counts_now(), 0);
	free_prealloced_shrinker(&callers);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 3);
}

static int left = 1000, told;
static gfp_t told_gfp;

static int old_form(int nr, unsigned int gfp)
{
	told_gfp = gfp;
	if (!(gfp & __GFP_FS))
		return nr ? -1 : left;
	told += nr;
	left -= nr < left ? nr : left;
	return left;
}

WORLD_CASE(shrinker_of_one_function, SMALL)
{
	struct shrinker *s = set_shrinker(DEFAULT_SEEKS, old_form);

	KUNIT_ASSERT_NOT_NULL(test, s);
	reclaim_run(GFP_NOFS, 0);
	KUNIT_EXPECT_EQ(test, left, 1000);
	KUNIT_EXPECT_EQ(test, told_gfp, GFP_NOFS);
	KUNIT_EXPECT_EQ(test, s->freed, 0);
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, left, 0);
	KUNIT_EXPECT_GE(test, told, 1000);
	KUNIT_EXPECT_EQ(test, s->freed, 1000);
	remove_shrinker(s);
	KUNIT_EXPECT_FALSE(test, hooks_any(HOOK_SHRINKER));
}

static struct shrinker *suicidal;
static unsigned int scans_after;

static unsigned long scan_suicidal(struct shrinker *s,
				   struct shrink_control *sc)
{
	(void)sc;
	if (suicidal) {
		suicidal = NULL;
		shrinker_free(s);
	} else {
		scans_after++;
	}
	return 1;
}

WORLD_CASE(shrinker_frees_itself, SMALL)
{
	static struct probe p = { .have = 100000 };

	suicidal = probe_new(&p, "suicidal");
	suicidal->scan_objects = scan_suicidal;
	suicidal->batch = 1;
	reclaim_run(GFP_KERNEL, 0);
	KUNIT_EXPECT_NULL(test, suicidal);
	KUNIT_EXPECT_EQ(test, scans_after, 0);
	KUNIT_EXPECT_EQ(test, log_count("WARNING"), 1);
	KUNIT_EXPECT_FALSE(test, hooks_any(HOOK_SHRINKER));
}

static bool in_callback, let_go, freed;

static unsigned long scan_slowly(struct shrinker *s, struct shrink_control *sc)
{
	(void)s;
	(void)sc;
	__atomic_store_n(&in_callback, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&let_go, __ATOMIC_ACQUIRE))
		sched_yield();
	if (__atomic_load_n(&freed, __ATOMIC_ACQUIRE))
		return 77;
	return 0;
}

static void *reclaimer(void *arg)
{
	reclaim_run(GFP_KERNEL, 0);
	return arg;
}

static void *freer(void *arg)
{
	shrinker_free(arg);
	__atomic_store_n(&freed, true, __ATOMIC_RELEASE);
	return NULL;
}

WORLD_CASE(shrinker_free_waits_for_callbacks, SMALL)
{
	static struct probe p = { .have = 100000 };
	struct shrinker *s = probe_new(&p, "slow");
	unsigned long before;
	pthread_t thread[2];

	s->scan_objects = scan_slowly;
	pthread_create(&thread[0], NULL, reclaimer, NULL);
	while (!__atomic_load_n(&in_callback, __ATOMIC_ACQUIRE))
		sched_yield();
	before = fake_calls(FAKE_WAIT);
	pthread_create(&thread[1], NULL, freer, s);
	while (fake_calls(FAKE_WAIT) == before)
		sched_yield();
	KUNIT_EXPECT_FALSE(test, __atomic_load_n(&freed, __ATOMIC_ACQUIRE));
	/* of the others nobody waits */
	before = fake_calls(FAKE_WAIT);
	shrinker_free(probe_new(&p, "other"));
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAIT), before);
	__atomic_store_n(&let_go, true, __ATOMIC_RELEASE);
	pthread_join(thread[1], NULL);
	pthread_join(thread[0], NULL);
	KUNIT_EXPECT_TRUE(test, freed);
	KUNIT_EXPECT_EQ(test, page_totals()->shrunk, 0);
}

/* --- what is shown -------------------------------------------------------- */

static void note_shrinker(const struct kmem_shrinker_stats *st, void *data)
{
	char *names = data;

	strcat(names, st->name);
	strcat(names, ";");
}

WORLD_CASE(shrinkers_are_shown, SMALL)
{
	struct probe p = { .have = 4096, .answer = 5 };
	struct probe q = { .have = SHRINK_EMPTY };
	struct shrinker *s = probe_new(&p, "probe"), *e = probe_new(&q, "e");
	static char text[1000], cut[64];
	size_t n;

	e->batch = 32;
	e->seeks = 1;
	reclaim_run(GFP_KERNEL, 0);
	n = kmem_shrinkers(text, sizeof(text));
	KUNIT_EXPECT_EQ(test, n, strlen(text));
	KUNIT_EXPECT_STREQ(
		test, text,
		"# name                            freeable   deferred    calls "
		"   scanned      freed seeks batch\n"
		"probe-7                               4096        126      127 "
		"     16256        635     2   128\n"
		"e-7                                      0          0        0 "
		"         0          0     1    32\n");
	KUNIT_EXPECT_EQ(test, kmem_shrinkers(cut, sizeof(cut)), n);
	KUNIT_EXPECT_EQ(test, strlen(cut), sizeof(cut) - 1);
	KUNIT_EXPECT_MEMEQ(test, cut, text, sizeof(cut) - 1);
	KUNIT_EXPECT_EQ(test, kmem_shrinkers(NULL, 0), n);
	cut[0] = '\0';
	kmem_for_each_shrinker(note_shrinker, cut);
	KUNIT_EXPECT_STREQ(test, cut, "probe-7;e-7;");
	shrinker_free(s);
	shrinker_free(e);
}

static struct kunit_case shrinker_cases[] = {
	KUNIT_CASE(shrinker_is_asked_by_the_formula),
	KUNIT_CASE(shrinker_answers_mean_what_they_say),
	KUNIT_CASE(shrinkers_are_called_in_order),
	KUNIT_CASE(shrinkers_make_requests_succeed),
	KUNIT_CASE(shrinkers_give_pages_in_one_run),
	KUNIT_CASE(shrinkers_tell_of_other_memory),
	KUNIT_CASE(shrinkers_see_the_scopes),
	KUNIT_CASE(trim_has_shrinkers_give_all),
	KUNIT_CASE(shrinker_that_is_not_ours_is_refused),
	KUNIT_CASE(shrinkers_of_callers),
	KUNIT_CASE(shrinker_of_one_function),
	KUNIT_CASE(shrinker_frees_itself),
	KUNIT_CASE(shrinker_free_waits_for_callbacks),
	KUNIT_CASE(shrinkers_are_shown),
	{}
};

static struct kunit_suite shrinker_suite = {
	.name = "alloc-shrinker",
	.test_cases = shrinker_cases,
};

kunit_test_suite(shrinker_suite);
