// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * kswapd=1: a thread that makes only requests that must not call the system
 * has pages again after a while, because another one made them.
 */
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>

#include "context/guard.h"
#include "kunit/test.h"

#define ORDER 4
#define MOST 100000

static struct page *block[MOST];

static void starved_world(void)
{
	unsigned int n = 0, had, looks;

	if (kmem_init())
		world_wrong("kmem_init()");
	while (n < MOST &&
	       (block[n] = alloc_pages(GFP_ATOMIC | __GFP_NOWARN, ORDER)))
		n++;
	had = n;
	/* as long as it takes; the world's watchdog ends it */
	for (looks = 0; n == had; looks++) {
		usleep(1000);
		block[n] = alloc_pages(GFP_ATOMIC | __GFP_NOWARN, ORDER);
		n += !!block[n];
		if (looks == 30000)
			world_wrong("nobody brings pages");
		if (looks == 30000)
			break;
	}
	while (n)
		__free_pages(block[--n], ORDER);
}

static void starved_threads_are_served(struct kunit *test)
{
	world_run(test, "kswapd=1", 60, starved_world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(starved_threads_are_served),
	{},
};

static struct kunit_suite suite = {
	.name = "context_kswapd",
	.test_cases = cases,
};
kunit_test_suite(suite);
