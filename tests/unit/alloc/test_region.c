// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* Mapped regions: found again, charged, moved, and none lost. */
#include "unit/alloc/world.h"

#define KERNEL GFP_KERNEL

WORLD_CASE(region_rounds_aligns_and_reads_as_zero)
{
	char *p = region_alloc(5000, 1, KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, region_size(p), 8192);
	KUNIT_EXPECT_EQ(test, (uintptr_t)p % 4096, 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(p, 0, 8192));
	KUNIT_EXPECT_TRUE(test, fake_usable(p + 4096));
	/* the guard */
	KUNIT_EXPECT_FALSE(test, fake_usable(p + 8192));
	memset(p, 1, 8192);
	KUNIT_EXPECT_TRUE(test, region_free(p));
	p = region_alloc(1, 64 * MIB, KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, (uintptr_t)p % (64 * MIB), 0);
	KUNIT_EXPECT_TRUE(test, region_free(p));
}

WORLD_CASE(region_follows_the_page_of_the_host, .host_page = 65536)
{
	char *p = region_alloc(5000, 4096, KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, region_size(p), 65536);
	KUNIT_EXPECT_EQ(test, (uintptr_t)p % 65536, 0);
	p = region_resize(p, 65537, KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, region_size(p), 131072);
	KUNIT_EXPECT_TRUE(test, region_free(p));
}

WORLD_CASE(region_knows_only_starts)
{
	char *p = region_alloc(3 * MIB, 1, KERNEL);
	int local;

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, region_size(p + 4096), 0);
	KUNIT_EXPECT_EQ(test, region_size(&local), 0);
	KUNIT_EXPECT_EQ(test, region_size(NULL), 0);
	KUNIT_EXPECT_FALSE(test, region_free(p + 4096));
	KUNIT_EXPECT_FALSE(test, region_free(&local));
	KUNIT_EXPECT_NULL(test, region_resize(p + 4096, MIB, KERNEL));
	KUNIT_EXPECT_EQ(test, region_size(p), 3 * MIB);
	KUNIT_EXPECT_TRUE(test, region_free(p));
	KUNIT_EXPECT_FALSE(test, region_free(p));
}

WORLD_CASE(region_refuses_what_cannot_be)
{
	KUNIT_EXPECT_NULL(test, region_alloc(0, 1, KERNEL));
	KUNIT_EXPECT_NULL(test, region_alloc(SIZE_MAX, 1, KERNEL));
	KUNIT_EXPECT_NULL(test, region_alloc(SIZE_MAX / 2 + 1, 1, KERNEL));
	KUNIT_EXPECT_NULL(test,
			  region_alloc(4096, (SIZE_MAX >> 1) + 1, KERNEL));
	/* these flags allow no system call */
	KUNIT_EXPECT_NULL(test, region_alloc(4096, 1, GFP_NOWAIT));
	KUNIT_EXPECT_NULL(test, region_alloc(4096, 1, GFP_ATOMIC));
}

WORLD_CASE(region_resize_moves_pages)
{
	char *p = region_alloc(MIB, 1, KERNEL), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 3, MIB);
	KUNIT_EXPECT_PTR_EQ(test, region_resize(p, MIB, KERNEL), p);
	q = region_resize(p, 5 * MIB, KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 3, MIB));
	KUNIT_EXPECT_TRUE(test, all_bytes(q + MIB, 0, 4 * MIB));
	KUNIT_EXPECT_EQ(test, region_size(q), 5 * MIB);
	if (q != p)
		KUNIT_EXPECT_EQ(test, region_size(p), 0);
	p = region_resize(q, 4096, KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, region_size(p), 4096);
	KUNIT_EXPECT_TRUE(test, all_bytes(p, 3, 4096));
	/* without system calls only what fits already */
	KUNIT_EXPECT_PTR_EQ(test, region_resize(p, 100, GFP_NOWAIT), p);
	KUNIT_EXPECT_NULL(test, region_resize(p, 4097, GFP_NOWAIT));
	KUNIT_EXPECT_NULL(test, region_resize(p, 0, KERNEL));
	KUNIT_EXPECT_TRUE(test, region_free(p));
}

