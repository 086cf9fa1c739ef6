// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Objects between guard pages: which requests get one, where it lies, what is
 * seen of what is done to it.
 */
#include "port/fake/rcu.h"
#include "unit/slab/world.h"

#include <linux/gfp.h>

#define PAGE 4096u
#define GFP_NOW ((gfp_t)(__GFP_KSWAPD_RECLAIM | __GFP_NOWARN))

static void *const here[] = { (void *)0x1111, (void *)0x2222 };

/* The gate is opened by the tests: there is no thread. */
static void begin(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, slab_boot(), 0);
	fake_fail_from(FAKE_BIT(FAKE_THREAD), 1);
	fake_set_stack(here, 2);
	kfence_start(8);
	/* says that there is none */
	page_thread();
	fake_log_clear();
}

static void open_gate(void)
{
	fake_clock_advance(1000000);
	kfence_gate_open();
}

static void *guarded(struct kmem_cache *s, gfp_t gfp)
{
	void *p;

	open_gate();
	p = kmem_cache_alloc(s, gfp);
	return kfence_holds(p) ? p : NULL;
}

static size_t in_page(const void *p)
{
	return (uintptr_t)p & (PAGE - 1);
}

/* At the left end of its page, or at the right. */
static char *guarded_at(struct kunit *test, struct kmem_cache *s, bool right)
{
	for (int i = 0; i < 1000; i++) {
		char *p = guarded(s, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, p);
		if (!in_page(p) == !right)
			return p;
		kmem_cache_free(s, p);
	}
	KUNIT_FAIL(test, "one side only");
	return NULL;
}

static struct kfence_counts figures(void)
{
	struct kfence_counts c;

	kfence_counts(&c);
	return c;
}

static bool log_has(const char *text)
{
	bool found = strstr(fake_log(), text);

	fake_log_clear();
	return found;
}

#define KFENCE_CASE(name, n)                                    \
	static void name##_guarded(struct kunit *test);         \
	WORLD_CASE(name, .options = "kfence.sample_interval=1," \
				    "kfence.num_objects=" #n)   \
	{                                                       \
		begin(test);                                    \
		slab_body(test, name##_guarded);                \
	}                                                       \
	static void name##_guarded(struct kunit *test)

KFENCE_CASE(one_request_of_an_interval_is_guarded, 3)
{
	struct kmem_cache *s = make(test, 40, 0, 0), *t = make(test, 64, 0, 0);
	void *p, *q, *r;

	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, kfence_holds(p));
	open_gate();
	q = kmem_cache_alloc(t, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, kfence_holds(q));
	KUNIT_EXPECT_PTR_EQ(test, slab_owner(q), t);
	KUNIT_EXPECT_NULL(test, page_owner(q));
	KUNIT_EXPECT_EQ(test, kfence_size(q), 64);
	r = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, kfence_holds(r));
	/* the interval is not over */
	kfence_gate_open();
	KUNIT_EXPECT_EQ(test, kfence_gate, KFENCE_SHUT);
	kmem_cache_free(s, p);
	kmem_cache_free(s, r);
	kmem_cache_free(t, q);
	KUNIT_EXPECT_NULL(test, slab_owner(q));
	KUNIT_EXPECT_EQ(test, figures().allocs, 1);
	KUNIT_EXPECT_EQ(test, figures().frees, 1);
	end(test, s);
	end(test, t);
}

KFENCE_CASE(objects_lie_at_the_ends_of_their_pages, 3)
{
	static const unsigned short sizes[] = { 8, 24, 100, 1000, 4096 };
	struct kmem_cache *s;
	size_t at;
	char *p;

	for (unsigned int i = 0; i < ARRAY_LEN(sizes); i++) {
		s = make(test, sizes[i], 0, 0);
		p = guarded_at(test, s, false);
		kmem_cache_free(s, p);
		if (sizes[i] < PAGE) {
			p = guarded_at(test, s, true);
			at = in_page(p);
			KUNIT_EXPECT_EQ(test, at % s->align, 0);
			KUNIT_EXPECT_LE(test, at + s->object_size, PAGE);
			KUNIT_EXPECT_GT(test, at + s->object_size + s->align,
					PAGE);
			kmem_cache_free(s, p);
		}
		end(test, s);
	}
}

