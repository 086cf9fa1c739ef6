// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The calls on objects of a cache: one, and many at once.
 */
#include "unit/slab/world.h"

#define MOST 3000

static bool distinct(struct kmem_cache *s, size_t n, void **p)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if ((char *)p[i] < (char *)p[j] + s->size &&
			    (char *)p[j] < (char *)p[i] + s->size)
				return false;
	return true;
}

SLAB_CASE(bulk_gives_as_many_as_asked_for, 0)
{
	static const unsigned int sizes[] = { 8, 72, 1024, 6000 };
	static const unsigned int numbers[] = {
		1, 2, 7, 16, 31, 63, 64, 65, 200
	};
	struct kmem_cache *s;
	unsigned int i, k, flags;
	void *p[MOST];

	for (i = 0; i < ARRAY_LEN(sizes) * 2; i++) {
		flags = i % 2 ? (__force unsigned int)SLAB_NOLEAKTRACE : 0;
		s = make(test, sizes[i / 2], 0, (slab_flags_t)flags);
		for (k = 0; k < ARRAY_LEN(numbers); k++) {
			KUNIT_ASSERT_EQ(test,
					kmem_cache_alloc_bulk(s, GFP_KERNEL,
							      numbers[k], p),
					numbers[k]);
			KUNIT_EXPECT_EQ(test, live(s), numbers[k]);
			KUNIT_EXPECT_TRUE(test, distinct(s, numbers[k], p));
			slab_free_bulk(s, numbers[k], p, LOCK_SLEEP);
			KUNIT_EXPECT_EQ(test, live(s), 0);
			KUNIT_ASSERT_TRUE(test, cache_validate(s));
		}
		end(test, s);
	}
}

SLAB_CASE(bulk_of_nothing_or_too_much_gives_nothing, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	void *p = s;

	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 0, &p), 0);
	KUNIT_EXPECT_EQ(test,
			kmem_cache_alloc_bulk(s, GFP_KERNEL,
					      (size_t)INT32_MAX + 1, &p),
			0);
	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk(s, GFP_KERNEL, -1ul, &p),
			0);
	KUNIT_EXPECT_PTR_EQ(test, p, s);
	slab_free_bulk(s, 0, &p, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, counts(s).num_slabs, 0);
	end(test, s);
}

/* A fresh slab is walked upward, as the caches of the machine like it. */
SLAB_CASE(bulk_from_a_fresh_slab_ascends, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	void *p[64];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 64, p), 64);
	for (i = 1; i < 64; i++)
		KUNIT_EXPECT_PTR_EQ(test, p[i], (char *)p[i - 1] + 64);
	slab_free_bulk(s, 64, p, LOCK_SLEEP);
	end(test, s);
}

/* Main first: what was freed last is taken first. */
SLAB_CASE(bulk_takes_what_main_holds_first, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	void *p[40], *q[40];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 40, p), 40);
	for (i = 0; i < 40; i++)
		kmem_cache_free(s, p[i]);
	KUNIT_ASSERT_EQ(test, counts(s).free_in_sheaves, 40);
	KUNIT_ASSERT_EQ(test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 30, q), 30);
	for (i = 0; i < 30; i++)
		KUNIT_EXPECT_PTR_EQ(test, q[i], p[39 - i]);
	KUNIT_EXPECT_EQ(test, counts(s).free_in_sheaves, 10);
	slab_free_bulk(s, 30, q, LOCK_SLEEP);
	end(test, s);
}

SLAB_CASE(bulk_zeroes_every_object, 0)
{
	struct kmem_cache *s = make(test, 100, 0, 0);
	unsigned char *p[90], zero[100] = { 0 };
	unsigned int i;

	KUNIT_ASSERT_EQ(
		test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 90, (void **)p), 90);
	for (i = 0; i < 90; i++)
		memset(p[i], 0xa5, 104);
	slab_free_bulk(s, 90, (void **)p, LOCK_SLEEP);
	KUNIT_ASSERT_EQ(test,
			kmem_cache_alloc_bulk(s, GFP_KERNEL | __GFP_ZERO, 90,
					      (void **)p),
			90);
	for (i = 0; i < 90; i++)
		KUNIT_EXPECT_MEMEQ(test, p[i], zero, 100);
	slab_free_bulk(s, 90, (void **)p, LOCK_SLEEP);
	end(test, s);
}

SLAB_CASE(bulk_gives_all_or_none, .options = "mem=4M")
{
	struct kmem_cache *s = make(test, 4096, 0, 0);
	static void *p[MOST];
	int n, got, most = 0;

	for (n = MOST; n; n -= n > 100 ? 100 : 1) {
		got = kmem_cache_alloc_bulk(s, GFP_ROUND, (size_t)n, p);
		KUNIT_ASSERT_TRUE(test, got == n || got == 0);
		KUNIT_ASSERT_EQ(test, live(s), got);
		KUNIT_ASSERT_TRUE(test, cache_validate(s));
		if (got > most)
			most = got;
		slab_free_bulk(s, (size_t)got, p, LOCK_SLEEP);
		KUNIT_ASSERT_EQ(test, live(s), 0);
	}
	KUNIT_EXPECT_GE(test, most, 500);
	end(test, s);
}

