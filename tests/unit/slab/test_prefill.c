// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Sheaves filled ahead: what is in one can be had whatever the memory, and what
 * is lent comes back whole, whatever its size and its cache.
 */
#include "unit/slab/world.h"

#include "lib/errno.h"

#define MOST 4096

static void *held[MOST];
static unsigned int nr_held;

/* Takes all memory, to the last page of the reserves. */
static void no_memory(void)
{
	nr_held = 0;
	while (nr_held < MOST &&
	       (held[nr_held] = page_alloc(GFP_ROUND | __GFP_MEMALLOC, 0)))
		nr_held++;
}

static void memory_again(void)
{
	while (nr_held)
		page_free(held[--nr_held], 0);
}

/* Caches with sheaves, with small ones, and with none. */
static const struct {
	unsigned int size;
	slab_flags_t flags;
} kinds[] = { { 64, 0 }, { 8192, 0 }, { 64, SLAB_NOLEAKTRACE } };

static const unsigned int wants[] = { 1, 7, 63, 64, 511, 512, 1000, 5000 };

SLAB_CASE(what_is_in_hand_can_be_had, .options = "mem=64M")
{
	static char *p[5000];
	unsigned int k, w, i;

	for (k = 0; k < ARRAY_LEN(kinds); k++) {
		struct kmem_cache *s =
			make(test, kinds[k].size, 0, kinds[k].flags);

		for (w = 0; w < ARRAY_LEN(wants); w++) {
			unsigned int n = wants[w], left;
			struct slab_sheaf *sheaf;

			if (n > 1000 && kinds[k].size > 64)
				continue;
			sheaf = kmem_cache_prefill_sheaf(s, GFP_KERNEL, n);
			KUNIT_ASSERT_NOT_NULL(test, sheaf);
			left = kmem_cache_sheaf_size(sheaf);
			KUNIT_ASSERT_GE(test, left, n);
			fake_fail_nth(FAKE_ANY, 1);
			for (i = 0; i < n; i++) {
				p[i] = kmem_cache_alloc_from_sheaf(
					s, i % 2 ? __GFP_ZERO : 0, sheaf);
				KUNIT_ASSERT_NOT_NULL(test, p[i]);
				KUNIT_ASSERT_EQ(test, i % 2 && p[i][0], 0);
				memset(p[i], 0xa5, kinds[k].size);
			}
			fake_fail_nth(0, 0);
			left -= n;
			KUNIT_EXPECT_EQ(test, kmem_cache_sheaf_size(sheaf),
					left);
			for (i = 0; i < left; i++)
				kmem_cache_free(s, kmem_cache_alloc_from_sheaf(
							   s, 0, sheaf));
			KUNIT_EXPECT_NULL(
				test, kmem_cache_alloc_from_sheaf(s, 0, sheaf));
			kmem_cache_return_sheaf(s, GFP_NOWAIT, sheaf);
			KUNIT_EXPECT_EQ(test, live(s), n);
			for (i = 0; i < n; i++)
				kmem_cache_free(s, p[i]);
			KUNIT_EXPECT_EQ(test, live(s), 0);
			KUNIT_EXPECT_TRUE(test, cache_validate(s));
		}
		end(test, s);
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

SLAB_CASE(what_is_in_hand_is_there_without_memory, .options = "mem=4M")
{
	struct kmem_cache *s = make(test, 1000, 0, 0);
	struct slab_sheaf *sheaf, *none;
	void *p[200];
	unsigned int i;

	sheaf = kmem_cache_prefill_sheaf(s, GFP_KERNEL, 200);
	KUNIT_ASSERT_NOT_NULL(test, sheaf);
	no_memory();
	while (kmem_cache_alloc(s, GFP_NOWAIT))
		;
	none = kmem_cache_prefill_sheaf(s, GFP_ROUND, 1);
	KUNIT_EXPECT_NULL(test, none);
	KUNIT_EXPECT_EQ(test,
			kmem_cache_refill_sheaf(s, GFP_ROUND, &sheaf, 201),
			-ENOMEM);
	KUNIT_EXPECT_EQ(test,
			kmem_cache_refill_sheaf(s, GFP_ROUND, &sheaf, 20000),
			-ENOMEM);
	for (i = 0; i < 200; i++) {
		p[i] = kmem_cache_alloc_from_sheaf(s, 0, sheaf);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	for (i = 0; i < 200; i++)
		kmem_cache_free(s, p[i]);
	kmem_cache_return_sheaf(s, GFP_ATOMIC, sheaf);
	memory_again();
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	/* those of the loop above are lost on purpose */
	_exit(test->status ? 1 : 0);
}

/* Any call of the port may fail: what cannot be filled leaves nothing. */
SLAB_CASE(prefill_gives_all_or_nothing, .options = "mem=4M")
{
	static const unsigned int sizes[] = { 100, 600, 3000 };
	struct kmem_cache *s = make(test, 1000, 0, 0);
	unsigned int i, gave, filled = 0;

	for (gave = 0; gave < 900; gave += 15) {
		for (i = 0; i < ARRAY_LEN(sizes); i++) {
			struct slab_sheaf *sheaf;
			unsigned int n;

			settle();
			no_memory();
			for (n = gave; n && nr_held; n--)
				page_free(held[--nr_held], 0);
			sheaf = kmem_cache_prefill_sheaf(s, GFP_ROUND,
							 sizes[i]);
			n = sheaf ? kmem_cache_sheaf_size(sheaf) : 0;
			KUNIT_ASSERT_TRUE(test, !sheaf || n >= sizes[i]);
			KUNIT_ASSERT_EQ(test, live(s), n);
			filled += sheaf != NULL;
			if (sheaf)
				kmem_cache_return_sheaf(s, GFP_KERNEL, sheaf);
			KUNIT_ASSERT_EQ(test, live(s), 0);
			memory_again();
		}
	}
	KUNIT_EXPECT_GT(test, filled, 10);
	KUNIT_EXPECT_LT(test, filled, 180);
	end(test, s);
}

SLAB_CASE(refill_keeps_what_is_there, 0)
{
	struct kmem_cache *s = make(test, 8192, 0, 0);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(s, GFP_KERNEL, 10),
			  *was = sheaf;
	unsigned int capacity = pcs_capacity(&s->pcs);

	KUNIT_ASSERT_NOT_NULL(test, sheaf);
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(s, GFP_KERNEL, &sheaf, 5),
			0);
	KUNIT_EXPECT_EQ(test, kmem_cache_sheaf_size(sheaf), 10);
	KUNIT_EXPECT_EQ(
		test, kmem_cache_refill_sheaf(s, GFP_KERNEL, &sheaf, capacity),
		0);
	KUNIT_EXPECT_PTR_EQ(test, sheaf, was);
	KUNIT_EXPECT_EQ(test, kmem_cache_sheaf_size(sheaf), capacity);
	KUNIT_EXPECT_EQ(test,
			kmem_cache_refill_sheaf(s, GFP_KERNEL, &sheaf,
						capacity + 1),
			0);
	KUNIT_EXPECT_PTR_NE(test, sheaf, was);
	KUNIT_EXPECT_GE(test, kmem_cache_sheaf_size(sheaf), capacity + 1);
	KUNIT_EXPECT_EQ(test, live(s), kmem_cache_sheaf_size(sheaf));
	kmem_cache_return_sheaf(s, GFP_KERNEL, sheaf);
	end(test, s);
}

/* What was not used is there for this CPU, without a look at the slabs. */
SLAB_CASE(a_returned_sheaf_serves_its_cpu, 0)
{
	struct kmem_cache *s = make(test, 8192, 0, 0);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(s, GFP_KERNEL, 20);
	unsigned long refills;
	void *p[20];
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, sheaf);
	KUNIT_EXPECT_EQ(test, counts(s).free_in_sheaves, 0);
	kmem_cache_return_sheaf(s, GFP_KERNEL, sheaf);
	KUNIT_EXPECT_EQ(test, counts(s).free_in_sheaves, 20);
	refills = s->node->refills;
	for (i = 0; i < 20; i++)
		p[i] = kmem_cache_alloc(s, GFP_NOWAIT);
	KUNIT_EXPECT_EQ(test, s->node->refills, refills);
	for (i = 0; i < 20; i++)
		kmem_cache_free(s, p[i]);
	end(test, s);
}

/* Objects in hand are live: the cache stays for them, and ends with them. */
SLAB_CASE(a_cache_outlives_what_is_lent, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(s, GFP_KERNEL, 3);
	void *p;

	KUNIT_ASSERT_NOT_NULL(test, sheaf);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "Objects remaining"));
	fake_log_clear();
	p = kmem_cache_alloc_from_sheaf(s, 0, sheaf);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kmem_cache_return_sheaf(s, GFP_KERNEL, sheaf);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	kmem_cache_free(s, p);
}

