/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* <linux/overflow.h>: what wraps, what is noticed, what is constant. */
#include <linux/overflow.h>
#include <linux/types.h>

#include <limits.h>

#include "headers/constant_sizes.h"
#include "kunit/test.h"

struct row {
	int nr;
	short cells[];
};

/* Constants, as static assertions and bounds want them. */
#define IS(what) KMEM_STATIC_ASSERT(what, #what)
IS(type_max(u8) == 255 && type_min(u8) == 0);
IS(type_max(s8) == 127 && type_min(s8) == -128);
IS(type_max(u16) == 65535 && type_max(s16) == 32767);
IS(type_min(s16) == -32768);
IS(type_max(int) == INT_MAX && type_min(int) == INT_MIN);
IS(type_max(unsigned int) == UINT_MAX);
IS(type_max(s64) == INT64_MAX && type_min(s64) == INT64_MIN);
IS(type_max(u64) == UINT64_MAX && type_min(u64) == 0);
IS(type_max(bool) == 1 && type_min(bool) == 0);
IS(is_signed_type(char) == (CHAR_MIN < 0) && is_unsigned_type(bool));
IS(overflows_type(256, u8) && !overflows_type(255, u8));
IS(overflows_type(-1, u64) && !overflows_type(-1, s8));
IS(overflows_type(-129, s8) && !overflows_type(-128, s8));
IS(overflows_type(UINT64_MAX, s64) && !overflows_type(UINT64_MAX, u64));
IS(overflows_type(INT64_MIN, s32) && !overflows_type(INT64_MIN, s64));
IS(__overflows_type_constexpr(256, u8) && !__overflows_type_constexpr(1, u8));
IS(castable_to_type(255, u8) && !castable_to_type(256, u8));
IS(castable_to_type(-128, s8) && !castable_to_type(-1, unsigned int));

static void sums_tell_that_they_overflowed(struct kunit *test)
{
	u8 narrow;
	int n;

	KUNIT_EXPECT_FALSE(test, check_add_overflow(200, 55, &narrow));
	KUNIT_EXPECT_EQ(test, narrow, 255);
	KUNIT_EXPECT_TRUE(test, check_add_overflow(200, 56, &narrow));
	KUNIT_EXPECT_EQ(test, narrow, 0);
	KUNIT_EXPECT_TRUE(test, check_sub_overflow(1, 2, &narrow));
	KUNIT_EXPECT_EQ(test, narrow, 255);
	KUNIT_EXPECT_FALSE(test, check_sub_overflow(INT_MIN, -1, &n));
	KUNIT_EXPECT_EQ(test, n, INT_MIN + 1);
	KUNIT_EXPECT_TRUE(test, check_mul_overflow(INT_MAX, 2, &n));
	KUNIT_EXPECT_EQ(test, n, -2);
	KUNIT_EXPECT_FALSE(test, check_mul_overflow(-3, 4, &n));
	KUNIT_EXPECT_EQ(test, n, -12);
}

/* check_shl_overflow(a, s, d) is what, and leaves value in d. */
#define SHL(type, a, s, what, value)                                        \
	do {                                                                \
		type d_ = (type)77;                                         \
		KUNIT_EXPECT_EQ(test, check_shl_overflow(a, s, &d_), what); \
		KUNIT_EXPECT_EQ(test, d_, (type)(value));                   \
	} while (0)

static void shifts_tell_what_they_lost(struct kunit *test)
{
	SHL(u8, 1, 7, false, 128);
	SHL(u8, 1, 8, true, 1); /* no count of bits of it */
	SHL(u8, 3, 7, true, 128);
	SHL(s8, 1, 6, false, 64);
	SHL(s8, 1, 7, true, -128); /* the sign */
	SHL(int, 1, 30, false, 1 << 30);
	SHL(int, 1, 31, true, INT_MIN);
	SHL(int, 1, -1, true, 1);
	SHL(int, 1, 32, true, 1);
	SHL(int, -1, 0, true, -1);
	SHL(int, 0, 31, false, 0);
	SHL(u64, 1, 63, false, 1ull << 63);
	SHL(u64, 2, 63, true, 0);
	SHL(u64, 0xffffffffu, 32, false, 0xffffffff00000000ull);
	SHL(s64, UINT64_MAX, 0, true, -1);
	SHL(u8, 256, 0, true, 0); /* a does not fit without a shift */
	SHL(u16, (u8)0xff, 8, false, 0xff00);
}

static void shifts_look_once_at_an_argument(struct kunit *test)
{
	int a = 1, s = 2, v[2] = { 0, 0 }, *d = v;

	KUNIT_EXPECT_FALSE(test, check_shl_overflow(a++, s++, d++));
	KUNIT_EXPECT_EQ(test, a, 2);
	KUNIT_EXPECT_EQ(test, s, 3);
	KUNIT_EXPECT_PTR_EQ(test, d, &v[1]);
	KUNIT_EXPECT_EQ(test, v[0], 4);
}

