/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The allocator of per-CPU memory: zero on every CPU, found only where there
 * is room, charged, and none lost.  <linux/percpu.h> as programs have it is
 * tried by tests/conform/test_percpu.c.
 */
#include "alloc/percpu.h"

#include "unit/alloc/world.h"

#include <kmem/kmem.h>

#define CPUS 5 /* four, and that of threads without one */
#define KEPT (2 * 4096ul * CPUS)

static void *on(const void __percpu *p, unsigned int cpu)
{
	return percpu_on((uintptr_t)p, cpu);
}

static void fill(void __percpu *p, size_t n, int c)
{
	unsigned int cpu;

	for (cpu = 0; cpu < CPUS; cpu++)
		memset(on(p, cpu), c + (int)cpu, n);
}

static bool is_filled(void __percpu *p, size_t n, int c, int step)
{
	unsigned int cpu;

	for (cpu = 0; cpu < CPUS; cpu++)
		if (!all_bytes(on(p, cpu), c + step * (int)cpu, n))
			return false;
	return true;
}

static unsigned long charged(void)
{
	struct page_stats st;

	page_stats(&st);
	return st.mapped_out;
}

static void all_given_back(struct kunit *test)
{
	percpu_trim();
	KUNIT_EXPECT_TRUE(test, percpu_validate());
	KUNIT_EXPECT_EQ(test, charged(), KEPT);
	KUNIT_EXPECT_EQ(test, page_totals()->percpu_bytes, KEPT);
	KUNIT_EXPECT_EQ(test, pcpu_nr_pages() * 4096, KEPT);
}

#define PERCPU_CASE(name, ...)                            \
	static void name##_case(struct kunit *test);      \
	WORLD_CASE(name, .unbooted = true, __VA_ARGS__)   \
	{                                                 \
		KUNIT_ASSERT_EQ(test, kmalloc_boot(), 0); \
		KUNIT_ASSERT_EQ(test, percpu_nr(), CPUS); \
		name##_case(test);                        \
		all_given_back(test);                     \
	}                                                 \
	static void name##_case(struct kunit *test)

PERCPU_CASE(all_is_zero_on_every_cpu, .options = NULL)
{
	void __percpu *p;
	size_t n;

	for (n = 1; n <= PCPU_MIN_UNIT_SIZE; n = n * 3 + 1) {
		p = __alloc_percpu(n, 1);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_TRUE(test, is_filled(p, n, 0, 0));
		KUNIT_EXPECT_EQ(test, pcpu_alloc_size(p), (n + 7) / 8 * 8);
		fill(p, n, 17);
		KUNIT_EXPECT_TRUE(test, is_filled(p, n, 17, 1));
		free_percpu(p);
		/* the same place */
		KUNIT_EXPECT_PTR_EQ(test, __alloc_percpu(n, 1), p);
		KUNIT_EXPECT_TRUE(test, is_filled(p, n, 0, 0));
		free_percpu(p);
	}
	KUNIT_EXPECT_EQ(test, pcpu_alloc_size(NULL), 0);
}

/* Nobody else's memory begins where the kernel's addresses do. */
PERCPU_CASE(a_cookie_is_no_address, .options = NULL)
{
	void __percpu *p = __alloc_percpu(8, 8);

	KUNIT_EXPECT_TRUE(test, (intptr_t)p < 0);
	KUNIT_EXPECT_FALSE(test, page_known(p));
	KUNIT_EXPECT_TRUE(test, fake_usable(on(p, 0)));
	KUNIT_EXPECT_PTR_EQ(test, on((char *)p + 5, 3), (char *)on(p, 3) + 5);
	free_percpu(p);
}

PERCPU_CASE(alignments_are_kept, .options = NULL)
{
	void __percpu *p[200];
	unsigned int i, cpu;
	size_t align;

	for (i = 0; i < 200; i++) {
		align = 1ul << i % 13;
		p[i] = __alloc_percpu(1 + i * 7 % 60, align);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
		for (cpu = 0; cpu < CPUS; cpu++)
			KUNIT_EXPECT_EQ(test, (uintptr_t)on(p[i], cpu) % align,
					0);
		KUNIT_EXPECT_EQ(test, (uintptr_t)p[i] % align, 0);
	}
	KUNIT_EXPECT_TRUE(test, percpu_validate());
	while (i)
		free_percpu(p[--i]);
}

