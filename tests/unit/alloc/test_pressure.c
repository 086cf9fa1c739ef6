// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* Pressure: who is listened to, what a pass gives back, and how seldom. */
#include <kmem/kmem.h>

#include "unit/alloc/world.h"

#define MS 1000000ull
#define ALL (PORT_PRESSURE_WATCH | PORT_PRESSURE_PSI | PORT_PRESSURE_CGROUP)

static struct kmem_pub_totals *totals(void)
{
	return page_totals();
}

/* Makes n pieces of 8 KiB free and dirty. */
static void make_free(unsigned int n)
{
	void **held = malloc(n * sizeof(*held));

	for (unsigned int i = 0; i < n; i++) {
		held[i] = kmalloc(8192, GFP_KERNEL);
		memset(held[i], 1, 8192);
	}
	for (unsigned int i = 0; i < n; i++)
		kfree(held[i]);
	free(held);
}

static void event(void)
{
	fake_pressure_events(1);
	pressure_sleep(1);
}

static void expect_counts(struct kunit *test, unsigned int events,
			  unsigned int passes, unsigned int throttled)
{
	KUNIT_EXPECT_EQ(test, totals()->pressure_events, events);
	KUNIT_EXPECT_EQ(test, totals()->pressure_passes, passes);
	KUNIT_EXPECT_EQ(test, totals()->pressure_throttled, throttled);
}

static void expect_nobody(struct kunit *test)
{
	fake_set_pressure(ALL);
	pressure_start();
	KUNIT_EXPECT_EQ(test, fake_pressure_opens(), 0);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 0);
}

WORLD_CASE(pressure_is_not_listened_to)
{
	expect_nobody(test);
}

WORLD_CASE(pressure_is_not_listened_to_with_0, .options = "pressure=0")
{
	expect_nobody(test);
}

WORLD_CASE(pressure_asks_the_manager_first, .options = "pressure=1")
{
	fake_set_pressure(ALL);
	pressure_start();
	KUNIT_EXPECT_EQ(test, fake_pressure_opens(), 1);
	KUNIT_EXPECT_EQ(test, fake_pressure_wanted(), PORT_PRESSURE_WATCH);
	KUNIT_EXPECT_EQ(test, totals()->pressure_sources, KMEM_PUB_WATCH);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 1);
}

WORLD_CASE(pressure_asks_the_kernel_then, .options = "pressure=1")
{
	fake_set_pressure(PORT_PRESSURE_PSI | PORT_PRESSURE_CGROUP);
	pressure_start();
	KUNIT_EXPECT_EQ(test, fake_pressure_opens(), 2);
	KUNIT_EXPECT_EQ(test, totals()->pressure_sources,
			KMEM_PUB_PSI | KMEM_PUB_CGROUP);
}

/* A process that the manager forbids to watch opens no other source. */
WORLD_CASE(pressure_may_be_forbidden, .options = "pressure=1")
{
	fake_set_pressure(-1);
	pressure_start();
	KUNIT_EXPECT_EQ(test, fake_pressure_opens(), 1);
	KUNIT_EXPECT_EQ(test, totals()->pressure_sources, 0);
	event();
	expect_counts(test, 0, 0, 0);
}

WORLD_CASE(pressure_has_one_source_when_told, .options = "pressure=cgroup")
{
	fake_set_pressure(ALL);
	pressure_start();
	KUNIT_EXPECT_EQ(test, fake_pressure_opens(), 1);
	KUNIT_EXPECT_EQ(test, fake_pressure_wanted(), PORT_PRESSURE_CGROUP);
}

static unsigned int steps;

static unsigned long step_run(gfp_t gfp, unsigned int priority)
{
	(void)priority;
	steps += gfp == GFP_KERNEL;
	return 0; /* what others freed does not keep it from its turn */
}

static struct page_client step = { .shrink = step_run };

WORLD_CASE(event_gives_memory_back, .options = "pressure=watch")
{
	unsigned long purges;
	uint64_t bytes;

	fake_set_pressure(ALL);
	pressure_start();
	page_register(&step);
	make_free(512);
	purges = fake_calls(FAKE_PURGE);
	pressure_sleep(1);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_PURGE), purges);
	event();
	KUNIT_EXPECT_GT(test, fake_calls(FAKE_PURGE), purges);
	KUNIT_EXPECT_EQ(test, steps, 1);
	expect_counts(test, 1, 1, 0);
	bytes = totals()->pressure_bytes;
	KUNIT_EXPECT_GE(test, bytes, 512 * 8192);
	/* there is nothing left */
	KUNIT_EXPECT_EQ(test, kmem_trim(), 0);
}

