/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Every name of <linux/percpu.h>, <linux/smp.h> and <linux/cpumask.h>, by
 * itself.  An instance is set on all CPUs before each operation, so that it
 * does not matter where that is done.
 */
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include <kmem/kmem.h>

#include "kunit/test.h"

DECLARE_PER_CPU_SECTION(long, today_section, "");
DECLARE_PER_CPU_FIRST(long, today_first);
DECLARE_PER_CPU_ALIGNED(long, today_aligned);
DECLARE_PER_CPU_SHARED_ALIGNED(long, today_shared);
DECLARE_PER_CPU_PAGE_ALIGNED(long, today_page);
DECLARE_PER_CPU_READ_MOSTLY(long, today_mostly);
DECLARE_PER_CPU_CACHE_HOT(long, today_hot);
DEFINE_PER_CPU_SECTION(long, today_section, "") = 1;
DEFINE_PER_CPU_FIRST(long, today_first) = 2;
DEFINE_PER_CPU_ALIGNED(long, today_aligned) = 3;
DEFINE_PER_CPU_SHARED_ALIGNED(long, today_shared) = 4;
DEFINE_PER_CPU_PAGE_ALIGNED(long, today_page) = 5;
DEFINE_PER_CPU_READ_MOSTLY(long, today_mostly) = 6;
DEFINE_PER_CPU_CACHE_HOT(long, today_hot) = 7;
EXPORT_PER_CPU_SYMBOL(today_section);
EXPORT_PER_CPU_SYMBOL_GPL(today_first);

static DEFINE_PER_CPU(long, v);

static void set_all(long value)
{
	int cpu;

	for_each_possible_cpu(cpu) per_cpu(v, cpu) = value;
}

static long sum_all(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) sum += per_cpu(v, cpu);
	return sum;
}

/* One instance has another value than the rest, by so much. */
static bool differs_by(long value, long by)
{
	return sum_all() == value * (long)num_possible_cpus() + by;
}

/* From n on each: what op does, and what it answers. */
#define DOES(op, n, by)                                     \
	do {                                                \
		set_all(n);                                 \
		op;                                         \
		KUNIT_EXPECT_TRUE(test, differs_by(n, by)); \
	} while (0)
#define ANSWERS(op, n, answer, by)                          \
	do {                                                \
		set_all(n);                                 \
		KUNIT_EXPECT_EQ(test, op, answer);          \
		KUNIT_EXPECT_TRUE(test, differs_by(n, by)); \
	} while (0)

static void variables_of_every_section(struct kunit *test)
{
	int cpu;

	for_each_present_cpu(cpu)
	{
		KUNIT_EXPECT_EQ(test, per_cpu(today_section, cpu), 1);
		KUNIT_EXPECT_EQ(test, per_cpu(today_first, cpu), 2);
		KUNIT_EXPECT_EQ(test, per_cpu(today_aligned, cpu), 3);
		KUNIT_EXPECT_EQ(test, per_cpu(today_shared, cpu), 4);
		KUNIT_EXPECT_EQ(test, per_cpu(today_page, cpu), 5);
		KUNIT_EXPECT_EQ(test, per_cpu(today_mostly, cpu), 6);
		KUNIT_EXPECT_EQ(test, per_cpu(today_hot, cpu), 7);
		KUNIT_EXPECT_PTR_EQ(test, SHIFT_PERCPU_PTR(&v, 8 * cpu),
				    &v + cpu);
	}
}

static void operations_without_checks(struct kunit *test)
{
	long was = 4;

	ANSWERS(__this_cpu_read(v), 5, 5, 0);
	DOES(__this_cpu_write(v, 9), 5, 4);
	DOES(__this_cpu_add(v, 3), 5, 3);
	DOES(__this_cpu_sub(v, 3), 5, -3);
	DOES(__this_cpu_inc(v), 5, 1);
	DOES(__this_cpu_dec(v), 5, -1);
	DOES(__this_cpu_and(v, 4), 5, -1);
	DOES(__this_cpu_or(v, 2), 5, 2);
	ANSWERS(__this_cpu_add_return(v, 3), 5, 8, 3);
	ANSWERS(__this_cpu_sub_return(v, 3), 5, 2, -3);
	ANSWERS(__this_cpu_inc_return(v), 5, 6, 1);
	ANSWERS(__this_cpu_dec_return(v), 5, 4, -1);
	ANSWERS(__this_cpu_xchg(v, 8), 5, 5, 3);
	ANSWERS(__this_cpu_cmpxchg(v, 5, 7), 5, 5, 2);
	ANSWERS(__this_cpu_cmpxchg(v, 4, 7), 5, 5, 0);
	ANSWERS(__this_cpu_try_cmpxchg(v, &was, 7), 5, false, 0);
	KUNIT_EXPECT_EQ(test, was, 5);
	ANSWERS(__this_cpu_try_cmpxchg(v, &was, 7), 5, true, 2);
	KUNIT_EXPECT_EQ(test, *__this_cpu_ptr(&today_hot), 7);
}

