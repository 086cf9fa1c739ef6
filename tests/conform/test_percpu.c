/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Per-CPU variables and objects as a module uses them: what they begin as,
 * that each CPU has its own, and what each operation does for each size.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "kunit/test.h"

struct stat {
	u64 packets;
	u32 errors;
	u16 flags;
	u8 state;
	char name[5];
};

DEFINE_PER_CPU(struct stat, percpu_stat) = { 7, 8, 9, 10, "eth0" };
DECLARE_PER_CPU(unsigned long, percpu_plain);
DEFINE_PER_CPU(unsigned long, percpu_plain);
static DEFINE_PER_CPU(int[100], percpu_array) = { 1, 2, 3 };
static DEFINE_PER_CPU_SHARED_ALIGNED(u32, percpu_shared) = 5;
static DEFINE_PER_CPU_ALIGNED(u8, percpu_aligned) = 6;
static DEFINE_PER_CPU_PAGE_ALIGNED(u8[16], percpu_page);
static DEFINE_PER_CPU_READ_MOSTLY(void *, percpu_pointer) = NULL;
static DEFINE_PER_CPU_FIRST(bool, percpu_first) = true;
DECLARE_PER_CPU_SHARED_ALIGNED(u16, percpu_second);
DEFINE_PER_CPU_SHARED_ALIGNED(u16, percpu_second) = 600;

EXPORT_PER_CPU_SYMBOL(percpu_plain);
EXPORT_PER_CPU_SYMBOL_GPL(percpu_stat);

static void variables_begin_as_they_are_written(struct kunit *test)
{
	int cpu;

	for_each_possible_cpu(cpu)
	{
		KUNIT_EXPECT_EQ(test, per_cpu(percpu_stat, cpu).packets, 7);
		KUNIT_EXPECT_EQ(test, per_cpu(percpu_stat, cpu).state, 10);
		KUNIT_EXPECT_STREQ(test, per_cpu(percpu_stat, cpu).name,
				   "eth0");
		KUNIT_EXPECT_EQ(test, per_cpu(percpu_plain, cpu), 0);
		KUNIT_EXPECT_EQ(test, per_cpu(percpu_array, cpu)[2], 3);
		KUNIT_EXPECT_EQ(test, per_cpu(percpu_array, cpu)[99], 0);
		KUNIT_EXPECT_EQ(test, per_cpu(percpu_shared, cpu), 5);
		KUNIT_EXPECT_EQ(test, per_cpu(percpu_aligned, cpu), 6);
		KUNIT_EXPECT_EQ(test, per_cpu(percpu_second, cpu), 600);
		KUNIT_EXPECT_NULL(test, per_cpu(percpu_pointer, cpu));
		KUNIT_EXPECT_TRUE(test, per_cpu(percpu_first, cpu));
	}
}

static void each_cpu_has_its_own(struct kunit *test)
{
	u32 __percpu *p = alloc_percpu(u32);
	int cpu, n = 0;

	KUNIT_ASSERT_NOT_NULL(test, p);
	for_each_possible_cpu(cpu)
	{
		KUNIT_EXPECT_EQ(test, *per_cpu_ptr(p, cpu), 0);
		*per_cpu_ptr(p, cpu) = 100 + n;
		per_cpu(percpu_array, cpu)[50] = 200 + n++;
	}
	KUNIT_EXPECT_EQ(test, n, num_possible_cpus());
	KUNIT_EXPECT_LE(test, num_online_cpus(), num_possible_cpus());
	KUNIT_EXPECT_GE(test, nr_cpu_ids, num_possible_cpus());
	for_each_online_cpu(cpu) KUNIT_EXPECT_TRUE(test, cpu_possible(cpu));
	KUNIT_EXPECT_FALSE(test, cpu_possible(nr_cpu_ids));
	n = 0;
	for_each_possible_cpu(cpu)
	{
		KUNIT_EXPECT_EQ(test, *per_cpu_ptr(p, cpu), 100 + n);
		KUNIT_EXPECT_EQ(test, per_cpu(percpu_array, cpu)[50],
				200 + n++);
	}
	free_percpu(p);
}

static void alignments_are_those_of_the_variables(struct kunit *test)
{
	struct wide {
		u8 byte;
	} __attribute__((aligned(256)));
	struct wide __percpu *p = alloc_percpu(struct wide);
	int cpu;

	for_each_possible_cpu(cpu)
	{
		KUNIT_EXPECT_EQ(test,
				(unsigned long)&per_cpu(percpu_shared, cpu) %
					L1_CACHE_BYTES,
				0);
		KUNIT_EXPECT_EQ(test,
				(unsigned long)&per_cpu(percpu_page, cpu) %
					PAGE_SIZE,
				0);
		KUNIT_EXPECT_EQ(test, (unsigned long)per_cpu_ptr(p, cpu) % 256,
				0);
	}
	free_percpu(p);
}

