// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * What a cache keeps goes back: when nearly all of its objects are gone, and
 * when it is idle.
 */
#include "unit/slab/world.h"

#define MS 1000000ull
#define OBJECTS 8192
#define SIZE 2048 /* of which a sheaf holds 255 */

static void *p[OBJECTS];

static void fill(struct kunit *test, struct kmem_cache *s)
{
	for (unsigned int i = 0; i < OBJECTS; i++) {
		p[i] = slab_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
}

/* In an order that scatters the last ones over all slabs. */
static void empty(struct kmem_cache *s)
{
	for (unsigned int i = 0; i < OBJECTS; i++)
		slab_free(s, p[i * 2477u % OBJECTS], LOCK_SLEEP);
}

SLAB_CASE(scattered_objects_hold_no_slabs, .cpus = 1)
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);

	fill(test, s);
	KUNIT_EXPECT_FALSE(test, s->direct);
	empty(s);
	KUNIT_EXPECT_TRUE(test, s->direct);
	KUNIT_EXPECT_EQ(test, counts(s).free_in_sheaves, 0);
	KUNIT_EXPECT_EQ(test, s->node->nr_slabs, 0);
	KUNIT_EXPECT_EQ(test, pcp_pages(), 0);
	end(test, s);
}

/* Not a sheaf is lost to it when the program wants objects again. */
SLAB_CASE(direct_frees_end_with_demand, .cpus = 1)
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);
	unsigned long refills;

	fill(test, s);
	empty(s);
	p[0] = slab_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, s->direct);
	refills = s->node->refills;
	for (unsigned int i = 0; i < 100; i++) {
		p[1] = slab_alloc(s, GFP_KERNEL);
		slab_free(s, p[1], LOCK_SLEEP);
	}
	KUNIT_EXPECT_EQ(test, s->node->refills, refills);
	slab_free(s, p[0], LOCK_SLEEP);
	end(test, s);
}

/* Demand: it was an error, and is not made again for four idle ages. */
SLAB_CASE(direct_frees_pause_after_demand, .cpus = 1)
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);

	fill(test, s);
	empty(s);
	KUNIT_EXPECT_TRUE(test, s->direct);
	fake_clock_advance(100 * MS);
	fill(test, s);
	empty(s);
	KUNIT_EXPECT_FALSE(test, s->direct);
	KUNIT_EXPECT_GT(test, counts(s).free_in_sheaves, 0);
	fake_clock_advance(4000 * MS);
	fill(test, s);
	empty(s);
	KUNIT_EXPECT_TRUE(test, s->direct);
	end(test, s);
}

SLAB_CASE(nothing_expires_with_minus_1, .cpus = 1, .options = "decay_ms=-1")
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);

	fill(test, s);
	empty(s);
	KUNIT_EXPECT_FALSE(test, s->direct);
	fake_clock_advance(10000 * MS);
	page_tick();
	KUNIT_EXPECT_GT(test, counts(s).free_in_sheaves, 0);
	end(test, s);
}

/* A free that must not sleep leaves a pass that is due to others. */
SLAB_CASE(frees_that_must_not_sleep_purge_nothing, .cpus = 1)
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);
	unsigned long purges;

	fill(test, s);
	empty(s);
	fill(test, s);
	purges = fake_calls(FAKE_PURGE);
	fake_clock_advance(100000 * MS);
	for (unsigned int i = 0; i < OBJECTS; i++)
		slab_free(s, p[i], LOCK_SPIN);
	fake_clock_advance(100000 * MS);
	p[0] = slab_alloc(s, GFP_KERNEL);
	fake_clock_advance(100000 * MS);
	slab_free(s, p[0], LOCK_SPIN);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_PURGE), purges);
	for (unsigned int i = 0; i < 3; i++) {
		fake_clock_advance(1000 * MS);
		page_tick();
	}
	KUNIT_EXPECT_GT(test, fake_calls(FAKE_PURGE), purges);
	end(test, s);
}

/* While somebody makes or ends caches the free goes the common way. */
SLAB_CASE(sparse_caches_wait_for_no_lock, .cpus = 1)
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);

	fill(test, s);
	lock_take(&slab_mutex, LOCK_CACHES);
	empty(s);
	lock_drop(&slab_mutex, LOCK_CACHES);
	KUNIT_EXPECT_FALSE(test, s->direct);
	end(test, s);
}

/* The slot may be held by whom a handler that frees has interrupted. */
SLAB_CASE(sparse_caches_wait_for_no_slot, .cpus = 1)
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);

	fill(test, s);
	KUNIT_ASSERT_TRUE(test, lock_try(&s->slot->lock, LOCK_SLOT));
	empty(s);
	lock_drop(&s->slot->lock, LOCK_SLOT);
	KUNIT_EXPECT_FALSE(test, s->direct);
	end(test, s);
}

