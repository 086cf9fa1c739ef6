// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* Copies of strings and memory, and text made to measure. */
#include "unit/alloc/world.h"

#include <errno.h>
#include <stdarg.h>

WORLD_CASE(strings_kstrdup)
{
	char *s = kstrdup("0123456789abcdef", GFP_KERNEL);

	KUNIT_EXPECT_STREQ(test, s, "0123456789abcdef");
	KUNIT_EXPECT_EQ(test, ksize(s), 32);
	kfree(s);
	s = kstrdup("", GFP_KERNEL);
	KUNIT_EXPECT_STREQ(test, s, "");
	kfree(s);
	KUNIT_EXPECT_NULL(test, kstrdup(NULL, GFP_KERNEL));
}

WORLD_CASE(strings_kstrndup)
{
	static const char open[4] = { 'a', 'b', 'c', 'd' };
	char *s = kstrndup("abcdef", 3, GFP_KERNEL);

	KUNIT_EXPECT_STREQ(test, s, "abc");
	KUNIT_EXPECT_EQ(test, ksize(s), 8);
	kfree(s);
	s = kstrndup("abc", 100, GFP_KERNEL);
	KUNIT_EXPECT_STREQ(test, s, "abc");
	kfree(s);
	s = kstrndup(open, 4, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_MEMEQ(test, s, "abcd", 5);
	kfree(s);
	s = kstrndup("abc", 0, GFP_KERNEL);
	KUNIT_EXPECT_STREQ(test, s, "");
	kfree(s);
	KUNIT_EXPECT_NULL(test, kstrndup(NULL, 3, GFP_KERNEL));
}

WORLD_CASE(strings_kmemdup)
{
	char *s = kmemdup("abc", 4, GFP_KERNEL);

	KUNIT_EXPECT_STREQ(test, s, "abc");
	KUNIT_EXPECT_EQ(test, ksize(s), 8);
	kfree(s);
	KUNIT_EXPECT_PTR_EQ(test, kmemdup(NULL, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	s = kmemdup_array("abcdef", 3, 2, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_MEMEQ(test, s, "abcdef", 6);
	kfree(s);
	KUNIT_EXPECT_NULL(test, kmemdup_array("a", (size_t)hide((void *)-1), 2,
					      GFP_KERNEL));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	s = kmemdup_nul("abcdef", 2, GFP_KERNEL);
	KUNIT_EXPECT_STREQ(test, s, "ab");
	kfree(s);
	KUNIT_EXPECT_NULL(test, kmemdup_nul(NULL, 2, GFP_KERNEL));
}

WORLD_CASE(strings_kvmemdup)
{
	size_t n = 8 * MIB;
	char *big = kvmalloc(n, GFP_KERNEL), *copy;

	KUNIT_ASSERT_NOT_NULL(test, big);
	memset(big, 'x', n);
	copy = kvmemdup(big, n, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(copy));
	KUNIT_EXPECT_TRUE(test, all_bytes(copy, 'x', n));
	kvfree(copy);
	kvfree(big);
	KUNIT_EXPECT_PTR_EQ(test, kvmemdup(NULL, 0, GFP_KERNEL), ZERO_SIZE_PTR);
}

WORLD_CASE(strings_kasprintf)
{
	char long_text[3000], *s;

	s = kasprintf(GFP_KERNEL, "%d-%c", 42, 'x');
	KUNIT_EXPECT_STREQ(test, s, "42-x");
	KUNIT_EXPECT_EQ(test, ksize(s), 8);
	kfree(s);
	s = kasprintf(GFP_KERNEL, "%s", "");
	KUNIT_EXPECT_STREQ(test, s, "");
	kfree(s);
	memset(long_text, 'y', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	s = kasprintf(GFP_KERNEL, "<%s>%08llx", long_text, 0xbeefull);
	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_EQ(test, strlen(s), 2999 + 2 + 8);
	KUNIT_EXPECT_STREQ(test, s + 3000, ">0000beef");
	KUNIT_EXPECT_EQ(test, ksize(s), 4096);
	kfree(s);
}

WORLD_CASE(strings_const_forms_copy)
{
	const char *s = kstrdup_const("constant", GFP_KERNEL);

	KUNIT_EXPECT_STREQ(test, s, "constant");
	kfree_const(s);
	s = kasprintf_const(GFP_KERNEL, "%s", "constant");
	KUNIT_EXPECT_STREQ(test, s, "constant");
	kfree_const(s);
	KUNIT_EXPECT_NULL(test, kstrdup_const(NULL, GFP_KERNEL));
}

WORLD_CASE(strings_memdup_user)
{
	char *s = memdup_user("abc", 4);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s);
	KUNIT_EXPECT_STREQ(test, s, "abc");
	kfree(s);
	KUNIT_EXPECT_PTR_EQ(test, memdup_user(NULL, 0), ZERO_SIZE_PTR);
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_user(NULL, 4)), -EFAULT);
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_user((void *)100, 4)), -EFAULT);
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_user(ERR_PTR(-5), 1)), -EFAULT);
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_user("abc", SIZE_MAX)), -EFAULT);
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_user("abc", 8 * MIB)), -ENOMEM);
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_array_user("abc", SIZE_MAX, 2)),
			-EOVERFLOW);
	s = memdup_user_nul("abcdef", 3);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s);
	KUNIT_EXPECT_STREQ(test, s, "abc");
	kfree(s);
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_user_nul(NULL, 3)), -EFAULT);
}

