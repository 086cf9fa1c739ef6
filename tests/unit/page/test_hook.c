// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Hooks: their order, that a removal waits for the calls under way and for no
 * more, and what a fork leaves of them.
 */
#include "unit/page/world.h"

#include <pthread.h>
#include <sched.h>

static struct kmem_hook hooks[4];
static unsigned int released;
static struct kmem_hook *released_last;

static void release(struct kmem_hook *hook)
{
	released_last = hook;
	__atomic_fetch_add(&released, 1, __ATOMIC_RELEASE);
}

static unsigned int releases(void)
{
	return __atomic_load_n(&released, __ATOMIC_ACQUIRE);
}

static void add_all(void)
{
	for (unsigned int i = 0; i < 4; i++)
		hook_add(HOOK_OOM, &hooks[i], 0);
}

/* Which are called, as digits. */
static const char *walk(void)
{
	static char text[8];
	struct kmem_hook *hook;
	unsigned int n = 0;
	struct hook_walk w;

	for (hook = hook_first(&w, HOOK_OOM); hook; hook = hook_next(&w))
		text[n++] = (char)('0' + (hook - hooks));
	text[n] = 0;
	return text;
}

WORLD_CASE(hooks_stand_by_priority_and_age, .window = 0)
{
	KUNIT_EXPECT_STREQ(test, walk(), "");
	KUNIT_EXPECT_FALSE(test, hooks_any(HOOK_OOM));
	KUNIT_EXPECT_TRUE(test, hook_add(HOOK_OOM, &hooks[0], 0));
	KUNIT_EXPECT_TRUE(test, hook_add(HOOK_OOM, &hooks[1], 5));
	KUNIT_EXPECT_TRUE(test, hook_add(HOOK_OOM, &hooks[2], -5));
	KUNIT_EXPECT_TRUE(test, hook_add(HOOK_OOM, &hooks[3], 0));
	KUNIT_EXPECT_STREQ(test, walk(), "1032");
	KUNIT_EXPECT_TRUE(test, hooks_any(HOOK_OOM));
	KUNIT_EXPECT_FALSE(test, hooks_any(HOOK_SHRINKER));
	KUNIT_EXPECT_FALSE(test, hook_add(HOOK_OOM, &hooks[3], 9));
	KUNIT_EXPECT_STREQ(test, walk(), "1032");
	KUNIT_EXPECT_FALSE(test,
			   hook_remove(HOOK_SHRINKER, &hooks[3], release));
	KUNIT_EXPECT_TRUE(test, hook_remove(HOOK_OOM, &hooks[3], release));
	KUNIT_EXPECT_FALSE(test, hook_remove(HOOK_OOM, &hooks[3], release));
	KUNIT_EXPECT_EQ(test, releases(), 1);
	KUNIT_EXPECT_STREQ(test, walk(), "102");
	for (unsigned int i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, hook_remove(HOOK_OOM, &hooks[i], NULL));
	KUNIT_EXPECT_FALSE(test, hooks_any(HOOK_OOM));
	KUNIT_EXPECT_STREQ(test, walk(), "");
}

/* What is added and removed while a callback runs. */
WORLD_CASE(hooks_change_under_a_walk, .window = 0)
{
	struct hook_walk w, inner;

	add_all();
	KUNIT_EXPECT_PTR_EQ(test, hook_first(&w, HOOK_OOM), &hooks[0]);
	hook_remove(HOOK_OOM, &hooks[1], release);
	KUNIT_EXPECT_EQ(test, releases(), 1);
	KUNIT_EXPECT_PTR_EQ(test, hook_next(&w), &hooks[2]);
	hook_remove(HOOK_OOM, &hooks[0], NULL);
	hook_add(HOOK_OOM, &hooks[1], 0);
	/* a walk in a callback of a walk */
	KUNIT_EXPECT_PTR_EQ(test, hook_first(&inner, HOOK_OOM), &hooks[2]);
	KUNIT_EXPECT_PTR_EQ(test, hook_next(&inner), &hooks[3]);
	hook_stop(&inner);
	KUNIT_EXPECT_TRUE(test, hook_in_call(&hooks[2]));
	KUNIT_EXPECT_FALSE(test, hook_in_call(&hooks[3]));
	KUNIT_EXPECT_PTR_EQ(test, hook_next(&w), &hooks[3]);
	KUNIT_EXPECT_PTR_EQ(test, hook_next(&w), &hooks[1]);
	KUNIT_EXPECT_NULL(test, hook_next(&w));
	KUNIT_EXPECT_NULL(test, port_task()->walk);
}