/* What lies in other sheaves than main is found without blocking, too. */
SLAB_CASE(bulk_without_blocking_finds_what_is_parked, .options = "mem=4M")
{
	struct kmem_cache *s = make(test, 4096, 0, 0);
	static void *p[MOST], *held[MOST];
	unsigned int n = 0, i, k = 0;
	unsigned long parked;

	KUNIT_ASSERT_EQ(test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 60, p), 60);
	while (n < MOST && (held[n] = kmem_cache_alloc(s, GFP_NOWAIT)))
		n++;
	for (i = 0; i < 60; i++)
		kmem_cache_free(s, p[i]);
	parked = counts(s).free_in_sheaves;
	KUNIT_ASSERT_GE(test, parked, 20);
	k = (unsigned int)parked;
	KUNIT_EXPECT_EQ(test, kmem_cache_alloc_bulk(s, GFP_NOWAIT, k, p), k);
	slab_free_bulk(s, k, p, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, live(s), n);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	for (i = 0; i < n; i++)
		kmem_cache_free(s, held[i]);
	end(test, s);
}

SLAB_CASE(freeing_many_leaves_foreign_ones_alone, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	struct kmem_cache *other = make(test, 64, 0, 0);
	unsigned long before;
	void *p[10], *theirs;
	int local;

	theirs = kmem_cache_alloc(other, GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 8, p), 8);
	p[8] = p[3];
	p[3] = theirs;
	p[9] = &local;
	before = report_errors();
	slab_free_bulk(s, 10, p, LOCK_SLEEP);
	KUNIT_EXPECT_EQ(test, report_errors() - before, 2);
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(fake_log(), "object belongs to different "
						 "cache test-2"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(),
					   "object is not in a slab page"));
	fake_log_clear();
	KUNIT_EXPECT_EQ(test, live(s), 0);
	KUNIT_EXPECT_EQ(test, live(other), 1);
	kmem_cache_free(other, theirs);
	end(test, s);
	end(test, other);
}

SLAB_CASE(freeing_to_the_wrong_cache_leaks_with_a_report, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	struct kmem_cache *other = make(test, 64, 0, 0);
	unsigned long before = report_errors();
	void *p = kmem_cache_alloc(other, GFP_KERNEL);
	char text[128];

	kmem_cache_free(s, p);
	snprintf(text, sizeof(text),
		 "kmem_cache_free(test-1, %016lx): object belongs to "
		 "different cache test-2\n",
		 (unsigned long)p);
	KUNIT_EXPECT_EQ(test, report_errors() - before, 1);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(fake_log(), text), "%s", text);
	fake_log_clear();
	kmem_cache_free(s, NULL);
	KUNIT_EXPECT_EQ(test, report_errors() - before, 2);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(),
					   "object is not in a slab page"));
	fake_log_clear();
	KUNIT_EXPECT_EQ(test, live(s), 0);
	KUNIT_EXPECT_EQ(test, live(other), 1);
	kmem_cache_free(other, p);
	end(test, s);
	end(test, other);
}

SLAB_CASE(single_calls_in_all_their_forms, 0)
{
	struct kmem_cache *s = make(test, 48, 0, 0);
	unsigned char zero[48] = { 0 }, *p;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		p = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		memset(p, 0xff, 48);
		kmem_cache_free(s, p);
		p = kmem_cache_zalloc(s, GFP_NOWAIT);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_MEMEQ(test, p, zero, 48);
		memset(p, 0xff, 48);
		kmem_cache_free(s, p);
	}
	for (i = 0; i < 3; i++) {
		p = kmem_cache_alloc_node(s, GFP_KERNEL | __GFP_ZERO,
					  (int)i - 1);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_MEMEQ(test, p, zero, 48);
		memset(p, 0xff, 48);
		kmem_cache_free(s, p);
	}
	KUNIT_EXPECT_NULL(
		test, kmem_cache_alloc_node(s, GFP_KERNEL | __GFP_THISNODE, 1));
	p = kmem_cache_alloc_node(s, GFP_KERNEL | __GFP_THISNODE, 0);
	KUNIT_ASSERT_NOT_NULL(test, p);
	kmem_cache_free(s, p);
	p = kmem_cache_alloc_lru(s, NULL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	end(test, s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(bulk_gives_as_many_as_asked_for),
	KUNIT_CASE(bulk_of_nothing_or_too_much_gives_nothing),
	KUNIT_CASE(bulk_from_a_fresh_slab_ascends),
	KUNIT_CASE(bulk_takes_what_main_holds_first),
	KUNIT_CASE(bulk_zeroes_every_object),
	KUNIT_CASE(bulk_gives_all_or_none),
	KUNIT_CASE(bulk_without_blocking_finds_what_is_parked),
	KUNIT_CASE(freeing_many_leaves_foreign_ones_alone),
	KUNIT_CASE(freeing_to_the_wrong_cache_leaks_with_a_report),
	KUNIT_CASE(single_calls_in_all_their_forms),
	{},
};

static struct kunit_suite suite = {
	.name = "bulk",
	.test_cases = cases,
};

kunit_test_suite(suite);
