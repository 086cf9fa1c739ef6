// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Many CPUs and many threads: locks taken for a million objects that were
 * allocated and freed, and bytes that a CPU keeps, do not grow with either.
 * Counts, no times; docs/bench.md has them as this test prints them.
 *
 * A thread is a set of objects, a CPU is a number: threads are run in turns,
 * each time on a CPU that is drawn, so that nearly every object is freed on
 * another CPU than it came from.  Locks of slots are not counted: a machine
 * with sequences has none.
 */
#include "unit/slab/world.h"

#define OBJECTS 96000u /* of all threads */
#define SIZE 256u
#define QUANTUM 150u /* operations */
#define BARN (2ul << 20)

static void *object[OBJECTS];

struct total {
	struct kmem_cache *s;
	unsigned long locks, slabs, pairs;
};

/* Holds of the barn's lock, at most, and of the lock of the slabs. */
static unsigned long locks_of(const struct kmem_cache *s)
{
	const struct kmem_cache_node *node = s->node;

	return s->barn->gets + s->barn->puts + node->refills + node->flushes +
	       node->slabs_made + node->slabs_freed;
}

static void begin_count(struct total *t)
{
	t->locks = locks_of(t->s);
	t->slabs = t->s->node->slabs_made;
	t->pairs = 0;
}

static void get(struct kunit *test, struct total *t, unsigned int i)
{
	object[i] = kmem_cache_alloc(t->s, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, object[i]);
	t->pairs++;
}

static void put(struct total *t, unsigned int i)
{
	if (object[i])
		kmem_cache_free(t->s, object[i]);
	object[i] = NULL;
}

static void free_all(struct total *t)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++)
		put(t, i);
}

/* Locks for a million pairs and bytes for a CPU, at most. */
static void judge(struct kunit *test, const struct total *t, unsigned int cpus,
		  const char *what, unsigned long most)
{
	unsigned long locks = locks_of(t->s) - t->locks;
	unsigned long rate = locks * 1000000 / t->pairs;
	unsigned long kept = counts(t->s).free_in_sheaves * SIZE;
	unsigned long sheaf = pcs_capacity(&t->s->pcs) * SIZE;

	kunit_info(test,
		   "%s, %u CPUs: %lu locks and %lu slabs for a million, "
		   "%lu KiB kept for a CPU, barn included",
		   what, cpus, rate,
		   (t->s->node->slabs_made - t->slabs) * 1000000 / t->pairs,
		   kept / cpus >> 10);
	KUNIT_EXPECT_LE(test, rate, most);
	KUNIT_EXPECT_LE(test, kept, cpus * 2 * sheaf + BARN);
}

static void turn_over(struct kunit *test, struct total *t, unsigned int i)
{
	if (object[i])
		put(t, i);
	else
		get(test, t, i);
}

/* Each thread fills and empties slots of its own at random. */
static void replacing(struct kunit *test, unsigned int cpus,
		      unsigned int threads)
{
	unsigned int own = OBJECTS / threads, turn, i;
	struct total t = { .s = make(test, SIZE, 0, 0) };
	uint64_t seed = 1;

	for (turn = 0; turn < 20000; turn++) {
		unsigned int first = dice(&seed) % threads * own;

		if (turn == 2000)
			begin_count(&t);
		fake_set_cpu(dice(&seed) % cpus);
		for (i = 0; i < QUANTUM; i++)
			turn_over(test, &t, first + dice(&seed) % own);
	}
	judge(test, &t, cpus,
	      threads > cpus ? "1,000 threads" : "a thread each", 10000);
	free_all(&t);
	end(test, t.s);
}

/* Half of the CPUs allocate, the others free: all goes through the barn. */
static void handing_over(struct kunit *test, unsigned int cpus)
{
	struct total t = { .s = make(test, SIZE, 0, 0) };
	unsigned int turn, i;
	uint64_t seed = 2;

	for (turn = 0; turn < 20000; turn++) {
		if (turn == 2000)
			begin_count(&t);
		fake_set_cpu(dice(&seed) % (cpus / 2) * 2);
		for (i = 0; i < QUANTUM; i++)
			get(test, &t, i);
		fake_set_cpu(dice(&seed) % (cpus / 2) * 2 + 1);
		for (i = 0; i < QUANTUM; i++)
			put(&t, i);
	}
	judge(test, &t, cpus, "handed over", 10000);
	end(test, t.s);
}

/*
 * All CPUs allocate 1,500 objects each, then all free them: half a sheaf more
 * than a slot holds.  The port has PCS_SLOTS_MOST slots, which CPUs beyond
 * that many share, so more of them would be another load.
 */
static void up_and_down(struct kunit *test, unsigned int cpus)
{
	struct total t = { .s = make(test, SIZE, 0, 0) };
	unsigned int round, cpu, i, n = OBJECTS / 64;

	for (round = 0; round < 24; round++) {
		if (round == 4)
			begin_count(&t);
		for (cpu = 0; cpu < cpus; cpu++) {
			fake_set_cpu(cpu);
			for (i = 0; i < n; i++)
				get(test, &t, cpu * n + i);
		}
		for (cpu = 0; cpu < cpus; cpu++) {
			fake_set_cpu(cpu);
			for (i = 0; i < n; i++)
				put(&t, cpu * n + i);
		}
	}
	judge(test, &t, cpus, "up and down", 3000);
	end(test, t.s);
}

#define MANY(n)                               \
	SLAB_CASE(on_##n##_cpus, .cpus = (n)) \
	{                                     \
		replacing(test, n, n);        \
		replacing(test, n, 1000);     \
		handing_over(test, n);        \
		if ((n) <= PCS_SLOTS_MOST)    \
			up_and_down(test, n); \
	}

MANY(4)
MANY(8)
MANY(16)
MANY(32)
MANY(64)

static struct kunit_case cases[] = {
	KUNIT_CASE(on_4_cpus),  KUNIT_CASE(on_8_cpus),  KUNIT_CASE(on_16_cpus),
	KUNIT_CASE(on_32_cpus), KUNIT_CASE(on_64_cpus), {},
};

static struct kunit_suite suite = { .name = "many", .test_cases = cases };
kunit_test_suite(suite);
