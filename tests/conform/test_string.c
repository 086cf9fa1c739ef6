/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Copies of strings and of memory. */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

static void kstrdup_copies(struct kunit *test)
{
	char *p = kstrdup("sixteen chars...", GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_STREQ(test, p, "sixteen chars...");
	oracle_expect(test, "kstrdup.16chars.ksize", "%zu", ksize(p));
	kfree(p);
	p = kstrdup(NULL, GFP_KERNEL);
	oracle_expect(test, "kstrdup.NULL", "%s", p ? "PTR" : "NULL");
	p = kstrndup("abcdef", 3, GFP_KERNEL);
	oracle_expect(test, "kstrndup.abcdef_3", "%s ksize:%zu", p, ksize(p));
	kfree(p);
	KUNIT_EXPECT_NULL(test, kstrndup(NULL, 3, GFP_KERNEL));
}

static void kmemdup_copies(struct kunit *test)
{
	char *p = kmemdup("abc", 4, GFP_KERNEL);

	oracle_expect(test, "kmemdup.abc_4", "%s ksize:%zu", p, ksize(p));
	kfree(p);
	p = kmemdup("a\0b", 4, GFP_KERNEL);
	KUNIT_EXPECT_MEMEQ(test, p, "a\0b", 4);
	kfree(p);
}

static void kasprintf_prints(struct kunit *test)
{
	char *p = kasprintf(GFP_KERNEL, "%d-%s", 42, "x");

	oracle_expect(test, "kasprintf.42_x", "%s", p);
	kfree(p);
	p = kasprintf(GFP_KERNEL, "%08lx|%5d|%-5s|%c|%%|%u|%s", 0xbeeful, -7,
		      "ab", 'c', 4000000000u, "");
	KUNIT_EXPECT_STREQ(test, p, "0000beef|   -7|ab   |c|%|4000000000|");
	kfree(p);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kstrdup_copies),
	KUNIT_CASE(kmemdup_copies),
	KUNIT_CASE(kasprintf_prints),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_string",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
