// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * The sequences as code: what their instructions do when nothing cuts them,
 * on any machine that can run them, emulated ones included.  No kernel knows
 * the area here; the test says which CPU it stands for.
 *
 *	cpu	-2	-1	0	1	2	3
 *	units	[zero  ][zero  ][ x    ][ x    ][ x    ][ x    ]
 */
#include <string.h>

#include "kunit/test.h"
#include "sync/pcs.h"

#if KMEM_RSEQ

#if defined(__x86_64__)
#include "sync/sequence_more_x86_64.h"
#define SIGNATURE 0x53053053u
#else
#include "sync/sequence_more_aarch64.h"
#define SIGNATURE 0xd428bc00u
#endif

#define CPUS 4
#define COLUMN 48 /* bytes into a unit */

static const unsigned int sizes[] = { 64, 128, 256, 512, 1024, 2048, 4096 };

static __thread struct {
	uint32_t cpu_id_start;
	int32_t cpu_id;
	uint64_t rseq_cs, rest[2];
} area;

static char units[(CPUS + 2) * KMEM_SEQ_UNIT] __attribute__((aligned(64)));
static uint64_t sheaf[512] __attribute__((aligned(4096)));
static unsigned long seen;

/* struct rseq_cs, as the kernel reads it */
struct table {
	uint32_t version, flags;
	uint64_t start, length, abort;
};

static uintptr_t *slot_of(int cpu)
{
	return (uintptr_t *)(void *)(units + (size_t)(cpu + 2) * KMEM_SEQ_UNIT +
				     COLUMN);
}

static struct kmem_seq begin(int cpu, unsigned int bytes)
{
	area.cpu_id = cpu;
	area.rseq_cs = 0;
	pcs_rseq_area = (char *)&area - (char *)__builtin_thread_pointer();
	memset(units, 0, sizeof(units));
	memset(sheaf, 0xee, sizeof(sheaf));
	sheaf[0] = 0;
	seen = CPUS;
	return (struct kmem_seq){ .column = (uintptr_t)slot_of(0),
				  .standin = (uintptr_t)PCS_STANDIN,
				  .mask = bytes - 1 };
}

static void *object(unsigned long n)
{
	return (void *)(0x1000 + n * 8);
}

static uintptr_t word_of(uint64_t *top)
{
	return (uintptr_t)top - (uintptr_t)PCS_STANDIN;
}

/* What the last sequence told the kernel. */
static void expect_table(struct kunit *test, const char *what)
{
	const struct table *t = (const void *)(uintptr_t)area.rseq_cs;
	uint32_t before_abort;

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_EQ_MSG(test, t->version | t->flags, 0, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, (uintptr_t)t % 32, 0, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, t->length > 16 && t->length < 1024, 1, "%s",
			    what);
	KUNIT_EXPECT_EQ_MSG(test, t->abort - t->start < t->length, 0, "%s",
			    what);
	memcpy(&before_abort, (const void *)(uintptr_t)(t->abort - 4),
	       sizeof(before_abort));
	KUNIT_EXPECT_EQ_MSG(test, before_abort, SIGNATURE, "%s", what);
	area.rseq_cs = 0;
}

static void untouched_memory_is_no_sheaf(struct kunit *test)
{
	void *o = object(1);
	int cpu;

	for (cpu = -2; cpu < CPUS; cpu++) {
		struct kmem_seq p = begin(cpu, 64);

		KUNIT_EXPECT_NULL(test, kmem_seq_pop(&p));
		expect_table(test, "pop");
		KUNIT_EXPECT_FALSE(test, kmem_seq_push(&p, o));
		expect_table(test, "push");
		KUNIT_EXPECT_EQ(test, seq_pop_bulk(&p, 1, &o), 0);
		expect_table(test, "pop_bulk");
		KUNIT_EXPECT_EQ(test, seq_push_bulk(&p, 1, &o), 0);
		expect_table(test, "push_bulk");
		KUNIT_EXPECT_EQ(test, slot_of(cpu)[0] | slot_of(cpu)[1], 0);
		KUNIT_EXPECT_PTR_EQ(test, o, object(1));
	}
}

