/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A SCHED_FIFO thread whose calls may sleep, beside ordinary threads on one
 * CPU: what it waits for can only be done while it sleeps.  A loop that yields
 * or spins until an ordinary thread gets on would go on for ever where the
 * kernel lets it (sched_rt_runtime_us=-1), and nearly a second where it does
 * not.  The limit RLIMIT_RTTIME ends the process before that: it counts the CPU
 * time of a real-time thread since it last slept.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "context/guard.h"
#include "kunit/test.h"
#include "model/in_use.h"
#include "stress/thread.h"

#define ROUNDS (KMEM_DEBUG ? 1000 : 4000)
#define FORKS_EVERY 64
#define MOST_US 500000ul
#define ORDINARY 3
#define HELD 64

static struct kmem_cache *cache;
static mempool_t *pool;
static atomic_bool stop;

static void work(unsigned long seed)
{
	gfp_t gfp = seed & 1 ? GFP_KERNEL : GFP_ATOMIC | __GFP_NOWARN;
	void *p[HELD], *large, *elem;

	for (unsigned int i = 0; i < HELD; i++)
		p[i] = kmem_cache_alloc(cache, gfp);
	elem = mempool_alloc(pool, gfp);
	large = kvmalloc(seed % 5 ? 5000 : 9 << 20, GFP_KERNEL);
	kvfree(large);
	if (elem)
		mempool_free(elem, pool);
	for (unsigned int i = 0; i < HELD; i++)
		if (p[i])
			kmem_cache_free(cache, p[i]);
}

static void *ordinary(void *arg)
{
	unsigned long seed = (unsigned long)(uintptr_t)arg;

	thread_pin(thread_cpu(0));
	while (!atomic_load(&stop))
		work(seed++);
	return NULL;
}

static void fork_once(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		world_wrong("the forked child");
}

/* What takes locks, sheaves and pages of others. */
static void one_call(unsigned int round)
{
	struct kmem_cache *other;

	switch (round % 6) {
	case 0:
		other = kmem_cache_create("other", 96, 0, 0, NULL);
		kmem_cache_free(other, kmem_cache_alloc(other, GFP_KERNEL));
		kmem_cache_destroy(other);
		break;
	case 1:
		kmem_trim();
		break;
	case 2:
		work(round / 6);
		break;
	default:
		kmem_cache_shrink(cache);
	}
	if (round % FORKS_EVERY == 0)
		fork_once();
}

static void *fifo(void *refused)
{
	struct sched_param sp = { .sched_priority = 10 };

	thread_pin(thread_cpu(0));
	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &sp)) {
		*(bool *)refused = true;
		return NULL;
	}
	/* so that the others are met anywhere */
	for (unsigned int i = 0; i < ROUNDS && !world_is_wrong(); i++) {
		struct timespec ts = {
			.tv_nsec = 30000 + i * 7919 % 200000,
		};

		nanosleep(&ts, NULL);
		one_call(i);
	}
	return NULL;
}

static void fifo_world(void)
{
	const struct rlimit most = { MOST_US, MOST_US };
	pthread_t low[ORDINARY], high;
	bool refused = false;
	unsigned long before;

	if (kmem_init())
		world_wrong("kmem_init()");
	before = in_use_bytes();
	cache = kmem_cache_create("fifo", 64, 0, 0, NULL);
	pool = mempool_create_slab_pool(4, cache);
	if (setrlimit(RLIMIT_RTTIME, &most))
		world_skip("no RLIMIT_RTTIME");
	for (uintptr_t i = 0; i < ORDINARY; i++)
		pthread_create(&low[i], NULL, ordinary, (void *)(i * 1000));
	pthread_create(&high, NULL, fifo, &refused);
	pthread_join(high, NULL);
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < ORDINARY; i++)
		pthread_join(low[i], NULL);
	mempool_destroy(pool);
	kmem_cache_destroy(cache);
	world_balanced(before);
	if (refused)
		world_skip("this host allows no SCHED_FIFO");
}

static void nothing_spins_for_an_ordinary_thread(struct kunit *test)
{
	world_run(test, "", 300, fifo_world);
	world_run(test, "percpu=lock", 300, fifo_world);
	world_run(test, "percpu=lock,mem=48M", 300, fifo_world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(nothing_spins_for_an_ordinary_thread),
	{},
};

static struct kunit_suite suite = { .name = "fifo_sleeps",
				    .test_cases = cases };

kunit_test_suite(suite);