WORLD_CASE(region_counts_and_charges, .options = "mem=64M")
{
	struct page_stats st;
	struct region_counts c;
	char *p[64];
	unsigned int n;

	for (n = 0; n < 64; n++) {
		p[n] = region_alloc(4 * MIB, 1, KERNEL | __GFP_NORETRY);
		if (!p[n])
			break;
	}
	KUNIT_EXPECT_GT(test, n, 4);
	KUNIT_EXPECT_LE(test, n, 15);
	region_counts(&c);
	KUNIT_EXPECT_EQ(test, c.nr, n);
	KUNIT_EXPECT_EQ(test, c.bytes, n * 4 * MIB);
	page_stats(&st);
	KUNIT_EXPECT_EQ(test, st.mapped_out, n * 4 * MIB);
	p[0] = region_resize(p[0], MIB, KERNEL);
	page_stats(&st);
	KUNIT_EXPECT_EQ(test, st.mapped_out, (n * 4 - 3) * MIB);
	KUNIT_EXPECT_NULL(test, region_resize(p[0], 48 * MIB, KERNEL));
	KUNIT_EXPECT_EQ(test, region_size(p[0]), MIB);
	page_stats(&st);
	KUNIT_EXPECT_EQ(test, st.mapped_out, (n * 4 - 3) * MIB);
	while (n)
		KUNIT_EXPECT_TRUE(test, region_free(p[--n]));
	/* one mapping is kept, and counts like any */
	page_stats(&st);
	KUNIT_EXPECT_EQ(test, st.mapped_out, page_totals()->kept_bytes);
	KUNIT_EXPECT_EQ(test, kept_empty(), st.mapped_out);
	page_stats(&st);
	KUNIT_EXPECT_EQ(test, st.mapped_out, 0);
}

/* Many regions, in and out in any order. */
#define MANY 3000
static char *many[MANY];

WORLD_CASE(region_tree_grows)
{
	uint64_t seed = 11;
	unsigned int i, j;
	char *p;

	for (i = 0; i < MANY; i++) {
		many[i] = region_alloc((dice(&seed) % 3 + 1) * 4096, 1, KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, many[i]);
		if (!(i & (i - 1)) || i % 500 == 0)
			KUNIT_ASSERT_TRUE(test, region_validate());
	}
	for (i = MANY - 1; i; i--) {
		j = dice(&seed) % (i + 1);
		p = many[i];
		many[i] = many[j];
		many[j] = p;
	}
	for (i = 0; i < MANY; i++) {
		size_t size = region_size(many[i]);

		KUNIT_ASSERT_GE(test, size, 4096);
	}
	for (i = 0; i < MANY; i++) {
		KUNIT_ASSERT_TRUE(test, region_free(many[i]));
		if (i % 500 == 0)
			KUNIT_ASSERT_TRUE(test, region_validate());
	}
}

/* The tree needs no page: regions go on where there is none. */
WORLD_CASE(region_needs_no_page, .window = 32 * MIB)
{
	struct page *page, *head = NULL;
	unsigned int i;

	for (i = 0; i < 60; i++) {
		many[i] = region_alloc(4096, 1, KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, many[i]);
	}
	while ((page = page_alloc(KERNEL | __GFP_NOWARN, 0))) {
		page->private = (unsigned long)head;
		head = page;
	}
	/* the slab of their records has room for a few more */
	for (; i < 80; i++) {
		many[i] = region_alloc(4096, 1, KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, many[i]);
	}
	KUNIT_EXPECT_TRUE(test, region_validate());
	while ((page = head)) {
		head = (struct page *)page->private;
		page_free(page, 0);
	}
	for (i = 0; i < 80; i++) {
		KUNIT_EXPECT_EQ(test, region_size(many[i]), 4096);
		KUNIT_EXPECT_TRUE(test, region_free(many[i]));
	}
}

/* A sequence of operations against an array that knows the answers. */
struct known {
	char *p;
	size_t size;
	char mark;
};