/* A member of an object is reached before or after the translation. */
static void arithmetic_goes_on_inside(struct kunit *test)
{
	struct stat __percpu *p = alloc_percpu(struct stat);
	u32 __percpu *errors = &p->errors;
	int cpu;

	for_each_possible_cpu(cpu)
	{
		per_cpu_ptr(p, cpu)->errors = 4;
		KUNIT_EXPECT_PTR_EQ(test, per_cpu_ptr(errors, cpu),
				    &per_cpu_ptr(p, cpu)->errors);
		KUNIT_EXPECT_PTR_EQ(test, per_cpu_ptr(&percpu_stat.flags, cpu),
				    &per_cpu(percpu_stat, cpu).flags);
	}
	this_cpu_add(*errors, 3);
	KUNIT_EXPECT_EQ(test, this_cpu_read(p->errors), 7);
	free_percpu(p);
}

/* --- operations ----------------------------------------------------------- */

/*
 * What each operation answers, on an object all of whose instances are the
 * same, so that it does not matter on which CPU it is done.
 */
#define SET_ALL(p, value)                                            \
	do {                                                         \
		int cpu_;                                            \
                                                                     \
		for_each_possible_cpu(cpu_) * per_cpu_ptr(p, cpu_) = \
			(__typeof__(*(p)))(value);                   \
	} while (0)

/* One instance is `is`, all others are `was`. */
#define ONE_IS(p, was, is)                                                   \
	(__extension__({                                                     \
		int cpu_, n_ = 0, odd_ = 0;                                  \
                                                                             \
		for_each_possible_cpu(cpu_)                                  \
		{                                                            \
			if (*per_cpu_ptr(p, cpu_) == (__typeof__(*(p)))(is)) \
				n_++;                                        \
			else if (*per_cpu_ptr(p, cpu_) !=                    \
				 (__typeof__(*(p)))(was))                    \
				odd_++;                                      \
		}                                                            \
		n_ == 1 && !odd_;                                            \
	}))

#define TRY(p, was, is, operation)                                   \
	do {                                                         \
		SET_ALL(p, was);                                     \
		operation;                                           \
		KUNIT_EXPECT_TRUE_MSG(test, ONE_IS(p, was, is),      \
				      "%s of %zu bytes", #operation, \
				      sizeof(*(p)));                 \
	} while (0)