PERCPU_CASE(what_cannot_be_is_refused, .options = NULL)
{
	static const size_t bad[][2] = {
		{ 0, 8 },        { PCPU_MIN_UNIT_SIZE + 1, 8 },
		{ SIZE_MAX, 8 }, { 8, 0 },
		{ 8, 3 },        { 8, 8192 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		KUNIT_EXPECT_NULL(test, __alloc_percpu(bad[i][0], bad[i][1]));
		KUNIT_EXPECT_EQ(test, log_count("WARNING:"), i + 1);
		KUNIT_EXPECT_NULL(
			test, __alloc_percpu_gfp(bad[i][0], bad[i][1],
						 GFP_KERNEL | __GFP_NOWARN));
		KUNIT_EXPECT_EQ(test, log_count("WARNING:"), i + 1);
	}
	free_percpu(__alloc_percpu(8, 4096));
	free_percpu(__alloc_percpu(PCPU_MIN_UNIT_SIZE, 8));
	fake_log_clear();
}

PERCPU_CASE(bad_frees_are_told_and_change_nothing, .options = NULL)
{
	char __percpu *p = __alloc_percpu(64, 8), *q = __alloc_percpu(64, 8);
	int local;

	fill(q, 64, 3);
	free_percpu(NULL);
	KUNIT_EXPECT_EQ(test, log_count("WARNING:"), 0);
	free_percpu(p);
	/* again; in the middle; where none is; of others; not of here at all */
	KUNIT_EXPECT_FALSE(test, percpu_give((uintptr_t)p));
	KUNIT_EXPECT_FALSE(test, percpu_give((uintptr_t)(q + 8)));
	KUNIT_EXPECT_FALSE(test, percpu_give((uintptr_t)(q + 1)));
	KUNIT_EXPECT_FALSE(test, percpu_give((uintptr_t)(q + 4096)));
	KUNIT_EXPECT_FALSE(test, percpu_give((uintptr_t)&local));
	KUNIT_EXPECT_FALSE(test, percpu_give((uintptr_t)on(q, 0)));
	KUNIT_EXPECT_FALSE(test, percpu_give(PERCPU_NOWHERE));
	free_percpu(p);
	KUNIT_EXPECT_EQ(test, log_count("is no per-CPU object"), 1);
	fake_log_clear();
	KUNIT_EXPECT_TRUE(test, percpu_validate());
	KUNIT_EXPECT_TRUE(test, is_filled(q, 64, 3, 1));
	free_percpu(q);
}

/* --- requests that must not block ----------------------------------------- */

/* Until there is no room; the objects are chained through CPU 0. */
static unsigned int take_all(void __percpu **chain, gfp_t gfp)
{
	void __percpu *p;
	unsigned int n = 0;

	while ((p = __alloc_percpu_gfp(512, 512, gfp))) {
		*(void **)on(p, 0) = (void *)*chain;
		*chain = p;
		n++;
	}
	return n;
}

static void give_all(void __percpu **chain)
{
	void __percpu *next;

	for (; *chain; *chain = next) {
		next = *(void **)on(*chain, 0);
		free_percpu(*chain);
	}
}

PERCPU_CASE(those_who_must_not_block_get_what_is_there, .options = NULL)
{
	unsigned long maps = fake_calls(FAKE_MAP);
	void __percpu *chain = NULL;
	unsigned int i;

	KUNIT_EXPECT_NULL(test, __alloc_percpu_gfp(8, 8, GFP_ATOMIC));
	KUNIT_EXPECT_NULL(test, __alloc_percpu_gfp(8, 8, GFP_NOWAIT));
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_MAP), maps);
	/* one who may leaves room behind */
	free_percpu(__alloc_percpu(8, 8));
	maps = fake_calls(FAKE_MAP);
	KUNIT_EXPECT_GE(test, take_all(&chain, GFP_ATOMIC), 15);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_MAP), maps);
	/* there was too little: the next leaves more */
	free_percpu(__alloc_percpu(8, 8));
	KUNIT_EXPECT_GE(test, take_all(&chain, GFP_ATOMIC), 15);
	/* and so does a pass, once in an idle age */
	for (i = 0; i < 4; i++) {
		fake_clock_advance((uint64_t)page_idle_ns());
		page_tick();
	}
	KUNIT_EXPECT_GE(test, take_all(&chain, GFP_ATOMIC), 15);
	KUNIT_EXPECT_EQ(test, *fake_log(), 0);
	give_all(&chain);
}

