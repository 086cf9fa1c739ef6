/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* kvmalloc: small as kmalloc, large from elsewhere. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

static void kvmalloc_chooses(struct kunit *test)
{
	unsigned char *p = kvmalloc(8192, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	oracle_expect(test, "kvmalloc.8192.is_vmalloc", "%d",
		      is_vmalloc_addr(p));
	kvfree(p);
	p = kvmalloc(8u << 20, GFP_KERNEL);
	oracle_expect(test, "kvmalloc.8MiB.is_vmalloc", "%d result:%s",
		      is_vmalloc_addr(p), p ? "PTR" : "NULL");
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, (unsigned long)p & (PAGE_SIZE - 1), 0);
	memset(p, 0x44, 8u << 20);
	kvfree(p);
	kvfree(NULL);
	KUNIT_EXPECT_PTR_EQ(test, kvmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
}

static void kvmalloc_limit(struct kunit *test)
{
	size_t size = (size_t)INT32_MAX + 1, max = SIZE_MAX;

	__asm__ volatile("" : "+r"(size), "+r"(max));
	oracle_expect(test, "kvmalloc.INT_MAX_plus_1", "%s",
		      kvmalloc(size, GFP_KERNEL) ? "PTR" : "NULL");
	KUNIT_EXPECT_NULL(test, kvmalloc_array(max, 2, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kvcalloc(max, max, GFP_KERNEL));
}

static void kvzalloc_clears(struct kunit *test)
{
	static const size_t sizes[] = { 100, 5000, 300000, 9u << 20 };

	for (int i = 0; i < 4; i++) {
		unsigned char *p = kvmalloc(sizes[i], GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, p);
		memset(p, 0x77, sizes[i]);
		kvfree(p);
		p = kvzalloc(sizes[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		for (size_t j = 0; j < sizes[i]; j += 61)
			KUNIT_ASSERT_EQ(test, p[j], 0);
		KUNIT_EXPECT_EQ(test, p[sizes[i] - 1], 0);
		kvfree_sensitive(p, sizes[i]);
	}
}

static void kvrealloc_keeps_every_byte(struct kunit *test)
{
	static const size_t steps[] = { 100, 9000, 5u << 20, 9u << 20, 300 };
	unsigned char *p = NULL;
	size_t old = 0;

	for (int i = 0; i < 5; i++) {
		size_t keep = old < steps[i] ? old : steps[i];

		p = kvrealloc(p, steps[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		for (size_t j = 0; j < keep; j += 97)
			KUNIT_ASSERT_EQ(test, p[j], (unsigned char)(j / 97));
		old = steps[i];
		for (size_t j = 0; j < old; j += 97)
			p[j] = (unsigned char)(j / 97);
	}
	/* The form of 5.15 to 6.11. */
	p = kvrealloc(p, 300, 4000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, p[97], 1);
	kvfree(p);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kvmalloc_chooses),
	KUNIT_CASE(kvmalloc_limit),
	KUNIT_CASE(kvzalloc_clears),
	KUNIT_CASE(kvrealloc_keeps_every_byte),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_kvmalloc",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
