/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What belongs to a device, and how it ends. */
#include "unit/alloc/world.h"

#include <linux/device.h>
#include <linux/gfp.h>

#include "alloc/device.h"

/* --- resources ------------------------------------------------------------ */

static int ended[32];
static unsigned int nr_ended;

static void end_number(struct device *dev, void *res)
{
	(void)dev;
	ended[nr_ended++] = *(int *)res;
}

static void end_other(struct device *dev, void *res)
{
	(void)dev;
	(void)res;
}

static int is_number(struct device *dev, void *res, void *data)
{
	(void)dev;
	return *(int *)res == *(int *)data;
}

static void add_number(struct device *dev, int value)
{
	int *res = devres_alloc(end_number, sizeof(int), GFP_KERNEL);

	*res += value;
	devres_add(dev, res);
}

WORLD_CASE(ends_in_reverse)
{
	struct device dev = {}, other = {};
	int two = 2, nine = 9, *res;

	for (int i = 0; i < 5; i++)
		add_number(&dev, i);
	add_number(&other, 100);
	res = devres_find(&dev, end_number, NULL, NULL);
	KUNIT_EXPECT_EQ(test, *res, 4);
	res = devres_find(&dev, end_number, is_number, &two);
	KUNIT_EXPECT_EQ(test, *res, 2);
	KUNIT_EXPECT_NULL(test,
			  devres_find(&dev, end_number, is_number, &nine));
	KUNIT_EXPECT_NULL(test, devres_find(&dev, end_other, NULL, NULL));
	res = devres_remove(&dev, end_number, is_number, &two);
	KUNIT_EXPECT_EQ(test, *res, 2);
	KUNIT_EXPECT_NULL(test,
			  devres_remove(&dev, end_number, is_number, &two));
	devres_free(res);
	two = 3;
	KUNIT_EXPECT_EQ(test, devres_destroy(&dev, end_number, is_number, &two),
			0);
	KUNIT_EXPECT_EQ(test, devres_destroy(&dev, end_number, is_number, &two),
			-2);
	KUNIT_EXPECT_EQ(test, nr_ended, 0);
	two = 1;
	KUNIT_EXPECT_EQ(test, devres_release(&dev, end_number, is_number, &two),
			0);
	KUNIT_EXPECT_EQ(test, devres_release(&dev, end_number, is_number, &two),
			-2);
	KUNIT_EXPECT_EQ(test, nr_ended, 1);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 2);
	KUNIT_EXPECT_EQ(test, nr_ended, 3);
	KUNIT_EXPECT_EQ(test, ended[0], 1);
	KUNIT_EXPECT_EQ(test, ended[1], 4);
	KUNIT_EXPECT_EQ(test, ended[2], 0);
	KUNIT_EXPECT_EQ(test, devres_release_all(&other), 1);
	devres_free(NULL);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

WORLD_CASE(resources_that_are_none)
{
	struct device dev = {};
	void *block = kmalloc(256, GFP_KERNEL);
	int *res;

	add_number(&dev, 1);
	res = devres_find(&dev, end_number, NULL, NULL);
	devres_free(res);
	devres_free((char *)block + 128);
	devres_free(&dev);
	devres_add(&dev, res);
	devres_add(&dev, &dev);
	devres_add(NULL, NULL);
	KUNIT_EXPECT_EQ(test, log_count("in a list"), 2);
	KUNIT_EXPECT_EQ(test, log_count("no resource"), 3);
	KUNIT_EXPECT_EQ(test, log_count("no device"), 1);
	KUNIT_EXPECT_EQ(test, devres_release_all(NULL), 0);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 1);
	kfree(block);
}

/* --- memory --------------------------------------------------------------- */

