// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The barn: two short stacks under a lock.
 */
#include <pthread.h>

#include "unit/slab/world.h"

/* Tops are only carried, never looked into. */
static void **top(unsigned long n)
{
	return (void **)(n * 64 + 64);
}

static void an_empty_barn_gives_nothing(struct kunit *test)
{
	struct barn b = { .nr_full = 0 };

	KUNIT_EXPECT_NULL(test, barn_get_full(&b));
	KUNIT_EXPECT_NULL(test, barn_get_empty(&b));
	KUNIT_EXPECT_EQ(test, b.lock.word, 0);
}

static void stacks_hold_ten_each_and_do_not_mix(struct kunit *test)
{
	struct barn b = { .nr_full = 0 };
	unsigned long i;

	for (i = 0; i < BARN_SHEAVES; i++) {
		KUNIT_EXPECT_TRUE(test, barn_put_full(&b, top(i)));
		KUNIT_EXPECT_TRUE(test, barn_put_empty(&b, top(100 + i)));
	}
	KUNIT_EXPECT_EQ(test, b.nr_full, BARN_SHEAVES);
	KUNIT_EXPECT_EQ(test, b.nr_empty, BARN_SHEAVES);
	KUNIT_EXPECT_FALSE(test, barn_put_full(&b, top(50)));
	KUNIT_EXPECT_FALSE(test, barn_put_empty(&b, top(50)));
	/* the warmest first */
	for (i = BARN_SHEAVES; i--;) {
		KUNIT_EXPECT_PTR_EQ(test, barn_get_full(&b), top(i));
		KUNIT_EXPECT_PTR_EQ(test, barn_get_empty(&b), top(100 + i));
	}
	KUNIT_EXPECT_NULL(test, barn_get_full(&b));
	KUNIT_EXPECT_NULL(test, barn_get_empty(&b));
	KUNIT_EXPECT_EQ(test, b.lock.word, 0);
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
}

#define THREADS 4
#define TOPS 16
#define STEPS 20000

static struct barn shared;
static int owned[TOPS];
static int doubled;

static void *carrier(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	void **mine[TOPS];
	unsigned int n = 0, i;
	bool full;

	for (i = 0; i < STEPS || n; i++) {
		full = dice(&seed) % 2;
		if (i < STEPS && n < TOPS && dice(&seed) % 2) {
			mine[n] = full ? barn_get_full(&shared) :
					 barn_get_empty(&shared);
			if (!mine[n])
				continue;
			if (__atomic_exchange_n(
				    &owned[(uintptr_t)mine[n] / 64 - 1], 1,
				    __ATOMIC_RELAXED))
				__atomic_store_n(&doubled, 1, __ATOMIC_RELAXED);
			n++;
		} else if (n) {
			n--;
			__atomic_store_n(&owned[(uintptr_t)mine[n] / 64 - 1], 0,
					 __ATOMIC_RELAXED);
			if (full ? !barn_put_full(&shared, mine[n]) :
				   !barn_put_empty(&shared, mine[n])) {
				__atomic_store_n(
					&owned[(uintptr_t)mine[n] / 64 - 1], 1,
					__ATOMIC_RELAXED);
				n++;
			}
		}
	}
	return NULL;
}

static void threads_never_hold_one_sheaf_twice(struct kunit *test)
{
	pthread_t thread[THREADS];
	unsigned long i;

	for (i = 0; i < TOPS / 2; i++) {
		KUNIT_ASSERT_TRUE(test, barn_put_full(&shared, top(2 * i)));
		KUNIT_ASSERT_TRUE(test,
				  barn_put_empty(&shared, top(2 * i + 1)));
	}
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, carrier, (void *)(i + 1));
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	KUNIT_EXPECT_EQ(test, doubled, 0);
	KUNIT_EXPECT_EQ(test, shared.nr_full + shared.nr_empty, TOPS);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(an_empty_barn_gives_nothing),
	KUNIT_CASE(stacks_hold_ten_each_and_do_not_mix),
	KUNIT_CASE(threads_never_hold_one_sheaf_twice),
	{},
};

static struct kunit_suite suite = {
	.name = "barn",
	.test_cases = cases,
};

kunit_test_suite(suite);
