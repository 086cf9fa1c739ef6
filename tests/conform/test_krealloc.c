/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* krealloc's rules: where it stays, what it copies, what it clears. */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conform/oracle.h"
#include "kunit/test.h"

static const char *kind(const void *p)
{
	return !p ? "NULL" : p == ZERO_SIZE_PTR ? "ZERO_SIZE_PTR" : "PTR";
}

static void fill(unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(i * 7 + 3);
}

/* Bytes from the start that still are what fill() wrote. */
static size_t kept(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] == (unsigned char)(i * 7 + 3))
		i++;
	return i;
}

static bool all_zero(const unsigned char *p, size_t from, size_t to)
{
	while (from < to && !p[from])
		from++;
	return from == to;
}

static void krealloc_stays_or_moves(struct kunit *test)
{
	unsigned char *p = krealloc(NULL, 40, GFP_KERNEL), *q;

	oracle_expect(test, "krealloc.NULL_40", "ksize:%zu", ksize(p));
	q = krealloc(p, 10, GFP_KERNEL);
	oracle_expect(test, "krealloc.40_to_10.same_pointer", "%d", p == q);
	oracle_expect(test, "krealloc.40_to_10.ksize", "%zu", ksize(q));
	p = krealloc(q, 64, GFP_KERNEL);
	oracle_expect(test, "krealloc.10_to_64_within_ksize.same_pointer", "%d",
		      p == q);
	fill(p, 64);
	q = krealloc(p, 65, GFP_KERNEL);
	oracle_expect(test, "krealloc.64_to_65.same_pointer", "%d", p == q);
	oracle_expect(test, "krealloc.64_to_65.ksize", "%zu", ksize(q));
	oracle_expect(test, "krealloc.64_to_65.old_64_bytes_copied", "%d",
		      kept(q, 64) == 64);
	kfree(q);
}

static void krealloc_to_nothing(struct kunit *test)
{
	void *p = kmalloc(40, GFP_KERNEL), *q = p, *r;

	r = krealloc(p, 0, GFP_KERNEL);
	oracle_expect(test, "krealloc.p_0", "%s", kind(r));
	r = kmalloc(40, GFP_KERNEL);
	oracle_expect(test, "krealloc.p_0.frees_p", "%d", r == q);
	kfree(r);
	p = krealloc(ZERO_SIZE_PTR, 32, GFP_KERNEL);
	oracle_expect(test, "krealloc.ZERO_SIZE_PTR_32", "ksize:%zu", ksize(p));
	kfree(p);
	oracle_expect(test, "krealloc.NULL_0", "%s",
		      kind(krealloc(NULL, 0, GFP_KERNEL)));
}

static void krealloc_that_fails_changes_nothing(struct kunit *test)
{
	unsigned char *p = kmalloc(100, GFP_KERNEL);
	size_t max = SIZE_MAX;
	void *q;

	__asm__ volatile("" : "+r"(max));
	fill(p, 100);
	q = krealloc(p, max, GFP_KERNEL | __GFP_NOWARN);
	oracle_expect(test, "krealloc.100_to_SIZE_MAX", "%s old_intact:%d",
		      kind(q), kept(p, 100) == 100);
	oracle_expect(test, "krealloc_array.overflow", "%s",
		      kind(krealloc_array(p, max, 2, GFP_KERNEL)));
	KUNIT_EXPECT_EQ(test, kept(p, 100), 100);
	kfree(p);
}

static void krealloc_zero_rule(struct kunit *test)
{
	unsigned char *p = kzalloc(40, GFP_KERNEL), *q;

	fill(p, 40);
	q = oracle_hide(krealloc(p, 20, GFP_KERNEL | __GFP_ZERO));
	oracle_expect(test, "krealloc.40_to_20_GFP_ZERO.same_pointer", "%d",
		      p == q);
	oracle_expect(test, "krealloc.40_to_20_GFP_ZERO.preserved_bytes", "%zu",
		      kept(q, 40));
	oracle_expect(test, "krealloc.40_to_20_GFP_ZERO.tail_zeroed_to_64",
		      "%d", all_zero(q, 20, 64));
	kfree(q);

	p = kzalloc(64, GFP_KERNEL);
	fill(p, 64);
	q = krealloc(p, 128, GFP_KERNEL | __GFP_ZERO);
	oracle_expect(test, "krealloc.grow_64_to_128_GFP_ZERO.preserved_bytes",
		      "%zu", kept(q, 64));
	oracle_expect(test, "krealloc.grow_64_to_128_GFP_ZERO.tail_zeroed",
		      "%d", all_zero(q, 64, 128));
	kfree(q);

	/* Grown in place step by step, always with ZERO: never a stale byte. */
	p = kzalloc(1, GFP_KERNEL);
	for (size_t old = 1, n = 2; n <= 3000; old = n, n += n / 3 + 1) {
		p = krealloc(p, n, GFP_KERNEL | __GFP_ZERO);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_TRUE(test, all_zero(p, old, n));
		memset(p, 0x77, n);
	}
	kfree(p);
}

static void krealloc_of_large_blocks(struct kunit *test)
{
	unsigned char *p = kmalloc(8193, GFP_KERNEL), *q;

	q = krealloc(p, 16384, GFP_KERNEL);
	oracle_expect(test, "krealloc.8193_to_16384.same_pointer", "%d",
		      p == q);
	p = oracle_hide(krealloc(q, 100, GFP_KERNEL));
	oracle_expect(test, "krealloc.16384_to_100.same_pointer", "%d", p == q);
	oracle_expect(test, "krealloc.16384_to_100.ksize", "%zu", ksize(p));
	fill(p, 16384);
	q = krealloc(p, 100000, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, kept(q, 16384), 16384);
	kfree(q);
}

static void krealloc_keeps_every_byte(struct kunit *test)
{
	static const size_t steps[] = { 1,   8,    9,    96,   97,    500,
					513, 4000, 8192, 8193, 40000, 70000 };
	unsigned char *p = NULL;
	size_t old = 0;

	for (unsigned int i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		p = krealloc(p, steps[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, kept(p, old), old);
		old = steps[i];
		fill(p, old);
	}
	kfree(p);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(krealloc_stays_or_moves),
	KUNIT_CASE(krealloc_to_nothing),
	KUNIT_CASE(krealloc_that_fails_changes_nothing),
	KUNIT_CASE(krealloc_zero_rule),
	KUNIT_CASE(krealloc_of_large_blocks),
	KUNIT_CASE(krealloc_keeps_every_byte),
	{},
};

static struct kunit_suite suite = {
	.name = "conform_krealloc",
	.init = oracle_init,
	.exit = oracle_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
