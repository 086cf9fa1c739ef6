// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* Mappings kept for reuse: which, how long, for whom, and never too many. */
#include <kmem/kmem.h>

#include "unit/alloc/world.h"

#define KERNEL GFP_KERNEL
#define PAGE 4096ul
#define MOST (64 * MIB)

static unsigned long kept_number(void)
{
	struct region_counts c;

	kept_counts(&c);
	return c.nr;
}

static size_t kept_sum(void)
{
	struct region_counts c;

	kept_counts(&c);
	return c.bytes;
}

static size_t charged(void)
{
	struct page_stats st;

	page_stats(&st);
	return st.mapped_out;
}

/* A freed region of that size, written to, whose start was the result. */
static char *leave(struct kunit *test, size_t size)
{
	char *p = region_alloc(size, 1, KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0x5a, region_size(p));
	KUNIT_EXPECT_TRUE(test, region_free(p));
	KUNIT_EXPECT_FALSE(test, region_free(p));
	KUNIT_EXPECT_EQ(test, region_size(p), 0);
	KUNIT_EXPECT_EQ(test, region_size(p), 0);
	return p;
}

WORLD_CASE(kept_is_used_again_without_a_call)
{
	char *p = leave(test, 8 * MIB), *q;
	unsigned long maps = fake_calls(FAKE_MAP);
	size_t cleared = fake_cleared();
	struct region_counts c;

	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_UNMAP), 0);
	KUNIT_EXPECT_EQ(test, kept_number(), 1);
	KUNIT_EXPECT_EQ(test, kept_sum(), 8 * MIB);
	KUNIT_EXPECT_EQ(test, page_totals()->kept, 1);
	KUNIT_EXPECT_EQ(test, page_totals()->kept_bytes, 8 * MIB);
	KUNIT_EXPECT_EQ(test, charged(), 8 * MIB);
	region_counts(&c);
	KUNIT_EXPECT_EQ(test, c.nr, 0);
	KUNIT_EXPECT_EQ(test, c.bytes, 0);
	q = region_alloc(8 * MIB, 1, KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	KUNIT_EXPECT_EQ(test, page_totals()->kept_bytes, 0);
	KUNIT_EXPECT_EQ(test, charged(), 8 * MIB);
	KUNIT_EXPECT_EQ(test, region_size(q), 8 * MIB);
	/* nobody asked for zeros */
	KUNIT_EXPECT_EQ(test, fake_cleared(), cleared);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_MAP), maps);
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

WORLD_CASE(kept_is_cleared_when_zeros_are_asked)
{
	char *p = leave(test, 8 * MIB), *q;
	size_t cleared = fake_cleared();

	q = region_alloc(8 * MIB - 5000, 1, KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0, region_size(q)));
	KUNIT_EXPECT_EQ(test, fake_cleared(), cleared + 8 * MIB);
	/* a fresh one is zero as it comes */
	p = region_alloc(8 * MIB, 1, KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, fake_cleared(), cleared + 8 * MIB);
	KUNIT_EXPECT_TRUE(test, region_free(p));
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

WORLD_CASE(kept_is_given_whole_up_to_an_eighth)
{
	char *p = leave(test, 9 * MIB), *q;

	q = region_alloc(8 * MIB, 1, KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	KUNIT_EXPECT_EQ(test, region_size(q), 9 * MIB);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0, 9 * MIB));
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

WORLD_CASE(kept_is_cut_and_the_rest_stays)
{
	char *p = leave(test, 20 * MIB), *q, *r;
	unsigned long maps = fake_calls(FAKE_MAP);

	fake_clock_advance(400 * 1000000ull);
	q = region_alloc(8 * MIB, 1, KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	KUNIT_EXPECT_EQ(test, region_size(q), 8 * MIB);
	KUNIT_EXPECT_FALSE(test, fake_usable(q + 8 * MIB));
	KUNIT_EXPECT_EQ(test, kept_sum(), 12 * MIB - PAGE);
	KUNIT_EXPECT_EQ(test, charged(), 20 * MIB - PAGE);
	r = region_alloc(12 * MIB - PAGE, 1, KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, r, p + 8 * MIB + PAGE);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_MAP), maps);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	KUNIT_EXPECT_TRUE(test, region_free(r));
}