WORLD_CASE(region_agrees_with_a_model)
{
	struct region_counts c;
	struct known k[40];
	unsigned long nr = 0, bytes = 0;
	uint64_t seed = 17;
	unsigned int i, n;

	memset(k, 0, sizeof(k));
	for (n = 0; n < 4000; n++) {
		struct known *e = &k[dice(&seed) % 40];
		size_t size = (dice(&seed) % 20 + 1) * 4096;
		char *q;

		if (!e->p) {
			e->p = region_alloc(size, 4096, KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, e->p);
			e->size = size;
			nr++;
			bytes += size;
		} else if (dice(&seed) % 2) {
			KUNIT_ASSERT_EQ(test, e->p[0], e->mark);
			KUNIT_ASSERT_EQ(test, e->p[e->size - 1], e->mark);
			KUNIT_ASSERT_TRUE(test, region_free(e->p));
			nr--;
			bytes -= e->size;
			memset(e, 0, sizeof(*e));
			continue;
		} else {
			q = region_resize(e->p, size, KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, q);
			KUNIT_ASSERT_EQ(test, q[0], e->mark);
			if (size > e->size)
				KUNIT_ASSERT_TRUE(test,
						  all_bytes(q + e->size, 0,
							    size - e->size));
			bytes += size - e->size;
			e->p = q;
			e->size = size;
		}
		e->mark = (char)(n % 100 + 1);
		memset(e->p, e->mark, e->size);
		region_counts(&c);
		KUNIT_ASSERT_EQ(test, c.nr, nr);
		KUNIT_ASSERT_EQ(test, c.bytes, bytes);
		if (n % 64 == 0)
			KUNIT_ASSERT_TRUE(test, region_validate());
	}
	for (i = 0; i < 40; i++)
		if (k[i].p)
			KUNIT_EXPECT_TRUE(test, region_free(k[i].p));
}

/* Each port call on the way fails once: all or nothing. */
WORLD_CASE(region_survives_each_failure)
{
	struct ledger before;
	unsigned long n;
	bool failed;
	char *p, *q;

	read_ledger(&before);
	for (n = 1; n < 50; n++) {
		fake_fail_nth(FAKE_ANY, n);
		p = region_alloc(6 * MIB, 1, KERNEL | __GFP_NORETRY);
		if (p) {
			p[0] = 4;
			q = region_resize(p, 9 * MIB, KERNEL | __GFP_NORETRY);
			if (!q)
				KUNIT_EXPECT_EQ(test, region_size(p), 6 * MIB);
			else
				p = q;
			KUNIT_EXPECT_EQ(test, p[0], 4);
			KUNIT_EXPECT_TRUE(test, region_free(p));
		}
		failed = fake_failed();
		fake_fail_nth(0, 0);
		expect_ledger(test, &before);
		KUNIT_ASSERT_TRUE(test, region_validate());
		if (!failed)
			break;
	}
	KUNIT_EXPECT_GT(test, n, 2);
	KUNIT_EXPECT_LT(test, n, 50);
}

static void *churn(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	unsigned long bad = 0;
	char *p[8] = { NULL };
	unsigned int i;

	for (i = 0; i < 800; i++) {
		char **e = &p[dice(&seed) % 8];

		if (!*e) {
			*e = region_alloc(8192, 1, KERNEL);
			bad += !*e;
			if (*e)
				(*e)[4096] = (char)(uintptr_t)arg;
		} else if (dice(&seed) % 3) {
			bad += (*e)[4096] != (char)(uintptr_t)arg;
			bad += !region_free(*e);
			*e = NULL;
		} else {
			char *q = region_resize(
				*e, (dice(&seed) % 4 + 2) * 4096, KERNEL);

			bad += !q;
			if (q)
				*e = q;
			bad += (*e)[4096] != (char)(uintptr_t)arg;
		}
	}
	for (i = 0; i < 8; i++)
		if (p[i])
			bad += !region_free(p[i]);
	return (void *)bad;
}

WORLD_CASE(region_serves_many_threads)
{
	pthread_t thread[4];
	uintptr_t i;
	void *bad;

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&thread[i], NULL, churn,
					       (void *)(i + 1)),
				0);
	for (i = 0; i < 4; i++) {
		pthread_join(thread[i], &bad);
		KUNIT_EXPECT_NULL(test, bad);
	}
}