/* The holder is elsewhere: nobody waits, and nothing is lost. */
PERCPU_CASE(a_busy_lock_is_not_waited_for, .options = NULL)
{
	void __percpu *p[20], *q;
	unsigned int i;

	for (i = 0; i < 20; i++)
		p[i] = __alloc_percpu(24, 8);
	q = p[0];
	fake_fork_prepare();
	KUNIT_EXPECT_NULL(test, __alloc_percpu_gfp(8, 8, GFP_ATOMIC));
	for (i = 0; i < 20; i++)
		free_percpu(p[i]);
	KUNIT_EXPECT_FALSE(test, percpu_give((uintptr_t)p[7]));
	fake_fork_parent();
	KUNIT_EXPECT_FALSE(test, percpu_give((uintptr_t)p[7]));
	KUNIT_EXPECT_TRUE(test, percpu_validate());
	/* the places are free again */
	KUNIT_EXPECT_PTR_EQ(test, __alloc_percpu(24, 8), q);
	KUNIT_EXPECT_TRUE(test, is_filled(q, 24, 0, 0));
	free_percpu(q);
}

/* --- memory --------------------------------------------------------------- */

PERCPU_CASE(it_is_charged_to_the_limit, .options = "mem=32M")
{
	void __percpu *chain = NULL, *p;
	unsigned int n = take_all(&chain, GFP_KERNEL | __GFP_NORETRY);

	KUNIT_EXPECT_GE(test, n, 1000);
	KUNIT_EXPECT_LE(test, n * 512ul * CPUS, 32 * MIB);
	KUNIT_EXPECT_EQ(test, log_count("percpu: allocation failed"), 1);
	p = chain;
	chain = *(void **)on(p, 0);
	free_percpu(p);
	KUNIT_EXPECT_PTR_EQ(test, __alloc_percpu(512, 512), p);
	free_percpu(p);
	give_all(&chain);
	fake_log_clear();
	/* what went back can be had by others */
	percpu_trim();
	p = kvmalloc(8 * MIB, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kvfree((void *)p);
	kept_empty();
}

PERCPU_CASE(a_failed_mapping_loses_nothing, .options = NULL)
{
	void __percpu *chain = NULL, *p;
	unsigned int n;

	for (n = 1; n <= 2; n++) {
		fake_fail_nth(FAKE_BIT(FAKE_MAP), n);
		KUNIT_EXPECT_NULL(test, __alloc_percpu(8, 8));
		KUNIT_EXPECT_EQ(test, fake_failed(), 1);
		KUNIT_EXPECT_EQ(test, charged(), 0);
		KUNIT_EXPECT_EQ(test, pcpu_nr_pages(), 0);
	}
	p = __alloc_percpu(8, 8);
	KUNIT_EXPECT_NOT_NULL(test, p);
	fake_fail_from(FAKE_BIT(FAKE_MAP), 1);
	n = take_all(&chain, GFP_KERNEL);
	free_percpu(p);
	/* the one chunk is used up to its end */
	KUNIT_EXPECT_EQ(test, n, KMEM_PERCPU_UNIT / 512 - 1);
	KUNIT_EXPECT_EQ(test, charged(), KMEM_PERCPU_UNIT * CPUS);
	fake_fail_from(0, 0);
	p = __alloc_percpu(8, 8);
	KUNIT_EXPECT_NOT_NULL(test, p);
	free_percpu(p);
	give_all(&chain);
	fake_log_clear();
}

/* What an object of the loader has as variables. */
PERCPU_CASE(a_whole_unit_can_be_had, .options = NULL)
{
	uintptr_t a, b;

	a = percpu_take(KMEM_PERCPU_UNIT, 4096, GFP_KERNEL);
	b = percpu_take(KMEM_PERCPU_UNIT - 8, 4096, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, a && b);
	fill((void *)a, KMEM_PERCPU_UNIT, 1);
	fill((void *)b, KMEM_PERCPU_UNIT - 8, 10);
	KUNIT_EXPECT_TRUE(test, is_filled((void *)a, KMEM_PERCPU_UNIT, 1, 1));
	KUNIT_EXPECT_TRUE(test, percpu_validate());
	KUNIT_EXPECT_TRUE(test, percpu_give(a));
	KUNIT_EXPECT_TRUE(test, percpu_give(b));
}

PERCPU_CASE(pages_of_64_kib_serve_as_well, .host_page = 65536)
{
	void __percpu *chain = NULL;
	unsigned int n;

	for (n = 0; n < 700; n++) {
		void __percpu *p = __alloc_percpu(512, 8);

		KUNIT_ASSERT_NOT_NULL(test, p);
		*(void **)on(p, 0) = (void *)chain;
		chain = p;
	}
	give_all(&chain);
}

/* --- at random ------------------------------------------------------------ */

#define MANY 400

PERCPU_CASE(random_requests_never_meet, .options = NULL)
{
	static struct {
		char __percpu *p;
		size_t size;
	} has[MANY];
	uint64_t seed = 5;
	unsigned int i, step;

	for (step = 0; step < 20000; step++) {
		i = dice(&seed) % MANY;
		if (has[i].p) {
			KUNIT_ASSERT_TRUE(test, is_filled(has[i].p, has[i].size,
							  (int)(i % 200), 1));
			free_percpu(has[i].p);
			has[i].p = NULL;
			continue;
		}
		has[i].size = 1 + dice(&seed) % (1u << dice(&seed) % 14);
		has[i].p =
			__alloc_percpu_gfp(has[i].size, 1ul << dice(&seed) % 8,
					   step % 4 ? GFP_KERNEL : GFP_ATOMIC);
		if (!has[i].p)
			continue;
		KUNIT_ASSERT_TRUE(test, is_filled(has[i].p, has[i].size, 0, 0));
		fill(has[i].p, has[i].size, (int)(i % 200));
		if (step % 512 == 0)
			KUNIT_ASSERT_TRUE(test, percpu_validate());
		if (step % 1024 == 0)
			percpu_trim();
	}
	for (i = 0; i < MANY; i++)
		free_percpu(has[i].p);
}

/* --- fork ----------------------------------------------------------------- */

PERCPU_CASE(a_child_goes_on, .options = NULL)
{
	void __percpu *p = __alloc_percpu(40, 8), *q;

	fill(p, 40, 9);
	fake_fork_prepare();
	fake_fork_child();
	KUNIT_EXPECT_TRUE(test, is_filled(p, 40, 9, 1));
	q = __alloc_percpu(40, 8);
	KUNIT_EXPECT_NOT_NULL(test, q);
	free_percpu(q);
	free_percpu(p);
}

/* --- CPUs ----------------------------------------------------------------- */

static unsigned int far_cpu(void)
{
	return 77;
}

PERCPU_CASE(a_cpu_that_is_not_known_is_the_last, .options = NULL)
{
	fake_set_cpu(2);
	KUNIT_EXPECT_EQ(test, percpu_here(), 2);
	KUNIT_EXPECT_EQ(test, kmem_percpu_cpu(), 2);
	fake_set_cpu_hook(far_cpu);
	KUNIT_EXPECT_EQ(test, percpu_here(), CPUS - 1);
	fake_set_cpu_hook(NULL);
	KUNIT_EXPECT_EQ(test, kmem_nr_cpu_ids(), CPUS);
	free_percpu(__alloc_percpu(8, 8));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(all_is_zero_on_every_cpu),
	KUNIT_CASE(a_cookie_is_no_address),
	KUNIT_CASE(alignments_are_kept),
	KUNIT_CASE(what_cannot_be_is_refused),
	KUNIT_CASE(bad_frees_are_told_and_change_nothing),
	KUNIT_CASE(those_who_must_not_block_get_what_is_there),
	KUNIT_CASE(a_busy_lock_is_not_waited_for),
	KUNIT_CASE(it_is_charged_to_the_limit),
	KUNIT_CASE(a_failed_mapping_loses_nothing),
	KUNIT_CASE(a_whole_unit_can_be_had),
	KUNIT_CASE(pages_of_64_kib_serve_as_well),
	KUNIT_CASE(random_requests_never_meet),
	KUNIT_CASE(a_child_goes_on),
	KUNIT_CASE(a_cpu_that_is_not_known_is_the_last),
	{},
};
static struct kunit_suite suite = { .name = "percpu", .test_cases = cases };
kunit_test_suite(suite);
