// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
// <linux/overflow.h> in C++.
#include <linux/overflow.h>
#include <linux/types.h>

#include "kunit/test.h"

namespace
{

struct row {
	int nr;
	short cells[];
};

static_assert(type_max(u8) == 255 && type_min(s8) == -128, "constants");
static_assert(overflows_type(256, u8) && !overflows_type(-1, s8), "constants");
static_assert(overflows_type(-1, u64) && overflows_type(UINT64_MAX, s64),
	      "constants");

void values_wrap_and_are_noticed(struct kunit *test)
{
	u8 byte = 250;
	int n = 300;

	KUNIT_EXPECT_TRUE(test, check_add_overflow(byte, 6, &byte));
	KUNIT_EXPECT_TRUE(test, check_shl_overflow(1, 8, &byte));
	KUNIT_EXPECT_FALSE(test, check_shl_overflow(1, 7, &byte));
	KUNIT_EXPECT_EQ(test, wrapping_assign_add(byte, 130), 2);
	KUNIT_EXPECT_EQ(test, wrapping_mul(u8, 16, 17), 16);
	KUNIT_EXPECT_TRUE(test, overflows_type(n, byte));
	KUNIT_EXPECT_FALSE(test, overflows_type(n, n));
}

void flexible_arrays_in_a_frame(struct kunit *test)
{
	DEFINE_RAW_FLEX(row, raw, cells, 5);
	DEFINE_FLEX(row, counted, cells, nr, 7);

	KUNIT_EXPECT_EQ(test, raw->nr, 0);
	KUNIT_EXPECT_EQ(test, counted->nr, 7);
	KUNIT_EXPECT_EQ(test, STACK_FLEX_ARRAY_SIZE(raw, cells), 5);
	KUNIT_EXPECT_EQ(test, STACK_FLEX_ARRAY_SIZE(counted, cells), 7);
	for (int i = 0; i < 7; i++)
		KUNIT_EXPECT_EQ(test, counted->cells[i], 0);
}

struct kunit_case cases[] = {
	KUNIT_CASE(values_wrap_and_are_noticed),
	KUNIT_CASE(flexible_arrays_in_a_frame),
	{},
};

struct kunit_suite suite = {
	"headers_overflow_cpp", nullptr, nullptr, nullptr, nullptr, cases
};

} // namespace

kunit_test_suite(suite);
