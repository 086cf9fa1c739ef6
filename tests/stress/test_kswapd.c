/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kswapd=1 with its real thread: a program whose requests never block gets
 * all the memory that it asks for, under a limit from its shrinker, and so
 * does a child of it.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/shrinker.h>

#include "kunit/options.h"
#include "kunit/test.h"
#include "lib/sanitized.h"
#include "stress/work.h"

#define LIMIT_PAGES (96 << 8)
/* A thread that is not there must not hang the test. */
#define PATIENCE_MS 60000

static struct page *stock;
static unsigned long stocked, given;
static bool locked;

static void lock(void)
{
	while (__atomic_test_and_set(&locked, __ATOMIC_ACQUIRE))
		usleep(1);
}

static void unlock(void)
{
	__atomic_clear(&locked, __ATOMIC_RELEASE);
}

static void put(struct page *page)
{
	set_page_private(page, (unsigned long)stock);
	stock = page;
	stocked++;
}

static void drop(void)
{
	struct page *page = stock;

	stock = (struct page *)page_private(page);
	set_page_private(page, 0);
	stocked--;
	__free_page(page);
}

static unsigned long count(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long n;

	(void)s;
	(void)sc;
	lock();
	n = stocked;
	unlock();
	return n ? n : SHRINK_EMPTY;
}

static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long n = 0;

	(void)s;
	lock();
	for (; n < sc->nr_to_scan && stock; n++)
		drop();
	given += n;
	unlock();
	return n;
}

/* That many pages, none of them by a request that blocks. */
static bool get(unsigned long n)
{
	uint64_t end = work_now_ms() + PATIENCE_MS;

	while (n && work_now_ms() < end) {
		struct page *page = alloc_page(GFP_NOWAIT);

		if (!page) {
			usleep(1000);
			continue;
		}
		memset(page_address(page), 1, PAGE_SIZE);
		lock();
		put(page);
		unlock();
		n--;
	}
	return !n;
}

static bool get_twice_the_limit(void)
{
	struct shrinker *s = shrinker_alloc(0, "stock");
	bool ok;

	s->count_objects = count;
	s->scan_objects = scan;
	shrinker_register(s);
	/* a request that may block starts the thread */
	__free_page(alloc_page(GFP_KERNEL));
	ok = get(2ul * LIMIT_PAGES);
	shrinker_free(s);
	ok = ok && given >= LIMIT_PAGES;
	while (stock)
		drop();
	return ok && kmem_validate();
}

static void requests_that_never_block(struct kunit *test)
{
	int status = 0;
	pid_t pid;

	KUNIT_EXPECT_TRUE(test, get_twice_the_limit());
	given = 0;
	/* they allow no threads in the child of a process with threads */
	if (SANITIZED)
		return;
	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(get_twice_the_limit() ? 0 : 1);
	KUNIT_ASSERT_GT(test, pid, 0);
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_TRUE(test, get_twice_the_limit());
}

/* The options are read at the start: start again with them. */
static __attribute__((constructor)) void set_options(int argc, char **argv)
{
	const char *options = getenv("KMEM_OPTIONS");

	(void)argc;
	if (options && strstr(options, "kswapd="))
		return;
	test_options("mem=96M,kswapd=1");
	execv("/proc/self/exe", argv);
	_exit(127);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(requests_that_never_block),
	{},
};

static struct kunit_suite suite = {
	.name = "stress_kswapd",
	.test_cases = cases,
};
kunit_test_suite(suite);