KFENCE_CASE(what_cannot_be_guarded_leaves_the_gate_open, 3)
{
	struct kmem_cache *skip = make(test, 40, 0, SLAB_SKIP_KFENCE);
	struct kmem_cache *dma = make(test, 40, 0, SLAB_CACHE_DMA);
	struct kmem_cache *large = make(test, PAGE + 8, 0, 0);
	struct kmem_cache *s = make(test, 40, 0, 0);

	KUNIT_EXPECT_NULL(test, guarded(skip, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, guarded(dma, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, guarded(large, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, guarded(s, __GFP_NOWARN));
	KUNIT_EXPECT_GE(test, figures().incompatible, 3);
	KUNIT_EXPECT_EQ(test, figures().allocs, 0);
	KUNIT_EXPECT_NOT_NULL(test, guarded(s, GFP_NOW));
	KUNIT_EXPECT_EQ(test, figures().allocs, 1);
	_exit(test->status ? 1 : 0);
}

KFENCE_CASE(the_slot_that_is_free_longest_is_next, 4)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	char *p[5], *q;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		p[i] = guarded(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	open_gate();
	p[4] = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, kfence_holds(p[4]));
	KUNIT_EXPECT_EQ(test, figures().capacity, 1);
	kmem_cache_free(s, p[2]);
	kmem_cache_free(s, p[0]);
	q = guarded(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, (uintptr_t)q / PAGE, (uintptr_t)p[2] / PAGE);
	kmem_cache_free(s, q);
	q = guarded(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, (uintptr_t)q / PAGE, (uintptr_t)p[0] / PAGE);
	kmem_cache_free(s, q);
	kmem_cache_free(s, p[1]);
	kmem_cache_free(s, p[3]);
	kmem_cache_free(s, p[4]);
	end(test, s);
}

KFENCE_CASE(a_page_that_stays_shut_is_not_used, 3)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	void *p;

	open_gate();
	fake_fail_nth(FAKE_BIT(FAKE_GUARD), 1);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_FALSE(test, kfence_holds(p));
	kmem_cache_free(s, p);
	for (int i = 0; i < 3; i++)
		KUNIT_EXPECT_NOT_NULL(test, guarded(s, GFP_KERNEL));
	_exit(test->status ? 1 : 0);
}

KFENCE_CASE(bytes_beside_an_object_are_looked_at_when_it_is_freed, 3)
{
	struct kmem_cache *s = make(test, 100, 4, 0);
	char *p = guarded_at(test, s, false), kept;

	kmem_cache_free(s, p);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	p = guarded_at(test, s, false);
	memset(p, 1, 100);
	p[101] = 7;
	kept = p[102];
	p[102] = 8;
	kmem_cache_free(s, p);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), " [ 0x07 0x08 . . "));
	KUNIT_EXPECT_TRUE(test, log_has("memory corruption"));
	KUNIT_EXPECT_NE(test, kept, 8);
	p = guarded_at(test, s, true);
	p[-1] = 9;
	kmem_cache_free(s, p);
	KUNIT_EXPECT_TRUE(test, log_has(" [ 0x09 ] (in kfence-#"));
	KUNIT_EXPECT_EQ(test, figures().bugs, 2);
	end(test, s);
}

KFENCE_CASE(what_is_no_object_is_not_freed, 3)
{
	struct kmem_cache *s = make(test, 64, 0, 0), *t = make(test, 64, 0, 0);
	char *p = guarded(s, GFP_KERNEL);

	kmem_cache_free(s, p + 1);
	KUNIT_EXPECT_TRUE(test, log_has("KFENCE: invalid free"));
	kmem_cache_free(s, kfence_pool.base + 5);
	KUNIT_EXPECT_TRUE(test, log_has("Invalid free of"));
	kmem_cache_free(t, p);
	KUNIT_EXPECT_TRUE(test, log_has("object belongs to different cache"));
	KUNIT_EXPECT_EQ(test, kfence_size(p), 64);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	kmem_cache_free(s, p);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "freed by task"));
	KUNIT_EXPECT_TRUE(test, log_has("KFENCE: invalid free"));
	KUNIT_EXPECT_EQ(test, figures().frees, 1);
	end(test, s);
	end(test, t);
}