WORLD_CASE(kept_pieces_become_one)
{
	char *p = leave(test, 20 * MIB), *q, *r;
	unsigned long maps = fake_calls(FAKE_MAP);

	for (unsigned int i = 1; i < 8; i++) {
		q = region_alloc(i * MIB, 1, KERNEL);
		r = region_alloc(i * MIB, 1, KERNEL);
		KUNIT_EXPECT_PTR_EQ(test, q, p);
		KUNIT_EXPECT_EQ(test, kept_number(), 1);
		/* in either order */
		KUNIT_EXPECT_TRUE(test, region_free(i & 1 ? q : r));
		KUNIT_EXPECT_TRUE(test, region_free(i & 1 ? r : q));
		KUNIT_EXPECT_EQ(test, kept_number(), 1);
		KUNIT_EXPECT_EQ(test, kept_sum(), 20 * MIB);
		KUNIT_EXPECT_EQ(test, charged(), 20 * MIB);
	}
	q = region_alloc(20 * MIB, 1, KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0, 20 * MIB));
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_MAP), maps);
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

WORLD_CASE(kept_pieces_that_cannot_be_joined_stay)
{
	char *q;

	leave(test, 20 * MIB);
	q = region_alloc(8 * MIB, 1, KERNEL);
	fake_fail_nth(FAKE_BIT(FAKE_JOIN), 1);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	KUNIT_EXPECT_EQ(test, fake_failed(), 1);
	KUNIT_EXPECT_EQ(test, kept_number(), 2);
	KUNIT_EXPECT_EQ(test, charged(), 20 * MIB - PAGE);
}

/* The rest is as old as the whole was. */
WORLD_CASE(kept_rest_is_not_younger)
{
	char *q;

	leave(test, 20 * MIB);
	fake_clock_advance(600 * 1000000ull);
	q = region_alloc(8 * MIB, 1, KERNEL);
	KUNIT_EXPECT_EQ(test, kept_number(), 1);
	fake_clock_advance(500 * 1000000ull);
	page_tick();
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

WORLD_CASE(kept_that_cannot_be_cut_is_given_whole)
{
	char *p = leave(test, 20 * MIB), *q;

	fake_fail_nth(FAKE_BIT(FAKE_SPLIT), 1);
	q = region_alloc(8 * MIB, 1, KERNEL);
	KUNIT_EXPECT_EQ(test, fake_failed(), 1);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	KUNIT_EXPECT_EQ(test, region_size(q), 20 * MIB);
	KUNIT_EXPECT_EQ(test, charged(), 20 * MIB);
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

/* A rest too small to keep goes back. */
WORLD_CASE(kept_is_trimmed)
{
	size_t size = 800 << 10;
	char *q;

	leave(test, MIB);
	q = region_alloc(size, 1, KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_EQ(test, region_size(q), size);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0, size));
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	KUNIT_EXPECT_EQ(test, charged(), size);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	leave(test, MIB);
	fake_fail_nth(FAKE_BIT(FAKE_REMAP), 1);
	q = region_alloc(size, 1, KERNEL);
	KUNIT_EXPECT_EQ(test, region_size(q), MIB);
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

WORLD_CASE(kept_pages_move_to_a_larger_region)
{
	unsigned long maps, moves = fake_calls(FAKE_REMAP);
	size_t cleared = fake_cleared();
	char *q;

	leave(test, 8 * MIB);
	maps = fake_calls(FAKE_MAP);
	q = region_alloc(16 * MIB, 1, KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, region_size(q), 16 * MIB);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_MAP), maps);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_REMAP), moves + 1);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0, 16 * MIB));
	/* what came fresh was not touched */
	KUNIT_EXPECT_EQ(test, fake_cleared(), cleared + 8 * MIB);
	KUNIT_EXPECT_EQ(test, charged(), 16 * MIB);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	kept_empty();
	/* less than half is left for others */
	leave(test, 8 * MIB);
	maps = fake_calls(FAKE_MAP);
	q = region_alloc(16 * MIB + PAGE, 1, KERNEL);
	KUNIT_EXPECT_EQ(test, fake_calls(FAKE_MAP), maps + 1);
	KUNIT_EXPECT_EQ(test, kept_sum(), 8 * MIB);
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

