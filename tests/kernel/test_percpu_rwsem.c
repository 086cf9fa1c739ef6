/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* <linux/percpu-rwsem.h>: readers together, a writer alone. */
#include "kunit/test.h"

#include <linux/atomic.h>
#include <linux/kthread.h>
#include <linux/percpu-rwsem.h>
#include <linux/sched.h>

#define THREADS 4
#define ROUNDS 4000

DEFINE_STATIC_PERCPU_RWSEM(sem);
static long value;
static atomic_t bad = ATOMIC_INIT(0);
static atomic_t running = ATOMIC_INIT(0);

static int read_and_write(void *data)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 8) {
			percpu_down_read(&sem);
			if (value & 1)
				atomic_inc(&bad);
			percpu_up_read(&sem);
		} else {
			percpu_down_write(&sem);
			value++;
			value++;
			percpu_up_write(&sem);
		}
	}
	atomic_dec(&running);
	(void)data;
	return 0;
}

static void a_writer_is_alone(struct kunit *test)
{
	atomic_set(&running, THREADS);
	for (int i = 0; i < THREADS; i++)
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(read_and_write,
							    NULL, "%d", i)));
	while (atomic_read(&running))
		cond_resched();
	KUNIT_EXPECT_EQ(test, atomic_read(&bad), 0);
	KUNIT_EXPECT_EQ(test, value, 2 * THREADS * ROUNDS / 8);
}

static void readers_are_together(struct kunit *test)
{
	struct percpu_rw_semaphore mine;

	KUNIT_EXPECT_EQ(test, percpu_init_rwsem(&mine), 0);
	percpu_down_read(&mine);
	KUNIT_EXPECT_TRUE(test, percpu_down_read_trylock(&mine));
	percpu_up_read(&mine);
	percpu_up_read(&mine);
	percpu_down_write(&mine);
	KUNIT_EXPECT_FALSE(test, percpu_down_read_trylock(&mine));
	percpu_up_write(&mine);
	percpu_free_rwsem(&mine);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_writer_is_alone),
	KUNIT_CASE(readers_are_together),
	{},
};

static struct kunit_suite suite = {
	.name = "kernel_percpu_rwsem",
	.test_cases = cases,
};

kunit_test_suite(suite);
