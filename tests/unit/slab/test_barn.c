// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The barn: two stacks of sheaves under a lock, and how much they may hold.
 */
#include <pthread.h>

#include "unit/slab/world.h"

#define BYTES 64
#define CAPACITY (BYTES / sizeof(void *) - 1)
#define SHEAVES 4096

static void *sheaf[SHEAVES][BYTES / sizeof(void *)]
	__attribute__((aligned(BYTES)));

static void **full(unsigned int n)
{
	return sheaf[n] + CAPACITY + 1;
}

static void **empty(unsigned int n)
{
	return sheaf[n] + 1;
}

static struct barn barn_for(unsigned int size)
{
	struct barn b = { .nr_full = 0 };

	barn_init(&b, BYTES, size);
	return b;
}

static void an_empty_barn_gives_nothing(struct kunit *test)
{
	struct barn b = barn_for(8);

	KUNIT_EXPECT_NULL(test, take_full(&b));
	KUNIT_EXPECT_NULL(test, barn_get_empty(&b, LOCK_SLEEP));
	KUNIT_EXPECT_EQ(test, b.lock.word, 0);
}

static void room_is_counted_in_bytes(struct kunit *test)
{
	static const struct {
		unsigned int bytes, size, room;
	} rows[] = {
		{ 512, 8, 2064 },     { 512, 64, 461 },
		{ 128, 1024, 135 },   { 64, 4096, 72 },
		{ 64, 32768, 9 },     { 64, 4u << 20, 2 },
		{ 64, 70u << 10, 4 }, { 4096, 4u << 20, 2 },
	};
	struct barn b;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		b = barn_for(8);
		barn_init(&b, rows[i].bytes, rows[i].size);
		KUNIT_EXPECT_EQ_MSG(test, b.room, rows[i].room, "%u", i);
	}
}

/* Each eight CPUs that got a sheaf have as much room; a drain forgets them. */
static void room_grows_with_the_cpus(struct kunit *test)
{
	struct barn b = barn_for(1024);
	unsigned int cpu, room = b.room;
	struct barn_load load;

	for (cpu = 1; cpu <= 64; cpu++) {
		barn_joined(&b);
		KUNIT_EXPECT_EQ_MSG(test, barn_room(&b),
				    cpu < 8 ? room : room * cpu / 8, "%u", cpu);
	}
	for (cpu = 0; barn_put_full(&b, full(cpu), LOCK_SLEEP); cpu++)
		;
	KUNIT_EXPECT_EQ(test, cpu, room * 8);
	barn_drain(&b, &load);
	KUNIT_EXPECT_EQ(test, barn_room(&b), room);
	while (barn_unload(&b, &load))
		;
}

static void stacks_have_room_and_do_not_mix(struct kunit *test)
{
	struct barn b = barn_for(1024);
	unsigned int i, n = b.room;

	KUNIT_ASSERT_GE(test, n, 5);
	KUNIT_ASSERT_LE(test, n, 500);
	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_TRUE(test, barn_put_full(&b, full(i), LOCK_SLEEP));
		KUNIT_EXPECT_TRUE(test, barn_put_empty(&b, empty(1000 + i),
						       LOCK_SLEEP));
	}
	KUNIT_EXPECT_EQ(test, b.nr_full, n);
	KUNIT_EXPECT_EQ(test, b.nr_empty, n);
	KUNIT_EXPECT_FALSE(test, barn_put_full(&b, full(900), LOCK_SLEEP));
	KUNIT_EXPECT_FALSE(test, barn_put_empty(&b, empty(900), LOCK_SLEEP));
	KUNIT_EXPECT_NULL(test, sheaf[900][0]);
	/* the warmest first, with nothing left in word 0 */
	for (i = n; i--;) {
		KUNIT_EXPECT_PTR_EQ(test, take_full(&b), full(i));
		KUNIT_EXPECT_NULL(test, sheaf[i][0]);
		KUNIT_EXPECT_PTR_EQ(test, barn_get_empty(&b, LOCK_SLEEP),
				    empty(1000 + i));
		KUNIT_EXPECT_NULL(test, sheaf[1000 + i][0]);
	}
	KUNIT_EXPECT_NULL(test, take_full(&b));
	KUNIT_EXPECT_NULL(test, barn_get_empty(&b, LOCK_SLEEP));
	KUNIT_EXPECT_EQ(test, b.lock.word, 0);
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
}