/* Few objects in few slabs are what every small program has. */
SLAB_CASE(small_caches_keep_their_sheaves, .cpus = 1)
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);

	for (unsigned int round = 0; round < 10; round++) {
		for (unsigned int i = 0; i < 128; i++)
			p[i] = slab_alloc(s, GFP_KERNEL);
		for (unsigned int i = 0; i < 128; i++)
			slab_free(s, p[i], LOCK_SLEEP);
	}
	KUNIT_EXPECT_FALSE(test, s->direct);
	end(test, s);
}

/* --- caches that are idle ------------------------------------------------- */

static void use_a_little(struct kmem_cache *s)
{
	for (unsigned int i = 0; i < 40; i++)
		p[i] = slab_alloc(s, GFP_KERNEL);
	for (unsigned int i = 0; i < 40; i++)
		slab_free(s, p[i], LOCK_SLEEP);
}

static void round_of_all(void)
{
	fake_clock_advance(1000 * MS);
	for (unsigned int i = 0; i < 20; i++)
		page_tick();
}

SLAB_CASE(idle_caches_are_emptied, .cpus = 1)
{
	struct kmem_cache *busy = make(test, SIZE, 0, 0);
	struct kmem_cache *idle = make(test, SIZE, 0, 0);
	unsigned long flushes;

	page_tick();
	use_a_little(idle);
	for (unsigned int i = 0; i < 3; i++) {
		for (unsigned int k = 0; k < 10; k++)
			use_a_little(busy);
		round_of_all();
	}
	KUNIT_EXPECT_EQ(test, counts(idle).free_in_sheaves, 0);
	KUNIT_EXPECT_EQ(test, idle->node->nr_slabs, 0);
	KUNIT_EXPECT_GT(test, counts(busy).free_in_sheaves, 0);
	/* one that has nothing is left in peace */
	flushes = idle->node->flushes;
	round_of_all();
	round_of_all();
	KUNIT_EXPECT_EQ(test, idle->node->flushes, flushes);
	end(test, idle);
	end(test, busy);
}

/* Sheaves that only come from the barn and go there are in use, too. */
SLAB_CASE(moves_of_the_barn_are_seen, .cpus = 1)
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);
	unsigned long visits = 0;

	for (unsigned int i = 0; i < 5; i++) {
		for (unsigned int k = 0; k < 1000; k++)
			p[k] = slab_alloc(s, GFP_KERNEL);
		for (unsigned int k = 0; k < 1000; k++)
			slab_free(s, p[k], LOCK_SLEEP);
		if (i)
			KUNIT_EXPECT_EQ(test, visits,
					s->node->refills + s->node->flushes);
		visits = s->node->refills + s->node->flushes;
		fake_clock_advance(1000 * MS);
		while (slab_expire(port_clock_ns() - 1000 * MS))
			;
	}
	KUNIT_EXPECT_GT(test, counts(s).free_in_sheaves, 0);
	end(test, s);
}

/* Rounds begin by the clock, looks by the ticks: two may follow each other. */
SLAB_CASE(two_looks_are_not_an_idle_age, .cpus = 1)
{
	struct kmem_cache *s = make(test, SIZE, 0, 0);

	use_a_little(s);
	while (slab_expire(port_clock_ns()))
		;
	fake_clock_advance(20 * MS);
	while (slab_expire(port_clock_ns() - 1000 * MS))
		;
	KUNIT_EXPECT_GT(test, counts(s).free_in_sheaves, 0);
	fake_clock_advance(980 * MS);
	while (slab_expire(port_clock_ns() - 1000 * MS))
		;
	KUNIT_EXPECT_EQ(test, counts(s).free_in_sheaves, 0);
	end(test, s);
}

/* The cache at which a round would go on may end. */
SLAB_CASE(rounds_survive_the_end_of_caches, .cpus = 1)
{
	struct kmem_cache *s[12];

	for (unsigned int i = 0; i < 12; i++)
		s[i] = make(test, SIZE, 0, 0);
	slab_expire(0);
	for (unsigned int i = 0; i < 12; i++)
		end(test, s[i]);
	while (slab_expire(0))
		;
}

static struct kunit_case expire_cases[] = {
	KUNIT_CASE(scattered_objects_hold_no_slabs),
	KUNIT_CASE(direct_frees_end_with_demand),
	KUNIT_CASE(direct_frees_pause_after_demand),
	KUNIT_CASE(nothing_expires_with_minus_1),
	KUNIT_CASE(frees_that_must_not_sleep_purge_nothing),
	KUNIT_CASE(sparse_caches_wait_for_no_lock),
	KUNIT_CASE(sparse_caches_wait_for_no_slot),
	KUNIT_CASE(small_caches_keep_their_sheaves),
	KUNIT_CASE(idle_caches_are_emptied),
	KUNIT_CASE(moves_of_the_barn_are_seen),
	KUNIT_CASE(two_looks_are_not_an_idle_age),
	KUNIT_CASE(rounds_survive_the_end_of_caches),
	{}
};

static struct kunit_suite expire_suite = {
	.name = "slab-expire",
	.test_cases = expire_cases,
};

kunit_test_suite(expire_suite);