static void warned(struct kunit *test)
{
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "no sheaf of it"));
	fake_log_clear();
}

SLAB_CASE(what_is_no_sheaf_is_told, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0), *t = make(test, 64, 0, 0);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(s, GFP_KERNEL, 3);
	struct slab_sheaf *none = NULL, *odd = (void *)((char *)sheaf + 8);

	KUNIT_EXPECT_NULL(test, kmem_cache_prefill_sheaf(s, GFP_KERNEL, 0));
	KUNIT_EXPECT_EQ(test, kmem_cache_sheaf_size(NULL), 0);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(s, GFP_KERNEL, NULL, 1),
			-EINVAL);
	warned(test);
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(s, GFP_KERNEL, &none, 1),
			-EINVAL);
	warned(test);
	KUNIT_EXPECT_NULL(test, kmem_cache_alloc_from_sheaf(t, 0, sheaf));
	warned(test);
	kmem_cache_return_sheaf(t, GFP_KERNEL, sheaf);
	warned(test);
	kmem_cache_return_sheaf(s, GFP_KERNEL, odd);
	warned(test);
	KUNIT_EXPECT_EQ(test, live(s), 3);
	kmem_cache_return_sheaf(s, GFP_KERNEL, sheaf);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	end(test, s);
	end(test, t);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(what_is_in_hand_can_be_had),
	KUNIT_CASE(what_is_in_hand_is_there_without_memory),
	KUNIT_CASE(prefill_gives_all_or_nothing),
	KUNIT_CASE(refill_keeps_what_is_there),
	KUNIT_CASE(a_returned_sheaf_serves_its_cpu),
	KUNIT_CASE(a_cache_outlives_what_is_lent),
	KUNIT_CASE(what_is_no_sheaf_is_told),
	{},
};

static struct kunit_suite suite = {
	.name = "slab-prefill",
	.test_cases = cases,
};

kunit_test_suite(suite);