KFENCE_CASE(an_access_is_of_the_nearer_object, 3)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	char *p, *q, text[64], *guard;

	p = guarded(s, GFP_KERNEL);
	q = guarded(s, GFP_KERNEL);
	guard = (char *)((uintptr_t)p | (PAGE - 1)) + 1;
	KUNIT_ASSERT_EQ(test, (uintptr_t)q & ~(PAGE - 1ul),
			(uintptr_t)guard + PAGE);
	KUNIT_EXPECT_TRUE(test, fake_fault(guard, here[0], true));
	snprintf(text, sizeof(text), "(%zuB right of kfence-#0)",
		 (size_t)(guard - p));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "out-of-bounds write"));
	KUNIT_EXPECT_TRUE(test, log_has(text));
	guard[1] = 1;
	KUNIT_EXPECT_TRUE(test, fake_fault(guard + PAGE - 1, here[0], false));
	snprintf(text, sizeof(text), "(%zuB left of kfence-#1)",
		 (size_t)(q - guard - PAGE + 1));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "out-of-bounds read"));
	KUNIT_EXPECT_TRUE(test, log_has(text));
	kmem_cache_free(s, p);
	kmem_cache_free(s, q);
	end(test, s);
}

KFENCE_CASE(an_access_to_a_freed_object_has_all_three_stacks, 3)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	char *p = guarded(s, GFP_KERNEL);

	kmem_cache_free(s, p);
	KUNIT_EXPECT_TRUE(test, fake_fault(p + 3, here[1], false));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "use-after-free read"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "\nallocated by task"));
	KUNIT_EXPECT_TRUE(test, log_has("\nfreed by task"));
	/* it is open now, and shut again when the slot was used */
	p[3] = 1;
	for (int i = 0; i < 3; i++)
		kmem_cache_free(s, guarded(s, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, fake_fault(p + 3, here[1], true));
	KUNIT_EXPECT_TRUE(test, log_has("use-after-free write"));
	end(test, s);
}

KFENCE_CASE(an_access_to_nothing_is_invalid, 3)
{
	int other;

	KUNIT_EXPECT_TRUE(test, fake_fault(kfence_pool.base, here[0], false));
	KUNIT_EXPECT_TRUE(test, log_has("\nInvalid read at 0x"));
	KUNIT_EXPECT_TRUE(test, fake_fault(kfence_pool.base + 2 * PAGE, here[0],
					   true));
	KUNIT_EXPECT_TRUE(test, log_has("\nInvalid write at 0x"));
	KUNIT_EXPECT_FALSE(test, fake_fault(&other, here[0], true));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

static unsigned int made;

static void number(void *obj)
{
	*(unsigned int *)obj = ++made;
}

KFENCE_CASE(objects_are_constructed_or_cleared, 1)
{
	struct kmem_cache *s =
		kmem_cache_create("made", 64, 0, SLAB_NOLEAKTRACE, number);
	struct kmem_cache *t = make(test, 64, 0, 0);
	unsigned int *p, before;
	char *q;

	before = made;
	p = guarded(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, *p, before + 1);
	kmem_cache_free(s, p);
	p = guarded(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, *p, before + 2);
	memset(p, 1, 64);
	kmem_cache_free(s, p);
	q = guarded(t, GFP_KERNEL | __GFP_ZERO);
	for (int i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test, q[i], 0);
	kmem_cache_free(t, q);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	end(test, s);
	end(test, t);
}

KFENCE_CASE(readers_may_be_inside_until_the_grace_period_is_over, 3)
{
	struct kmem_cache *s = make(test, 64, 0, SLAB_TYPESAFE_BY_RCU);
	char *p = guarded(s, GFP_KERNEL);

	fake_rcu_enter();
	*p = 5;
	kmem_cache_free(s, p);
	KUNIT_EXPECT_EQ(test, *p, 5);
	KUNIT_EXPECT_EQ(test, figures().frees, 0);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "rcu freeing by task"));
	KUNIT_EXPECT_TRUE(test, log_has("KFENCE: invalid free"));
	fake_rcu_leave();
	port_rcu_poll();
	KUNIT_EXPECT_EQ(test, figures().frees, 1);
	KUNIT_EXPECT_TRUE(test, fake_fault(p, here[0], false));
	KUNIT_EXPECT_TRUE(test, log_has("use-after-free read"));
	end(test, s);
}

