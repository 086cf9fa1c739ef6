/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * fork() of a process whose threads are in the middle of everything.  The
 * child has one thread, no lock left taken, whole structures, and may
 * allocate at once.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

#include "kunit/test.h"
#include "lib/sanitized.h"
#include "stress/work.h"

#define WORKERS 6

static atomic_bool stop;
/* A child inherits the caches of threads that it has not: names differ. */
static atomic_uint names;

static void *churn(void *number)
{
	struct rng r = { .state = (unsigned long)number + 40 };
	struct {
		void *p;
		size_t size;
	} held[100] = { 0 };
	unsigned int round = 0;

	while (!atomic_load(&stop)) {
		unsigned int i = rng_below(&r, 100);

		kfree(held[i].p);
		held[i].size = work_size(&r);
		held[i].p = kmalloc(held[i].size, GFP_KERNEL);
		if (++round % 500 == 0) {
			char name[32];
			struct kmem_cache *s;

			snprintf(name, sizeof(name), "fork-%u",
				 atomic_fetch_add(&names, 1));
			s = kmem_cache_create(name, 64, 0, 0, NULL);
			kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
			kmem_cache_destroy(s);
		}
		if (round % 1000 == 700)
			kmem_trim();
	}
	for (unsigned int i = 0; i < 100; i++)
		kfree(held[i].p);
	return NULL;
}

/* What the child does; its exit status says what went wrong. */
static int child(struct kmem_cache *s, void *before, size_t size, uint32_t seed)
{
	struct rng r = { .state = seed };
	void *p[200];
	size_t n[200];

	for (int i = 0; i < 200; i++) {
		n[i] = work_size(&r);
		p[i] = kmalloc(n[i], GFP_KERNEL);
		if (!p[i])
			return 2;
		work_stamp(p[i], n[i], (uint32_t)i);
	}
	/* What the parent had before, the child has. */
	if (!work_stamped(before, size, seed))
		return 3;
	kfree(before);
	for (int i = 0; i < 200; i++) {
		if (!work_stamped(p[i], n[i], (uint32_t)i))
			return 4;
		kfree(p[i]);
	}
	p[0] = kmem_cache_alloc(s, GFP_KERNEL);
	if (!p[0])
		return 5;
	kmem_cache_free(s, p[0]);
	kmem_cache_shrink(s);
	s = kmem_cache_create("born-in-child", 48, 0, 0, NULL);
	if (!s)
		return 6;
	if (!kmem_cache_alloc_bulk(s, GFP_KERNEL, 200, p))
		return 7;
	kmem_cache_free_bulk(s, 200, p);
	if (kmem_cache_destroy(s))
		return 8;
	kmem_trim();
	return kmem_validate() ? 0 : 9;
}

static int wait_for(pid_t pid)
{
	uint64_t end = work_now_ms() + 20000;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (work_now_ms() > end) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
		usleep(500);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   1000 + WTERMSIG(status);
}

static void fork_at_any_moment(struct kunit *test)
{
	uint64_t end = work_now_ms() + work_seconds(5) * 1000ull;
	unsigned long before;
	struct kmem_cache *s;
	struct rng r = { .state = 4711 };
	pthread_t t[WORKERS];
	unsigned int forks = 0;
	int result = 0;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	s = kmem_cache_create("fork-shared", 120, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	atomic_store(&stop, false);
	for (unsigned long i = 0; i < WORKERS; i++)
		KUNIT_ASSERT_EQ(
			test, pthread_create(&t[i], NULL, churn, (void *)i), 0);
	while (work_now_ms() < end && result == 0) {
		size_t size = work_size(&r);
		uint32_t seed = rng_next(&r);
		void *p = kmalloc(size, GFP_KERNEL);
		pid_t pid;

		work_stamp(p, size, seed);
		usleep(rng_below(&r, 3000));
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			_exit(child(s, p, size, seed));
		KUNIT_EXPECT_GT(test, pid, 0);
		if (pid < 0)
			break;
		kfree(p);
		forks++;
		result = wait_for(pid);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(t[i], NULL);
	KUNIT_EXPECT_EQ_MSG(test, result, 0,
			    "after %u forks; -1 is a child that hangs, 1000 "
			    "and more a signal",
			    forks);
	kunit_info(test, "%u forks", forks);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	work_balanced(test, before);
}

/* A child forks again, to some depth, and each level has threads of its own. */
static int generation(int depth)
{
	pthread_t t[2];
	pid_t pid;
	int status = 0;

	atomic_store(&stop, false);
	for (unsigned long i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, churn, (void *)i))
			return 10;
	usleep(2000);
	if (depth) {
		pid = fork();
		if (pid == 0)
			_exit(generation(depth - 1));
		status = pid < 0 ? 11 : wait_for(pid);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	if (status)
		return status;
	return kmem_validate() ? 0 : 9;
}

static void children_of_children(struct kunit *test)
{
	/* A sanitizer's own locks may be left taken in a child. */
	if (SANITIZED)
		kunit_skip(test, "sanitizers allow no threads in a child");
	for (int i = 0; i < 5; i++) {
		pid_t pid;

		fflush(stdout);
		pid = fork();
		if (pid == 0)
			_exit(generation(5));
		KUNIT_ASSERT_GT(test, pid, 0);
		KUNIT_ASSERT_EQ(test, wait_for(pid), 0);
	}
}

/* The child must not inherit a wait that nobody will end. */
static void pool_in_a_child(struct kunit *test)
{
	mempool_t *pool = mempool_create_kmalloc_pool(4, 100);
	pid_t pid;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		void *p[10];

		for (int i = 0; i < 10; i++)
			p[i] = mempool_alloc(pool, GFP_KERNEL);
		for (int i = 0; i < 10; i++)
			mempool_free(p[i], pool);
		mempool_destroy(pool);
		_exit(kmem_validate() ? 0 : 9);
	}
	KUNIT_ASSERT_GT(test, pid, 0);
	KUNIT_EXPECT_EQ(test, wait_for(pid), 0);
	mempool_destroy(pool);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(fork_at_any_moment),
	KUNIT_CASE_SLOW(children_of_children),
	KUNIT_CASE(pool_in_a_child),
	{},
};

static struct kunit_suite suite = {
	.name = "stress_fork",
	.test_cases = cases,
};
kunit_test_suite(suite);
