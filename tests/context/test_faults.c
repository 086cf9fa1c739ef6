// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * rt: a thread that only makes requests that must not block, and frees, takes
 * no page fault.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <kmem/kmem.h>
#include <kmem/reserve.h>
#include <linux/gfp.h>
#include <linux/slab.h>

#include "context/guard.h"
#include "kunit/test.h"
#include "lib/sanitized.h"

#define BLOCKS 2000
#define STEPS (KMEM_DEBUG ? 100000 : 1000000)

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

static struct kmem_cache *cache;
static void *block[BLOCKS];
static unsigned char kind[BLOCKS];

static void drop(unsigned int i)
{
	if (!block[i])
		return;
	if (kind[i] == 0)
		kfree(block[i]);
	else if (kind[i] == 1)
		kmem_cache_free_bulk(cache, 1, &block[i]);
	else
		free_pages((unsigned long)block[i], kind[i] - 2u);
	block[i] = NULL;
}

static void fill(unsigned int i, unsigned long random)
{
	kind[i] =
		(unsigned char)(random % 16 ? random % 2 : 2 + random / 16 % 4);
	if (kind[i] == 0)
		block[i] = kmalloc(8u << random / 64 % 11,
				   random & 1u << 20 ? GFP_ATOMIC : GFP_NOWAIT);
	else if (kind[i] == 1)
		kmem_cache_alloc_bulk(cache, GFP_ATOMIC, 1, &block[i]);
	else
		block[i] = (void *)__get_free_pages(GFP_ATOMIC | __GFP_NOWARN,
						    kind[i] - 2u);
	if (block[i])
		memset(block[i], 1, 8);
}

/* Returns how many faults the steps took. */
static long run(void)
{
	unsigned long random = 88172645463325252ul;
	long before;

	memset(block, 0, sizeof(block));
	memset(kind, 0, sizeof(kind));
	kmem_rt_thread();
	/* which a build with injection calls, and libc's code is not ours */
	sched_yield();
	before = faults();
	before = faults();
	for (int step = 0; step < STEPS; step++) {
		unsigned int i;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		i = random / 65536 % BLOCKS;
		drop(i);
		fill(i, random >> 32);
	}
	for (unsigned int i = 0; i < BLOCKS; i++)
		drop(i);
	return faults() - before;
}

static void reserved_world(void)
{
	long n;

	if (kmem_reserve(64 << 20))
		world_wrong("kmem_reserve()");
	cache = kmem_cache_create("faults", 100, 0, 0, NULL);
	n = run();
	if (n)
		world_wrong("%ld page faults", n);
	kmem_cache_destroy(cache);
}

/* That faults can be seen: without a reserve there are many. */
static void bare_world(void)
{
	if (kmem_init())
		world_wrong("kmem_init()");
	cache = kmem_cache_create("faults", 100, 0, 0, NULL);
	if (!run())
		world_wrong("no page fault without a reserve");
	kmem_cache_destroy(cache);
}

static void no_fault_after_the_reserve(struct kunit *test)
{
	if (SANITIZED)
		kunit_skip(test, "sanitizers touch memory of their own");
	world_run(test, "", 100, bare_world);
	world_run(test, "", 100, reserved_world);
	world_run(test, "percpu=lock", 100, reserved_world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(no_fault_after_the_reserve),
	{},
};

static struct kunit_suite suite = {
	.name = "context_faults",
	.test_cases = cases,
};
kunit_test_suite(suite);
