/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* <linux/percpu-refcount.h>: who drops the last reference, and when. */
#include <linux/gfp_types.h>
#include <linux/percpu-refcount.h>

#include <pthread.h>

#include "kunit/test.h"

static int released, confirmed;

static void release(struct percpu_ref *ref)
{
	released += percpu_ref_is_zero(ref);
}

static void confirm(struct percpu_ref *ref)
{
	confirmed += percpu_ref_is_dying(ref) && !percpu_ref_is_zero(ref);
}

static void the_last_one_releases(struct kunit *test)
{
	struct percpu_ref ref;

	released = 0;
	KUNIT_EXPECT_EQ(test, percpu_ref_init(&ref, release, 0, GFP_KERNEL), 0);
	percpu_ref_get(&ref);
	percpu_ref_get_many(&ref, 2);
	KUNIT_EXPECT_TRUE(test, percpu_ref_tryget(&ref));
	KUNIT_EXPECT_TRUE(test, percpu_ref_tryget_many(&ref, 2));
	KUNIT_EXPECT_TRUE(test, percpu_ref_tryget_live(&ref));
	percpu_ref_put_many(&ref, 6);
	KUNIT_EXPECT_FALSE(test, percpu_ref_is_dying(&ref));
	percpu_ref_kill(&ref);
	KUNIT_EXPECT_EQ(test, released, 0);
	KUNIT_EXPECT_TRUE(test, percpu_ref_is_dying(&ref));
	KUNIT_EXPECT_FALSE(test, percpu_ref_tryget_live(&ref));
	KUNIT_EXPECT_TRUE(test, percpu_ref_tryget(&ref));
	percpu_ref_put(&ref);
	KUNIT_EXPECT_EQ(test, released, 0);
	percpu_ref_put(&ref);
	KUNIT_EXPECT_EQ(test, released, 1);
	KUNIT_EXPECT_TRUE(test, percpu_ref_is_zero(&ref));
	KUNIT_EXPECT_FALSE(test, percpu_ref_tryget(&ref));
	percpu_ref_reinit(&ref);
	KUNIT_EXPECT_TRUE(test, percpu_ref_tryget_live(&ref));
	percpu_ref_kill_and_confirm(&ref, confirm);
	KUNIT_EXPECT_EQ(test, confirmed, 1);
	percpu_ref_resurrect(&ref);
	KUNIT_EXPECT_FALSE(test, percpu_ref_is_dying(&ref));
	percpu_ref_put(&ref);
	KUNIT_EXPECT_EQ(test, released, 1);
	percpu_ref_kill(&ref);
	KUNIT_EXPECT_EQ(test, released, 2);
	percpu_ref_exit(&ref);
	percpu_ref_init(&ref, release, PERCPU_REF_INIT_DEAD, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, percpu_ref_tryget_live(&ref));
	KUNIT_EXPECT_TRUE(test, percpu_ref_is_zero(&ref));
}

static void *take_and_drop(void *arg)
{
	struct percpu_ref *ref = arg;
	long got = 0;

	for (int i = 0; i < 20000; i++) {
		if (!percpu_ref_tryget_live(ref))
			continue;
		got++;
		percpu_ref_put(ref);
	}
	return (void *)got;
}

static void one_of_many_threads_releases(struct kunit *test)
{
	struct percpu_ref ref;
	pthread_t t[4];

	released = 0;
	percpu_ref_init(&ref, release, 0, GFP_KERNEL);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, take_and_drop, &ref);
	percpu_ref_kill(&ref);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	KUNIT_EXPECT_EQ(test, released, 1);
	KUNIT_EXPECT_TRUE(test, percpu_ref_is_zero(&ref));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(the_last_one_releases),
	KUNIT_CASE(one_of_many_threads_releases),
	{},
};

static struct kunit_suite suite = {
	.name = "headers_percpu_ref",
	.test_cases = cases,
};

kunit_test_suite(suite);
