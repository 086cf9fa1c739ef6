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

/* Half a MiB of objects and more: room for two at first, for four at most. */
#define HUGE_OBJECT (70u << 10)

static void an_empty_barn_gives_nothing(struct kunit *test)
{
	struct barn b = barn_for(8);

	KUNIT_EXPECT_NULL(test, barn_get_full(&b, LOCK_SLEEP));
	KUNIT_EXPECT_NULL(test, barn_get_empty(&b, LOCK_SLEEP));
	KUNIT_EXPECT_EQ(test, b.lock.word, 0);
}

static void room_is_counted_in_bytes(struct kunit *test)
{
	static const struct {
		unsigned int bytes, size, least, most;
	} rows[] = {
		{ 512, 8, 64, 2064 },     { 512, 64, 14, 461 },
		{ 128, 1024, 4, 135 },    { 64, 4096, 2, 72 },
		{ 64, 32768, 2, 9 },      { 64, 4u << 20, 2, 2 },
		{ 4096, 4u << 20, 2, 2 },
	};
	struct barn b;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		b = barn_for(8);
		barn_init(&b, rows[i].bytes, rows[i].size);
		KUNIT_EXPECT_EQ_MSG(test, b.least, rows[i].least, "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, b.most, rows[i].most, "%u", i);
		KUNIT_EXPECT_EQ(test, b.room, b.least);
	}
}

static void stacks_have_room_and_do_not_mix(struct kunit *test)
{
	struct barn b = barn_for(1024);
	unsigned int i, n = b.room;

	KUNIT_ASSERT_GE(test, n, 5);
	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_TRUE(test, barn_put_full(&b, full(i), LOCK_SLEEP));
		KUNIT_EXPECT_TRUE(test, barn_put_empty(&b, empty(100 + i),
						       LOCK_SLEEP));
	}
	KUNIT_EXPECT_EQ(test, b.nr_full, n);
	KUNIT_EXPECT_EQ(test, b.nr_empty, n);
	KUNIT_EXPECT_FALSE(test, barn_put_full(&b, full(50), LOCK_SLEEP));
	KUNIT_EXPECT_FALSE(test, barn_put_empty(&b, empty(50), LOCK_SLEEP));
	KUNIT_EXPECT_NULL(test, sheaf[50][0]);
	/* the warmest first, with nothing left in word 0 */
	for (i = n; i--;) {
		KUNIT_EXPECT_PTR_EQ(test, barn_get_full(&b, LOCK_SLEEP),
				    full(i));
		KUNIT_EXPECT_NULL(test, sheaf[i][0]);
		KUNIT_EXPECT_PTR_EQ(test, barn_get_empty(&b, LOCK_SLEEP),
				    empty(100 + i));
		KUNIT_EXPECT_NULL(test, sheaf[100 + i][0]);
	}
	KUNIT_EXPECT_NULL(test, barn_get_full(&b, LOCK_SLEEP));
	KUNIT_EXPECT_NULL(test, barn_get_empty(&b, LOCK_SLEEP));
	KUNIT_EXPECT_EQ(test, b.lock.word, 0);
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
}

/* --- what it learns ------------------------------------------------------- */

static unsigned int put_all(struct barn *b, unsigned int n)
{
	unsigned int i, put = 0;

	for (i = 0; i < n; i++)
		put += barn_put_full(b, full(i), LOCK_SLEEP);
	return put;
}

static unsigned int get_all(struct barn *b, unsigned int n)
{
	unsigned int i, got = 0;

	for (i = 0; i < n; i++)
		got += !!barn_get_full(b, LOCK_SLEEP);
	return got;
}

