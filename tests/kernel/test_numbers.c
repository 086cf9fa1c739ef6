/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Rounding, comparing, the ends of the types, and bytes of user space. */
#include "kunit/test.h"

#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/stringify.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/version.h>

static void numbers_are_rounded(struct kunit *test)
{
	static char bytes[64] __aligned(64);
	char *p = bytes + 17;
	int n = 0;

	KUNIT_EXPECT_EQ(test, div_u64(1ull << 40, 1u << 30), 1024ull);
	KUNIT_EXPECT_EQ(test, div64_u64(~0ull, 1ull << 40), (1ull << 24) - 1);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_UP_ULL(~0u, 2), 1ull << 31);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_CLOSEST(7, 4), 2);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_CLOSEST(5, 4), 1);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_CLOSEST(-7, 4), -2);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_CLOSEST(-5, 4), -1);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_CLOSEST(7, -4), -2);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_CLOSEST(7u, 2u), 4u);
	KUNIT_EXPECT_EQ(test, roundup(13, 6), 18);
	KUNIT_EXPECT_EQ(test, roundup(12, (n++, 6)), 12);
	KUNIT_EXPECT_EQ(test, rounddown((n++, 17), 6), 12);
	KUNIT_EXPECT_EQ(test, n, 2);
	KUNIT_EXPECT_EQ(test, round_down(17ul, 8), 16ul);
	KUNIT_EXPECT_EQ(test, ALIGN_DOWN(31, 16), 16);
	KUNIT_EXPECT_PTR_EQ(test, PTR_ALIGN(p, 16), bytes + 32);
	KUNIT_EXPECT_PTR_EQ(test, PTR_ALIGN_DOWN(p, 16), bytes + 16);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(64, 16));
	KUNIT_EXPECT_FALSE(test, IS_ALIGNED(65, 16));
}

static void the_greater_wins(struct kunit *test)
{
	int n = 0, wide = 0x102;

	KUNIT_EXPECT_EQ(test, max_t(u8, wide, 1), 2);
	KUNIT_EXPECT_EQ(test, clamp_t(int, 9, 1, 4), 4);
	KUNIT_EXPECT_EQ(test, clamp_val(-3, -2, 5), -2);
	KUNIT_EXPECT_EQ(test, min3(3, 1, 2), 1);
	KUNIT_EXPECT_EQ(test, max3(3, 1, 2), 3);
	KUNIT_EXPECT_EQ(test, umin(1u, 2ul), 1ull);
	KUNIT_EXPECT_EQ(test, umax(1u, ~0ul), ~0ull);
	KUNIT_EXPECT_EQ(test, min_not_zero(0, 4), 4);
	KUNIT_EXPECT_EQ(test, min_not_zero(4, 0), 4);
	KUNIT_EXPECT_EQ(test, min_not_zero((n++, 3), (n++, 4)), 3);
	KUNIT_EXPECT_EQ(test, n, 2);
}

struct pair {
	u16 first;
	u32 second;
} __packed;

static void words_have_halves(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, upper_32_bits(0x123456789abcdef0ull),
			0x12345678u);
	KUNIT_EXPECT_EQ(test, lower_32_bits(0x123456789abcdef0ull),
			0x9abcdef0u);
	KUNIT_EXPECT_EQ(test, REPEAT_BYTE(0x5a), 0x5a5a5a5a5a5a5a5aul);
	KUNIT_EXPECT_FALSE(test, IS_ENABLED(CONFIG_SMP));
	KUNIT_EXPECT_EQ(test, sizeof_field(struct pair, second), (size_t)4);
	KUNIT_EXPECT_EQ(test, offsetofend(struct pair, first), (size_t)2);
	KUNIT_EXPECT_STREQ(test, __stringify(a, b), "a, b");
	KUNIT_EXPECT_STREQ(test, __stringify_1(PAGE_SIZE), "PAGE_SIZE");
	BUILD_BUG_ON_MSG(sizeof(struct pair) != 6, "packed");
	BUILD_BUG_ON_NOT_POWER_OF_2(PAGE_SIZE);
	static_assert(sizeof(u64) == 8);
	if (sizeof(u8) != 1)
		BUILD_BUG();
}

