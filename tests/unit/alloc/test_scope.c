/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Scopes reach every kind of request: what reclaim is told when memory is
 * out, who reclaims at all, and who draws on the reserve.
 */
#include "unit/alloc/world.h"

#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>

#define TIGHT .options = "mem=16M,decay_ms=-1"
#define QUIET (GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY)

static unsigned int runs;
static gfp_t told;

static unsigned long note(gfp_t gfp, unsigned int priority)
{
	(void)priority;
	runs++;
	told |= gfp;
	return 0;
}

static struct page_client noter = { .shrink = note };

static struct kmem_cache *cache;
static mempool_t *pool;
static void *hoard;
static gfp_t element_gfp[2];
static unsigned int elements;

/* What can be had without the reserve, in blocks that shrink. */
static void take_everything(void)
{
	unsigned int order;
	void **p;

	for (order = PG_MAX_ORDER + 1; order--;) {
		while ((p = (void **)__get_free_pages(QUIET, order))) {
			p[0] = hoard;
			p[1] = (void *)(uintptr_t)order;
			hoard = p;
		}
	}
}

static void give_everything(void)
{
	void **p;

	while (hoard) {
		p = hoard;
		hoard = p[0];
		free_pages((unsigned long)p, (unsigned int)(uintptr_t)p[1]);
	}
}

/* Each as large as nothing that lies ready. */
static void *want_pages(gfp_t gfp)
{
	return (void *)__get_free_pages(gfp, 3);
}

static void *want_large(gfp_t gfp)
{
	return kmalloc(32 << 10, gfp);
}

/* Until the cache has to ask for pages. */
static void *want_object(gfp_t gfp)
{
	void *p;

	do
		p = kmem_cache_alloc(cache, gfp);
	while (p && !runs);
	return NULL;
}

static void *want_bulk(gfp_t gfp)
{
	void *p[64];

	while (kmem_cache_alloc_bulk(cache, gfp, 64, p) && !runs)
		;
	return NULL;
}

static void *want_region(gfp_t gfp)
{
	return kvmalloc(12 * MIB, gfp);
}

static void *grown;

static void *want_grown(gfp_t gfp)
{
	return kvrealloc(grown, 12 * MIB, gfp);
}

/* An area that is there, and the records of a region that was. */
static void prepare_regions(struct kunit *test)
{
	void *p;

	grown = vmalloc(MIB);
	p = region_alloc(MIB, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, grown);
	KUNIT_ASSERT_NOT_NULL(test, p);
	region_free(p);
	kept_empty();
}

static void *element_alloc(gfp_t gfp, void *data)
{
	(void)data;
	element_gfp[elements++ & 1] = gfp;
	return (void *)__get_free_pages(gfp, 3);
}

static void element_free(void *p, void *data)
{
	(void)data;
	free_pages((unsigned long)p, 3);
}

static void *(*const wants[])(gfp_t gfp) = {
	want_pages, want_large, want_object, want_bulk, want_region, want_grown,
};

/* Of a fresh machine: what reclaim is told when flags are in force. */
static gfp_t told_in(struct kunit *test, unsigned int i, unsigned int flags)
{
	unsigned int was;

	runs = 0;
	told = 0;
	was = memalloc_flags_save(flags);
	/* a region reclaims by itself, unless it is told not to */
	wants[i](QUIET & ~__GFP_NORETRY);
	memalloc_flags_restore(was);
	if (!(flags & PF_MEMALLOC))
		KUNIT_EXPECT_GT_MSG(test, runs, 0, "call %u", i);
	return told;
}

static void reaches(struct kunit *test)
{
	const gfp_t io_fs = __GFP_IO | __GFP_FS;
	unsigned int i;

	cache = kmem_cache_create("reached", 4000, 0, 0, NULL);
	prepare_regions(test);
	page_register(&noter);
	take_everything();
	for (i = 0; i < ARRAY_LEN(wants); i++) {
		KUNIT_EXPECT_EQ(test, told_in(test, i, 0) & io_fs, io_fs);
		KUNIT_EXPECT_EQ(test,
				told_in(test, i, PF_MEMALLOC_NOFS) & io_fs,
				__GFP_IO);
		KUNIT_EXPECT_EQ(test,
				told_in(test, i, PF_MEMALLOC_NOIO) & io_fs, 0);
		/* the stronger wins */
		KUNIT_EXPECT_EQ(test,
				told_in(test, i,
					PF_MEMALLOC_NOIO | PF_MEMALLOC_NOFS) &
					io_fs,
				0);
	}
	/* a world of its own: what was taken ends with it */
	fflush(stdout);
	_exit(test->status ? 1 : 0);
}