static void a_round_is_learned_in_two(struct kunit *test)
{
	struct barn b = barn_for(64);
	unsigned int round, n = b.least + 300;

	KUNIT_ASSERT_LE(test, n, b.most);
	get_all(&b, n);
	KUNIT_EXPECT_EQ(test, put_all(&b, n), b.least);
	KUNIT_EXPECT_EQ(test, get_all(&b, n), b.least);
	for (round = 0; round < 50; round++) {
		KUNIT_ASSERT_EQ(test, put_all(&b, n), n);
		KUNIT_ASSERT_EQ(test, get_all(&b, n), n);
	}
	KUNIT_EXPECT_EQ(test, b.room, n);
}

static void who_only_frees_teaches_nothing(struct kunit *test)
{
	struct barn b = barn_for(64);

	KUNIT_EXPECT_EQ(test, put_all(&b, SHEAVES), b.least);
	KUNIT_EXPECT_EQ(test, b.room, b.least);
	/* a sheaf turned away is missed once */
	b = barn_for(64);
	put_all(&b, b.least + 3);
	get_all(&b, SHEAVES);
	KUNIT_EXPECT_EQ(test, b.room, b.least + 3);
	/* nor who only allocates */
	b = barn_for(64);
	get_all(&b, SHEAVES);
	KUNIT_EXPECT_EQ(test, put_all(&b, b.least + 10), b.least);
}

static void room_ends_at_two_mib(struct kunit *test)
{
	struct barn b = barn_for(HUGE_OBJECT);
	unsigned int round;

	KUNIT_EXPECT_EQ(test, b.least, 2);
	KUNIT_EXPECT_EQ(test, b.most, 4);
	for (round = 0; round < 5; round++) {
		put_all(&b, 100);
		get_all(&b, 100);
	}
	KUNIT_EXPECT_EQ(test, put_all(&b, 100), 4);
}

/* A big round once, and a small one, of a single sheaf, many times. */
static void room_comes_down_when_it_is_not_used(struct kunit *test)
{
	struct barn b = barn_for(1024);
	unsigned int i, n = b.most;

	put_all(&b, n);
	get_all(&b, n);
	KUNIT_ASSERT_EQ(test, put_all(&b, n), n);
	for (i = 0; i < 20000; i++) {
		void **top = barn_get_full(&b, LOCK_SLEEP);

		KUNIT_ASSERT_NOT_NULL(test, top);
		barn_put_full(&b, top, LOCK_SLEEP);
	}
	KUNIT_EXPECT_LT(test, b.room, b.least + 5);
	/* more than the room: what lies there leaves as it is used */
	KUNIT_EXPECT_LT(test, b.nr_full, b.least + 5);
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

static void drain_hands_out_all_and_forgets(struct kunit *test)
{
	struct barn b = barn_for(64);
	unsigned int empties, n = b.least + 100;
	struct barn_load load;

	put_all(&b, n);
	get_all(&b, n);
	put_all(&b, n + 7);
	barn_put_empty(&b, empty(1000), LOCK_SLEEP);
	barn_drain(&b, &load);
	KUNIT_EXPECT_EQ(test, unload(test, &b, &load, &empties), n);
	KUNIT_EXPECT_EQ(test, empties, 1);
	KUNIT_EXPECT_EQ(test, b.room, b.least);
	get_all(&b, 100);
	KUNIT_EXPECT_EQ(test, put_all(&b, n), b.least);
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
					  barn_get_full(&shared, LOCK_SLEEP) :
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
	KUNIT_ASSERT_GE(test, shared.least, TOPS);
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
	KUNIT_CASE(stacks_have_room_and_do_not_mix),
	KUNIT_CASE(a_round_is_learned_in_two),
	KUNIT_CASE(who_only_frees_teaches_nothing),
	KUNIT_CASE(room_ends_at_two_mib),
	KUNIT_CASE(room_comes_down_when_it_is_not_used),
	KUNIT_CASE(drain_hands_out_all_and_forgets),
	KUNIT_CASE(threads_never_hold_one_sheaf_twice),
	{},
};

static struct kunit_suite suite = {
	.name = "barn",
	.test_cases = cases,
};

kunit_test_suite(suite);
