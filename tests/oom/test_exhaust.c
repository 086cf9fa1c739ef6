/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory used up by every way there is to ask for it: each ends in a NULL,
 * nothing that was granted is damaged, and when all is given back as much
 * can be had again.
 *
 * The limit is an option, read before the first allocation; so each run is a
 * program of its own: this one, told by the environment what to do.  With
 * OOM_VERBOSE set the reports of the library are shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "kunit/options.h"
#include "kunit/test.h"
#include "alloc/map_cache.h"
#include "model/in_use.h"

#define QUIET (GFP_KERNEL | __GFP_NOWARN)
#define HELD_MAX 2000000

static void *held[HELD_MAX];
static unsigned long nr;

struct way {
	const char *name;
	/* One more; NULL when there is none. Bytes that are the caller's. */
	void *(*get)(unsigned long i);
	void (*put)(void *p);
	size_t bytes;
};

/* --- the ways ------------------------------------------------------------- */

static void *get_small(unsigned long i)
{
	(void)i;
	return kmalloc(64, QUIET);
}

static void *get_zeroed(unsigned long i)
{
	unsigned char *p = kzalloc(1000, QUIET);

	(void)i;
	if (p && (p[0] || p[500] || p[999]))
		abort();
	return p;
}

static void *get_noretry(unsigned long i)
{
	(void)i;
	return kmalloc(256, QUIET | __GFP_NORETRY);
}

static void *get_nowait(unsigned long i)
{
	(void)i;
	return kmalloc(512, GFP_NOWAIT);
}

static void *get_atomic(unsigned long i)
{
	(void)i;
	return kmalloc(128, GFP_ATOMIC | __GFP_NOWARN);
}

static void *get_large(unsigned long i)
{
	(void)i;
	return kmalloc(100000, QUIET);
}

static void *get_mixed(unsigned long i)
{
	return kmalloc(16 + i * 7919 % 30000, QUIET);
}

static void *get_copy(unsigned long i)
{
	static const char text[] = "a string of some length, to be copied";

	switch (i % 3) {
	case 0:
		return kstrdup(text, QUIET);
	case 1:
		return kmemdup(text, sizeof(text), QUIET);
	default:
		return kasprintf(QUIET, "%s %lu", text, i);
	}
}

static void put_block(void *p)
{
	kfree(p);
}

/* Grown step by step; a step that fails leaves the block as it was. */
static void *get_grown(unsigned long i)
{
	unsigned char *p = kmalloc(100, QUIET), *q;

	(void)i;
	if (!p)
		return NULL;
	p[99] = 0x3c;
	q = krealloc(p, 20000, QUIET);
	if (!q) {
		if (p[99] != 0x3c)
			abort();
		kfree(p);
		return NULL;
	}
	if (q[99] != 0x3c)
		abort();
	return q;
}

static struct kmem_cache *cache;
static unsigned long constructed;

static void construct(void *obj)
{
	*(unsigned long *)obj = 0x5e5e;
	constructed++;
}

static void *get_object(unsigned long i)
{
	unsigned long *p;

	(void)i;
	if (!cache)
		cache = kmem_cache_create("oom", 200, 0, 0, construct);
	if (!cache)
		return NULL;
	p = kmem_cache_alloc(cache, QUIET);
	if (p && *p != 0x5e5e)
		abort();
	return p;
}

static void put_object(void *p)
{
	*(unsigned long *)p = 0x5e5e;
	kmem_cache_free(cache, p);
}

#define BULK 32

/* A bunch is known by its first object; all of it or nothing. */
static void *get_bunch(unsigned long i)
{
	void *p[BULK];

	(void)i;
	if (!cache)
		cache = kmem_cache_create("oom", 400, 0, 0, NULL);
	if (!cache || !kmem_cache_alloc_bulk(cache, QUIET, BULK, p))
		return NULL;
	memcpy((char *)p[0] + 8, p, sizeof(p));
	return p[0];
}

static void put_bunch(void *first)
{
	void *p[BULK];

	memcpy(p, (char *)first + 8, sizeof(p));
	kmem_cache_free_bulk(cache, BULK, p);
}

static void *get_one_page(unsigned long i)
{
	(void)i;
	return (void *)__get_free_page(QUIET);
}

static void put_one_page(void *p)
{
	free_page((unsigned long)p);
}

static void *get_block3(unsigned long i)
{
	(void)i;
	return (void *)__get_free_pages(QUIET, 3);
}