WORLD_CASE(passes_are_seldom, .options = "pressure=watch")
{
	unsigned int passes = 1, events = 3;

	fake_set_pressure(ALL);
	pressure_start();
	kmem_trim();
	make_free(512);
	event();
	event();
	event();
	expect_counts(test, 3, 1, 2);
	fake_clock_advance(999 * MS);
	event();
	events++;
	expect_counts(test, events, passes, events - passes);
	fake_clock_advance(1 * MS);
	/* each pass that brings nothing doubles the time, to 64 s at most */
	for (uint64_t pause = 2000; pause <= 256000; pause *= 2) {
		uint64_t is = pause < 64000 ? pause : 64000;

		event();
		fake_clock_advance((is - 1) * MS);
		event();
		fake_clock_advance(1 * MS);
		passes++;
		events += 2;
		expect_counts(test, events, passes, events - passes);
	}
	/* one that brings much ends that */
	make_free(512);
	event();
	fake_clock_advance(1000 * MS);
	event();
	expect_counts(test, events + 2, passes + 2, events - passes);
}

WORLD_CASE(pause_is_an_option, .options = "pressure=watch,pressure_ms=5000")
{
	fake_set_pressure(ALL);
	pressure_start();
	make_free(512);
	event();
	fake_clock_advance(4999 * MS);
	event();
	expect_counts(test, 2, 1, 1);
	fake_clock_advance(1 * MS);
	event();
	expect_counts(test, 3, 2, 1);
}

WORLD_CASE(child_listens_for_itself, .options = "pressure=watch")
{
	fake_set_pressure(ALL);
	pressure_start();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 1);
	pressure_sleep(1);
	KUNIT_EXPECT_EQ(test, fake_pressure_opens(), 1);
	fake_fork_prepare();
	fake_fork_child();
	page_pass();
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_THREAD), 2);
	pressure_sleep(1);
	KUNIT_EXPECT_EQ(test, fake_pressure_opens(), 2);
}

/* --- asks ----------------------------------------------------------------- */

static bool answered(void)
{
	return page_ask->done == page_ask->asked;
}

WORLD_CASE(ask_is_answered_in_passing)
{
	kmem_trim();
	make_free(512);
	page_pass();
	KUNIT_EXPECT_EQ(test, totals()->asked_passes, 0);
	page_ask->asked++;
	/* an allocation that must not call the OS passes nothing */
	free_pages((unsigned long)__get_free_pages(GFP_NOWAIT, 4), 4);
	KUNIT_EXPECT_FALSE(test, answered());
	free_pages((unsigned long)__get_free_pages(GFP_KERNEL, 4), 4);
	KUNIT_EXPECT_TRUE(test, answered());
	KUNIT_EXPECT_GE(test, page_ask->bytes, 511 * 8192);
	KUNIT_EXPECT_EQ(test, totals()->asked_passes, 1);
	KUNIT_EXPECT_EQ(test, totals()->asked_bytes, page_ask->bytes);
}

WORLD_CASE(ask_is_answered_once_a_second)
{
	page_ask->asked++;
	page_pass();
	KUNIT_EXPECT_TRUE(test, answered());
	page_ask->asked += 7;
	page_pass();
	fake_clock_advance(999 * MS);
	page_pass();
	KUNIT_EXPECT_FALSE(test, answered());
	KUNIT_EXPECT_EQ(test, totals()->asked_passes, 1);
	fake_clock_advance(1 * MS);
	page_pass();
	KUNIT_EXPECT_TRUE(test, answered());
	KUNIT_EXPECT_EQ(test, totals()->asked_passes, 2);
}

/*
 * A slow path may hold slab_mutex, or be in reclaim already: another answers.
 */
WORLD_CASE(ask_waits_for_who_can)
{
	page_ask->asked++;
	lock_take(&slab_mutex, LOCK_CACHES);
	page_pass();
	lock_drop(&slab_mutex, LOCK_CACHES);
	KUNIT_EXPECT_FALSE(test, answered());
	port_task()->flags |= PF_MEMALLOC;
	page_pass();
	port_task()->flags &= ~(uint32_t)PF_MEMALLOC;
	KUNIT_EXPECT_FALSE(test, answered());
	page_pass();
	KUNIT_EXPECT_TRUE(test, answered());
}

static struct kunit_case pressure_cases[] = {
	KUNIT_CASE(pressure_is_not_listened_to),
	KUNIT_CASE(pressure_is_not_listened_to_with_0),
	KUNIT_CASE(pressure_asks_the_manager_first),
	KUNIT_CASE(pressure_asks_the_kernel_then),
	KUNIT_CASE(pressure_may_be_forbidden),
	KUNIT_CASE(pressure_has_one_source_when_told),
	KUNIT_CASE(event_gives_memory_back),
	KUNIT_CASE(passes_are_seldom),
	KUNIT_CASE(pause_is_an_option),
	KUNIT_CASE(child_listens_for_itself),
	KUNIT_CASE(ask_is_answered_in_passing),
	KUNIT_CASE(ask_is_answered_once_a_second),
	KUNIT_CASE(ask_waits_for_who_can),
	{}
};

static struct kunit_suite pressure_suite = {
	.name = "pressure",
	.test_cases = pressure_cases,
};
kunit_test_suite(pressure_suite);
