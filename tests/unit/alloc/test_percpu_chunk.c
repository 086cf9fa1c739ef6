/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Places in a chunk of per-CPU memory, against an array that says whose each
 * grain is: the first place that fits is found, if there is one.
 */
#include "alloc/percpu_chunk.h"

#include <string.h>

#include "kunit/test.h"

#define STEPS 20000
#define MOST 64

static struct chunk chunk;
static unsigned char taken[GRAINS];

static unsigned int next(unsigned int below)
{
	static unsigned int state = 7;

	state = state * 1103515245 + 12345;
	return (state >> 8) % below;
}

/* GRAINS: there is none. */
static unsigned int first_place(unsigned int n, unsigned int align)
{
	unsigned int at;

	for (at = 0; at + n <= chunk.ready; at += align)
		if (!memchr(taken + at, 1, n))
			return at;
	return GRAINS;
}

static void give(unsigned int at)
{
	unsigned int n = chunk_grains(&chunk, at);

	memset(taken + at, 0, n);
	chunk_dies(&chunk, at);
	chunk_unplace(&chunk, at);
}

static void the_first_place_is_found(struct kunit *test)
{
	static unsigned int places[GRAINS];
	unsigned int i, k, n, align, at, nr = 0, refused = 0;

	chunk_extend(&chunk, 1500);
	for (i = 0; i < STEPS; i++) {
		if (nr && next(5) < 2) {
			k = next(nr);
			give(places[k]);
			places[k] = places[--nr];
			continue;
		}
		n = 1 + next(MOST);
		align = 1u << next(6);
		at = chunk_place(&chunk, n, align);
		KUNIT_ASSERT_EQ(test, at, first_place(n, align));
		if (at == GRAINS) {
			refused++;
			if (i % 1000 == 0 && chunk.ready < GRAINS - 100)
				chunk_extend(&chunk, 100);
			continue;
		}
		memset(taken + at, 1, n);
		chunk_born(&chunk, at);
		places[nr++] = at;
		if (i % 64 == 0)
			KUNIT_ASSERT_TRUE(test, chunk_valid(&chunk));
	}
	KUNIT_EXPECT_GT(test, refused, 100);
	while (nr)
		give(places[--nr]);
	KUNIT_EXPECT_TRUE(test, chunk_valid(&chunk));
	KUNIT_EXPECT_EQ(test, chunk.free, chunk.ready);
}

/* What was searched in vain is not searched again for as much. */
static void a_search_in_vain_says_how_much_there_is(struct kunit *test)
{
	unsigned int at[10], i;

	memset(&chunk, 0, sizeof(chunk));
	chunk_extend(&chunk, 100);
	for (i = 0; i < 10; i++)
		at[i] = chunk_place(&chunk, 10, 1);
	chunk_unplace(&chunk, at[2]);
	chunk_unplace(&chunk, at[3]);
	chunk_unplace(&chunk, at[7]);
	KUNIT_EXPECT_EQ(test, chunk_place(&chunk, 30, 1), GRAINS);
	KUNIT_EXPECT_EQ(test, chunk.longest, 20);
	KUNIT_EXPECT_EQ(test, chunk_place(&chunk, 20, 1), at[2]);
	KUNIT_EXPECT_TRUE(test, chunk_valid(&chunk));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(the_first_place_is_found),
	KUNIT_CASE(a_search_in_vain_says_how_much_there_is),
	{},
};
static struct kunit_suite suite = { .name = "percpu-chunk",
				    .test_cases = cases };
kunit_test_suite(suite);