static void put_block3(void *p)
{
	free_pages((unsigned long)p, 3);
}

static void *get_exact(unsigned long i)
{
	(void)i;
	return alloc_pages_exact(5 * PAGE_SIZE, QUIET);
}

static void put_exact(void *p)
{
	free_pages_exact(p, 5 * PAGE_SIZE);
}

/* It may stop early; what it filled in counts. */
static void *get_page_array(unsigned long i)
{
	struct page *p[16] = { NULL };
	unsigned long n = alloc_pages_bulk(QUIET, 16, p);
	char *first;

	(void)i;
	for (unsigned long j = 0; j < 16; j++)
		if (!!p[j] != (j < n))
			abort();
	if (!n)
		return NULL;
	first = page_address(p[0]);
	memcpy(first + 8, p, sizeof(p));
	return first;
}

static void put_page_array(void *first)
{
	struct page *p[16];

	memcpy(p, (char *)first + 8, sizeof(p));
	for (int j = 15; j >= 0; j--)
		if (p[j])
			__free_page(p[j]);
}

static void *get_region(unsigned long i)
{
	(void)i;
	return kvmalloc(5u << 20, QUIET);
}

static void *get_region_or_not(unsigned long i)
{
	return kvmalloc(1000 + i % 7 * 300000, QUIET);
}

static void put_region(void *p)
{
	kvfree(p);
}

static void *get_pool(unsigned long i)
{
	(void)i;
	return mempool_create_kmalloc_pool(8, 3000);
}

static void put_pool(void *p)
{
	mempool_destroy(p);
}

static void *get_cache(unsigned long i)
{
	struct kmem_cache *s;
	char name[20];

	snprintf(name, sizeof(name), "oom-%lu", i);
	s = kmem_cache_create(name, 3000, 0, 0, NULL);
	return s;
}

static void put_cache(void *p)
{
	if (kmem_cache_destroy(p))
		abort();
}

/* A stamp would overwrite what is not the caller's in these. */
#define OPAQUE 0

