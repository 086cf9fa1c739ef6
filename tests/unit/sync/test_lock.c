/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "sync/lock.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kunit/test.h"
#include "port/fake/fake.h"

#define THREADS 4
#define ROUNDS 20000

static struct lock lock;

static bool holds_nothing(void)
{
	const struct port_task *t = port_task();
	size_t i;

	for (i = 0; i < sizeof(t->nested) / sizeof(t->nested[0]); i++)
		if (t->nested[i])
			return false;
	return !t->held;
}

static unsigned long counter; /* plain: only the lock protects it */
static int inside;

static void *contend(void *arg)
{
	struct kunit *test = arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (i % 8 == 3) {
			while (!lock_try(&lock, LOCK_ZONE))
				sched_yield();
		} else if (i % 8 == 5) {
			while (!lock_take_within(&lock, LOCK_ZONE, 100000000))
				;
		} else {
			lock_take(&lock, LOCK_ZONE);
		}
		KUNIT_EXPECT_EQ(test, inside++, 0);
		counter++;
		/* A holder that is preempted. */
		if (i % 64 == 0)
			sched_yield();
		inside--;
		lock_drop(&lock, LOCK_ZONE);
	}
	return NULL;
}

static void lock_excludes(struct kunit *test)
{
	pthread_t t[THREADS];
	int i;

	counter = 0;
	for (i = 0; i < THREADS; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL, contend, test), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	KUNIT_EXPECT_EQ(test, counter, (unsigned long)THREADS * ROUNDS);
	KUNIT_EXPECT_EQ(test, lock.word, 0);
	KUNIT_EXPECT_TRUE(test, holds_nothing());
}

static void *take_once(void *arg)
{
	lock_take(&lock, LOCK_ZONE);
	__atomic_store_n((int *)arg, 1, __ATOMIC_RELEASE);
	lock_drop(&lock, LOCK_ZONE);
	return NULL;
}

static void lock_sleeps_and_is_woken(struct kunit *test)
{
	unsigned long waits = fake_calls(FAKE_WAIT);
	unsigned long wakes = fake_calls(FAKE_WAKE);
	pthread_t t;
	int got = 0;

	lock_take(&lock, LOCK_ZONE);
	KUNIT_ASSERT_EQ(test, pthread_create(&t, NULL, take_once, &got), 0);
	while (__atomic_load_n(&lock.word, __ATOMIC_RELAXED) != 2)
		sched_yield();
	while (fake_calls(FAKE_WAIT) == waits)
		sched_yield();
	KUNIT_EXPECT_EQ(test, __atomic_load_n(&got, __ATOMIC_ACQUIRE), 0);
	lock_drop(&lock, LOCK_ZONE);
	pthread_join(t, NULL);
	KUNIT_EXPECT_EQ(test, got, 1);
	KUNIT_EXPECT_GE(test, fake_calls(FAKE_WAKE), wakes + 1);
	KUNIT_EXPECT_EQ(test, lock.word, 0);
}

/* A holder that must not call the OS wakes no sleeper: the wake-up is owed. */
static void lock_dropped_quietly_owes_a_wake(struct kunit *test)
{
	unsigned long wakes = fake_calls(FAKE_WAKE);

	lock_take(&lock, LOCK_ZONE);
	__atomic_store_n(&lock.word, LOCK_AWAITED, __ATOMIC_RELAXED);
	lock_put(&lock, LOCK_ZONE, LOCK_SPIN);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes);
	KUNIT_EXPECT_EQ(test, lock.word, LOCK_OWED);
	/* the next holder that may, wakes */
	lock_take(&lock, LOCK_ZONE);
	lock_drop(&lock, LOCK_ZONE);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAKE), wakes + 1);
	KUNIT_EXPECT_EQ(test, lock.word, LOCK_FREE);
}

static void lock_uncontended_asks_nobody(struct kunit *test)
{
	unsigned long before = fake_calls(FAKE_WAIT) + fake_calls(FAKE_WAKE);
	int i;

	for (i = 0; i < 100; i++) {
		lock_take(&lock, LOCK_ZONE);
		KUNIT_EXPECT_FALSE(test, lock_try(&lock, LOCK_ZONE));
		lock_drop(&lock, LOCK_ZONE);
	}
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAIT) + fake_calls(FAKE_WAKE),
			before);
}

static void lock_within_gives_up(struct kunit *test)
{
	uint64_t start = port_clock_ns();

	lock_take(&lock, LOCK_ZONE);
	KUNIT_EXPECT_FALSE(test, lock_take_within(&lock, LOCK_ZONE, 1000000));
	KUNIT_EXPECT_GE(test, port_clock_ns() - start, 1000000);
	lock_drop(&lock, LOCK_ZONE);
	KUNIT_EXPECT_EQ(test, lock.word, 0);
	KUNIT_EXPECT_TRUE(test, lock_take_within(&lock, LOCK_ZONE, 1));
	lock_drop(&lock, LOCK_ZONE);
	KUNIT_EXPECT_TRUE(test, holds_nothing());
}

