/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A module that is one device and nothing else. */
#define KBUILD_MODNAME "misc"
#include "kunit/test.h"

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

static const struct file_operations still = { .llseek = noop_llseek };

static struct miscdevice misc = { MISC_DYNAMIC_MINOR,
				  "alone",
				  &still,
				  { 0, 0 },
				  0 };
module_misc_device(misc);

static void a_device_is_a_module(struct kunit *test)
{
	struct file *file;

	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	file = kmem_file_open("/dev/alone", O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	kmem_file_close(file);
	kmem_modules_exit();
	file = kmem_file_open("/dev/alone", O_RDWR);
	KUNIT_EXPECT_EQ(test, PTR_ERR(file), (long)-ENOENT);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_device_is_a_module),
	{},
};
static struct kunit_suite suite = { .name = "misc", .test_cases = cases };
kunit_test_suite(suite);
