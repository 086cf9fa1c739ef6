/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What the kernel did when its memory was used up. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

const char oracle_options[] = "mem=48M";

static const char *kind(const void *p)
{
	return p ? "PTR" : "NULL";
}

/* All or nothing: a bulk request that cannot be met gives all back. */
static void bulk_that_fails(struct kunit *test)
{
	struct kmem_cache *s =
		kmem_cache_create("orc-4M", KMALLOC_MAX_SIZE, 0, 0, NULL);
	unsigned long before = oracle_in_use();
	void *p[64] = { NULL };
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, s);
	ret = kmem_cache_alloc_bulk(s, GFP_KERNEL | __GFP_NORETRY, 64, p);
	oracle_expect(test, "danger.bulk_fail.ret", "%d", ret);
	KUNIT_EXPECT_EQ(test, oracle_in_use(), before);
	oracle_expect(test, "danger.bulk_fail.outcome", "kernel went on");
	kmem_cache_destroy(s);
}

struct chain {
	struct chain *next;
	char fill[1000];
};

static void reserve_is_for_atomic_requests(struct kunit *test)
{
	struct kmem_cache *s =
		kmem_cache_create("orc-fill", sizeof(struct chain), 0, 0, NULL);
	struct chain *head = NULL, *c;
	unsigned long n = 0;
	void *p;

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (;;) {
		c = kmem_cache_alloc(s,
				     GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
		if (!c)
			break;
		c->next = head;
		head = c;
		n++;
	}
	KUNIT_EXPECT_GT(test, n, 20000);
	oracle_expect(test, "danger.exhaust.GFP_NOWAIT", "%s",
		      kind(kmem_cache_alloc(s, GFP_NOWAIT)));
	/*
	 * Below the min watermark only requests that must not wait are served.
	 */
	p = kmem_cache_alloc(s, GFP_ATOMIC | __GFP_NOWARN);
	oracle_expect(test, "danger.exhaust.GFP_ATOMIC_can_use_reserve", "%s",
		      kind(p));
	if (p)
		kmem_cache_free(s, p);
	while (head) {
		c = head->next;
		kmem_cache_free(s, head);
		head = c;
	}
	p = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NORETRY);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	oracle_expect(test, "danger.oom.outcome", "kernel went on");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(bulk_that_fails),
	KUNIT_CASE(reserve_is_for_atomic_requests),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_exhaust",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