WORLD_CASE(memory)
{
	struct device dev = {};
	static const char text[] = "some text";
	size_t most = (size_t)hide((void *)SIZE_MAX);
	char *p, *q;

	KUNIT_EXPECT_PTR_EQ(test, devm_kmalloc(&dev, 0, GFP_KERNEL),
			    ZERO_SIZE_PTR);
	for (size_t n = 1; n < 20000; n += n / 2 + 1) {
		p = devm_kmalloc(&dev, n, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, (uintptr_t)p % 16, 0);
		memset(p, 0x55, n);
		devm_kfree(&dev, p);
		p = devm_kzalloc(&dev, n, GFP_ATOMIC);
		KUNIT_EXPECT_TRUE(test, p && all_bytes(p, 0, n));
		p = devm_kcalloc(&dev, n, 3, GFP_KERNEL);
		KUNIT_EXPECT_TRUE(test, p && all_bytes(p, 0, 3 * n));
	}
	KUNIT_EXPECT_NULL(test, devm_kmalloc_array(&dev, most, 2, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test,
			  devm_kmalloc(&dev, most, GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_NULL(test, devm_kmalloc(&dev, most - 64,
					     GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_NOT_NULL(test, devm_kmalloc_array(&dev, 3, 5, GFP_KERNEL));
	p = devm_kmemdup(&dev, text, sizeof(text), GFP_KERNEL);
	KUNIT_EXPECT_STREQ(test, p, text);
	KUNIT_EXPECT_STREQ(test, devm_kstrdup(&dev, text, GFP_KERNEL), text);
	KUNIT_EXPECT_STREQ(test, devm_kstrdup_const(&dev, text, GFP_KERNEL),
			   text);
	KUNIT_EXPECT_NULL(test, devm_kstrdup(&dev, NULL, GFP_KERNEL));
	q = devm_kasprintf(&dev, GFP_KERNEL, "%s of %d", text, 42);
	KUNIT_EXPECT_STREQ(test, q, "some text of 42");
	devm_kfree(&dev, q);
	devm_kfree(&dev, NULL);
	devm_kfree(&dev, ZERO_SIZE_PTR);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	devres_release_all(&dev);
}

WORLD_CASE(memory_grows_in_its_place)
{
	struct device dev = {};
	char *p = devm_kmalloc(&dev, 10, GFP_KERNEL), *q;

	add_number(&dev, 7);
	memset(p, 0x55, 10);
	q = devm_krealloc(&dev, p, 5, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	q = devm_krealloc(&dev, p, 5000, GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0x55, 10));
	KUNIT_EXPECT_TRUE(test, all_bytes(q + 10, 0, 4990));
	p = q;
	q = devm_krealloc_array(&dev, p, SIZE_MAX, 16, GFP_KERNEL);
	KUNIT_EXPECT_NULL(test, q);
	q = devm_krealloc_array(&dev, p, 600, 10, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0x55, 10));
	/* still the first, so the last to end */
	p = devm_krealloc(&dev, NULL, 8, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	p = devm_krealloc(&dev, p, 0, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, (void *)p, ZERO_SIZE_PTR);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	p = devm_krealloc(&dev, &dev, 8, GFP_KERNEL);
	KUNIT_EXPECT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, report_errors(), 1);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 2);
}

WORLD_CASE(memory_of_others)
{
	struct device dev = {}, other = {};
	void *p = devm_kmalloc(&dev, 100, GFP_KERNEL);
	void *block = kmalloc(100, GFP_KERNEL);

	devm_kfree(&other, p);
	devm_kfree(&dev, block);
	devm_kfree(&dev, (char *)p + 16);
	devm_kfree(&dev, &dev);
	KUNIT_EXPECT_EQ(test, log_count("is no memory of the device"), 4);
	devm_kfree(&dev, p);
	KUNIT_EXPECT_EQ(test, report_errors(), 4);
	devm_kfree(&dev, p);
	KUNIT_EXPECT_EQ(test, report_errors(), 5);
	KUNIT_EXPECT_NULL(test, devm_kmalloc(NULL, 8, GFP_KERNEL));
	kfree(block);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 0);
}

/* The lock is busy: nothing waits, and nothing is lost. */
WORLD_CASE(beside_a_holder)
{
	struct device dev = {};
	void *p = devm_kmalloc(&dev, 100, GFP_KERNEL);
	void *q = devm_kmalloc(&dev, 100, GFP_KERNEL);

	lock_take(&device_lock, LOCK_DEVICE);
	KUNIT_EXPECT_NULL(test, devm_kmalloc(&dev, 8, GFP_ATOMIC));
	KUNIT_EXPECT_EQ(test, devm_get_free_pages(&dev, GFP_ATOMIC, 0), 0);
	devm_kfree(&dev, p);
	lock_drop(&device_lock, LOCK_DEVICE);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	devm_kfree(&dev, p);
	KUNIT_EXPECT_EQ(test, report_errors(), 1);
	devm_kfree(&dev, q);
	lock_take(&device_lock, LOCK_DEVICE);
	lock_drop(&device_lock, LOCK_DEVICE);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 0);
}

WORLD_CASE(pages)
{
	struct device dev = {}, other = {};
	unsigned long a = devm_get_free_pages(&dev, GFP_KERNEL | __GFP_ZERO, 2);
	unsigned long b = devm_get_free_pages(&dev, GFP_KERNEL, 0);

	KUNIT_ASSERT_NE(test, a, 0);
	KUNIT_EXPECT_TRUE(test, all_bytes((void *)a, 0, 4 * PAGE_SIZE));
	devm_free_pages(&dev, b);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	devm_free_pages(&dev, b);
	devm_free_pages(&other, a);
	KUNIT_EXPECT_EQ(test, log_count("is no block of the device"), 2);
	KUNIT_EXPECT_EQ(test, devm_get_free_pages(NULL, GFP_KERNEL, 0), 0);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 1);
}

