/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The floor that all other unit tests stand on: it has to catch what it says
 * it catches.
 */
#include "port/fake/fake.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kunit/test.h"

#define PG 4096ul
#define MIB (1ul << 20)

static char *at; /* a reservation of 1 MiB, its first 16 pages usable */

static int reserve_one(struct kunit *test)
{
	size_t n = MIB;

	(void)test;
	at = port_claim(&n, n, 2 * MIB);
	return !at || port_commit(at, 16 * PG);
}

static int signal_of(void (*fn)(void))
{
	int status = -1;
	pid_t pid;

	pid = fork();
	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		close(STDERR_FILENO);
		fn();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void touch_reserved(void)
{
	*(volatile char *)(at + 16 * PG) = 1;
}

static void touch_usable(void)
{
	*(volatile char *)(at + 16 * PG - 1) = 1;
}

static void commit_odd(void)
{
	port_commit(at, PG + 1);
}

static void commit_outside(void)
{
	port_commit(at + MIB - PG, 2 * PG);
}

static void purge_reserved(void)
{
	port_purge(at + 15 * PG, 2 * PG);
}

static void purge_odd(void)
{
	port_purge(at + 1, PG);
}

static void unmap_other_length(void)
{
	port_unmap(port_map(4 * PG, PG, true), 5 * PG, true);
}

static void unmap_twice(void)
{
	void *p = port_map(4 * PG, PG, true);

	port_unmap(p, 4 * PG, true);
	port_unmap(p, 4 * PG, true);
}

static void unmap_reservation(void)
{
	port_unmap(at, MIB, false);
}

static void touch_guard(void)
{
	char *p = port_map(4 * PG, PG, true);

	*(volatile char *)(p + 4 * PG) = 1;
}

static void touch_unmapped(void)
{
	char *p = port_map(4 * PG, PG, true);

	port_unmap(p, 4 * PG, true);
	*(volatile char *)p = 1;
}

static void write_half_a_line(void)
{
	port_write("half", 4);
}

static void fake_catches_misuse(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, signal_of(touch_usable), 0);
	KUNIT_EXPECT_EQ(test, signal_of(commit_odd), SIGABRT);
	KUNIT_EXPECT_EQ(test, signal_of(commit_outside), SIGABRT);
	KUNIT_EXPECT_EQ(test, signal_of(purge_reserved), SIGABRT);
	KUNIT_EXPECT_EQ(test, signal_of(purge_odd), SIGABRT);
	KUNIT_EXPECT_EQ(test, signal_of(unmap_other_length), SIGABRT);
	KUNIT_EXPECT_EQ(test, signal_of(unmap_twice), SIGABRT);
	KUNIT_EXPECT_EQ(test, signal_of(unmap_reservation), SIGABRT);
	KUNIT_EXPECT_EQ(test, signal_of(write_half_a_line), SIGABRT);
}

static void fake_memory_is_protected(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, signal_of(touch_reserved), SIGSEGV);
	KUNIT_EXPECT_EQ(test, signal_of(touch_guard), SIGSEGV);
	KUNIT_EXPECT_EQ(test, signal_of(touch_unmapped), SIGSEGV);
}

static void fake_reserve_halves(struct kunit *test)
{
	size_t n = 1ul << 40;
	char *p;

	p = port_claim(&n, PG, 2 * MIB);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, n, 64 * MIB);
	KUNIT_EXPECT_EQ(test, (uintptr_t)p % (2 * MIB), 0);
	n = 1ul << 40;
	KUNIT_EXPECT_NULL(test, port_claim(&n, 128 * MIB, PG));
	KUNIT_EXPECT_EQ(test, n, 1ul << 40);
	fake_set_window(3 * MIB);
	n = 64 * MIB;
	KUNIT_EXPECT_NOT_NULL(test, port_claim(&n, PG, PG));
	KUNIT_EXPECT_EQ(test, n, 2 * MIB);
	fake_set_window(0);
}

static void fake_purge_zeroes(struct kunit *test)
{
	size_t before = fake_committed();

	memset(at, 7, 4 * PG);
	port_purge(at + PG, 2 * PG);
	KUNIT_EXPECT_EQ(test, at[PG - 1], 7);
	KUNIT_EXPECT_EQ(test, at[PG], 0);
	KUNIT_EXPECT_EQ(test, at[3 * PG - 1], 0);
	KUNIT_EXPECT_EQ(test, at[3 * PG], 7);
	KUNIT_EXPECT_EQ(test, fake_committed(), before);
	KUNIT_EXPECT_EQ(test, port_commit(at, 16 * PG), PORT_TAKEN);
	KUNIT_EXPECT_EQ(test, fake_committed(), before);
	KUNIT_EXPECT_TRUE(test, fake_usable(at + PG));
	KUNIT_EXPECT_FALSE(test, fake_usable(at + 16 * PG));
}