/* Runs fn in a child; returns the signal that ended it, or 0. */
static int death_of(void (*fn)(void))
{
	int status = 0;
	pid_t pid;

	pid = fork();
	if (!pid) {
		close(STDERR_FILENO);
		fn();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static struct lock other;

static void take_downward(void)
{
	lock_take(&lock, LOCK_ZONE);
	lock_take(&other, LOCK_BARN);
}

static void take_same(void)
{
	lock_take(&lock, LOCK_ZONE);
	lock_take(&other, LOCK_ZONE);
}

static void drop_another(void)
{
	lock_take(&lock, LOCK_ZONE);
	lock_drop(&other, LOCK_BARN);
}

static void nested_downward(void)
{
	lock_take_nested(&lock, LOCK_ZONE);
	lock_take_nested(&other, LOCK_BARN);
}

static void upward_and_tries(void)
{
	struct lock third = { 0 };

	lock_take(&lock, LOCK_BARN);
	lock_take(&other, LOCK_ZONE);
	/* A try is free of the order, and what it took counts. */
	if (!lock_try(&third, LOCK_LIST))
		_exit(1);
	lock_drop(&third, LOCK_LIST);
	lock_drop(&lock, LOCK_BARN);
	lock_drop(&other, LOCK_ZONE);
	if (!holds_nothing())
		_exit(2);
}

static void try_then_downward(void)
{
	if (!lock_try(&lock, LOCK_ZONE))
		_exit(1);
	lock_take(&other, LOCK_BARN);
}

static void lock_order_is_asserted(struct kunit *test)
{
#if KMEM_DEBUG
	KUNIT_EXPECT_EQ(test, death_of(take_downward), SIGABRT);
	KUNIT_EXPECT_EQ(test, death_of(take_same), SIGABRT);
	KUNIT_EXPECT_EQ(test, death_of(drop_another), SIGABRT);
	KUNIT_EXPECT_EQ(test, death_of(nested_downward), SIGABRT);
	KUNIT_EXPECT_EQ(test, death_of(try_then_downward), SIGABRT);
#else
	(void)take_downward;
	(void)take_same;
	(void)drop_another;
	(void)nested_downward;
	(void)try_then_downward;
	kunit_skip(test, "ranks are checked in debug builds");
#endif
}

static void lock_order_upward_is_free(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, death_of(upward_and_tries), 0);
}

#if KMEM_DEBUG
static void die_quietly(void)
{
	char want[100];

	snprintf(want, sizeof(want),
		 "Kernel panic - not syncing: kmem: out of order: lock barn "
		 "(%u), held: list zone\n",
		 (unsigned int)LOCK_BARN);
	_exit(strcmp(fake_log(), want) ? 1 : 42);
}

static void report_order(void)
{
	struct lock third = { 0 };

	fake_log_clear();
	fake_set_die_hook(die_quietly);
	lock_take(&lock, LOCK_LIST);
	lock_take(&third, LOCK_ZONE);
	lock_take(&other, LOCK_BARN);
}

static void die_with_all(void)
{
	_exit(strstr(fake_log(),
		     "held: boot pool counter front check device region kept "
		     "percpu area caches slot barn list share "
		     "hook grow "
		     "pcp zone publish report\n") ?
		      42 :
		      1);
}

static void report_all(void)
{
	static struct lock each[LOCK_RANKS];
	unsigned int rank;

	fake_log_clear();
	fake_set_die_hook(die_with_all);
	for (rank = 0; rank < LOCK_RANKS; rank++)
		lock_take(&each[rank], (enum lock_rank)rank);
	lock_take(&other, LOCK_BOOT);
}
#endif

static void lock_order_report_names_ranks(struct kunit *test)
{
#if KMEM_DEBUG
	KUNIT_EXPECT_EQ(test, death_of(report_order), -42);
	KUNIT_EXPECT_EQ(test, death_of(report_all), -42);
#else
	kunit_skip(test, "ranks are checked in debug builds");
#endif
}

static void lock_nested_takes_many_of_a_rank(struct kunit *test)
{
	struct lock barn[3] = {}, zone[2] = {}, caches = {};
	int i;

	lock_take(&caches, LOCK_CACHES);
	for (i = 0; i < 3; i++)
		lock_take_nested(&barn[i], LOCK_BARN);
	for (i = 0; i < 2; i++)
		lock_take_nested(&zone[i], LOCK_ZONE);
	for (i = 0; i < 2; i++)
		lock_drop_nested(&zone[i], LOCK_ZONE);
	for (i = 0; i < 3; i++)
		lock_drop_nested(&barn[i], LOCK_BARN);
	lock_drop(&caches, LOCK_CACHES);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, barn[i].word, 0);
	KUNIT_EXPECT_TRUE(test, holds_nothing());
}

static void *sleep_on_lock(void *arg)
{
	lock_take(arg, LOCK_BARN);
	lock_drop(arg, LOCK_BARN);
	return NULL;
}

/*
 * A real fork with a sleeper: its 2 in the word and the ranks of the forking
 * thread are in the child, where nobody sleeps and nobody holds.
 */
