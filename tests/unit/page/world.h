/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A machine for one test: a forked process in which the page layer has not
 * booted yet, with its own options, window and CPUs.  After the body every
 * invariant is checked, and that as many pages are in use as at its start.
 */
#ifndef TESTS_PAGE_WORLD_H
#define TESTS_PAGE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kunit/test.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"
#include "port/fake/fake.h"

#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)

#define TEST_GFP_KERNEL (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define TEST_QUIET __GFP_NOWARN

struct world {
	const char *options;        /* NULL: none */
	size_t window;              /* 0: 1 GiB */
	size_t host_page;           /* 0: 4096 */
	unsigned int cpus;          /* 0: 4 */
	uint64_t physical, dma_end; /* 0: a process, which knows neither */
	bool unbooted;              /* the body boots, or fails to */
};

/* Pages that are neither free nor on a CPU's list. */
static inline unsigned long pages_in_use(void)
{
	struct page_stats st;

	page_stats(&st);
	return st.total - st.free - st.pcp;
}

static inline void world_child(struct kunit *test, const struct world *w,
			       void (*body)(struct kunit *test))
{
	unsigned long before;

	test->status = 0; /* of this world alone */
	fake_set_window(w->window ? w->window : GIB);
	fake_set_options(w->options ? w->options : "");
	if (w->host_page)
		fake_set_page_size(w->host_page);
	if (w->dma_end)
		fake_set_direct(w->physical, w->dma_end);
	if (w->cpus)
		fake_set_nr_cpus(w->cpus);
	if (!w->unbooted)
		KUNIT_ASSERT_EQ(test, page_boot(), 0);
	before = pages_in_use();
	body(test);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	KUNIT_EXPECT_EQ(test, pages_in_use(), before);
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
	if (test->status && *fake_log())
		kunit_info(test, "log: %s", fake_log());
	fflush(stdout);
	_exit(test->status ? 1 : 0);
}

#include "unit/in_world.h"

/* A machine without a limit begins with little. */
static inline void grow_to(struct kunit *test, struct zone *z, size_t bytes)
{
	while ((z->grown - z->start) << PG_SHIFT < bytes)
		KUNIT_ASSERT_TRUE(test, zone_grow(z, 0));
}

/* Numbers that look random and are the same each time. */
static inline uint32_t dice(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

#endif
