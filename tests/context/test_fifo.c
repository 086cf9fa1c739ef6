/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Priority inversion: a thread that always runs before all others of its CPU
 * must not block, and the holder of a lock stands preempted below it.
 *
 * Ordinary threads run every path, all on one CPU.  A thread of class
 * SCHED_FIFO on the same CPU wakes at random, which preempts one of them
 * wherever it is, and makes a burst of calls that must not block.  Until it
 * sleeps again no other thread can run there, so a call that waited for any of
 * them would never end.  The watch over the world runs elsewhere, or before
 * it, and ends it.
 *
 * Skipped where the class is not permitted or one cannot be pinned.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/mm.h>

#include "context/guard.h"
#include "context/load.h"
#include "kunit/test.h"
#include "model/in_use.h"
#include "page/zone.h"
#include "slab/slab.h"
#include "stress/thread.h"

#define OTHERS 4

static atomic_bool stop;
static atomic_uint names;
static atomic_ulong bursts;
static atomic_ulong involuntary;

static void *ordinary(void *number)
{
	unsigned long me = (unsigned long)number;
	struct kmem_cache *s;
	struct rusage use;
	struct load l;
	char name[32];

	thread_pin(thread_cpu(0));
	load_init(&l, 400, 60 + me, me % 2 ? GFP_KERNEL : 0);
	while (!atomic_load(&stop)) {
		load_steps(&l, 100);
		switch (me ? 9 : rng_below(&l.rng, 5)) {
		case 0:
			kmem_trim();
			break;
		case 1:
			snprintf(name, sizeof(name), "fifo-%u",
				 atomic_fetch_add(&names, 1));
			s = kmem_cache_create(name, 64, 0, 0, NULL);
			kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
			kmem_cache_destroy(s);
			break;
		case 2:
			kmem_cache_shrink(load_cache[1]);
			break;
		case 3:
			drain_all_pages(NULL);
		}
	}
	if (!getrusage(RUSAGE_THREAD, &use))
		atomic_fetch_add(&involuntary, (unsigned long)use.ru_nivcsw);
	load_empty_all(&l);
	load_free_host(&l);
	return NULL;
}

static bool become_fifo(int priority)
{
	struct sched_param param = { .sched_priority = priority };

	return !pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
}

static void *urgent(void *unused)
{
	struct timespec nap = { 0 };
	struct load l;

	thread_pin(thread_cpu(0));
	load_init(&l, 600, 5, 0);
	if (!become_fifo(20))
		world_skip("no SCHED_FIFO: %s", strerror(errno));
	while (!atomic_load(&stop)) {
		nap.tv_nsec = 1000 + (long)rng_below(&l.rng, 400000);
		nanosleep(&nap, NULL);
		load_steps(&l, 400);
		atomic_fetch_add(&bursts, 1);
	}
	load_empty_all(&l);
	load_free_host(&l);
	return unused;
}

static void inversion_world(void)
{
	uint64_t end = work_now_ms() + work_seconds(4) * 1000ull;
	pthread_t t[OTHERS], u;
	unsigned long before;

	if (kmem_init())
		world_wrong("kmem_init()");
	before = in_use_bytes();
	load_open();
	if (pthread_create(&u, NULL, urgent, NULL))
		world_wrong("no thread");
	for (unsigned long i = 0; i < OTHERS; i++)
		if (pthread_create(&t[i], NULL, ordinary, (void *)i))
			world_wrong("no thread");
	while (work_now_ms() < end)
		usleep(10000);
	atomic_store(&stop, true);
	pthread_join(u, NULL);
	for (unsigned int i = 0; i < OTHERS; i++)
		pthread_join(t[i], NULL);
	world_note("%lu bursts, %lu times preempted", atomic_load(&bursts),
		   atomic_load(&involuntary));
	if (!atomic_load(&bursts) || !atomic_load(&involuntary))
		world_wrong("nobody was preempted");
	load_close();
	world_balanced(before);
}

static void in_both(struct kunit *test, unsigned int seconds, void (*fn)(void))
{
	world_run(test, "", seconds, fn);
	world_run(test, "percpu=lock", seconds, fn);
}

static void bursts_over_preempted_threads(struct kunit *test)
{
	in_both(test, work_seconds(4) + 60, inversion_world);
}

/* --- one lock, and its holder for certain below --------------------------- */

static atomic_int phase;
static atomic_bool done;

/* Takes what a refill takes and is then preempted for good. */
static void *low_holder(void *unused)
{
	thread_pin(thread_cpu(0));
	lock_take_nested(&load_cache[0]->barn0.lock, LOCK_BARN);
	lock_take_nested(&load_cache[0]->node0.list_lock, LOCK_LIST);
	lock_take(&grow_lock, LOCK_GROW);
	pcp_lock_all();
	for (unsigned int i = 0; i < ZONES; i++)
		lock_take_nested(&zones[i].lock, LOCK_ZONE);
	atomic_store(&phase, 1);
	/* no sleep: whether it runs is the scheduler's to say */
	while (!atomic_load(&done))
		;
	for (unsigned int i = 0; i < ZONES; i++)
		lock_drop_nested(&zones[i].lock, LOCK_ZONE);
	pcp_unlock_all(false);
	lock_drop(&grow_lock, LOCK_GROW);
	lock_drop_nested(&load_cache[0]->node0.list_lock, LOCK_LIST);
	lock_drop_nested(&load_cache[0]->barn0.lock, LOCK_BARN);
	return unused;
}

static void *high_runner(void *arg)
{
	struct timespec nap = { .tv_nsec = 100000 };
	struct load *l = arg;

	thread_pin(thread_cpu(0));
	if (!become_fifo(20))
		world_skip("no SCHED_FIFO: %s", strerror(errno));
	while (atomic_load(&phase) != 1)
		nanosleep(&nap, NULL);
	/* from here to the end the holder does not run */
	load_empty_all(l);
	load_steps(l, 20000);
	load_empty_all(l);
	atomic_store(&done, true);
	return NULL;
}

static void held_below_world(void)
{
	unsigned long before;
	pthread_t low, high;
	struct load l;

	if (kmem_init())
		world_wrong("kmem_init()");
	before = in_use_bytes();
	load_open();
	load_init(&l, 2000, 6, 0);
	load_steps(&l, 8000);
	if (pthread_create(&high, NULL, high_runner, &l))
		world_wrong("no thread");
	if (pthread_create(&low, NULL, low_holder, NULL))
		world_wrong("no thread");
	pthread_join(high, NULL);
	pthread_join(low, NULL);
	load_empty_all(&l);
	load_free_host(&l);
	load_close();
	world_balanced(before);
}

static void every_lock_is_held_below(struct kunit *test)
{
	in_both(test, 60, held_below_world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(bursts_over_preempted_threads),
	KUNIT_CASE(every_lock_is_held_below),
	{},
};

static struct kunit_suite suite = {
	.name = "context_fifo",
	.test_cases = cases,
};
kunit_test_suite(suite);
