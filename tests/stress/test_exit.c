/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Threads that come and go by the thousand: nothing belongs to a thread, so
 * nothing is lost with one.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/slab.h>

#include "kunit/test.h"
#include "stress/work.h"

static atomic_uint failures;
static struct queue *handed;

/* Leaves some of its blocks to the threads that find them. */
static void *short_life(void *number)
{
	struct rng r = { .state = (unsigned long)number };
	struct parcel b[24];

	for (int i = 0; i < 24; i++) {
		b[i] = (struct parcel){ .size = work_size(&r),
					.seed = rng_next(&r) };
		b[i].p = kmalloc(b[i].size, GFP_KERNEL);
		if (!b[i].p) {
			atomic_fetch_add(&failures, 1);
			continue;
		}
		work_stamp(b[i].p, b[i].size, b[i].seed);
	}
	for (int i = 0; i < 24; i++) {
		if (!b[i].p)
			continue;
		if (!work_stamped(b[i].p, b[i].size, b[i].seed))
			atomic_fetch_add(&failures, 1);
		if (i % 3 || !queue_put(handed, &b[i]))
			kfree(b[i].p);
	}
	if (queue_get(handed, &b[0])) {
		if (!work_stamped(b[0].p, b[0].size, b[0].seed))
			atomic_fetch_add(&failures, 1);
		kfree(b[0].p);
	}
	return NULL;
}

static void threads_by_the_thousand(struct kunit *test)
{
	uint64_t end = work_now_ms() + work_seconds(5) * 1000ull;
	unsigned long before, lives = 0;
	struct parcel b;
	pthread_t t[16];

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	handed = queue_new(1000);
	atomic_store(&failures, 0);
	while (work_now_ms() < end && !atomic_load(&failures)) {
		for (int i = 0; i < 16; i++, lives++)
			KUNIT_ASSERT_EQ(test,
					pthread_create(&t[i], NULL, short_life,
						       (void *)lives),
					0);
		for (int i = 0; i < 16; i++)
			pthread_join(t[i], NULL);
	}
	while (queue_get(handed, &b))
		kfree(b.p);
	queue_delete(handed);
	KUNIT_EXPECT_EQ(test, atomic_load(&failures), 0u);
	kunit_info(test, "%lu threads", lives);
	KUNIT_EXPECT_GT(test, lives, 100);
	work_balanced(test, before);
}

/* Allocates in the destructor of a thread-specific value. */
static pthread_key_t key;

static void at_thread_end(void *p)
{
	void *q = kmalloc(300, GFP_KERNEL);

	if (!q)
		atomic_fetch_add(&failures, 1);
	kfree(q);
	kfree(p);
}

static void *with_a_key(void *unused)
{
	pthread_setspecific(key, kmalloc(100, GFP_KERNEL));
	return unused;
}

static void destructors_may_allocate(struct kunit *test)
{
	unsigned long before;
	pthread_t t;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	atomic_store(&failures, 0);
	KUNIT_ASSERT_EQ(test, pthread_key_create(&key, at_thread_end), 0);
	for (int i = 0; i < 200; i++) {
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t, NULL, with_a_key, NULL), 0);
		pthread_join(t, NULL);
	}
	pthread_key_delete(key);
	KUNIT_EXPECT_EQ(test, atomic_load(&failures), 0u);
	work_balanced(test, before);
}

/* Cancelled wherever it may be; what it held is freed by its handler. */
static void drop(void *p)
{
	kfree(p);
}

static void *until_cancelled(void *unused)
{
	for (;;) {
		void *p = kmalloc(200, GFP_KERNEL);

		pthread_cleanup_push(drop, p);
		pthread_testcancel();
		pthread_cleanup_pop(1);
	}
	return unused;
}

static void cancelled_threads(struct kunit *test)
{
	unsigned long before;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	for (int i = 0; i < 100; i++) {
		pthread_t t;

		KUNIT_ASSERT_EQ(test,
				pthread_create(&t, NULL, until_cancelled, NULL),
				0);
		sched_yield();
		pthread_cancel(t);
		pthread_join(t, NULL);
	}
	work_balanced(test, before);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(threads_by_the_thousand),
	KUNIT_CASE(destructors_may_allocate),
	KUNIT_CASE(cancelled_threads),
	{},
};

static struct kunit_suite suite = {
	.name = "stress_exit",
	.test_cases = cases,
};
kunit_test_suite(suite);
