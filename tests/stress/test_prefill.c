/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sheaves filled ahead, by many threads: each allocation from one succeeds, no
 * object is in two hands, and all of them come back, whoever frees them.
 */
#include <kmem/kmem.h>
#include <linux/slab.h>

#include <pthread.h>
#include <stdatomic.h>

#include "kunit/test.h"
#include "stress/thread.h"
#include "stress/work.h"

#define THREADS 6
#define ROUNDS 10000

struct object {
	_Atomic unsigned long owner;
	struct object *next;
};

static struct kmem_cache *s;
static _Atomic(struct object *) shared;
static atomic_uint failures;

/* To whoever comes next; their objects are freed here. */
static void exchange(struct object *list)
{
	struct object *o = atomic_exchange(&shared, list);

	while (o) {
		struct object *next = o->next;

		o->owner = 0;
		kmem_cache_free(s, o);
		o = next;
	}
}

static void *lend_and_return(void *number)
{
	struct rng r = { .state = (unsigned long)number };

	thread_inject((uint32_t)(unsigned long)number % 3 * 200);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned int n = 1 + rng_next(&r) % (i % 50 ? 30 : 700), k;
		struct slab_sheaf *sheaf =
			kmem_cache_prefill_sheaf(s, GFP_KERNEL, n);
		struct object *list = NULL, *o;

		if (i % 7 == 0 && sheaf &&
		    kmem_cache_refill_sheaf(s, GFP_NOWAIT, &sheaf, n + 5))
			failures++;
		if (i % 64 == 0)
			thread_pin(thread_cpu(rng_next(&r) % thread_cpus()));
		for (k = 0; sheaf && k < n; k++) {
			o = kmem_cache_alloc_from_sheaf(s, __GFP_ZERO, sheaf);
			if (!o || atomic_exchange(&o->owner, 1)) {
				failures++;
				break;
			}
			o->next = list;
			list = o;
		}
		failures += !sheaf || k < n;
		if (sheaf)
			kmem_cache_return_sheaf(
				s, i % 3 ? GFP_KERNEL : GFP_NOWAIT, sheaf);
		exchange(list);
	}
	thread_inject(0);
	return NULL;
}

static void objects_in_hand_are_one_callers(struct kunit *test)
{
	pthread_t t[THREADS];

	s = kmem_cache_create("lent", sizeof(struct object), 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	for (unsigned long i = 0; i < THREADS; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL, lend_and_return,
					       (void *)(i + 1)),
				0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	exchange(NULL);
	KUNIT_EXPECT_EQ(test, failures, 0);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(objects_in_hand_are_one_callers),
	{},
};

static struct kunit_suite suite = {
	.name = "stress_prefill",
	.test_cases = cases,
};

kunit_test_suite(suite);