static void lock_reset_frees_in_a_child(struct kunit *test)
{
	struct lock barn[2] = {};
	int status = -1;
	pthread_t t;
	pid_t pid;
	int i;

	for (i = 0; i < 2; i++)
		lock_take_nested(&barn[i], LOCK_BARN);
	KUNIT_ASSERT_EQ(test, pthread_create(&t, NULL, sleep_on_lock, barn), 0);
	while (__atomic_load_n(&barn[0].word, __ATOMIC_RELAXED) != 2)
		sched_yield();
	pid = fork();
	if (!pid) {
		for (i = 0; i < 2; i++)
			lock_reset(&barn[i]);
		lock_take(&barn[0], LOCK_BARN);
		lock_drop(&barn[0], LOCK_BARN);
		_exit(barn[0].word || barn[1].word || !holds_nothing());
	}
	KUNIT_ASSERT_GT(test, pid, 0);
	KUNIT_EXPECT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	for (i = 0; i < 2; i++)
		lock_drop_nested(&barn[i], LOCK_BARN);
	pthread_join(t, NULL);
	KUNIT_EXPECT_EQ(test, barn[0].word, 0);
	KUNIT_EXPECT_TRUE(test, holds_nothing());
}

static struct once once;
static int once_calls, once_fails;

static int once_fn(void)
{
	__atomic_fetch_add(&once_calls, 1, __ATOMIC_RELAXED);
	sched_yield();
	/* What is half made is not ready. */
	if (once_run(&once, once_fn) != -EBUSY || once_done(&once))
		return -EINVAL;
	return once_fails-- > 0 ? -ENOMEM : 0;
}

static void *run_once(void *arg)
{
	*(int *)arg = once_run(&once, once_fn);
	if (!*(int *)arg && !once_done(&once))
		*(int *)arg = 1;
	return NULL;
}

static void once_runs_once(struct kunit *test)
{
	pthread_t t[THREADS];
	int ret[THREADS], i, round;

	for (round = 0; round < 200; round++) {
		once = (struct once){ 0 };
		once_calls = once_fails = 0;
		for (i = 0; i < THREADS; i++)
			KUNIT_ASSERT_EQ(test,
					pthread_create(&t[i], NULL, run_once,
						       &ret[i]),
					0);
		for (i = 0; i < THREADS; i++) {
			pthread_join(t[i], NULL);
			KUNIT_EXPECT_EQ(test, ret[i], 0);
		}
		KUNIT_EXPECT_EQ(test, once_calls, 1);
		KUNIT_EXPECT_TRUE(test, once_done(&once));
	}
}

static void once_failure_is_tried_again(struct kunit *test)
{
	once = (struct once){ 0 };
	once_calls = 0;
	once_fails = 2;
	KUNIT_EXPECT_EQ(test, once_run(&once, once_fn), -ENOMEM);
	KUNIT_EXPECT_FALSE(test, once_done(&once));
	KUNIT_EXPECT_EQ(test, once_run(&once, once_fn), -ENOMEM);
	KUNIT_EXPECT_EQ(test, once_run(&once, once_fn), 0);
	KUNIT_EXPECT_TRUE(test, once_done(&once));
	KUNIT_EXPECT_EQ(test, once_run(&once, once_fn), 0);
	KUNIT_EXPECT_EQ(test, once_calls, 3);
}

/* A thread that waited for a run that failed runs it itself. */
static void once_failure_wakes_waiters(struct kunit *test)
{
	int ret[THREADS], i, failures = 0;
	pthread_t t[THREADS];

	once = (struct once){ 0 };
	once_calls = 0;
	once_fails = 2;
	for (i = 0; i < THREADS; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL, run_once, &ret[i]),
				0);
	for (i = 0; i < THREADS; i++) {
		pthread_join(t[i], NULL);
		failures += ret[i] == -ENOMEM;
	}
	KUNIT_EXPECT_EQ(test, failures, 2);
	KUNIT_EXPECT_EQ(test, once_calls, 3);
	KUNIT_EXPECT_TRUE(test, once_done(&once));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lock_excludes),
	KUNIT_CASE(lock_sleeps_and_is_woken),
	KUNIT_CASE(lock_dropped_quietly_owes_a_wake),
	KUNIT_CASE(lock_uncontended_asks_nobody),
	KUNIT_CASE(lock_within_gives_up),
	KUNIT_CASE(lock_order_is_asserted),
	KUNIT_CASE(lock_order_upward_is_free),
	KUNIT_CASE(lock_order_report_names_ranks),
	KUNIT_CASE(lock_nested_takes_many_of_a_rank),
	KUNIT_CASE(lock_reset_frees_in_a_child),
	KUNIT_CASE(once_runs_once),
	KUNIT_CASE(once_failure_is_tried_again),
	KUNIT_CASE(once_failure_wakes_waiters),
	{}
};

static struct kunit_suite suite = { .name = "lock", .test_cases = cases };
kunit_test_suite(suite);
