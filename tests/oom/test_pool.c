/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A pool when there is no memory left: what its reserve holds can be had, and
 * a thread that may sleep waits for an element instead of getting NULL.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

#include "kunit/options.h"
#include "kunit/test.h"
#include "model/in_use.h"

#define HOG_BYTES 4096
#define HOGS 20000

static void *hog[HOGS];
static unsigned int hogs;

static void hog_all(void)
{
	for (hogs = 0; hogs < HOGS; hogs++) {
		hog[hogs] = kmalloc(HOG_BYTES, GFP_ATOMIC | __GFP_NOWARN);
		if (!hog[hogs])
			break;
	}
}

static void hog_none(void)
{
	while (hogs)
		kfree(hog[--hogs]);
}

static mempool_t *pool;
static void *given;

static void *give_later(void *unused)
{
	struct timespec ts = { .tv_nsec = 100000000 };

	nanosleep(&ts, NULL);
	mempool_free(given, pool);
	return unused;
}

static void reserve_and_waiting(struct kunit *test)
{
	unsigned long before;
	unsigned int n = 0;
	void *p[64];
	pthread_t t;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = in_use_bytes();
	pool = mempool_create_kmalloc_pool(8, 8192);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	hog_all();
	KUNIT_ASSERT_LT(test, hogs, HOGS);
	KUNIT_ASSERT_GT(test, hogs, 1000);

	/* What a slab may still have, and then the reserve. */
	while (n < 64 && (p[n] = mempool_alloc(pool, GFP_NOWAIT)))
		n++;
	KUNIT_EXPECT_GE(test, n, 8);
	KUNIT_ASSERT_LT(test, n, 64);
	KUNIT_EXPECT_EQ(test, pool->curr_nr, 0);

	given = p[0];
	KUNIT_ASSERT_EQ(test, pthread_create(&t, NULL, give_later, NULL), 0);
	p[0] = mempool_alloc(pool, GFP_NOIO);
	pthread_join(t, NULL);
	KUNIT_EXPECT_PTR_EQ(test, p[0], given);

	hog_none();
	while (n)
		mempool_free(p[--n], pool);
	KUNIT_EXPECT_EQ(test, pool->curr_nr, 8);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, in_use_bytes(), before);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

/* The limit is an option, read at the start: start again with it. */
static __attribute__((constructor)) void limit_memory(int argc, char **argv)
{
	const char *options = getenv("KMEM_OPTIONS");

	(void)argc;
	if (options && strstr(options, "mem="))
		return;
	test_options("mem=16M");
	execv("/proc/self/exe", argv);
	_exit(127);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(reserve_and_waiting),
	{},
};

static struct kunit_suite suite = {
	.name = "oom_pool",
	.test_cases = cases,
};
kunit_test_suite(suite);
