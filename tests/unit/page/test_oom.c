// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The notifiers: for which requests they are called, when, and how often.
 */
#include "unit/page/world.h"

#include <linux/oom.h>

#include <pthread.h>
#include <sched.h>

#define SMALL .options = "mem=4M,decay_ms=-1"

static struct page *hoard;
static unsigned int calls, rounds, rounds_at_call;
static unsigned long says;
static bool gives, nested_ok;
static uint32_t flags_inside;
static char order_of_calls[16];

static unsigned long count_round(gfp_t gfp, unsigned int priority)
{
	(void)gfp;
	(void)priority;
	rounds++;
	return 0;
}

static struct page_client counter = { .shrink = count_round };

static void give_one(void)
{
	struct page *page = hoard;

	if (!page)
		return;
	hoard = (struct page *)page->private;
	page_free(page, 0);
}

static int notified(struct notifier_block *nb, unsigned long action, void *data)
{
	unsigned long *freed = data;
	struct page *page;

	(void)nb;
	calls++;
	rounds_at_call = rounds;
	flags_inside = port_task()->flags;
	/* from the reserve, and without another round */
	page = page_alloc(TEST_GFP_KERNEL | TEST_QUIET, 0);
	nested_ok = page && !action && rounds == rounds_at_call;
	if (page)
		page_free(page, 0);
	/* or this CPU's list would hand it to anybody */
	pcp_drain(true);
	if (gives)
		give_one();
	*freed += says;
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = notified };

static void use_all(void)
{
	struct page *page;

	while ((page = page_alloc(TEST_GFP_KERNEL | __GFP_NORETRY | TEST_QUIET,
				  0))) {
		page->private = (unsigned long)hoard;
		hoard = page;
	}
	rounds = 0;
}

static void free_hoard(void)
{
	while (hoard)
		give_one();
}

/* Calls for one request that fails. */
static unsigned int calls_for(struct kunit *test, gfp_t gfp, unsigned int order)
{
	calls = rounds = 0;
	KUNIT_EXPECT_NULL(test, page_alloc(gfp | TEST_QUIET, order));
	return calls;
}

WORLD_CASE(oom_calls_when_all_rounds_failed, SMALL)
{
	struct kmem_pub_totals *t = page_totals();
	struct page *page;

	page_register(&counter);
	KUNIT_EXPECT_EQ(test, register_oom_notifier(&notifier), 0);
	KUNIT_EXPECT_EQ(test, register_oom_notifier(&notifier), -17);
	use_all();
	/* nothing freed, nothing more is tried */
	KUNIT_EXPECT_EQ(test, calls_for(test, TEST_GFP_KERNEL, 0), 1);
	KUNIT_EXPECT_EQ(test, rounds_at_call, 16);
	KUNIT_EXPECT_EQ(test, rounds, 16);
	KUNIT_EXPECT_EQ(test, flags_inside, PF_MEMALLOC);
	KUNIT_EXPECT_TRUE(test, nested_ok);
	KUNIT_EXPECT_EQ(test, port_task()->flags, 0);
	KUNIT_EXPECT_EQ(test, t->oom_runs, 1);
	/* a lie is worth one more try, and no second call */
	says = 3;
	KUNIT_EXPECT_EQ(test, calls_for(test, TEST_GFP_KERNEL, 0), 1);
	KUNIT_EXPECT_EQ(test, rounds, 17);
	KUNIT_EXPECT_EQ(test, t->oom_runs, 2);
	KUNIT_EXPECT_EQ(test, t->oom_pages, 3);
	/* and the truth helps */
	gives = true;
	calls = 0;
	page = page_alloc(TEST_GFP_KERNEL, 0);
	KUNIT_EXPECT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, calls, 1);
	page_free(page, 0);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_EQ(test, unregister_oom_notifier(&notifier), 0);
	KUNIT_EXPECT_EQ(test, unregister_oom_notifier(&notifier), -2);
	free_hoard();
}

WORLD_CASE(oom_is_not_for_everybody, SMALL)
{
	register_oom_notifier(&notifier);
	use_all();
	KUNIT_EXPECT_EQ(test, calls_for(test, TEST_GFP_KERNEL, 3), 1);
	KUNIT_EXPECT_EQ(test, calls_for(test, TEST_GFP_KERNEL, 4), 0);
	KUNIT_EXPECT_EQ(test,
			calls_for(test, TEST_GFP_KERNEL | __GFP_NORETRY, 0), 0);
	KUNIT_EXPECT_EQ(
		test, calls_for(test, TEST_GFP_KERNEL | __GFP_RETRY_MAYFAIL, 0),
		0);
	KUNIT_EXPECT_EQ(
		test, calls_for(test, TEST_GFP_KERNEL | __GFP_THISNODE, 0), 0);
	KUNIT_EXPECT_EQ(test, calls_for(test, TEST_GFP_KERNEL & ~__GFP_FS, 0),
			0);
	KUNIT_EXPECT_EQ(test, calls_for(test, __GFP_KSWAPD_RECLAIM, 0), 0);
	port_task()->flags = PF_MEMALLOC_NOFS;
	KUNIT_EXPECT_EQ(test, calls_for(test, TEST_GFP_KERNEL, 0), 0);
	port_task()->flags = PF_MEMALLOC;
	KUNIT_EXPECT_EQ(test,
			calls_for(test, TEST_GFP_KERNEL | __GFP_NOMEMALLOC, 0),
			0);
	port_task()->flags = 0;
	unregister_oom_notifier(&notifier);
	free_hoard();
}