/* The lock is free again in the parent, and in a child. */
WORLD_CASE(region_survives_fork)
{
	char *p = region_alloc(MIB, 1, KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	fake_fork_prepare();
	fake_fork_parent();
	KUNIT_EXPECT_EQ(test, region_size(p), MIB);
	fake_fork_prepare();
	fake_fork_child();
	KUNIT_EXPECT_EQ(test, region_size(p), MIB);
	KUNIT_EXPECT_TRUE(test, region_validate());
	KUNIT_EXPECT_TRUE(test, region_free(p));
}

/*
 * A fork while another thread moves a region: in the child that region is
 * neither found nor counted, and the indexes are whole.
 */
static int moving;

static void *mover(void *arg)
{
	char *p = arg, *q;

	/* waits in make_room(), called because the move failed */
	q = region_resize(p, 2 * MIB, KERNEL);
	return q ? q : p;
}

static unsigned long stop_here(gfp_t gfp, unsigned int priority)
{
	(void)gfp;
	(void)priority;
	__atomic_store_n(&moving, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&moving, __ATOMIC_ACQUIRE) == 1)
		usleep(100);
	return 0;
}

static struct page_client stopper = { .shrink = stop_here };

WORLD_CASE(region_in_flight_is_not_the_childs)
{
	char *p = region_alloc(MIB, 1, KERNEL);
	char *other = region_alloc(MIB, 1, KERNEL);
	struct region_counts c;
	pthread_t thread;
	int status;
	pid_t pid;
	void *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_NOT_NULL(test, other);
	page_register(&stopper);
	fake_fail_nth(FAKE_BIT(FAKE_REMAP), 1);
	KUNIT_ASSERT_EQ(test, pthread_create(&thread, NULL, mover, p), 0);
	while (!__atomic_load_n(&moving, __ATOMIC_ACQUIRE))
		usleep(100);
	region_counts(&c);
	KUNIT_EXPECT_EQ(test, c.nr, 2);
	KUNIT_EXPECT_EQ(test, region_size(p), 0);
	KUNIT_EXPECT_TRUE(test, region_validate());
	fake_fork_prepare();
	fflush(stdout);
	pid = fork();
	if (!pid) {
		bool ok;

		fake_fork_child();
		region_counts(&c);
		ok = c.nr == 1 && c.bytes == MIB && region_validate() &&
		     region_free(other) && region_size(p) == 0;
		_exit(ok ? 0 : 1);
	}
	fake_fork_parent();
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	__atomic_store_n(&moving, 2, __ATOMIC_RELEASE);
	pthread_join(thread, &q);
	KUNIT_EXPECT_EQ(test, region_size(q), 2 * MIB);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	KUNIT_EXPECT_TRUE(test, region_free(other));
}

/* Addresses at a distance whose products with the hash rise. */
WORLD_CASE(region_tree_is_flat_at_any_distance)
{
	static const unsigned int pages[] = { 610, 987, 1025 };
	static void *p[600];

	for (unsigned int k = 0; k < 3; k++) {
		for (unsigned int i = 0; i < 600; i++) {
			p[i] = region_alloc((pages[k] - 1) * PAGE_SIZE, 1,
					    KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, p[i]);
		}
		KUNIT_EXPECT_TRUE(test, region_validate());
		for (unsigned int i = 0; i < 600; i++)
			KUNIT_EXPECT_TRUE(test, region_free(p[i]));
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(region_tree_is_flat_at_any_distance),
	KUNIT_CASE(region_rounds_aligns_and_reads_as_zero),
	KUNIT_CASE(region_follows_the_page_of_the_host),
	KUNIT_CASE(region_knows_only_starts),
	KUNIT_CASE(region_refuses_what_cannot_be),
	KUNIT_CASE(region_resize_moves_pages),
	KUNIT_CASE(region_counts_and_charges),
	KUNIT_CASE(region_tree_grows),
	KUNIT_CASE(region_needs_no_page),
	KUNIT_CASE(region_agrees_with_a_model),
	KUNIT_CASE(region_survives_each_failure),
	KUNIT_CASE(region_serves_many_threads),
	KUNIT_CASE(region_survives_fork),
	KUNIT_CASE(region_in_flight_is_not_the_childs),
	{},
};

static struct kunit_suite suite = {
	.name = "alloc_region",
	.test_cases = cases,
};

kunit_test_suite(suite);