static void fake_clear_zeroes(struct kunit *test)
{
	size_t before = fake_cleared();
	char *p = port_map(4 * PG, PG, true);

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 9, 4 * PG);
	port_clear(p + PG, 2 * PG);
	KUNIT_EXPECT_EQ(test, p[PG - 1], 9);
	KUNIT_EXPECT_EQ(test, p[PG], 0);
	KUNIT_EXPECT_EQ(test, p[3 * PG - 1], 0);
	KUNIT_EXPECT_EQ(test, p[3 * PG], 9);
	KUNIT_EXPECT_EQ(test, fake_cleared(), before + 2 * PG);
	port_unmap(p, 4 * PG, true);
}

static void fake_map_counts(struct kunit *test)
{
	size_t bytes = fake_mapped();
	unsigned int maps = fake_maps();
	char *p, *q;

	p = port_map(3 * PG, 8 * MIB, true);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, (uintptr_t)p % (8 * MIB), 0);
	KUNIT_EXPECT_EQ(test, fake_mapped(), bytes + 3 * PG);
	KUNIT_EXPECT_EQ(test, fake_maps(), maps + 1);
	memset(p, 9, 3 * PG);
	q = port_remap(p, 3 * PG, 5 * PG, true);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, q[3 * PG - 1], 9);
	KUNIT_EXPECT_EQ(test, q[3 * PG], 0);
	KUNIT_EXPECT_FALSE(test, fake_usable(p));
	q = port_remap(q, 5 * PG, PG, true);
	KUNIT_EXPECT_EQ(test, fake_mapped(), bytes + PG);
	port_unmap(q, PG, true);
	KUNIT_EXPECT_EQ(test, fake_mapped(), bytes);
	KUNIT_EXPECT_EQ(test, fake_maps(), maps);
}

static void fake_split_makes_two(struct kunit *test)
{
	size_t bytes = fake_mapped();
	unsigned int maps = fake_maps();
	char *p = port_map(8 * PG, PG, true);

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 9, 8 * PG);
	fake_fail_nth(FAKE_BIT(FAKE_SPLIT), 1);
	KUNIT_EXPECT_FALSE(test, port_split(p, 8 * PG, 3 * PG));
	KUNIT_EXPECT_EQ(test, fake_maps(), maps + 1);
	KUNIT_EXPECT_TRUE(test, fake_usable(p + 3 * PG));
	KUNIT_EXPECT_TRUE(test, port_split(p, 8 * PG, 3 * PG));
	KUNIT_EXPECT_EQ(test, fake_maps(), maps + 2);
	KUNIT_EXPECT_EQ(test, fake_mapped(), bytes + 7 * PG);
	KUNIT_EXPECT_FALSE(test, fake_usable(p + 3 * PG));
	port_unmap(p, 3 * PG, true);
	KUNIT_EXPECT_EQ(test, p[4 * PG], 9);
	KUNIT_EXPECT_EQ(test, p[8 * PG - 1], 9);
	port_unmap(p + 4 * PG, 4 * PG, true);
	KUNIT_EXPECT_EQ(test, fake_maps(), maps);
	KUNIT_EXPECT_EQ(test, fake_mapped(), bytes);
}

static void fake_fails_when_told(struct kunit *test)
{
	unsigned int maps = fake_maps();
	size_t n = MIB;
	void *p;

	fake_fail_nth(FAKE_BIT(FAKE_COMMIT), 2);
	KUNIT_EXPECT_EQ(test, port_commit(at + 16 * PG, PG), 0);
	KUNIT_EXPECT_EQ(test, fake_failed(), 0);
	KUNIT_EXPECT_EQ(test, port_commit(at + 32 * PG, PG), -ENOMEM);
	KUNIT_EXPECT_FALSE(test, fake_usable(at + 32 * PG));
	KUNIT_EXPECT_EQ(test, port_commit(at + 32 * PG, PG), 0);
	KUNIT_EXPECT_EQ(test, fake_failed(), 1);
	fake_fail_nth(FAKE_BIT(FAKE_UNCOMMIT), 1);
	KUNIT_EXPECT_FALSE(test, port_uncommit(at + 16 * PG, PG));
	KUNIT_EXPECT_TRUE(test, fake_usable(at + 16 * PG));
	KUNIT_EXPECT_TRUE(test, port_uncommit(at + 16 * PG, PG));
	KUNIT_EXPECT_FALSE(test, fake_usable(at + 16 * PG));
	fake_take(at + 16 * PG, PG, true);
	KUNIT_EXPECT_EQ(test, port_commit(at + 16 * PG, PG), PORT_TAKEN);
	fake_take(at + 16 * PG, PG, false);

	fake_fail_from(FAKE_ANY, 2);
	p = port_map(PG, PG, false);
	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_NULL(test, port_map(PG, PG, false));
	KUNIT_EXPECT_NULL(test, port_remap(p, PG, 2 * PG, false));
	KUNIT_EXPECT_NULL(test, port_claim(&n, PG, PG));
	KUNIT_EXPECT_EQ(test, port_commit(at, PG), -ENOMEM);
	KUNIT_EXPECT_EQ(test, fake_failed(), 4);
	fake_fail_nth(0, 0);
	port_unmap(p, PG, false);
	KUNIT_EXPECT_EQ(test, fake_maps(), maps);
}