static int note(struct notifier_block *nb, unsigned long action, void *data);

static struct notifier_block three[] = {
	{ .notifier_call = note, .priority = 1 },
	{ .notifier_call = note, .priority = 7 },
	{ .notifier_call = note, .priority = 1 },
};
static int answer[3];
static unsigned int goes = 3;

static int note(struct notifier_block *nb, unsigned long action, void *data)
{
	unsigned int i = (unsigned int)(nb - three);
	size_t n = strlen(order_of_calls);

	(void)action;
	(void)data;
	order_of_calls[n] = (char)('0' + i);
	if (i == goes)
		unregister_oom_notifier(nb);
	return answer[i];
}

static const char *ask(void)
{
	memset(order_of_calls, 0, sizeof(order_of_calls));
	oom_run();
	return order_of_calls;
}

WORLD_CASE(oom_asks_in_order_and_stops_when_told, .window = 0)
{
	KUNIT_EXPECT_FALSE(test, oom_run());
	for (unsigned int i = 0; i < 3; i++)
		register_oom_notifier(&three[i]);
	KUNIT_EXPECT_STREQ(test, ask(), "102");
	answer[0] = NOTIFY_STOP;
	KUNIT_EXPECT_STREQ(test, ask(), "10");
	answer[0] = NOTIFY_BAD;
	KUNIT_EXPECT_STREQ(test, ask(), "10");
	answer[0] = NOTIFY_DONE;
	/* it may go while it runs */
	goes = 0;
	KUNIT_EXPECT_STREQ(test, ask(), "102");
	KUNIT_EXPECT_STREQ(test, ask(), "12");
}

static unsigned int until;

static void give_deferred(void)
{
	gives = calls >= until;
}

WORLD_CASE(oom_is_asked_again_for_nofail, SMALL)
{
	struct page *page;

	register_oom_notifier(&notifier);
	/* NOFAIL may use half of the reserve in the end */
	while ((page = page_alloc(TEST_GFP_KERNEL | __GFP_NORETRY | __GFP_HIGH |
					  TEST_QUIET,
				  0))) {
		page->private = (unsigned long)hoard;
		hoard = page;
	}
	says = 1;
	until = 5;
	fake_set_yield_hook(give_deferred);
	page = page_alloc(TEST_GFP_KERNEL | __GFP_NOFAIL, 0);
	fake_set_yield_hook(NULL);
	KUNIT_EXPECT_NOT_NULL(test, page);
	KUNIT_EXPECT_GE(test, calls, 6);
	page_free(page, 0);
	unregister_oom_notifier(&notifier);
	free_hoard();
}

static unsigned int inside;
static bool go;

static int slow(struct notifier_block *nb, unsigned long action, void *data)
{
	(void)nb;
	(void)action;
	(void)data;
	__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		sched_yield();
	return NOTIFY_OK;
}

static struct notifier_block slowly = { .notifier_call = slow };

static void *asker(void *arg)
{
	*(bool *)arg = oom_run();
	return NULL;
}

/* One asks; the other one waits for it, not for ever, and tries again. */
WORLD_CASE(oom_is_asked_by_one_at_a_time, .window = 0)
{
	bool first = true;
	pthread_t thread;

	register_oom_notifier(&slowly);
	pthread_create(&thread, NULL, asker, &first);
	while (!__atomic_load_n(&inside, __ATOMIC_SEQ_CST))
		sched_yield();
	KUNIT_EXPECT_TRUE(test, oom_run());
	KUNIT_EXPECT_EQ(test, inside, 1);
	__atomic_store_n(&go, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	KUNIT_EXPECT_FALSE(test, first);
	KUNIT_EXPECT_FALSE(test, oom_run());
	KUNIT_EXPECT_EQ(test, inside, 2);
}

/* A child does not wait for a thread that it has not got. */
WORLD_CASE(oom_of_a_child_is_nobodys, .window = 0)
{
	bool ignored;
	pthread_t thread;

	register_oom_notifier(&slowly);
	pthread_create(&thread, NULL, asker, &ignored);
	while (!__atomic_load_n(&inside, __ATOMIC_SEQ_CST))
		sched_yield();
	fake_fork_prepare();
	fake_fork_child();
	unregister_oom_notifier(&slowly);
	register_oom_notifier(&three[0]);
	KUNIT_EXPECT_STREQ(test, ask(), "0");
}

static struct kunit_case oom_cases[] = {
	KUNIT_CASE(oom_calls_when_all_rounds_failed),
	KUNIT_CASE(oom_is_not_for_everybody),
	KUNIT_CASE(oom_asks_in_order_and_stops_when_told),
	KUNIT_CASE(oom_is_asked_again_for_nofail),
	KUNIT_CASE(oom_is_asked_by_one_at_a_time),
	KUNIT_CASE(oom_of_a_child_is_nobodys),
	{}
};

static struct kunit_suite oom_suite = {
	.name = "page-oom",
	.test_cases = oom_cases,
};

kunit_test_suite(oom_suite);
