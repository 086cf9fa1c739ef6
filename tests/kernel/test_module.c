/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A module that includes nothing but <linux/module.h>, and writes as the
 * kernel's own tests do: per-CPU variables, parameters that another macro
 * defines, and no semicolon behind module_init().
 */
#define KBUILD_MODNAME "alone"
#include <linux/module.h>

#include "kunit/test.h"

#define SETTING(type, name, start, text) \
	static type name = start;        \
	module_param(name, type, 0444);  \
	MODULE_PARM_DESC(name, text)

SETTING(bool, enough, false, "true ends it");
SETTING(int, times, 3, "how often");

static DEFINE_PER_CPU(long, signed_counter);
static DEFINE_PER_CPU(unsigned long, counter);
static int ended;

static int __init alone_begin(void)
{
	volatile unsigned int one = 1;
	unsigned int wide = 0;
	int i;

	preempt_disable();
	for (i = 0; i < times; i++)
		this_cpu_inc(counter);
	/* an unsigned operand is not negative in a wider variable */
	__this_cpu_add(signed_counter, -one);
	__this_cpu_sub(signed_counter, one);
	preempt_enable();
	OPTIMIZER_HIDE_VAR(wide);
	if (wide || !__same_type(times, int))
		return -EINVAL;
	return enough ? -EAGAIN : 0;
}

static void __exit alone_end(void)
{
	ended++;
}

module_init(alone_begin) module_exit(alone_end)

	MODULE_LICENSE("Dual MIT/GPL");

static long sum(void)
{
	long all = 0;
	int cpu;

	for_each_possible_cpu(cpu) all += (long)per_cpu(counter, cpu);
	return all;
}

static long signed_sum(void)
{
	long all = 0;
	int cpu;

	for_each_possible_cpu(cpu) all += per_cpu(signed_counter, cpu);
	return all;
}

static void one_header_is_enough(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kmem_module_param("alone", "times", "5"), 0);
	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	KUNIT_EXPECT_EQ(test, sum(), 5);
	KUNIT_EXPECT_EQ(test, signed_sum(), (long)UINT_MAX - 1);
	kmem_modules_exit();
	KUNIT_EXPECT_EQ(test, ended, 1);
}

static void a_module_that_fails_is_not_there(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kmem_module_param("alone", "enough", "1"), 0);
	KUNIT_EXPECT_EQ(test, kmem_modules_init(), -EAGAIN);
	kmem_modules_exit();
	KUNIT_EXPECT_EQ(test, ended, 1);
}

static void times_differ(struct kunit *test)
{
	ktime_t then = ktime_get(), now = then + 5 * NSEC_PER_MSEC;

	KUNIT_EXPECT_EQ(test, ktime_us_delta(now, then), 5000);
	KUNIT_EXPECT_EQ(test, ktime_ms_delta(now, then), 5);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), then), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_header_is_enough),
	KUNIT_CASE(a_module_that_fails_is_not_there),
	KUNIT_CASE(times_differ),
	{},
};
static struct kunit_suite suite = { .name = "module", .test_cases = cases };
kunit_test_suite(suite);
