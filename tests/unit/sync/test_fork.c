/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "sync/fork.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kunit/test.h"
#include "port/fake/fake.h"
#include "sync/boot.h"

static char order[64];

#define HANDLER(name, letter)                                              \
	static void name(void)                                             \
	{                                                                  \
		strncat(order, letter, sizeof(order) - 1 - strlen(order)); \
	}
HANDLER(front_prepare, "1")
HANDLER(kept_prepare, "2")
HANDLER(zone_prepare, "3")
HANDLER(front_parent, "a")
HANDLER(kept_parent, "b")
HANDLER(zone_parent, "c")
HANDLER(front_child, "x")
HANDLER(kept_child, "y")
HANDLER(zone_child, "z")

static const struct fork_ops front = {
	.prepare = front_prepare,
	.parent = front_parent,
	.child = front_child,
};
static const struct fork_ops kept = {
	.prepare = kept_prepare,
	.parent = kept_parent,
	.child = kept_child,
};
static const struct fork_ops zone = {
	.prepare = zone_prepare,
	.parent = zone_parent,
	.child = zone_child,
};

static const char *run(bool child)
{
	order[0] = '\0';
	fake_fork_prepare();
	if (child)
		fake_fork_child();
	else
		fake_fork_parent();
	return order;
}

/* The order is the table's, whatever the order of registration. */
static void the_order_is_the_tables(struct kunit *test)
{
	fork_register(FORK_ZONES, &zone);
	KUNIT_EXPECT_STREQ(test, run(false), "3c");
	fork_register(FORK_FRONT, &front);
	fork_register(FORK_KEPT, &kept);
	KUNIT_EXPECT_STREQ(test, run(false), "123cba");
	KUNIT_EXPECT_STREQ(test, run(true), "123zyx");
}

static void an_entry_is_filled_once(struct kunit *test)
{
	fork_register(FORK_ZONES, &zone);
	fork_register(FORK_ZONES, &zone);
	KUNIT_EXPECT_STREQ(test, run(false), "123cba");
}

/* A fork by a handler finds everything held, and leaves it so. */
static void nested_fork(void)
{
	fake_fork_prepare();
	fake_fork_parent();
	front_prepare();
}

static void a_handler_may_fork(struct kunit *test)
{
	static const struct fork_ops forks = {
		.prepare = nested_fork,
		.parent = front_parent,
		.child = front_child,
	};

	fork_register(FORK_REGION, &forks);
	KUNIT_EXPECT_STREQ(test, run(false), "1123cbaa");
	KUNIT_EXPECT_STREQ(test, run(true), "1123zyxx");
	fork_register(FORK_REGION, &front);
}

/* --- a wait for oneself --------------------------------------------------- */

static struct lock lock;

static void locks(void)
{
	lock_take_nested(&lock, LOCK_REGION);
}

static void unlocks(void)
{
	lock_drop_nested(&lock, LOCK_REGION);
}

static void died(void)
{
	_exit(strstr(fake_log(), "in a fork handler") ? 42 : 41);
}

/* A handler of others' in the middle does not wait for ever. */
static void who_waits_for_itself_is_told(struct kunit *test)
{
	static const struct fork_ops ops = {
		.prepare = locks,
		.parent = unlocks,
		.child = unlocks,
	};
	int status;
	pid_t pid;

	fork_register(FORK_REGION, &ops);
	KUNIT_EXPECT_FALSE(test, fork_holds());
	fake_fork_prepare();
	KUNIT_EXPECT_TRUE(test, fork_holds());
	pid = fork();
	if (!pid) {
		alarm(20);
		fake_set_die_hook(died);
		lock_wait_slow(&lock);
		_exit(1);
	}
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, WIFEXITED(status) ? WEXITSTATUS(status) : -1, 42);
	fake_fork_parent();
	KUNIT_EXPECT_FALSE(test, fork_holds());
	lock_take(&lock, LOCK_REGION);
	lock_drop(&lock, LOCK_REGION);
	fork_register(FORK_REGION, &front);
}

static int stage;

static int slow_boot(void)
{
	__atomic_store_n(&stage, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&stage, __ATOMIC_ACQUIRE) == 1)
		sched_yield();
	fork_register(FORK_PUBLISH, &zone);
	return 0;
}

static void *boots(void *unused)
{
	static struct once once;

	once_boot(&once, slow_boot);
	return unused;
}

static void *forks(void *unused)
{
	fake_fork_prepare();
	__atomic_store_n(&stage, 3, __ATOMIC_RELEASE);
	fake_fork_parent();
	return unused;
}

/* What registers in a boot takes part in a fork as a whole or not at all. */
static void a_fork_waits_for_a_boot(struct kunit *test)
{
	pthread_t booter, forker;

	order[0] = '\0';
	KUNIT_ASSERT_EQ(test, pthread_create(&booter, NULL, boots, NULL), 0);
	while (__atomic_load_n(&stage, __ATOMIC_ACQUIRE) != 1)
		sched_yield();
	KUNIT_ASSERT_EQ(test, pthread_create(&forker, NULL, forks, NULL), 0);
	for (int i = 0; i < 1000; i++)
		sched_yield();
	KUNIT_EXPECT_STREQ(test, order, "");
	KUNIT_EXPECT_EQ(test, stage, 1);
	__atomic_store_n(&stage, 2, __ATOMIC_RELEASE);
	pthread_join(booter, NULL);
	pthread_join(forker, NULL);
	KUNIT_EXPECT_EQ(test, stage, 3);
	KUNIT_EXPECT_STREQ(test, order, "11233ccbaa");
}

static struct kunit_case cases[] = { KUNIT_CASE(the_order_is_the_tables),
				     KUNIT_CASE(an_entry_is_filled_once),
				     KUNIT_CASE(a_handler_may_fork),
				     KUNIT_CASE(who_waits_for_itself_is_told),
				     KUNIT_CASE(a_fork_waits_for_a_boot),
				     {} };

static struct kunit_suite suite = { .name = "fork", .test_cases = cases };
kunit_test_suite(suite);