static void wrapping_sums_wrap(struct kunit *test)
{
	u8 byte = 250;
	int n = INT_MAX;
	u8 *at = &byte;

	KUNIT_EXPECT_EQ(test, wrapping_add(u8, 250, 10), 4);
	KUNIT_EXPECT_EQ(test, wrapping_add(int, INT_MAX, 1), INT_MIN);
	KUNIT_EXPECT_EQ(test, wrapping_sub(u32, 0, 1), UINT32_MAX);
	KUNIT_EXPECT_EQ(test, wrapping_sub(s8, -128, 1), 127);
	KUNIT_EXPECT_EQ(test, wrapping_mul(u16, 256, 257), 256);
	KUNIT_EXPECT_EQ(test, wrapping_mul(int, INT_MIN, -1), INT_MIN);
	KUNIT_EXPECT_EQ(test, wrapping_assign_add(*at++, 10), 4);
	KUNIT_EXPECT_EQ(test, byte, 4);
	KUNIT_EXPECT_PTR_EQ(test, at, &byte + 1);
	KUNIT_EXPECT_EQ(test, wrapping_assign_sub(byte, 5), 255);
	KUNIT_EXPECT_EQ(test, wrapping_assign_mul(byte, 2), 254);
	KUNIT_EXPECT_EQ(test, wrapping_assign_add(n, 2), INT_MIN + 1);
}

static void values_fit_or_do_not(struct kunit *test)
{
	volatile int any = 300;
	volatile s64 low = INT64_MIN;
	volatile u64 high = UINT64_MAX;
	const u8 small = 200;
	s8 target = 0;
	int n = any, seen = 0;

	KUNIT_EXPECT_TRUE(test, overflows_type(n, u8));
	KUNIT_EXPECT_TRUE(test, __overflows_type(n, u8));
	KUNIT_EXPECT_FALSE(test, __overflows_type(n, u16));
	KUNIT_EXPECT_FALSE(test, overflows_type(n, u16));
	KUNIT_EXPECT_TRUE(test, overflows_type(small, target));
	KUNIT_EXPECT_FALSE(test, overflows_type(-n, s16));
	KUNIT_EXPECT_TRUE(test, overflows_type(-n, u16));
	KUNIT_EXPECT_TRUE(test, overflows_type(-n, s8));
	KUNIT_EXPECT_TRUE(test, overflows_type(low, s32));
	KUNIT_EXPECT_FALSE(test, overflows_type(low, s64));
	KUNIT_EXPECT_TRUE(test, overflows_type(high, s64));
	KUNIT_EXPECT_FALSE(test, overflows_type(high, u64));
	KUNIT_EXPECT_FALSE(test, overflows_type((seen++, n), int));
	KUNIT_EXPECT_EQ(test, seen, 1);
	/* what is no constant has to have the type already */
	KUNIT_EXPECT_TRUE(test, castable_to_type(n, int));
	KUNIT_EXPECT_FALSE(test, castable_to_type(n, long));
}

/* The functions behind the macros see what is no constant. */
static void sizes_saturate(struct kunit *test)
{
	volatile size_t big = SIZE_MAX / 2 + 1;
	size_t n = big;
	struct row *row = NULL;

	KUNIT_EXPECT_EQ(test, size_mul(n, 2), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, size_add(n, n), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, size_sub(n, n), 0);
	KUNIT_EXPECT_EQ(test, size_sub(n, n + 1), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, array_size(n, 3), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, array_size(n / n, 3), 3);
	KUNIT_EXPECT_EQ(test, array3_size(n, 2, 5), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, flex_array_size(row, cells, n), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, struct_size(row, cells, n), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, struct_size_t(struct row, cells, n / n), 6);
}

static void flexible_arrays_in_a_frame(struct kunit *test)
{
	DEFINE_RAW_FLEX(struct row, raw, cells, 5);
	DEFINE_FLEX(struct row, counted, cells, nr, 7);

	KUNIT_EXPECT_EQ(test, raw->nr, 0);
	KUNIT_EXPECT_EQ(test, counted->nr, 7);
	KMEM_STATIC_ASSERT(STACK_FLEX_ARRAY_SIZE(raw, cells) == 5, "constant");
	KUNIT_EXPECT_EQ(test, STACK_FLEX_ARRAY_SIZE(counted, cells), 7);
	for (int i = 0; i < 7; i++) {
		KUNIT_EXPECT_EQ(test, counted->cells[i], 0);
		counted->cells[i] = 1;
	}
	for (int i = 0; i < 5; i++) {
		raw->cells[i] = 2;
		KUNIT_EXPECT_EQ(test, raw->cells[i], 2);
	}
	KUNIT_EXPECT_EQ(test, counted->cells[6], 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sums_tell_that_they_overflowed),
	KUNIT_CASE(shifts_tell_what_they_lost),
	KUNIT_CASE(shifts_look_once_at_an_argument),
	KUNIT_CASE(wrapping_sums_wrap),
	KUNIT_CASE(values_fit_or_do_not),
	KUNIT_CASE(sizes_saturate),
	KUNIT_CASE(flexible_arrays_in_a_frame),
	{},
};

static struct kunit_suite suite = {
	.name = "headers_overflow",
	.test_cases = cases,
};

kunit_test_suite(suite);