KFENCE_CASE(a_destroyed_cache_is_not_named_any_more, 3)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	char *p = guarded(s, GFP_KERNEL);

	kmem_cache_free(s, p);
	end(test, s);
	KUNIT_EXPECT_TRUE(test, fake_fault(p, here[0], false));
	KUNIT_EXPECT_TRUE(test, log_has("cache=<destroyed>"));
}

KFENCE_CASE(an_object_may_outlive_its_cache, 3)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	char *p = guarded(s, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 1);
	KUNIT_EXPECT_TRUE(test, log_has("Objects remaining on"));
	KUNIT_EXPECT_EQ(test, figures().zombies, 1);
	kfence_free(NULL, p, here[0]);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_EQ(test, figures().frees, 1);
	_exit(test->status ? 1 : 0);
}

KFENCE_CASE(one_of_many_is_guarded, 3)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	unsigned int i, n, k;
	void *p[100];

	for (k = 0; k < 2; k++) {
		open_gate();
		KUNIT_ASSERT_EQ(test,
				kmem_cache_alloc_bulk(
					s, GFP_KERNEL | (k ? __GFP_ZERO : 0),
					100, p),
				100);
		for (i = n = 0; i < 100; i++) {
			n += kfence_holds(p[i]);
			KUNIT_EXPECT_TRUE(test, !k || !*(char *)p[i]);
			memset(p[i], 1, 64);
		}
		KUNIT_EXPECT_EQ(test, n, 1);
		kmem_cache_free_bulk(s, 100, p);
		KUNIT_EXPECT_EQ(test, figures().frees, k + 1);
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	end(test, s);
}

/* What is made resident is not what must fault. */
KFENCE_CASE(a_reserve_leaves_the_pool_out, 3)
{
	unsigned long from = addr_pfn(kfence_pool.base);

	for (unsigned long a = 0; a < 3; a++)
		for (unsigned long b = 7; b < 10; b++)
			KUNIT_EXPECT_EQ(test,
					__page_make_resident(from + a - 1,
							     from + b),
					0);
	KUNIT_EXPECT_TRUE(test, fake_fault(kfence_pool.base, here[0], false));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_request_of_an_interval_is_guarded),
	KUNIT_CASE(objects_lie_at_the_ends_of_their_pages),
	KUNIT_CASE(what_cannot_be_guarded_leaves_the_gate_open),
	KUNIT_CASE(the_slot_that_is_free_longest_is_next),
	KUNIT_CASE(a_page_that_stays_shut_is_not_used),
	KUNIT_CASE(bytes_beside_an_object_are_looked_at_when_it_is_freed),
	KUNIT_CASE(what_is_no_object_is_not_freed),
	KUNIT_CASE(an_access_is_of_the_nearer_object),
	KUNIT_CASE(an_access_to_a_freed_object_has_all_three_stacks),
	KUNIT_CASE(an_access_to_nothing_is_invalid),
	KUNIT_CASE(objects_are_constructed_or_cleared),
	KUNIT_CASE(readers_may_be_inside_until_the_grace_period_is_over),
	KUNIT_CASE(a_destroyed_cache_is_not_named_any_more),
	KUNIT_CASE(an_object_may_outlive_its_cache),
	KUNIT_CASE(one_of_many_is_guarded),
	KUNIT_CASE(a_reserve_leaves_the_pool_out),
	{},
};

static struct kunit_suite suite = {
	.name = "slab_kfence",
	.test_cases = cases,
};
kunit_test_suite(suite);
