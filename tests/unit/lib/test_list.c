/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "lib/list.h"

#include "kunit/test.h"

struct item {
	int value;
	struct list_head ring;
};

/* The values from front to back as one decimal number; checks both ways. */
static int order_of(struct kunit *test, struct list_head *h)
{
	struct list_head *e;
	int n = 0, back = 0, ten = 1;

	ring_for_each(e, h)
		n = n * 10 + list_entry_of(e, struct item, ring)->value;
	for (e = h->prev; e != h; e = e->prev, ten *= 10)
		back += ten * list_entry_of(e, struct item, ring)->value;
	KUNIT_EXPECT_EQ(test, n, back);
	return n;
}

static void list_keeps_order(struct kunit *test)
{
	struct item it[4] = { { 1, {} }, { 2, {} }, { 3, {} }, { 4, {} } };
	struct list_head h;

	ring_init(&h);
	KUNIT_EXPECT_TRUE(test, ring_empty(&h));
	ring_push_back(&h, &it[1].ring);
	KUNIT_EXPECT_FALSE(test, ring_empty(&h));
	ring_push_back(&h, &it[2].ring);
	ring_push_front(&h, &it[0].ring);
	KUNIT_EXPECT_EQ(test, order_of(test, &h), 123);
	ring_insert(&it[1].ring, &it[3].ring);
	KUNIT_EXPECT_EQ(test, order_of(test, &h), 1243);
}

static void list_remove_leaves_both_whole(struct kunit *test)
{
	struct item it[3] = { { 1, {} }, { 2, {} }, { 3, {} } };
	struct list_head h;
	int i;

	ring_init(&h);
	for (i = 0; i < 3; i++)
		ring_push_back(&h, &it[i].ring);
	ring_remove(&it[1].ring);
	KUNIT_EXPECT_EQ(test, order_of(test, &h), 13);
	KUNIT_EXPECT_TRUE(test, ring_empty(&it[1].ring));
	ring_remove(&it[1].ring);
	KUNIT_EXPECT_EQ(test, order_of(test, &h), 13);
	ring_remove(&it[0].ring);
	ring_remove(&it[2].ring);
	KUNIT_EXPECT_TRUE(test, ring_empty(&h));
}

static void list_safe_walk_survives_removal(struct kunit *test)
{
	struct item it[5] = {};
	struct list_head h, *e, *next;
	int i, seen = 0;

	ring_init(&h);
	for (i = 0; i < 5; i++) {
		it[i].value = i + 1;
		ring_push_back(&h, &it[i].ring);
	}
	ring_for_each_safe(e, next, &h)
	{
		seen++;
		if (list_entry_of(e, struct item, ring)->value % 2)
			ring_remove(e);
	}
	KUNIT_EXPECT_EQ(test, seen, 5);
	KUNIT_EXPECT_EQ(test, order_of(test, &h), 24);
}

static struct kunit_case cases[] = { KUNIT_CASE(list_keeps_order),
				     KUNIT_CASE(list_remove_leaves_both_whole),
				     KUNIT_CASE(
					     list_safe_walk_survives_removal),
				     {} };

static struct kunit_suite suite = { .name = "list", .test_cases = cases };
kunit_test_suite(suite);