static void operations_of_whoever_may(struct kunit *test)
{
	long was = 4;

	ANSWERS(raw_cpu_read(v), 5, 5, 0);
	DOES(raw_cpu_write(v, 9), 5, 4);
	DOES(raw_cpu_add(v, 3), 5, 3);
	DOES(raw_cpu_sub(v, 3), 5, -3);
	DOES(raw_cpu_inc(v), 5, 1);
	DOES(raw_cpu_dec(v), 5, -1);
	DOES(raw_cpu_and(v, 4), 5, -1);
	DOES(raw_cpu_or(v, 2), 5, 2);
	ANSWERS(raw_cpu_add_return(v, 3), 5, 8, 3);
	ANSWERS(raw_cpu_sub_return(v, 3), 5, 2, -3);
	ANSWERS(raw_cpu_inc_return(v), 5, 6, 1);
	ANSWERS(raw_cpu_dec_return(v), 5, 4, -1);
	ANSWERS(raw_cpu_xchg(v, 8), 5, 5, 3);
	ANSWERS(raw_cpu_cmpxchg(v, 5, 7), 5, 5, 2);
	ANSWERS(raw_cpu_try_cmpxchg(v, &was, 7), 5, false, 0);
	KUNIT_EXPECT_EQ(test, was, 5);
	ANSWERS(raw_cpu_try_cmpxchg(v, &was, 7), 5, true, 2);
	KUNIT_EXPECT_EQ(test, *raw_cpu_ptr(&today_hot), 7);
}

static void operations_of_this_cpu(struct kunit *test)
{
	long was = 4;

	ANSWERS(this_cpu_read(v), 5, 5, 0);
	DOES(this_cpu_write(v, 9), 5, 4);
	DOES(this_cpu_add(v, 3), 5, 3);
	DOES(this_cpu_sub(v, 3), 5, -3);
	DOES(this_cpu_inc(v), 5, 1);
	DOES(this_cpu_dec(v), 5, -1);
	DOES(this_cpu_and(v, 4), 5, -1);
	DOES(this_cpu_or(v, 2), 5, 2);
	ANSWERS(this_cpu_add_return(v, 3), 5, 8, 3);
	ANSWERS(this_cpu_sub_return(v, 3), 5, 2, -3);
	ANSWERS(this_cpu_inc_return(v), 5, 6, 1);
	ANSWERS(this_cpu_dec_return(v), 5, 4, -1);
	ANSWERS(this_cpu_xchg(v, 8), 5, 5, 3);
	ANSWERS(this_cpu_cmpxchg(v, 5, 7), 5, 5, 2);
	ANSWERS(this_cpu_try_cmpxchg(v, &was, 7), 5, false, 0);
	KUNIT_EXPECT_EQ(test, was, 5);
	KUNIT_EXPECT_EQ(test, *this_cpu_ptr(&today_hot), 7);
}

static void twins_of_objects(struct kunit *test)
{
	long __percpu *p[5] = {
		alloc_percpu_noprof(long),
		alloc_percpu_gfp_noprof(long, GFP_KERNEL),
		(long __percpu *)__alloc_percpu_noprof(8, 8),
		(long __percpu *)__alloc_percpu_gfp_noprof(8, 8, GFP_KERNEL),
		(long __percpu *)__alloc_reserved_percpu_noprof(8, 8),
	};

	for (int i = 0; i < 5; i++) {
		int cpu;

		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		for_each_possible_cpu(cpu)
			KUNIT_EXPECT_EQ(test, *per_cpu_ptr(p[i], cpu), 0);
		free_percpu(p[i]);
	}
	p[0] = pcpu_alloc_noprof(8, 8, false, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p[0]);
	free_percpu(p[0]);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static void cpus_are_numbers(struct kunit *test)
{
	int cpu = get_cpu();

	KUNIT_EXPECT_TRUE(test, cpu_possible(cpu) && cpu_present(cpu));
	put_cpu();
	KUNIT_EXPECT_TRUE(test, cpu_possible(smp_processor_id()));
	KUNIT_EXPECT_TRUE(test, cpu_possible(raw_smp_processor_id()));
	KUNIT_EXPECT_TRUE(test, cpu_possible(__smp_processor_id()));
	KUNIT_EXPECT_EQ(test, cpu_active(0), cpu_online(0));
	KUNIT_EXPECT_EQ(test, num_active_cpus(), num_online_cpus());
	KUNIT_EXPECT_EQ(test, num_present_cpus(), num_online_cpus());
	KUNIT_EXPECT_EQ(test, nr_cpumask_bits, nr_cpu_ids);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(variables_of_every_section),
	KUNIT_CASE(operations_without_checks),
	KUNIT_CASE(operations_of_whoever_may),
	KUNIT_CASE(operations_of_this_cpu),
	KUNIT_CASE(twins_of_objects),
	KUNIT_CASE(cpus_are_numbers),
	{},
};

static struct kunit_suite suite = {
	.name = "headers_percpu_today",
	.test_cases = cases,
};

kunit_test_suite(suite);