WORLD_CASE(kept_best_fit_is_chosen)
{
	char *p[4], *q;

	for (unsigned int i = 0; i < 4; i++) {
		p[i] = region_alloc((i + 1) * MIB, 1, KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	KUNIT_EXPECT_TRUE(test, region_free(p[3]));
	KUNIT_EXPECT_TRUE(test, region_free(p[1]));
	KUNIT_EXPECT_TRUE(test, region_free(p[2]));
	KUNIT_EXPECT_TRUE(test, region_free(p[0]));
	q = region_alloc(2 * MIB, 1, KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p[1]);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	q = region_alloc(3 * MIB - PAGE, 1, KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p[2]);
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

WORLD_CASE(kept_is_aligned_as_asked)
{
	char *p = region_alloc(2 * MIB, 16 * MIB, KERNEL), *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_TRUE(test, region_free(p));
	q = region_alloc(2 * MIB, 32 * MIB, KERNEL);
	KUNIT_EXPECT_EQ(test, (uintptr_t)q % (32 * MIB), 0);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	/* neither what moves nor what is trimmed by moving */
	kept_empty();
	leave(test, 2 * MIB);
	q = region_alloc(3 * MIB, 16 * MIB, KERNEL);
	KUNIT_EXPECT_EQ(test, (uintptr_t)q % (16 * MIB), 0);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	q = region_alloc(3 * MIB - 400 * 1024 / 2, 16 * MIB, KERNEL);
	KUNIT_EXPECT_EQ(test, (uintptr_t)q % (16 * MIB), 0);
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

WORLD_CASE(kept_small_ones_are_not)
{
	leave(test, KEPT_MIN - PAGE);
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	leave(test, KEPT_MIN);
	KUNIT_EXPECT_EQ(test, kept_number(), 1);
}

static char *held[300];

/* As many as were held, and all freed in the order they were made. */
static void make_and_leave(struct kunit *test, unsigned int nr, size_t size)
{
	for (unsigned int i = 0; i < nr; i++) {
		held[i] = region_alloc(size, 1, KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, held[i]);
	}
	for (unsigned int i = 0; i < nr; i++) {
		KUNIT_EXPECT_TRUE(test, region_free(held[i]));
		KUNIT_ASSERT_TRUE(test, region_validate());
	}
}

WORLD_CASE(kept_number_is_bounded)
{
	char *p;

	make_and_leave(test, 40, MIB / 2);
	KUNIT_EXPECT_EQ(test, kept_number(), 32);
	/* the youngest */
	for (unsigned int i = 8; i < 40; i++)
		KUNIT_EXPECT_TRUE(test, fake_usable(held[i]));
	for (unsigned int i = 0; i < 8; i++)
		KUNIT_EXPECT_FALSE(test, fake_usable(held[i]));
	/* a rest that finds no room goes */
	kept_empty();
	make_and_leave(test, 31, MIB / 2);
	leave(test, 2 * MIB);
	KUNIT_EXPECT_EQ(test, kept_number(), 32);
	p = region_alloc(MIB, 1, KERNEL);
	KUNIT_EXPECT_EQ(test, kept_number(), 32);
	KUNIT_EXPECT_TRUE(test, region_free(p));
}

WORLD_CASE(kept_bytes_are_bounded)
{
	make_and_leave(test, 100, 4 * MIB);
	KUNIT_EXPECT_EQ(test, kept_sum(), MOST);
	leave(test, MOST + PAGE);
	KUNIT_EXPECT_EQ(test, kept_sum(), MOST);
}

/* Free pages and mappings share one budget. */
WORLD_CASE(kept_is_what_free_pages_leave)
{
	void *p[12];

	for (unsigned int i = 0; i < 12; i++)
		p[i] = kmalloc(4 * MIB, KERNEL);
	for (unsigned int i = 0; i < 12; i++)
		kfree(p[i]);
	KUNIT_EXPECT_LE(test, page_budget(), MOST - 12 * 4 * MIB);
	make_and_leave(test, 20, 4 * MIB);
	KUNIT_EXPECT_LE(test, kept_sum(), MOST - 12 * 4 * MIB);
	KUNIT_EXPECT_GT(test, kept_sum(), 0);
}

WORLD_CASE(kept_is_a_small_part_of_a_hard_limit, .options = "mem=128M")
{
	make_and_leave(test, 6, 3 * MIB);
	KUNIT_EXPECT_EQ(test, kept_sum(), 6 * MIB);
	leave(test, 9 * MIB);
	KUNIT_EXPECT_LE(test, kept_sum(), 8 * MIB);
}

WORLD_CASE(kept_for_the_decay_time)
{
	char *p = leave(test, MIB), *q = leave(test, 4 * MIB);

	fake_clock_advance(999 * 1000000ull);
	q = region_alloc(4096, 1, KERNEL);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	KUNIT_EXPECT_EQ(test, kept_number(), 2);
	fake_clock_advance(1000000);
	page_tick();
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	KUNIT_EXPECT_EQ(test, charged(), 0);
	KUNIT_EXPECT_FALSE(test, fake_usable(p));
	/* the free of another does it too */
	leave(test, 4 * MIB);
	q = region_alloc(8 * MIB + PAGE, 1, KERNEL);
	fake_clock_advance(2000 * 1000000ull);
	KUNIT_EXPECT_TRUE(test, region_free(q));
	KUNIT_EXPECT_EQ(test, kept_sum(), 8 * MIB + PAGE);
}

WORLD_CASE(kept_never_without_decay_time, .options = "decay_ms=0")
{
	leave(test, 4 * MIB);
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	KUNIT_EXPECT_EQ(test, charged(), 0);
}

WORLD_CASE(kept_for_ever_when_nothing_decays, .options = "decay_ms=-1")
{
	leave(test, MIB);
	fake_clock_advance(1000000ull * 1000000);
	page_tick();
	leave(test, 4 * MIB);
	KUNIT_EXPECT_EQ(test, kept_sum(), 5 * MIB);
	make_and_leave(test, 20, 4 * MIB);
	KUNIT_EXPECT_EQ(test, kept_sum(), MOST);
}

WORLD_CASE(kept_goes_back_on_request)
{
	unsigned int maps = fake_maps();

	make_and_leave(test, 3, 2 * MIB);
	KUNIT_EXPECT_EQ(test, fake_maps(), maps + 3);
	KUNIT_EXPECT_GE(test, kmem_trim(), 6 * MIB);
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	KUNIT_EXPECT_EQ(test, fake_maps(), maps);
	leave(test, 2 * MIB);
	KUNIT_EXPECT_GE(test, reclaim_run(KERNEL, 0), 2 * MIB >> PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
}

/* The OS has no memory: what is kept goes, and the call is made again. */
WORLD_CASE(kept_makes_room_in_the_host)
{
	gfp_t gfp = KERNEL | __GFP_NORETRY;
	char *p, *q;

	leave(test, 2 * MIB);
	fake_fail_nth(FAKE_BIT(FAKE_MAP), 1);
	p = region_alloc(8 * MIB, 1, gfp);
	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	page_trim(); /* an OS that refused is asked whether it counts */
	leave(test, 2 * MIB);
	fake_fail_nth(FAKE_BIT(FAKE_REMAP), 1);
	q = region_resize(p, 9 * MIB, gfp);
	KUNIT_EXPECT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	page_trim();
	KUNIT_EXPECT_TRUE(test, region_free(q));
	/* pages that cannot move are given up for fresh ones */
	fake_fail_nth(FAKE_BIT(FAKE_REMAP), 1);
	q = region_alloc(10 * MIB, 1, gfp);
	KUNIT_EXPECT_EQ(test, fake_failed(), 1);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, charged(), 10 * MIB);
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

/* What is kept is charged, and gone as soon as somebody needs the room. */
WORLD_CASE(kept_makes_room_under_the_limit, .options = "mem=256M")
{
	gfp_t gfp = KERNEL | __GFP_NORETRY;
	struct page_stats st;
	size_t room;
	char *p;

	leave(test, 16 * MIB);
	KUNIT_EXPECT_EQ(test, charged(), 16 * MIB);
	page_stats(&st);
	room = 256 * MIB - (st.total << PAGE_SHIFT);
	/* no page had to be taken off the zones for it */
	p = region_alloc(room, 1, gfp);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	KUNIT_EXPECT_EQ(test, charged(), room);
	KUNIT_EXPECT_TRUE(test, region_free(p));
}

/* Zones may grow by what kept mappings had, even for a request with one try. */
WORLD_CASE(kept_makes_room_for_pages, .options = "mem=256M")
{
	gfp_t gfp = KERNEL | __GFP_NOWARN | __GFP_NORETRY;
	void *head = NULL, **p;
	struct page_stats st;

	leave(test, 16 * MIB);
	while ((p = kmalloc(MIB, gfp))) {
		*p = head;
		head = p;
	}
	KUNIT_EXPECT_EQ(test, kept_number(), 0);
	page_stats(&st);
	KUNIT_EXPECT_EQ(test, st.total << PAGE_SHIFT, 256 * MIB);
	while ((p = head)) {
		head = *p;
		kfree(p);
	}
}

WORLD_CASE(kept_survives_each_failure)
{
	struct ledger before;
	unsigned long n;
	bool failed;

	read_ledger(&before);
	for (n = 1; n < 60; n++) {
		static const size_t sizes[] = { 8, 12, 3, 5, 20, 1 };

		leave(test, 10 * MIB);
		fake_fail_nth(FAKE_ANY, n);
		for (unsigned int i = 0; i < 6; i++) {
			size_t size = sizes[i] * MIB;
			char *p = region_alloc(
				size, 1, KERNEL | __GFP_NORETRY | __GFP_ZERO);

			if (!p)
				continue;
			KUNIT_ASSERT_TRUE(test,
					  all_bytes(p, 0, region_size(p)));
			memset(p, 7, size);
			KUNIT_EXPECT_TRUE(test, region_free(p));
		}
		failed = fake_failed();
		fake_fail_nth(0, 0);
		KUNIT_ASSERT_TRUE(test, region_validate());
		expect_ledger(test, &before);
		if (!failed)
			break;
	}
	KUNIT_EXPECT_GT(test, n, 2);
	KUNIT_EXPECT_LT(test, n, 60);
}

/* Random sizes against what must hold: nobody else's bytes, zeros, sums. */
WORLD_CASE(kept_agrees_with_a_model, .options = "decay_ms=5")
{
	struct {
		char *p;
		size_t size;
		char mark;
	} k[8];
	size_t others = fake_mapped();
	struct region_counts c;
	uint64_t seed = 3;

	memset(k, 0, sizeof(k));
	for (unsigned int n = 0; n < 1500; n++) {
		unsigned int i = dice(&seed) % 8;
		size_t size = (dice(&seed) % 700 + 1) * PAGE;
		bool zero = dice(&seed) % 2;

		if (dice(&seed) % 4 == 0)
			fake_clock_advance(1000000);
		if (k[i].p) {
			KUNIT_ASSERT_TRUE(test, all_bytes(k[i].p, k[i].mark,
							  k[i].size));
			KUNIT_ASSERT_TRUE(test, region_free(k[i].p));
			k[i].p = NULL;
			continue;
		}
		k[i].p =
			region_alloc(size, 1, KERNEL | (zero ? __GFP_ZERO : 0));
		KUNIT_ASSERT_NOT_NULL(test, k[i].p);
		k[i].size = region_size(k[i].p);
		KUNIT_ASSERT_GE(test, k[i].size, size);
		if (size >= KEPT_MIN)
			KUNIT_ASSERT_LE(test, k[i].size, size + size / 8);
		if (zero)
			KUNIT_ASSERT_TRUE(test,
					  all_bytes(k[i].p, 0, k[i].size));
		k[i].mark = (char)(n % 100 + 1);
		memset(k[i].p, k[i].mark, k[i].size);
		region_counts(&c);
		KUNIT_ASSERT_EQ(test, charged(), c.bytes + kept_sum());
		KUNIT_ASSERT_EQ(test, fake_mapped(),
				others + c.bytes + kept_sum());
		KUNIT_ASSERT_TRUE(test, region_validate());
	}
	for (unsigned int i = 0; i < 8; i++)
		if (k[i].p)
			KUNIT_EXPECT_TRUE(test, region_free(k[i].p));
}

static void *churn(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	unsigned long bad = 0;

	for (unsigned int i = 0; i < 400; i++) {
		size_t size = (dice(&seed) % 500 + 50) * PAGE;
		char *p = region_alloc(size, 1, KERNEL);

		if (!p) {
			bad++;
			continue;
		}
		p[0] = (char)(uintptr_t)arg;
		p[size - 1] = p[0];
		if (i % 8 == 0)
			fake_clock_advance(100 * 1000000ull);
		if (i % 32 == 0)
			kept_empty();
		if (i % 16 == 0)
			page_tick();
		bad += p[0] != (char)(uintptr_t)arg || p[size - 1] != p[0];
		bad += !region_free(p);
	}
	return (void *)bad;
}

WORLD_CASE(kept_serves_many_threads)
{
	pthread_t thread[4];
	void *bad;

	for (uintptr_t i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&thread[i], NULL, churn,
					       (void *)(i + 1)),
				0);
	for (uintptr_t i = 0; i < 4; i++) {
		pthread_join(thread[i], &bad);
		KUNIT_EXPECT_NULL(test, bad);
	}
}

/* A child has them too, and neither touches the other's. */
WORLD_CASE(kept_survives_fork)
{
	char *p = leave(test, 4 * MIB), *q;
	int status;
	pid_t pid;

	fake_fork_prepare();
	fflush(stdout);
	pid = fork();
	if (!pid) {
		bool ok;

		fake_fork_child();
		ok = kept_number() == 1 && region_validate();
		q = region_alloc(4 * MIB, 1, KERNEL | __GFP_ZERO);
		ok = ok && q == p && all_bytes(q, 0, 4 * MIB) && region_free(q);
		ok = ok && kept_empty() == 4 * MIB && charged() == 0;
		_exit(ok ? 0 : 1);
	}
	fake_fork_parent();
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	q = region_alloc(4 * MIB, 1, KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0x5a, 4 * MIB));
	KUNIT_EXPECT_TRUE(test, region_free(q));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kept_is_used_again_without_a_call),
	KUNIT_CASE(kept_is_cleared_when_zeros_are_asked),
	KUNIT_CASE(kept_is_given_whole_up_to_an_eighth),
	KUNIT_CASE(kept_is_cut_and_the_rest_stays),
	KUNIT_CASE(kept_pieces_become_one),
	KUNIT_CASE(kept_pieces_that_cannot_be_joined_stay),
	KUNIT_CASE(kept_rest_is_not_younger),
	KUNIT_CASE(kept_that_cannot_be_cut_is_given_whole),
	KUNIT_CASE(kept_is_trimmed),
	KUNIT_CASE(kept_pages_move_to_a_larger_region),
	KUNIT_CASE(kept_best_fit_is_chosen),
	KUNIT_CASE(kept_is_aligned_as_asked),
	KUNIT_CASE(kept_small_ones_are_not),
	KUNIT_CASE(kept_number_is_bounded),
	KUNIT_CASE(kept_bytes_are_bounded),
	KUNIT_CASE(kept_is_what_free_pages_leave),
	KUNIT_CASE(kept_is_a_small_part_of_a_hard_limit),
	KUNIT_CASE(kept_for_the_decay_time),
	KUNIT_CASE(kept_never_without_decay_time),
	KUNIT_CASE(kept_for_ever_when_nothing_decays),
	KUNIT_CASE(kept_goes_back_on_request),
	KUNIT_CASE(kept_makes_room_in_the_host),
	KUNIT_CASE(kept_makes_room_under_the_limit),
	KUNIT_CASE(kept_makes_room_for_pages),
	KUNIT_CASE(kept_survives_each_failure),
	KUNIT_CASE(kept_agrees_with_a_model),
	KUNIT_CASE(kept_serves_many_threads),
	KUNIT_CASE(kept_survives_fork),
	{},
};

static struct kunit_suite suite = {
	.name = "alloc_kept",
	.test_cases = cases,
};

kunit_test_suite(suite);