/* Its own removal does not wait for itself, and the release does. */
WORLD_CASE(hook_removes_itself, .window = 0)
{
	struct hook_walk w;

	add_all();
	hook_first(&w, HOOK_OOM);
	hook_next(&w);
	KUNIT_EXPECT_FALSE(test, hook_is_going(&hooks[1]));
	KUNIT_EXPECT_TRUE(test, hook_remove(HOOK_OOM, &hooks[1], release));
	KUNIT_EXPECT_TRUE(test, hook_is_going(&hooks[1]));
	KUNIT_EXPECT_FALSE(test, hook_remove(HOOK_OOM, &hooks[1], release));
	KUNIT_EXPECT_FALSE(test, hook_add(HOOK_OOM, &hooks[1], 0));
	KUNIT_EXPECT_EQ(test, releases(), 0);
	KUNIT_EXPECT_PTR_EQ(test, hook_next(&w), &hooks[2]);
	KUNIT_EXPECT_EQ(test, releases(), 1);
	KUNIT_EXPECT_PTR_EQ(test, released_last, &hooks[1]);
	KUNIT_EXPECT_FALSE(test, hook_listed(HOOK_OOM, &hooks[1]));
	hook_stop(&w);
	KUNIT_EXPECT_STREQ(test, walk(), "023");
	KUNIT_EXPECT_TRUE(test, hook_add(HOOK_OOM, &hooks[1], 0));
	KUNIT_EXPECT_STREQ(test, walk(), "0231");
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAIT), 0);
}

static void *remover(void *arg)
{
	hook_remove(HOOK_OOM, arg, release);
	return NULL;
}

static void wait_for_wait(unsigned long before)
{
	while (fake_calls(FAKE_WAIT) == before)
		sched_yield();
}

WORLD_CASE(removal_waits_for_the_calls_under_way, .window = 0)
{
	unsigned long before = fake_calls(FAKE_WAIT);
	struct hook_walk w, v;
	pthread_t thread;

	add_all();
	hook_first(&w, HOOK_OOM);
	hook_first(&v, HOOK_OOM);
	KUNIT_ASSERT_EQ(test, pthread_create(&thread, NULL, remover, &hooks[0]),
			0);
	wait_for_wait(before);
	KUNIT_EXPECT_EQ(test, releases(), 0);
	/* no new call begins */
	KUNIT_EXPECT_STREQ(test, walk(), "123");
	before = fake_calls(FAKE_WAIT);
	KUNIT_EXPECT_PTR_EQ(test, hook_next(&v), &hooks[1]);
	hook_stop(&v);
	wait_for_wait(before);
	KUNIT_EXPECT_EQ(test, releases(), 0);
	KUNIT_EXPECT_PTR_EQ(test, hook_next(&w), &hooks[1]);
	pthread_join(thread, NULL);
	KUNIT_EXPECT_EQ(test, releases(), 1);
	hook_stop(&w);
	KUNIT_EXPECT_STREQ(test, walk(), "123");
}

static bool stands;

static void *stand(void *arg)
{
	struct hook_walk w;

	hook_first(&w, HOOK_OOM);
	__atomic_store_n(&stands, true, __ATOMIC_RELEASE);
	for (;;)
		sched_yield();
	return arg;
}