WORLD_CASE(every_request_is_told, TIGHT)
{
	reaches(test);
}

/* PF_MEMALLOC: no reclaim; the reserve, unless the request opts out. */
WORLD_CASE(noreclaim_draws_on_the_reserve, TIGHT)
{
	unsigned int was, i;
	void *p;

	prepare_regions(test);
	page_register(&noter);
	take_everything();
	runs = 0;
	KUNIT_EXPECT_EQ(test, __get_free_pages(QUIET, 0), 0);
	KUNIT_EXPECT_GT(test, runs, 0);
	runs = 0;
	was = memalloc_noreclaim_save();
	KUNIT_EXPECT_EQ(test, __get_free_pages(QUIET | __GFP_NOMEMALLOC, 0), 0);
	p = (void *)__get_free_pages(QUIET, 0);
	KUNIT_EXPECT_NOT_NULL(test, p);
	free_page((unsigned long)p);
	p = (void *)__get_free_pages(GFP_NOWAIT, 0);
	KUNIT_EXPECT_NOT_NULL(test, p);
	free_page((unsigned long)p);
	/* and everything above pages */
	cache = kmem_cache_create("reserve", 2000, 0, 0, NULL);
	p = kmem_cache_alloc(cache, QUIET);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kmem_cache_free(cache, p);
	p = kmalloc(9000, QUIET);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
	for (i = 0; i < ARRAY_LEN(wants); i++)
		if (wants[i] == want_region || wants[i] == want_grown)
			wants[i](QUIET);
	KUNIT_EXPECT_EQ(test, runs, 0);
	memalloc_noreclaim_restore(was);
	kmem_cache_destroy(cache);
	/* what lies on the CPU's lists is everybody's */
	drain_all_pages(NULL);
	KUNIT_EXPECT_EQ(test, __get_free_pages(QUIET, 0), 0);
	KUNIT_EXPECT_GT(test, runs, 0);
	give_everything();
	vfree(grown);
}

/* The pool's function is told what the scope leaves of the call's flags. */
WORLD_CASE(a_pools_function_sees_what_the_scope_leaves, TIGHT)
{
	unsigned int was;
	void *p;

	pool = mempool_create(1, element_alloc, element_free, NULL);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	p = mempool_alloc_preallocated(pool);
	mempool_free(p, pool);
	page_register(&noter);
	take_everything();
	elements = 0;
	runs = 0;
	was = memalloc_nofs_save();
	/* the reserve ends it: only the first try is made */
	p = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, elements, 1);
	KUNIT_EXPECT_EQ(test, element_gfp[0] & __GFP_FS, 0);
	KUNIT_EXPECT_EQ(test, element_gfp[0] & __GFP_NOMEMALLOC,
			__GFP_NOMEMALLOC);
	KUNIT_EXPECT_EQ(test, runs, 0);
	/* what its function does with them is the allocator's */
	told = 0;
	KUNIT_EXPECT_NULL(test, element_alloc(QUIET, NULL));
	KUNIT_EXPECT_GT(test, runs, 0);
	KUNIT_EXPECT_EQ(test, told & __GFP_FS, 0);
	memalloc_nofs_restore(was);
	give_everything();
	mempool_free(p, pool);
	mempool_destroy(pool);
}

WORLD_CASE(retries_pause, .options = "")
{
	unsigned long waits = fake_calls(FAKE_WAIT);

	memalloc_retry_wait(GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAIT), waits + 1);
	memalloc_retry_wait(GFP_ATOMIC);
	memalloc_retry_wait(GFP_KERNEL | __GFP_NORETRY);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_WAIT), waits + 3);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_request_is_told),
	KUNIT_CASE(noreclaim_draws_on_the_reserve),
	KUNIT_CASE(a_pools_function_sees_what_the_scope_leaves),
	KUNIT_CASE(retries_pause),
	{},
};
static struct kunit_suite suite = { .name = "scope", .test_cases = cases };
kunit_test_suite(suite);