static unsigned int unload(struct kunit *test, struct barn *b,
			   struct barn_load *load, unsigned int *empties)
{
	unsigned int fulls = 0;
	void **top;

	*empties = 0;
	while ((top = barn_unload(b, load))) {
		if ((uintptr_t)top % BYTES) {
			++*empties;
			KUNIT_EXPECT_NULL(test, top[-1]);
		} else {
			fulls++;
			KUNIT_EXPECT_EQ(test, *empties, 0);
			KUNIT_EXPECT_NULL(test, top[-(int)CAPACITY - 1]);
		}
	}
	return fulls;
}

static void drain_hands_out_all(struct kunit *test)
{
	struct barn b = barn_for(64);
	unsigned int empties, n = 100;
	struct barn_load load;

	for (unsigned int i = 0; i < n; i++)
		KUNIT_ASSERT_TRUE(test, barn_put_full(&b, full(i), LOCK_SLEEP));
	barn_put_empty(&b, empty(1000), LOCK_SLEEP);
	barn_drain(&b, &load);
	KUNIT_EXPECT_EQ(test, unload(test, &b, &load, &empties), n);
	KUNIT_EXPECT_EQ(test, empties, 1);
	KUNIT_EXPECT_EQ(test, b.nr_full + b.nr_empty, 0);
	KUNIT_EXPECT_EQ(test, b.gets, b.puts);
	KUNIT_EXPECT_NULL(test, take_full(&b));
	KUNIT_EXPECT_NULL(test, barn_get_empty(&b, LOCK_SLEEP));
	KUNIT_EXPECT_EQ(test, b.lock.word, 0);
}

/* --- threads -------------------------------------------------------------- */

#define THREADS 4
#define TOPS 16
#define STEPS 20000

static struct barn shared;
static int owned[TOPS];
static int doubled;

static void own(void **top, int now)
{
	unsigned int i = (unsigned int)(top - 1 - sheaf[0]) / (BYTES / 8);

	if (__atomic_exchange_n(&owned[i], now, __ATOMIC_RELAXED) == now)
		__atomic_store_n(&doubled, 1, __ATOMIC_RELAXED);
}

static void *carrier(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	void **mine[TOPS];
	unsigned int n = 0, i;
	bool put;

	for (i = 0; i < STEPS || n; i++) {
		if (i < STEPS && n < TOPS && dice(&seed) % 2) {
			mine[n] = dice(&seed) % 2 ?
					  take_full(&shared) :
					  barn_get_empty(&shared, LOCK_SLEEP);
			if (mine[n])
				own(mine[n++], 1);
		} else if (n) {
			void **top = mine[--n];

			own(top, 0);
			put = (uintptr_t)top % BYTES ?
				      barn_put_empty(&shared, top, LOCK_SLEEP) :
				      barn_put_full(&shared, top, LOCK_SLEEP);
			if (!put)
				own(mine[n++], 1);
		}
	}
	return NULL;
}

static void threads_never_hold_one_sheaf_twice(struct kunit *test)
{
	pthread_t thread[THREADS];
	unsigned int i;

	shared = barn_for(64);
	KUNIT_ASSERT_GE(test, shared.room, TOPS);
	for (i = 0; i < TOPS / 2; i++) {
		KUNIT_ASSERT_TRUE(test, barn_put_full(&shared, full(2 * i),
						      LOCK_SLEEP));
		KUNIT_ASSERT_TRUE(test,
				  barn_put_empty(&shared, empty(2 * i + 1),
						 LOCK_SLEEP));
	}
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, carrier,
			       (void *)(uintptr_t)(i + 1));
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	KUNIT_EXPECT_EQ(test, doubled, 0);
	KUNIT_EXPECT_EQ(test, shared.nr_full, TOPS / 2);
	KUNIT_EXPECT_EQ(test, shared.nr_empty, TOPS / 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(an_empty_barn_gives_nothing),
	KUNIT_CASE(room_is_counted_in_bytes),
	KUNIT_CASE(room_grows_with_the_cpus),
	KUNIT_CASE(stacks_have_room_and_do_not_mix),
	KUNIT_CASE(drain_hands_out_all),
	KUNIT_CASE(threads_never_hold_one_sheaf_twice),
	{},
};

static struct kunit_suite suite = {
	.name = "barn",
	.test_cases = cases,
};

kunit_test_suite(suite);