static void types_have_ends(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, U8_MAX, (u8)-1);
	KUNIT_EXPECT_EQ(test, U16_MAX, (u16)-1);
	KUNIT_EXPECT_EQ(test, U32_MAX, (u32)-1);
	KUNIT_EXPECT_EQ(test, U64_MAX, (u64)-1);
	KUNIT_EXPECT_EQ(test, S8_MAX - S8_MIN, U8_MAX);
	KUNIT_EXPECT_EQ(test, S16_MAX - S16_MIN, U16_MAX);
	KUNIT_EXPECT_EQ(test, (u32)S32_MAX - (u32)S32_MIN, U32_MAX);
	KUNIT_EXPECT_EQ(test, (u64)S64_MAX - (u64)S64_MIN, U64_MAX);
	KUNIT_EXPECT_LT(test, S64_MIN, 0ll);
}

static void numbers_of_devices_and_errors(struct kunit *test)
{
	dev_t dev = MKDEV(511, 5);

	KUNIT_EXPECT_EQ(test, MAJOR(dev), 511u);
	KUNIT_EXPECT_EQ(test, MINOR(dev), 5u);
	KUNIT_EXPECT_EQ(test, MINOR(MKDEV(1, MINORMASK)), MINORMASK);
	KUNIT_EXPECT_EQ(test, (unsigned int)MKDEV(1, 0), 1u << MINORBITS);
	KUNIT_EXPECT_GE(test, LINUX_VERSION_CODE,
			KERNEL_VERSION(LINUX_VERSION_MAJOR,
				       LINUX_VERSION_PATCHLEVEL,
				       LINUX_VERSION_SUBLEVEL));
	KUNIT_EXPECT_LT(test, KERNEL_VERSION(6, 1, 255),
			KERNEL_VERSION(6, 2, 0));
	/* As numbers in the kernel's own files. */
	KUNIT_EXPECT_EQ(test, ERESTARTSYS, 512);
	KUNIT_EXPECT_EQ(test, ERESTARTNOINTR, 513);
	KUNIT_EXPECT_EQ(test, ENOIOCTLCMD, 515);
	KUNIT_EXPECT_EQ(test, EPROBE_DEFER, 517);
	KUNIT_EXPECT_EQ(test, EOPENSTALE, 518);
	KUNIT_EXPECT_EQ(test, ENOTSUPP, 524);
	KUNIT_EXPECT_EQ(test, EIOCBQUEUED, 529);
}

static noinline int told(int n)
{
	switch (n) {
	case 0:
		n++;
		fallthrough;
	case 1:
		return n + 1;
	default:
		return 0;
	}
}

static int __used kept;
int __weak kernel_numbers_weak(void);
static struct {
	char c;
} __cacheline_aligned own_line;
static char __cacheline_aligned_in_smp next_line;

static __always_inline int inlined(int __always_unused unused)
{
	return 5;
}

static int __printf(1, 2) said(const char *fmt, ...)
{
	return fmt[0];
}

static void the_compiler_is_told(struct kunit *test)
{
	int __maybe_unused nothing;
	unsigned long here = 1, *p = &here;

	KUNIT_EXPECT_EQ(test, told(0), 2);
	KUNIT_EXPECT_EQ(test, inlined(1), 5);
	KUNIT_EXPECT_EQ(test, said("%d", 1), '%');
	KUNIT_EXPECT_TRUE(test, !kernel_numbers_weak);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)&own_line, 64));
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)&next_line, 64));
	kept = 1;
	barrier();
	smp_store_release(p, 2);
	smp_wmb();
	wmb();
	smp_mb__before_atomic();
	smp_mb__after_atomic();
	smp_mb();
	smp_rmb();
	rmb();
	mb();
	KUNIT_EXPECT_EQ(test, smp_load_acquire(p), 2ul);
	KUNIT_EXPECT_EQ(test, data_race(*p), 2ul);
}

