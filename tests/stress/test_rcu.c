/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kfree_rcu() and type-safe caches under liburcu's readers.
 *
 * Readers follow a pointer inside a section and look at the object twice;
 * the writer replaces it, hands the old one over, and at once allocates and
 * scribbles over as many objects as it can.  An object that came back too
 * early shows another's scribble.
 */
#if __has_include(<urcu/urcu-memb.h>)
#define RCU_MEMB 1
#include <urcu/urcu-memb.h>
#include <urcu/call-rcu.h>
#define HAVE_URCU 1
#else
#define HAVE_URCU 0
#endif

#include <kmem/kmem.h>
#include <linux/slab.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "kunit/test.h"
#include "slab/slab.h"

#if HAVE_URCU

#define ROUNDS 3000
#define READERS 3
/* Enough that a free too early is seen many times over. */
#define LOOKS 20000
#define GOOD 0x600d600d600d600dul

struct object {
	_Atomic unsigned long first;
	struct rcu_head rcu;
	_Atomic unsigned long last;
};

static struct object *shared;
static atomic_bool done;
static atomic_ulong torn, looks;

static void *reader(void *arg)
{
	struct object *o;

	urcu_memb_register_thread();
	while (!done) {
		urcu_memb_read_lock();
		o = rcu_dereference(shared);
		if (o->first != GOOD)
			torn++;
		sched_yield();
		if (o->last != GOOD)
			torn++;
		urcu_memb_read_unlock();
		looks++;
	}
	urcu_memb_unregister_thread();
	return arg;
}

static struct object *object_new(struct kmem_cache *s)
{
	struct object *o = kmem_cache_alloc(s, GFP_KERNEL);

	o->first = GOOD;
	o->last = GOOD;
	return o;
}

static void scribble(struct kmem_cache *s)
{
	struct object *o[8];
	int i;

	for (i = 0; i < 8; i++) {
		o[i] = kmem_cache_alloc(s, GFP_KERNEL);
		o[i]->first = 0xbad;
		o[i]->last = 0xbad;
	}
	for (i = 0; i < 8; i++)
		kmem_cache_free(s, o[i]);
}

static void readers_never_see_a_reused_object(struct kunit *test)
{
	struct kmem_cache *s = KMEM_CACHE(object, 0);
	pthread_t threads[READERS];
	struct object *old;
	int i;

	urcu_memb_register_thread();
	shared = object_new(s);
	for (i = 0; i < READERS; i++)
		pthread_create(&threads[i], NULL, reader, NULL);
	while (looks < READERS)
		sched_yield();
	for (i = 0; i < ROUNDS || looks < LOOKS; i++) {
		old = shared;
		rcu_assign_pointer(shared, object_new(s));
		if (i % 100 == 99)
			kfree_rcu_mightsleep(old);
		else
			kfree_rcu(old, rcu);
		scribble(s);
	}
	done = true;
	for (i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	KUNIT_EXPECT_EQ(test, (unsigned long)torn, 0ul);
	KUNIT_EXPECT_GT(test, (unsigned long)looks, 0ul);
	kmem_cache_free(s, shared);
	/* Waits for what was handed over, or it would find live objects. */
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
	urcu_memb_unregister_thread();
}

#else

static void readers_never_see_a_reused_object(struct kunit *test)
{
	kunit_skip(test, "liburcu-dev is not installed");
}

#endif

static struct kunit_case cases[] = {
	KUNIT_CASE(readers_never_see_a_reused_object),
	{},
};

static struct kunit_suite suite = {
	.name = "rcu",
	.test_cases = cases,
};

kunit_test_suite(suite);