static unsigned int roam(void)
{
	static unsigned int calls;

	return calls++ % 7;
}

static void *cpu_of_thread(void *arg)
{
	(void)arg;
	return (void *)(uintptr_t)port_cpu();
}

static void fake_cpus_are_virtual(struct kunit *test)
{
	unsigned int i, n = port_nr_cpus();
	void *cpu = NULL;
	pthread_t t;

	KUNIT_EXPECT_EQ(test, n, 4);
	KUNIT_EXPECT_EQ(test, port_cpu(), 0);
	fake_set_cpu(9);
	KUNIT_EXPECT_EQ(test, port_cpu(), 9);
	KUNIT_EXPECT_EQ(test, port_nr_cpus(), 10);
	KUNIT_ASSERT_EQ(test, pthread_create(&t, NULL, cpu_of_thread, NULL), 0);
	pthread_join(t, &cpu);
	KUNIT_EXPECT_NULL(test, cpu);
	fake_set_cpu_hook(roam);
	for (i = 0; i < 14; i++)
		KUNIT_EXPECT_EQ(test, port_cpu(), i % 7);
	fake_set_cpu_hook(NULL);
	KUNIT_EXPECT_EQ(test, port_cpu(), 9);
	fake_set_cpu(0);
	fake_set_nr_cpus(n);
	KUNIT_EXPECT_EQ(test, port_nr_cpus(), n);
}

static void fake_clock_stands_still(struct kunit *test)
{
	uint64_t start = port_clock_ns();
	uint32_t word = 1;

	KUNIT_EXPECT_EQ(test, port_clock_ns(), start);
	fake_clock_advance(5);
	KUNIT_EXPECT_EQ(test, port_clock_ns(), start + 5);
	/* Nobody wakes it: an hour passes at once. */
	port_wait(&word, 1, 3600000000000);
	KUNIT_EXPECT_EQ(test, port_clock_ns(), start + 5 + 3600000000000);
	/* Not what was expected: no sleep, no time. */
	port_wait(&word, 2, 3600000000000);
	KUNIT_EXPECT_EQ(test, port_clock_ns(), start + 5 + 3600000000000);
	fake_clock_set(start);
	KUNIT_EXPECT_EQ(test, port_clock_ns(), start);
}

static uint32_t gate;

static void *wait_at_gate(void *arg)
{
	while (!__atomic_load_n(&gate, __ATOMIC_ACQUIRE))
		port_wait(&gate, 0, -1);
	return arg;
}

static void fake_wakes_threads(struct kunit *test)
{
	unsigned long waits = fake_calls(FAKE_WAIT);
	pthread_t t[3];
	int i;

	gate = 0;
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL, wait_at_gate, NULL),
				0);
	while (fake_calls(FAKE_WAIT) < waits + 3)
		sched_yield();
	__atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
	port_wake(&gate, 3);
	for (i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}

static char order[32];

#define HANDLER(name, letter)                                              \
	static void name(void)                                             \
	{                                                                  \
		strncat(order, letter, sizeof(order) - 1 - strlen(order)); \
	}
HANDLER(prepare, "1")
HANDLER(parent, "a")
HANDLER(child, "x")

static void fake_fork_calls(struct kunit *test)
{
	unsigned int pid = port_pid();

	port_on_fork(prepare, parent, child);
	fake_fork_prepare();
	fake_fork_parent();
	KUNIT_EXPECT_STREQ(test, order, "1a");
	KUNIT_EXPECT_EQ(test, port_pid(), pid);
	order[0] = '\0';
	fake_fork_prepare();
	fake_fork_child();
	KUNIT_EXPECT_STREQ(test, order, "1x");
	KUNIT_EXPECT_NE(test, port_pid(), pid);
}

static void fake_log_is_kept(struct kunit *test)
{
	unsigned long writes = fake_calls(FAKE_WRITE);

	fake_log_clear();
	port_write("one\n", 4);
	port_write("two\nthree\n", 10);
	KUNIT_EXPECT_STREQ(test, fake_log(), "one\ntwo\nthree\n");
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WRITE), writes + 2);
	fake_log_clear();
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(fake_catches_misuse),   KUNIT_CASE(fake_memory_is_protected),
	KUNIT_CASE(fake_reserve_halves),   KUNIT_CASE(fake_purge_zeroes),
	KUNIT_CASE(fake_clear_zeroes),     KUNIT_CASE(fake_map_counts),
	KUNIT_CASE(fake_split_makes_two),  KUNIT_CASE(fake_fails_when_told),
	KUNIT_CASE(fake_cpus_are_virtual), KUNIT_CASE(fake_clock_stands_still),
	KUNIT_CASE(fake_wakes_threads),    KUNIT_CASE(fake_fork_calls),
	KUNIT_CASE(fake_log_is_kept),      {}
};

static struct kunit_suite suite = { .name = "fake",
				    .init = reserve_one,
				    .test_cases = cases };
kunit_test_suite(suite);