#define ANSWER(answer, operation) \
	KUNIT_EXPECT_EQ_MSG(test, operation, answer, "%s", #operation)

#define OPERATIONS(type, a, b)                                                 \
	static void operations_on_##type(struct kunit *test)                   \
	{                                                                      \
		static const type one = (type)(a), two = (type)(b);            \
		static DEFINE_PER_CPU(type, var);                              \
		type __percpu *obj = alloc_percpu(type);                       \
		type old;                                                      \
		int i;                                                         \
                                                                               \
		for (i = 0; i < 2; i++) {                                      \
			type __percpu *p = i ? obj : &var;                     \
                                                                               \
			TRY(p, one, two, this_cpu_write(*p, two));             \
			TRY(p, one, one + two, this_cpu_add(*p, two));         \
			TRY(p, one, one - two, this_cpu_sub(*p, two));         \
			TRY(p, one, one + 1, this_cpu_inc(*p));                \
			TRY(p, one, one - 1, this_cpu_dec(*p));                \
			TRY(p, 0xff, 0x0f, this_cpu_and(*p, 0x0f));            \
			TRY(p, 0x21, 0x63, this_cpu_or(*p, 0x42));             \
			TRY(p, one, one + two,                                 \
			    ANSWER((type)(one + two),                          \
				   this_cpu_add_return(*p, two)));             \
			TRY(p, one, one - two,                                 \
			    ANSWER((type)(one - two),                          \
				   this_cpu_sub_return(*p, two)));             \
			TRY(p, one, one + 1,                                   \
			    ANSWER((type)(one + 1), this_cpu_inc_return(*p))); \
			TRY(p, one, one - 1,                                   \
			    ANSWER((type)(one - 1), this_cpu_dec_return(*p))); \
			TRY(p, one, two, ANSWER(one, this_cpu_xchg(*p, two))); \
			TRY(p, one, two,                                       \
			    ANSWER(one, this_cpu_cmpxchg(*p, one, two)));      \
			SET_ALL(p, one);                                       \
			ANSWER(one, this_cpu_cmpxchg(*p, two, two + 1));       \
			ANSWER(one, this_cpu_read(*p));                        \
			old = two;                                             \
			KUNIT_EXPECT_FALSE(                                    \
				test, this_cpu_try_cmpxchg(*p, &old, two));    \
			KUNIT_EXPECT_EQ(test, old, one);                       \
			TRY(p, one, two,                                       \
			    KUNIT_EXPECT_TRUE(test, this_cpu_try_cmpxchg(      \
							    *p, &old, two)));  \
			TRY(p, one, two, __this_cpu_write(*p, two));           \
			TRY(p, one, one + 1, __this_cpu_inc(*p));              \
			TRY(p, one, one - 1, raw_cpu_dec(*p));                 \
			TRY(p, one, one - two, raw_cpu_add(*p, -two));         \
		}                                                              \
		free_percpu(obj);                                              \
	}

OPERATIONS(u8, 200, 100)
OPERATIONS(s8, -100, 77)
OPERATIONS(u16, 60000, 10000)
OPERATIONS(s16, -30000, 1234)
OPERATIONS(u32, 4000000000u, 500000000u)
OPERATIONS(s32, -2000000000, 1234567)
OPERATIONS(u64, 0xfedcba9876543210ull, 0x1234567800000001ull)
OPERATIONS(s64, -0x5edcba9876543210ll, 0x1234567800000001ll)

typedef unsigned __int128 wide_t;

static DEFINE_PER_CPU(wide_t, percpu_wide);

static void sixteen_bytes_are_compared(struct kunit *test)
{
	wide_t one = (wide_t)0x1122334455667788ull << 64 | 0xaabbull;
	wide_t __percpu *obj = alloc_percpu(wide_t);
	wide_t old, two = ~one;
	int i;

	for (i = 0; i < 2; i++) {
		wide_t __percpu *p = i ? obj : &percpu_wide;

		SET_ALL(p, one);
		KUNIT_EXPECT_TRUE(test,
				  this_cpu_cmpxchg128(*p, one, two) == one);
		KUNIT_EXPECT_TRUE(test, ONE_IS(p, one, two));
		SET_ALL(p, one);
		/* each half counts */
		old = one ^ 1;
		KUNIT_EXPECT_FALSE(test,
				   this_cpu_try_cmpxchg128(*p, &old, two));
		KUNIT_EXPECT_TRUE(test, old == one);
		old = one ^ (wide_t)1 << 64;
		KUNIT_EXPECT_FALSE(test,
				   this_cpu_try_cmpxchg128(*p, &old, two));
		KUNIT_EXPECT_TRUE(test, old == one);
		KUNIT_EXPECT_TRUE(test, this_cpu_try_cmpxchg128(*p, &old, two));
		KUNIT_EXPECT_TRUE(test, ONE_IS(p, one, two));
		SET_ALL(p, one);
		KUNIT_EXPECT_TRUE(test,
				  raw_cpu_cmpxchg128(*p, two, two) == one);
		KUNIT_EXPECT_TRUE(test, raw_cpu_try_cmpxchg128(*p, &old, two));
	}
	free_percpu(obj);
}

static void pointers_and_flags_are_values(struct kunit *test)
{
	void *a = &percpu_pointer, *old = NULL;

	KUNIT_EXPECT_NULL(test, this_cpu_read(percpu_pointer));
	SET_ALL(&percpu_pointer, a);
	KUNIT_EXPECT_PTR_EQ(test, this_cpu_xchg(percpu_pointer, NULL), a);
	SET_ALL(&percpu_pointer, a);
	KUNIT_EXPECT_PTR_EQ(test, this_cpu_cmpxchg(percpu_pointer, NULL, a), a);
	KUNIT_EXPECT_FALSE(test,
			   this_cpu_try_cmpxchg(percpu_pointer, &old, NULL));
	KUNIT_EXPECT_PTR_EQ(test, old, a);
	SET_ALL(&percpu_pointer, NULL);
	SET_ALL(&percpu_first, false);
	this_cpu_write(percpu_first, true);
	KUNIT_EXPECT_TRUE(test, ONE_IS(&percpu_first, false, true));
}

static void neighbours_are_left_alone(struct kunit *test)
{
	struct {
		u8 before, it, after;
	} __percpu *p = __alloc_percpu(3, 1);
	int cpu;

	for_each_possible_cpu(cpu)
	{
		per_cpu_ptr(p, cpu)->before = 1;
		per_cpu_ptr(p, cpu)->after = 2;
	}
	this_cpu_sub(p->it, 1);
	this_cpu_add(p->it, 255);
	this_cpu_write(p->it, 255);
	this_cpu_inc(p->it);
	this_cpu_dec(p->it);
	for_each_possible_cpu(cpu)
	{
		KUNIT_EXPECT_EQ(test, per_cpu_ptr(p, cpu)->before, 1);
		KUNIT_EXPECT_EQ(test, per_cpu_ptr(p, cpu)->after, 2);
	}
	free_percpu(p);
}

/* --- sections ------------------------------------------------------------- */

static void sections_are_atomic(struct kunit *test)
{
	int __percpu *p = alloc_percpu(int), *here;
	int cpu, sum = 0;

	get_cpu_var(percpu_plain)++;
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	put_cpu_var(percpu_plain);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	here = get_cpu_ptr(p);
	*here += 5;
	put_cpu_ptr(p);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	cpu = get_cpu();
	KUNIT_EXPECT_TRUE(test, cpu_possible(cpu));
	KUNIT_EXPECT_TRUE(test, cpu_online(cpu));
	*this_cpu_ptr(p) += 2;
	*raw_cpu_ptr(p) += 1;
	put_cpu();
	KUNIT_EXPECT_TRUE(test, cpu_possible(raw_smp_processor_id()));
	for_each_possible_cpu(cpu) sum += *per_cpu_ptr(p, cpu);
	KUNIT_EXPECT_EQ(test, sum, 8);
	free_percpu(p);
	sum = 0;
	for_each_possible_cpu(cpu) sum += (int)per_cpu(percpu_plain, cpu);
	KUNIT_EXPECT_EQ(test, sum, 1);
}

/* --- requests ------------------------------------------------------------- */

static void requests_are_zero_or_refused(struct kunit *test)
{
	gfp_t quiet = GFP_KERNEL | __GFP_NOWARN;
	u64 __percpu *p[64];
	int cpu;
	int i;

	KUNIT_EXPECT_NULL(test, __alloc_percpu_gfp(0, 8, quiet));
	KUNIT_EXPECT_NULL(test,
			  __alloc_percpu_gfp(PCPU_MIN_UNIT_SIZE + 1, 8, quiet));
	KUNIT_EXPECT_NULL(test, __alloc_percpu_gfp(8, 2 * PAGE_SIZE, quiet));
	KUNIT_EXPECT_NULL(test, __alloc_percpu_gfp(8, 24, quiet));
	for (i = 0; i < 64; i++) {
		p[i] = i % 2 ? alloc_percpu_gfp(u64, GFP_KERNEL) :
			       alloc_percpu(u64);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		SET_ALL(p[i], ~0ull);
	}
	for (i = 0; i < 64; i++)
		free_percpu(p[i]);
	for (i = 0; i < 64; i++) {
		p[i] = alloc_percpu_gfp(u64, GFP_ATOMIC);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		for_each_possible_cpu(cpu)
			KUNIT_EXPECT_EQ(test, *per_cpu_ptr(p[i], cpu), 0);
	}
	for (i = 0; i < 64; i++)
		free_percpu(p[i]);
	free_percpu(NULL);
	free_percpu(__alloc_percpu(PCPU_MIN_UNIT_SIZE, PAGE_SIZE));
	free_percpu(__alloc_reserved_percpu(16, 8));
}

static void addresses_of_variables_are_known(struct kunit *test)
{
	u64 __percpu *p = alloc_percpu(u64);
	int cpu;

	for_each_possible_cpu(cpu)
	{
		KUNIT_EXPECT_TRUE(
			test, is_kernel_percpu_address((unsigned long)&per_cpu(
				      percpu_plain, cpu)));
		KUNIT_EXPECT_FALSE(test,
				   is_kernel_percpu_address(
					   (unsigned long)per_cpu_ptr(p, cpu)));
	}
	KUNIT_EXPECT_FALSE(test, is_kernel_percpu_address((unsigned long)&p));
	KUNIT_EXPECT_GT(test, pcpu_nr_pages(), 0);
	free_percpu(p);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(variables_begin_as_they_are_written),
	KUNIT_CASE(each_cpu_has_its_own),
	KUNIT_CASE(alignments_are_those_of_the_variables),
	KUNIT_CASE(arithmetic_goes_on_inside),
	KUNIT_CASE(operations_on_u8),
	KUNIT_CASE(operations_on_s8),
	KUNIT_CASE(operations_on_u16),
	KUNIT_CASE(operations_on_s16),
	KUNIT_CASE(operations_on_u32),
	KUNIT_CASE(operations_on_s32),
	KUNIT_CASE(operations_on_u64),
	KUNIT_CASE(operations_on_s64),
	KUNIT_CASE(sixteen_bytes_are_compared),
	KUNIT_CASE(pointers_and_flags_are_values),
	KUNIT_CASE(neighbours_are_left_alone),
	KUNIT_CASE(sections_are_atomic),
	KUNIT_CASE(requests_are_zero_or_refused),
	KUNIT_CASE(addresses_of_variables_are_known),
	{},
};
static struct kunit_suite suite = { .name = "percpu", .test_cases = cases };
kunit_test_suite(suite);
