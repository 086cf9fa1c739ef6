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
#include <linux/gfp.h>
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

/*
 * A reader that holds an object while the writer gives it back and does its
 * worst; each of the two says when it is the other's turn.
 */
enum turn { IDLE, PUBLISHED, HELD, FREED, OVER };

static atomic_int turn;
static void *held;

static void wait_for(enum turn t)
{
	while (turn != (int)t)
		sched_yield();
}

static void *holder(void *check)
{
	bool (*is_good)(void *o) = *(bool (**)(void *))check;

	urcu_memb_register_thread();
	for (;;) {
		int now;

		while ((now = turn) != PUBLISHED && now != OVER)
			sched_yield();
		if (now == OVER)
			break;
		urcu_memb_read_lock();
		void *o = rcu_dereference(held);

		torn += !is_good(o);
		turn = HELD;
		wait_for(FREED);
		torn += !is_good(o);
		urcu_memb_read_unlock();
		turn = IDLE;
	}
	urcu_memb_unregister_thread();
	return NULL;
}

/* Pages of any small order, with other bytes in them for a moment. */
static void write_pages(void)
{
	_Atomic unsigned long *v[32];

	for (int i = 0; i < 32; i++) {
		v[i] = (void *)__get_free_pages(GFP_KERNEL, i % 4);
		for (int k = 0; v[i] && k < 512 << i % 4; k++)
			v[i][k] = 0xbad;
	}
	for (int i = 0; i < 32; i++)
		free_pages((unsigned long)v[i], i % 4);
}

/*
 * Of a type-safe cache: what the constructor wrote stays, although the object
 * is free, its slab was given back, and pages are written to at once.
 */
#define KIND_ROUNDS 60
#define KIND_OBJECTS 40

struct kind {
	_Atomic unsigned long magic;
	_Atomic unsigned long room[120];
};

static void kind_ctor(void *obj)
{
	struct kind *o = obj;

	o->magic = GOOD;
}

static bool kind_is_good(void *obj)
{
	struct kind *o = obj;

	return o->magic == GOOD;
}

static void readers_find_the_kind_they_look_for(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("kind", sizeof(struct kind), 0,
						 SLAB_TYPESAFE_BY_RCU,
						 kind_ctor);
	bool (*check)(void *o) = kind_is_good;
	struct kind *v[KIND_OBJECTS];
	pthread_t thread;

	KUNIT_ASSERT_NOT_NULL(test, s);
	torn = 0;
	turn = IDLE;
	urcu_memb_register_thread();
	KUNIT_ASSERT_EQ(test, pthread_create(&thread, NULL, holder, &check), 0);
	for (int i = 0; i < KIND_ROUNDS; i++) {
		for (int k = 0; k < KIND_OBJECTS; k++) {
			v[k] = kmem_cache_alloc(s, GFP_KERNEL);
			torn += !kind_is_good(v[k]);
		}
		rcu_assign_pointer(held, v[i % KIND_OBJECTS]);
		turn = PUBLISHED;
		wait_for(HELD);
		rcu_assign_pointer(held, NULL);
		for (int k = 0; k < KIND_OBJECTS; k++)
			kmem_cache_free(s, v[k]);
		kmem_cache_shrink(s);
		write_pages();
		turn = FREED;
		wait_for(IDLE);
	}
	turn = OVER;
	pthread_join(thread, NULL);
	KUNIT_EXPECT_EQ(test, (unsigned long)torn, 0ul);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
	urcu_memb_unregister_thread();
}

/* A block of kvfree_rcu() is there and unchanged: a small one, and a region. */
#define LARGE_BYTES (5ul << 20)
#define LARGE_ROUNDS 60

struct large {
	struct rcu_head rcu;
	size_t words;
	_Atomic unsigned long word[];
};

static struct large *large_new(size_t bytes)
{
	struct large *o = kvmalloc(bytes, GFP_KERNEL);

	if (o) {
		o->words = (bytes - sizeof(*o)) / sizeof(long);
		o->word[0] = o->word[o->words - 1] = GOOD;
	}
	return o;
}

static bool large_is_good(void *obj)
{
	struct large *o = obj;

	return o->word[0] == GOOD && o->word[o->words - 1] == GOOD;
}

static void readers_keep_blocks_of_any_size(struct kunit *test)
{
	bool (*check)(void *o) = large_is_good;
	pthread_t thread;

	torn = 0;
	turn = IDLE;
	urcu_memb_register_thread();
	KUNIT_ASSERT_EQ(test, pthread_create(&thread, NULL, holder, &check), 0);
	for (int i = 0; i < LARGE_ROUNDS; i++) {
		size_t bytes = i % 2 ? LARGE_BYTES : 4000ul << i % 5;
		struct large *o = large_new(bytes), *p;

		KUNIT_EXPECT_NOT_NULL(test, o);
		if (!o)
			break;
		rcu_assign_pointer(held, o);
		turn = PUBLISHED;
		wait_for(HELD);
		rcu_assign_pointer(held, NULL);
		if (i % 3)
			kvfree_rcu(o, rcu);
		else
			kfree_rcu_nolock(o, rcu);
		/* these may begin a grace period, and reuse what is free */
		for (int k = 0; k < 4; k++) {
			p = large_new(bytes);
			if (p)
				p->word[0] = p->word[p->words - 1] = 0xbad;
			kvfree(p);
		}
		kmem_trim();
		write_pages();
		turn = FREED;
		wait_for(IDLE);
		kvfree_rcu_mightsleep(large_new(bytes));
	}
	turn = OVER;
	pthread_join(thread, NULL);
	kvfree_rcu_barrier();
	KUNIT_EXPECT_EQ(test, (unsigned long)torn, 0ul);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
	urcu_memb_unregister_thread();
}

#else

static void readers_find_the_kind_they_look_for(struct kunit *test)
{
	kunit_skip(test, "liburcu-dev is not installed");
}

static void readers_keep_blocks_of_any_size(struct kunit *test)
{
	kunit_skip(test, "liburcu-dev is not installed");
}

static void readers_never_see_a_reused_object(struct kunit *test)
{
	kunit_skip(test, "liburcu-dev is not installed");
}

#endif

static struct kunit_case cases[] = {
	KUNIT_CASE(readers_never_see_a_reused_object),
	KUNIT_CASE(readers_find_the_kind_they_look_for),
	KUNIT_CASE(readers_keep_blocks_of_any_size),
	{},
};

static struct kunit_suite suite = {
	.name = "rcu",
	.test_cases = cases,
};

kunit_test_suite(suite);