WORLD_CASE(strings_vmemdup_user)
{
	size_t n = 8 * MIB;
	char *big = kvzalloc(n, GFP_KERNEL), *copy;

	KUNIT_ASSERT_NOT_NULL(test, big);
	big[n - 1] = 'z';
	copy = vmemdup_user(big, n);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, copy);
	KUNIT_EXPECT_MEMEQ(test, copy, big, n);
	kvfree(copy);
	kvfree(big);
	KUNIT_EXPECT_EQ(test, PTR_ERR(vmemdup_user(NULL, 1)), -EFAULT);
}

WORLD_CASE(strings_strndup_user)
{
	char *s = strndup_user("abc", 4);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s);
	KUNIT_EXPECT_STREQ(test, s, "abc");
	kfree(s);
	KUNIT_EXPECT_EQ(test, PTR_ERR(strndup_user("abc", 3)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(strndup_user("", 0)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(strndup_user("", -1)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(strndup_user(NULL, 3)), -EFAULT);
	s = strndup_user("", 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s);
	KUNIT_EXPECT_STREQ(test, s, "");
	kfree(s);
}

/* A machine without memory: NULL or -ENOMEM, and nothing is kept. */
WORLD_CASE(strings_without_memory, .options = "mem=16M")
{
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN;
	void *head = NULL, **p;
	static char text[8192];

	memset(text, 'a', sizeof(text) - 1);
	while ((p = kmalloc(8192, quiet))) {
		*p = head;
		head = p;
	}
	KUNIT_EXPECT_NULL(test, kstrdup(text, quiet));
	KUNIT_EXPECT_NULL(test, kstrndup(text, 8000, quiet));
	KUNIT_EXPECT_NULL(test, kmemdup(text, 8192, quiet));
	KUNIT_EXPECT_NULL(test, kmemdup_nul(text, 8000, quiet));
	KUNIT_EXPECT_NULL(test, kasprintf(quiet, "%s", text));
	KUNIT_EXPECT_EQ(test, PTR_ERR(memdup_user(text, 8192)), -ENOMEM);
	KUNIT_EXPECT_EQ(test, PTR_ERR(strndup_user(text, 9000)), -ENOMEM);
	while ((p = head)) {
		head = *p;
		kfree(p);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(strings_kstrdup),
	KUNIT_CASE(strings_kstrndup),
	KUNIT_CASE(strings_kmemdup),
	KUNIT_CASE(strings_kvmemdup),
	KUNIT_CASE(strings_kasprintf),
	KUNIT_CASE(strings_const_forms_copy),
	KUNIT_CASE(strings_memdup_user),
	KUNIT_CASE(strings_vmemdup_user),
	KUNIT_CASE(strings_strndup_user),
	KUNIT_CASE(strings_without_memory),
	{},
};

static struct kunit_suite suite = {
	.name = "alloc_strings",
	.test_cases = cases,
};

kunit_test_suite(suite);
