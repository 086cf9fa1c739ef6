/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Bits: one, several, and none; in the last word and behind it. */
#include "kunit/test.h"

#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/log2.h>

static void one_bit_changes(struct kunit *test)
{
	unsigned long map[2] = { 0, 0 };

	__set_bit(70, map);
	KUNIT_EXPECT_TRUE(test, test_bit(70, map));
	KUNIT_EXPECT_FALSE(test, test_bit(6, map));
	KUNIT_EXPECT_EQ(test, map[1], 1ul << 6);
	clear_bit(70, map);
	change_bit(3, map);
	KUNIT_EXPECT_EQ(test, map[0], 8ul);
	change_bit(3, map);
	KUNIT_EXPECT_EQ(test, map[0] | map[1], 0ul);
	KUNIT_EXPECT_FALSE(test, test_and_set_bit_lock(127, map));
	KUNIT_EXPECT_TRUE(test, test_and_set_bit_lock(127, map));
	clear_bit_unlock(127, map);
	KUNIT_EXPECT_EQ(test, map[1], 0ul);
	KUNIT_EXPECT_FALSE(test, __test_and_set_bit(64, map));
	KUNIT_EXPECT_TRUE(test, __test_and_set_bit(64, map));
	KUNIT_EXPECT_TRUE(test, __test_and_clear_bit(64, map));
	KUNIT_EXPECT_FALSE(test, __test_and_clear_bit(64, map));
	__set_bit(1, map);
	__clear_bit(1, map);
	KUNIT_EXPECT_EQ(test, map[0], 0ul);
}

static void words_are_counted(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, __fls(0x100), 8ul);
	KUNIT_EXPECT_EQ(test, __fls(~0ul), 63ul);
	KUNIT_EXPECT_EQ(test, fls64(0), 0);
	KUNIT_EXPECT_EQ(test, fls64(1ull << 40), 41);
	KUNIT_EXPECT_EQ(test, hweight8(0x1ff), 8u);
	KUNIT_EXPECT_EQ(test, hweight16(0x1ffff), 16u);
	KUNIT_EXPECT_EQ(test, hweight32(0xf0f0f0f0u), 16u);
	KUNIT_EXPECT_EQ(test, hweight64(~0ull), 64ul);
	KUNIT_EXPECT_EQ(test, hweight_long(7ul << 60), 3ul);
	KUNIT_EXPECT_TRUE(test, is_power_of_2(1ul << 63));
	KUNIT_EXPECT_FALSE(test, is_power_of_2(0));
	KUNIT_EXPECT_FALSE(test, is_power_of_2(6));
	KUNIT_EXPECT_EQ(test, rounddown_pow_of_two(4097), 4096ul);
}

static void masks_have_their_bits(struct kunit *test)
{
	DECLARE_BITMAP(map, 65);

	KUNIT_EXPECT_EQ(test, sizeof(map), (size_t)16);
	KUNIT_EXPECT_EQ(test, BITS_PER_TYPE(u16), (size_t)16);
	KUNIT_EXPECT_EQ(test, BITS_TO_LONGS(64), 1);
	KUNIT_EXPECT_EQ(test, BITS_TO_LONGS(65), 2);
	KUNIT_EXPECT_EQ(test, BIT(5), 32ul);
	KUNIT_EXPECT_EQ(test, BIT_ULL(63), 1ull << 63);
	KUNIT_EXPECT_EQ(test, BIT_MASK(70), 64ul);
	KUNIT_EXPECT_EQ(test, BIT_WORD(70), 1);
	KUNIT_EXPECT_EQ(test, GENMASK_ULL(63, 60), 0xfull << 60);
	KUNIT_EXPECT_EQ(test, BITS_PER_LONG, BITS_PER_BYTE * 8);
	KUNIT_EXPECT_EQ(test, BITS_PER_LONG_LONG, 64);
}

static void maps_have_a_length(struct kunit *test)
{
	unsigned long *map = bitmap_alloc(70, GFP_KERNEL), copy[2], n, sum = 0;

	KUNIT_ASSERT_NOT_NULL(test, map);
	bitmap_zero(map, 70);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(map, 70));
	bitmap_fill(map, 70);
	KUNIT_EXPECT_TRUE(test, bitmap_full(map, 70));
	bitmap_clear(map, 62, 3);
	KUNIT_EXPECT_FALSE(test, bitmap_full(map, 70));
	KUNIT_EXPECT_TRUE(test, bitmap_full(map, 62));
	KUNIT_EXPECT_EQ(test, find_first_zero_bit(map, 70), 62ul);
	for_each_clear_bit(n, map, 70) sum += n;
	KUNIT_EXPECT_EQ(test, sum, 62ul + 63 + 64);
	bitmap_copy(copy, map, 70);
	KUNIT_EXPECT_EQ(test, bitmap_weight(copy, 70), 67u);
	bitmap_zero(map, 70);
	__set_bit(70, map);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(map, 70));
	KUNIT_EXPECT_EQ(test, find_first_zero_bit(copy, 62), 62ul);
	bitmap_free(map);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_bit_changes),
	KUNIT_CASE(words_are_counted),
	KUNIT_CASE(masks_have_their_bits),
	KUNIT_CASE(maps_have_a_length),
	{},
};
static struct kunit_suite suite = { .name = "bits", .test_cases = cases };
kunit_test_suite(suite);