static void an_exchange_needs_a_cpu_and_a_column(struct kunit *test)
{
	uintptr_t old = 77, none;
	int cpu;

	for (cpu = -2; cpu < CPUS; cpu++) {
		struct kmem_seq p = begin(cpu, 64);

		none = p.column;
		KUNIT_EXPECT_FALSE(test, seq_xchg(&p, 0, 5, &old, none, &seen));
		expect_table(test, "xchg");
		none = 1;
		seen = cpu < 0 ? CPUS : (unsigned long)cpu;
		KUNIT_EXPECT_FALSE(test, seq_xchg(&p, 8, 5, &old, none, &seen));
		KUNIT_EXPECT_EQ(test, old, 77);
		KUNIT_EXPECT_EQ(test, slot_of(cpu)[0] | slot_of(cpu)[1], 0);
		if (cpu < 0)
			continue;
		seen++;
		KUNIT_EXPECT_TRUE(test, seq_xchg(&p, 0, 5, &old, none, &seen));
		KUNIT_EXPECT_EQ(test, old, 0);
		KUNIT_EXPECT_TRUE(test, seq_xchg(&p, 8, 6, &old, none, &seen));
		KUNIT_EXPECT_TRUE(test, seq_xchg(&p, 0, 7, &old, none, &seen));
		KUNIT_EXPECT_EQ(test, old, 5);
		KUNIT_EXPECT_EQ(test, slot_of(cpu)[0], 7);
		KUNIT_EXPECT_EQ(test, slot_of(cpu)[1], 6);
		old = 77;
	}
}

static void last_pushed_is_first_popped(struct kunit *test)
{
	unsigned int i, n, capacity;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		struct kmem_seq p = begin(2, sizes[i]);

		capacity = sizes[i] / 8 - 1;
		slot_of(2)[0] = word_of(sheaf + 1);
		for (n = 0; n < capacity; n++) {
			KUNIT_ASSERT_TRUE(test, kmem_seq_push(&p, object(n)));
			KUNIT_ASSERT_EQ(test, slot_of(2)[0],
					word_of(sheaf + 2 + n));
		}
		KUNIT_EXPECT_FALSE(test, kmem_seq_push(&p, object(n)));
		while (n--)
			KUNIT_ASSERT_PTR_EQ(test, kmem_seq_pop(&p), object(n));
		KUNIT_EXPECT_NULL(test, kmem_seq_pop(&p));
		KUNIT_EXPECT_EQ(test, slot_of(2)[0], word_of(sheaf + 1));
		KUNIT_EXPECT_EQ(test, slot_of(1)[0] | slot_of(3)[0], 0);
		KUNIT_EXPECT_EQ(test, sheaf[0], 0);
	}
}

static void bulk_moves_what_fits(struct kunit *test)
{
	void *in[20], *out[20];
	unsigned int before, n, i, k;

	for (k = 0; k < 20; k++)
		in[k] = object(k);
	for (before = 0; before <= 7; before++) {
		for (n = 0; n < 20; n++) {
			struct kmem_seq p = begin(0, 64);

			slot_of(0)[0] = word_of(sheaf + 1);
			for (i = 0; i < before; i++)
				kmem_seq_push(&p, object(100 + i));
			k = (unsigned int)seq_push_bulk(&p, n, in);
			KUNIT_ASSERT_EQ(test, k,
					n < 7 - before ? n : 7 - before);
			KUNIT_ASSERT_EQ(test, seq_pop_bulk(&p, k, out), k);
			for (i = 0; i < k; i++)
				KUNIT_EXPECT_PTR_EQ(test, out[i],
						    object(k - 1 - i));
			KUNIT_ASSERT_EQ(test, seq_pop_bulk(&p, 20, out),
					before);
			for (i = 0; i < before; i++)
				KUNIT_EXPECT_PTR_EQ(test, out[before - 1 - i],
						    object(100 + i));
			KUNIT_EXPECT_EQ(test, slot_of(0)[0],
					word_of(sheaf + 1));
		}
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(untouched_memory_is_no_sheaf),
	KUNIT_CASE(an_exchange_needs_a_cpu_and_a_column),
	KUNIT_CASE(last_pushed_is_first_popped),
	KUNIT_CASE(bulk_moves_what_fits),
	{},
};

#else

static void no_sequences(struct kunit *test)
{
	kunit_skip(test, "this build has none");
}

static struct kunit_case cases[] = { KUNIT_CASE(no_sequences), {} };

#endif

static struct kunit_suite suite = { .name = "sequence", .test_cases = cases };
kunit_test_suite(suite);
