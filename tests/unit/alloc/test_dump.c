// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* What is told of an address, without tracking. */
#include "unit/alloc/world.h"

WORLD_CASE(objects_are_told, .options = "mem=16M")
{
	struct kmem_cache *s;
	char *p, *q, line[200];

	s = kmem_cache_create("told", 100, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	q = kmalloc(100000, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, kmem_dump_obj(p));
	snprintf(line, sizeof(line),
		 " slab told start %016lx pointer offset 0 size 100\n",
		 (unsigned long)p);
	KUNIT_EXPECT_STREQ(test, fake_log(), line);
	fake_log_clear();
	KUNIT_EXPECT_TRUE(test, kmem_dump_obj(p + 42));
	snprintf(line, sizeof(line),
		 " slab told start %016lx pointer offset 42 size 100\n",
		 (unsigned long)p);
	KUNIT_EXPECT_STREQ(test, fake_log(), line);
	fake_log_clear();
	KUNIT_EXPECT_FALSE(test, kmem_dump_obj(q));
	KUNIT_EXPECT_FALSE(test, kmem_dump_obj(line));
	KUNIT_EXPECT_FALSE(test, kmem_dump_obj(NULL));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	kfree(q);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
}

static struct kunit_case dump_cases[] = {
	KUNIT_CASE(objects_are_told),
	{},
};

static struct kunit_suite dump_suite = {
	.name = "alloc-dump",
	.test_cases = dump_cases,
};

kunit_test_suite(dump_suite);