static void users_bytes_are_copied(struct kunit *test)
{
	char text[8] = "abcdefg", to[8];
	signed char small = -2;
	unsigned char byte = 200;
	unsigned long wide = ~0ul;
	int n = 1;

	KUNIT_EXPECT_EQ(test, copy_to_user(to, text, 8), 0ul);
	KUNIT_EXPECT_STREQ(test, to, "abcdefg");
	KUNIT_EXPECT_EQ(test, copy_to_user((void *)16, text, 8), 8ul);
	KUNIT_EXPECT_EQ(test, copy_from_user(to, text + 4, 4), 0ul);
	KUNIT_EXPECT_STREQ(test, to, "efg");
	KUNIT_EXPECT_EQ(test, copy_from_user(to, (void *)16, 4), 4ul);
	KUNIT_EXPECT_TRUE(test, access_ok(to, 8));
	KUNIT_EXPECT_FALSE(test, access_ok(to, ~0ul));
	KUNIT_EXPECT_FALSE(test, access_ok(NULL, 1));
	KUNIT_EXPECT_EQ(test, copy_to_user(to, "abcdefg", 8), 0ul);
	KUNIT_EXPECT_EQ(test, clear_user(to + 1, 6), 0ul);
	KUNIT_EXPECT_MEMEQ(test, to, "a\0\0\0\0\0\0", 8);
	KUNIT_EXPECT_EQ(test, clear_user((void *)16, 6), 6ul);
	KUNIT_EXPECT_EQ(test, __copy_to_user(to, text, 4), 0ul);
	KUNIT_EXPECT_EQ(test, __copy_from_user(text, "xy", 2), 0ul);
	KUNIT_EXPECT_STREQ(test, text, "xycdefg");
	KUNIT_EXPECT_EQ(test, strncpy_from_user(to, "123", 8), 3l);
	KUNIT_EXPECT_EQ(test, strncpy_from_user(to, text, 3), 3l);
	KUNIT_EXPECT_EQ(test, strncpy_from_user(to, (char *)8, 3),
			(long)-EFAULT);
	/* Into a wider variable, all of it. */
	KUNIT_EXPECT_EQ(test, get_user(wide, &byte), 0);
	KUNIT_EXPECT_EQ(test, wide, 200ul);
	KUNIT_EXPECT_EQ(test, __get_user(n, (const signed char *)&small), 0);
	KUNIT_EXPECT_EQ(test, n, -2);
	KUNIT_EXPECT_EQ(test, get_user(n, (int *)8), -EFAULT);
	KUNIT_EXPECT_EQ(test, n, 0);
	KUNIT_EXPECT_EQ(test, __put_user(n + 0x1ff, &byte), 0);
	KUNIT_EXPECT_EQ(test, byte, 255);
	KUNIT_EXPECT_EQ(test, __put_user(1, (int *)8), -EFAULT);
}

static void a_buffer_shrinks(struct kunit *test)
{
	char text[] = "abcdef", got[8] = "";
	struct iov_iter i;

	iov_iter_ubuf(&i, ITER_SOURCE, text, 6);
	KUNIT_EXPECT_EQ(test, iov_iter_rw(&i), WRITE);
	iov_iter_advance(&i, 2);
	iov_iter_truncate(&i, 3);
	iov_iter_truncate(&i, 9);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&i), (size_t)3);
	KUNIT_EXPECT_EQ(test, copy_from_iter(got, 8, &i), (size_t)3);
	KUNIT_EXPECT_STREQ(test, got, "cde");
	iov_iter_advance(&i, 1);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&i), (size_t)0);
	iov_iter_ubuf(&i, ITER_DEST, text, 6);
	KUNIT_EXPECT_EQ(test, iov_iter_rw(&i), READ);
}

static void registers_have_a_width(struct kunit *test)
{
	u64 device = 0;

	writeq(0x1122334455667788ull, &device);
	writeb(0x1, &device);
	KUNIT_EXPECT_EQ(test, readb(&device), 1);
	KUNIT_EXPECT_EQ(test, readw(&device), 0x7701);
	writew(0x2, &device);
	KUNIT_EXPECT_EQ(test, readl(&device), 0x55660002u);
	writel(0x3, &device);
	KUNIT_EXPECT_EQ(test, readq(&device), 0x1122334400000003ull);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(numbers_are_rounded),
	KUNIT_CASE(the_greater_wins),
	KUNIT_CASE(words_have_halves),
	KUNIT_CASE(types_have_ends),
	KUNIT_CASE(numbers_of_devices_and_errors),
	KUNIT_CASE(the_compiler_is_told),
	KUNIT_CASE(users_bytes_are_copied),
	KUNIT_CASE(a_buffer_shrinks),
	KUNIT_CASE(registers_have_a_width),
	{},
};
static struct kunit_suite suite = { .name = "numbers", .test_cases = cases };
kunit_test_suite(suite);