static const struct way ways[] = {
	{ "kmalloc", get_small, put_block, 64 },
	{ "kzalloc", get_zeroed, put_block, 1000 },
	{ "kmalloc-noretry", get_noretry, put_block, 256 },
	{ "kmalloc-nowait", get_nowait, put_block, 512 },
	{ "kmalloc-atomic", get_atomic, put_block, 128 },
	{ "kmalloc-large", get_large, put_block, 100000 },
	{ "kmalloc-mixed", get_mixed, put_block, 16 },
	{ "copies", get_copy, put_block, 16 },
	{ "krealloc", get_grown, put_block, 20000 },
	{ "cache", get_object, put_object, OPAQUE },
	{ "bulk", get_bunch, put_bunch, OPAQUE },
	{ "page", get_one_page, put_one_page, 4096 },
	{ "pages-order-3", get_block3, put_block3, 32768 },
	{ "exact", get_exact, put_exact, 20480 },
	{ "page-array", get_page_array, put_page_array, OPAQUE },
	{ "kvmalloc-region", get_region, put_region, 5u << 20 },
	{ "kvmalloc", get_region_or_not, put_region, 1000 },
	{ "mempool", get_pool, put_pool, OPAQUE },
	{ "cache-create", get_cache, put_cache, OPAQUE },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* --- one run -------------------------------------------------------------- */

static void stamp(const struct way *w, unsigned char *p, unsigned long i)
{
	if (!w->bytes)
		return;
	memcpy(p, &i, sizeof(i));
	p[w->bytes - 1] = (unsigned char)(i * 37);
}

static bool stamped(const struct way *w, const unsigned char *p,
		    unsigned long i)
{
	unsigned long seen;

	if (!w->bytes)
		return true;
	memcpy(&seen, p, sizeof(seen));
	return (w->bytes == sizeof(i) || seen == i) &&
	       p[w->bytes - 1] == (unsigned char)(i * 37);
}

static void complain(const char *what, unsigned long a, unsigned long b)
{
	printf("# %s: %lu, %lu\n", what, a, b);
	fflush(stdout);
	_exit(1);
}

/* How many could be had; gives them back in an order of its own. */
static unsigned long use_up(const struct way *w, unsigned long limit,
			    unsigned int step)
{
	unsigned long got, i;

	for (nr = 0; nr < HELD_MAX; nr++) {
		held[nr] = w->get(nr);
		if (!held[nr])
			break;
		stamp(w, held[nr], nr);
	}
	got = nr;
	if (got == HELD_MAX)
		complain("memory has no end", got, limit);
	if (got * w->bytes > limit)
		complain("more was granted than there is", got * w->bytes,
			 limit);
	if (!kmem_validate())
		complain("kmem_validate() at the end of memory", got, 0);
	/* NULL again, and again without harm. */
	for (i = 0; i < 3; i++) {
		void *p = w->get(HELD_MAX + i);

		if (p)
			w->put(p);
	}
	for (i = 0; i < got; i++)
		if (!stamped(w, held[i], i))
			complain("a block lost its content", i, got);
	for (unsigned int s = 0; s < step; s++)
		for (i = s; i < got; i += step)
			w->put(held[i]);
	return got;
}

static void one_run(const struct way *w, unsigned long limit)
{
	unsigned long before, first, again;

	if (kmem_init())
		complain("kmem_init() failed", limit, 0);
	before = in_use_bytes();
	first = use_up(w, limit, 1);
	if (!first)
		complain("nothing could be had", limit, 0);
	if (w->get == get_object || w->get == get_bunch) {
		kmem_cache_destroy(cache);
		cache = NULL;
	}
	/* a mapping that is kept holds the pages that it stands for */
	kept_empty();
	if (in_use_bytes() != before)
		complain("bytes in use after and before", in_use_bytes(),
			 before);
	if (!kmem_validate())
		complain("kmem_validate() after all was freed", 0, 0);
	again = use_up(w, limit, 7);
	if (again < first - first / 8)
		complain("the second time fewer could be had", again, first);
	if (w->get == get_object || w->get == get_bunch) {
		kmem_cache_destroy(cache);
		cache = NULL;
	}
	kmem_trim();
	if (in_use_bytes() != before)
		complain("bytes in use after kmem_trim() and before",
			 in_use_bytes(), before);
	if (!kmem_validate())
		complain("kmem_validate() after kmem_trim()", 0, 0);
}

static __attribute__((constructor)) void run_if_told(void)
{
	const char *name = getenv("OOM_WAY"), *limit = getenv("OOM_LIMIT");

	if (!name || !limit)
		return;
	alarm(250);
	for (unsigned int i = 0; i < WAYS; i++)
		if (strcmp(ways[i].name, name) == 0)
			one_run(&ways[i], strtoul(limit, NULL, 0) << 20);
	_exit(0);
}

/* --- the cases ------------------------------------------------------------ */

static void run_way(struct kunit *test, const struct way *w, unsigned int mib)
{
	char options[40], limit[20];
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		snprintf(options, sizeof(options), "mem=%uM", mib);
		snprintf(limit, sizeof(limit), "%u", mib);
		test_options(options);
		setenv("OOM_WAY", w->name, 1);
		setenv("OOM_LIMIT", limit, 1);
		/* Reports of failures are expected. */
		if (!getenv("OOM_VERBOSE") &&
		    !freopen("/dev/null", "w", stderr))
			_exit(126);
		execl("/proc/self/exe", w->name, (char *)NULL);
		_exit(127);
	}
	KUNIT_ASSERT_GT(test, pid, 0);
	waitpid(pid, &status, 0);
	KUNIT_EXPECT_EQ_MSG(test, status, 0, "OOM_WAY=%s OOM_LIMIT=%u", w->name,
			    mib);
}

static void every_way_with(struct kunit *test, unsigned int mib)
{
	for (unsigned int i = 0; i < WAYS; i++) {
		/* Ten thousands of caches tell no more than some thousands. */
		if (ways[i].get == get_cache && mib > 16)
			continue;
		/* The smallest blocks take the longest, and tell it once. */
		if (mib > 30 && ways[i].bytes && ways[i].bytes < 1000)
			continue;
		run_way(test, &ways[i], mib);
	}
}

static void with_8_mib(struct kunit *test)
{
	every_way_with(test, 8);
}

static void with_16_mib(struct kunit *test)
{
	every_way_with(test, 16);
}

static void with_30_mib(struct kunit *test)
{
	every_way_with(test, 30);
}

static void with_64_mib(struct kunit *test)
{
	every_way_with(test, 64);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(with_8_mib),
	KUNIT_CASE(with_16_mib),
	KUNIT_CASE(with_30_mib),
	KUNIT_CASE_SLOW(with_64_mib),
	{},
};

static struct kunit_suite suite = {
	.name = "oom_exhaust",
	.test_cases = cases,
};
kunit_test_suite(suite);