/* Calls of threads that the child has not got never end, and do not count. */
WORLD_CASE(hooks_of_a_child_are_at_rest, .window = 0)
{
	pthread_t thread, other;
	unsigned long before;
	struct hook_walk w;

	add_all();
	KUNIT_ASSERT_EQ(test, pthread_create(&thread, NULL, stand, NULL), 0);
	while (!__atomic_load_n(&stands, __ATOMIC_ACQUIRE))
		sched_yield();
	/* one is in it, one waits for that, and the forking thread is in two */
	hook_first(&w, HOOK_OOM);
	KUNIT_EXPECT_EQ(test, hooks[0].users, 2);
	hook_next(&w);
	before = fake_calls(FAKE_WAIT);
	KUNIT_ASSERT_EQ(test, pthread_create(&other, NULL, remover, &hooks[0]),
			0);
	wait_for_wait(before);
	fake_fork_prepare();
	fake_fork_child();
	KUNIT_EXPECT_EQ(test, hooks[0].users, 0);
	KUNIT_EXPECT_EQ(test, hooks[1].users, 1);
	KUNIT_EXPECT_FALSE(test, hook_listed(HOOK_OOM, &hooks[0]));
	KUNIT_EXPECT_PTR_EQ(test, hook_next(&w), &hooks[2]);
	hook_stop(&w);
	for (unsigned int i = 1; i < 4; i++)
		KUNIT_EXPECT_TRUE(test, hook_remove(HOOK_OOM, &hooks[i], NULL));
	KUNIT_EXPECT_STREQ(test, walk(), "");
}

#define THREADS 4
#define STEPS 4000

static struct kmem_hook many[8];
static unsigned int in_call[8], wrong;

static void *walker(void *arg)
{
	for (unsigned int i = 0; i < STEPS; i++) {
		struct kmem_hook *hook;
		struct hook_walk w;

		for (hook = hook_first(&w, HOOK_SHRINKER); hook;
		     hook = hook_next(&w)) {
			unsigned int n = (unsigned int)(hook - many);

			__atomic_fetch_add(&in_call[n], 1, __ATOMIC_SEQ_CST);
			if (i % 8 == 0)
				sched_yield();
			__atomic_fetch_sub(&in_call[n], 1, __ATOMIC_SEQ_CST);
		}
	}
	return arg;
}

static void not_in_call(struct kmem_hook *hook)
{
	if (__atomic_load_n(&in_call[hook - many], __ATOMIC_SEQ_CST))
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	/* it is the remover's own: nobody else may write to it */
	memset(hook, 0xff, sizeof(*hook));
}

static void *changer(void *arg)
{
	struct kmem_hook *mine = arg;

	for (unsigned int i = 0; i < STEPS; i++)
		if (!hook_add(HOOK_SHRINKER, mine, (int)(i % 3)) ||
		    !hook_remove(HOOK_SHRINKER, mine, not_in_call))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	return NULL;
}

WORLD_CASE(hooks_come_and_go_under_threads, .window = 0)
{
	pthread_t thread[2 * THREADS];

	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_create(&thread[i], NULL, walker, NULL);
		pthread_create(&thread[THREADS + i], NULL, changer, &many[i]);
	}
	for (unsigned int i = 0; i < 2 * THREADS; i++)
		pthread_join(thread[i], NULL);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_FALSE(test, hooks_any(HOOK_SHRINKER));
}

static struct kunit_case hook_cases[] = {
	KUNIT_CASE(hooks_stand_by_priority_and_age),
	KUNIT_CASE(hooks_change_under_a_walk),
	KUNIT_CASE(hook_removes_itself),
	KUNIT_CASE(removal_waits_for_the_calls_under_way),
	KUNIT_CASE(hooks_of_a_child_are_at_rest),
	KUNIT_CASE(hooks_come_and_go_under_threads),
	{}
};

static struct kunit_suite hook_suite = {
	.name = "page-hook",
	.test_cases = hook_cases,
};

kunit_test_suite(hook_suite);