/* --- calls ---------------------------------------------------------------- */

static struct device *of_calls;

static void call(void *data)
{
	ended[nr_ended++] = *(int *)data;
}

/* What an ending adds is ended as well. */
static void call_adds(void *data)
{
	call(data);
	devm_kmalloc(of_calls, 8, GFP_KERNEL);
}

WORLD_CASE(calls)
{
	static int a = 1, b = 2, c = 3;
	struct device dev = {};

	of_calls = &dev;
	KUNIT_EXPECT_EQ(test, devm_add_action(&dev, call, &a), 0);
	KUNIT_EXPECT_EQ(test, devm_add_action_or_reset(&dev, call_adds, &b), 0);
	KUNIT_EXPECT_EQ(test, devm_add_action(&dev, call, &c), 0);
	KUNIT_EXPECT_TRUE(test, devm_is_action_added(&dev, call, &a));
	KUNIT_EXPECT_FALSE(test, devm_is_action_added(&dev, call, &b));
	devm_remove_action(&dev, call, &c);
	KUNIT_EXPECT_EQ(test, nr_ended, 0);
	KUNIT_EXPECT_EQ(test, devm_remove_action_nowarn(&dev, call, &c), -2);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	devm_remove_action(&dev, call, &c);
	devm_release_action(&dev, call, &c);
	KUNIT_EXPECT_EQ(test, log_count("has no such call"), 2);
	devm_release_action(&dev, call, &a);
	KUNIT_EXPECT_EQ(test, nr_ended, 1);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 2);
	KUNIT_EXPECT_EQ(test, nr_ended, 2);
	KUNIT_EXPECT_EQ(test, ended[1], 2);
	KUNIT_EXPECT_EQ(test, devm_add_action(NULL, call, &a), -22);
	KUNIT_EXPECT_EQ(test, devm_add_action_or_reset(NULL, call, &c), -22);
	KUNIT_EXPECT_EQ(test, ended[2], 3);
}

/* --- names ---------------------------------------------------------------- */

WORLD_CASE(names)
{
	struct device dev = {}, named = { .init_name = "first" };

	KUNIT_EXPECT_NULL(test, dev_name(&dev));
	KUNIT_EXPECT_EQ(test, dev_set_name(&dev, "port%d", 3), 0);
	KUNIT_EXPECT_STREQ(test, dev_name(&dev), "port3");
	KUNIT_EXPECT_EQ(test, dev_set_name(&dev, "port%d", 4), 0);
	KUNIT_EXPECT_STREQ(test, kmem_dev_name(&dev), "port4");
	KUNIT_EXPECT_STREQ(test, dev_name(&named), "first");
	KUNIT_EXPECT_EQ(test, dev_set_name(NULL, "x"), -22);
	KUNIT_EXPECT_EQ(test, dev_to_node(&dev), NUMA_NO_NODE);
	dev_set_drvdata(&dev, test);
	KUNIT_EXPECT_PTR_EQ(test, dev_get_drvdata(&dev), (void *)test);
	KUNIT_EXPECT_NULL(test, dev_get_platdata(&dev));
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 0);
	KUNIT_EXPECT_NULL(test, dev_name(&dev));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ends_in_reverse),
	KUNIT_CASE(resources_that_are_none),
	KUNIT_CASE(memory),
	KUNIT_CASE(memory_grows_in_its_place),
	KUNIT_CASE(memory_of_others),
	KUNIT_CASE(beside_a_holder),
	KUNIT_CASE(pages),
	KUNIT_CASE(calls),
	KUNIT_CASE(names),
	{},
};
static struct kunit_suite suite = { .name = "devres", .test_cases = cases };
kunit_test_suite(suite);
