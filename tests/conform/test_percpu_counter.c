/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Counters of which each CPU keeps a part. */
#include <linux/percpu_counter.h>

#include "kunit/test.h"

static void sums_are_exact(struct kunit *test)
{
	struct percpu_counter c;
	int i;

	KUNIT_ASSERT_EQ(test, percpu_counter_init(&c, 1000, GFP_KERNEL), 0);
	KUNIT_EXPECT_TRUE(test, percpu_counter_initialized(&c));
	KUNIT_EXPECT_EQ(test, percpu_counter_read(&c), 1000);
	for (i = 1; i <= 500; i++)
		percpu_counter_add(&c, i);
	percpu_counter_sub(&c, 300);
	percpu_counter_inc(&c);
	percpu_counter_inc(&c);
	percpu_counter_dec(&c);
	percpu_counter_add_local(&c, 7);
	percpu_counter_sub_local(&c, 3);
	KUNIT_EXPECT_EQ(test, percpu_counter_sum(&c),
			1000 + 500 * 501 / 2 - 300 + 1 + 4);
	percpu_counter_set(&c, -20);
	KUNIT_EXPECT_EQ(test, __percpu_counter_sum(&c), -20);
	KUNIT_EXPECT_EQ(test, percpu_counter_read(&c), -20);
	KUNIT_EXPECT_EQ(test, percpu_counter_sum_positive(&c), 0);
	KUNIT_EXPECT_EQ(test, percpu_counter_read_positive(&c), 0);
	percpu_counter_destroy(&c);
	KUNIT_EXPECT_FALSE(test, percpu_counter_initialized(&c));
	percpu_counter_destroy(&c);
}

/* A part that reaches the batch is handed over whole. */
static void batches_are_handed_over(struct kunit *test)
{
	struct percpu_counter c;
	s64 n = num_possible_cpus(), i;

	KUNIT_ASSERT_EQ(test, percpu_counter_init(&c, 0, GFP_KERNEL), 0);
	KUNIT_EXPECT_GE(test, percpu_counter_batch, 32);
	KUNIT_EXPECT_EQ(test, percpu_counter_batch,
			kmem_percpu_counter_batch());
	for (i = 0; i < 9; i++)
		percpu_counter_add_batch(&c, 1, 10);
	/* on whichever CPUs, none has ten */
	KUNIT_EXPECT_EQ(test, percpu_counter_read(&c), 0);
	KUNIT_EXPECT_EQ(test, percpu_counter_sum(&c), 9);
	for (i = 0; i < 10 * n; i++)
		percpu_counter_add_batch(&c, 1, 10);
	KUNIT_EXPECT_GE(test, percpu_counter_read(&c), 10);
	KUNIT_EXPECT_GT(test, percpu_counter_read(&c), 9 + i - 10 * n);
	KUNIT_EXPECT_EQ(test, percpu_counter_sum(&c), 9 + i);
	/* large ones at once */
	percpu_counter_set(&c, 0);
	percpu_counter_add_batch(&c, 10, 10);
	KUNIT_EXPECT_EQ(test, percpu_counter_read(&c), 10);
	percpu_counter_add_batch(&c, -(1ll << 40), 10);
	percpu_counter_add(&c, 3ll << 40);
	KUNIT_EXPECT_EQ(test, percpu_counter_read(&c), 10 + (2ll << 40));
	percpu_counter_sync(&c);
	KUNIT_EXPECT_EQ(test, percpu_counter_sum(&c), 10 + (2ll << 40));
	percpu_counter_destroy(&c);
}

static void comparisons_are_exact(struct kunit *test)
{
	struct percpu_counter c;

	KUNIT_ASSERT_EQ(test, percpu_counter_init(&c, 0, GFP_KERNEL), 0);
	percpu_counter_add_batch(&c, 5, 10);
	KUNIT_EXPECT_EQ(test, percpu_counter_compare(&c, 5), 0);
	KUNIT_EXPECT_EQ(test, percpu_counter_compare(&c, 6), -1);
	KUNIT_EXPECT_EQ(test, percpu_counter_compare(&c, 4), 1);
	KUNIT_EXPECT_EQ(test, percpu_counter_compare(&c, 1ll << 40), -1);
	KUNIT_EXPECT_EQ(test, percpu_counter_compare(&c, -(1ll << 40)), 1);
	KUNIT_EXPECT_EQ(test, __percpu_counter_compare(&c, 5, 10), 0);
	percpu_counter_destroy(&c);
}

static void limits_are_kept(struct kunit *test)
{
	struct percpu_counter c;
	int i, n = 0;

	KUNIT_ASSERT_EQ(test, percpu_counter_init(&c, 0, GFP_KERNEL), 0);
	KUNIT_EXPECT_TRUE(test, percpu_counter_limited_add(&c, 0, 0));
	KUNIT_EXPECT_FALSE(test, percpu_counter_limited_add(&c, 9, 10));
	for (i = 0; i < 300; i++)
		n += percpu_counter_limited_add(&c, 1000, 7);
	KUNIT_EXPECT_EQ(test, n, 142);
	KUNIT_EXPECT_EQ(test, percpu_counter_sum(&c), 994);
	KUNIT_EXPECT_TRUE(test, percpu_counter_limited_add(&c, 1000, 6));
	KUNIT_EXPECT_FALSE(test, percpu_counter_limited_add(&c, 1000, 1));
	KUNIT_EXPECT_TRUE(test, percpu_counter_limited_add(&c, -5, -1005));
	KUNIT_EXPECT_FALSE(test, percpu_counter_limited_add(&c, -5, -1));
	KUNIT_EXPECT_EQ(test, percpu_counter_sum(&c), -5);
	percpu_counter_destroy(&c);
}

static void many_are_made_at_once(struct kunit *test)
{
	struct percpu_counter c[20];
	int i;

	KUNIT_ASSERT_EQ(test, percpu_counter_init_many(c, 3, GFP_KERNEL, 20),
			0);
	for (i = 0; i < 20; i++)
		percpu_counter_add(&c[i], i);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, percpu_counter_sum(&c[i]), 3 + i);
	percpu_counter_destroy_many(c, 20);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sums_are_exact),        KUNIT_CASE(batches_are_handed_over),
	KUNIT_CASE(comparisons_are_exact), KUNIT_CASE(limits_are_kept),
	KUNIT_CASE(many_are_made_at_once), {},
};
static struct kunit_suite suite = {
	.name = "percpu_counter",
	.test_cases = cases,
};
kunit_test_suite(suite);
