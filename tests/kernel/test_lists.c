/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Lists and tables: who is where after each call, forwards and backwards. */
#include "kunit/test.h"

#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/string.h>

struct item {
	char name;
	struct list_head list;
	struct hlist_node node;
};

#define MANY 5

static struct item items[MANY];
static struct list_head *at(int i)
{
	return &items[i].list;
}

/* "abcde" in a list of these items. */
static void fill(struct list_head *head)
{
	INIT_LIST_HEAD(head);
	for (int i = 0; i < MANY; i++) {
		items[i].name = (char)('a' + i);
		list_add_tail(at(i), head);
	}
}

/* The names, and NULL where a way back differs from the way there. */
static const char *names(struct list_head *head)
{
	static char text[2 * MANY + 1];
	struct list_head *p;
	size_t n = 0;

	list_for_each(p, head)
		text[n++] = list_entry(p, struct item, list)->name;
	text[n] = '\0';
	list_for_each_prev(
		p, head) if (!n || text[--n] != list_entry(p, struct item, list)
							->name) return NULL;
	return n ? NULL : text;
}

static void members_come_and_go(struct kunit *test)
{
	struct list_head head, other = LIST_HEAD_INIT(other);
	struct item fresh = { .name = 'x' };

	fill(&head);
	KUNIT_EXPECT_STREQ(test, names(&head), "abcde");
	__list_add(&fresh.list, at(1), at(2));
	KUNIT_EXPECT_STREQ(test, names(&head), "abxcde");
	__list_del(at(1), at(2));
	__list_del_entry(at(4));
	KUNIT_EXPECT_STREQ(test, names(&head), "abcd");
	list_replace(at(0), &fresh.list);
	KUNIT_EXPECT_STREQ(test, names(&head), "xbcd");
	list_replace_init(&fresh.list, at(0));
	KUNIT_EXPECT_TRUE(test, list_empty_careful(&fresh.list));
	list_del_init(at(1));
	KUNIT_EXPECT_TRUE(test, list_empty(at(1)));
	list_move_tail(at(0), &head);
	KUNIT_EXPECT_STREQ(test, names(&head), "cda");
	KUNIT_EXPECT_TRUE(test, list_is_first(at(2), &head));
	KUNIT_EXPECT_FALSE(test, list_is_first(at(3), &head));
	KUNIT_EXPECT_TRUE(test, list_is_last(at(0), &head));
	KUNIT_EXPECT_TRUE(test, list_is_head(&head, &head));
	KUNIT_EXPECT_FALSE(test, list_is_singular(&head));
	list_add(at(1), &other);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&other));
	KUNIT_EXPECT_FALSE(test, list_empty_careful(&other));
	list_splice(&other, &head);
	KUNIT_EXPECT_STREQ(test, names(&head), "bcda");
	INIT_LIST_HEAD(&other);
	list_add(at(4), &other);
	list_splice_tail(&other, &head);
	KUNIT_EXPECT_STREQ(test, names(&head), "bcdae");
	INIT_LIST_HEAD(&other);
	list_add(&fresh.list, &other);
	__list_splice(&other, at(1), at(2));
	KUNIT_EXPECT_STREQ(test, names(&head), "bxcdae");
	list_del(&fresh.list);
	KUNIT_EXPECT_PTR_EQ(test, (void *)fresh.list.prev, LIST_POISON2);
}

static void walks_begin_where_they_are_told(struct kunit *test)
{
	struct list_head head, *p, *n;
	LIST_HEAD(none);
	struct item *i, *next;
	char text[MANY + 1] = "";

	fill(&head);
	i = list_last_entry_or_null(&head, struct item, list);
	KUNIT_EXPECT_EQ(test, i->name, 'e');
	KUNIT_EXPECT_NULL(test,
			  list_last_entry_or_null(&none, struct item, list));
	KUNIT_EXPECT_EQ(test, list_prev_entry(i, list)->name, 'd');
	i = list_next_entry(&items[0], list);
	KUNIT_EXPECT_EQ(test, i->name, 'b');
	list_for_each_entry_continue(i, &head, list) strncat(text, &i->name, 1);
	KUNIT_EXPECT_STREQ(test, text, "cde");
	KUNIT_EXPECT_TRUE(test, list_entry_is_head(i, &head, list));
	i = &items[2];
	*text = '\0';
	list_for_each_entry_from(i, &head, list) strncat(text, &i->name, 1);
	KUNIT_EXPECT_STREQ(test, text, "cde");
	list_for_each_safe(p, n, &head)
		if (p == at(0) || p == at(4))
			list_del(p);
	KUNIT_EXPECT_STREQ(test, names(&head), "bcd");
	*text = '\0';
	list_for_each_entry_safe_reverse(i, next, &head, list)
	{
		strncat(text, &i->name, 1);
		list_del(&i->list);
	}
	KUNIT_EXPECT_STREQ(test, text, "dcb");
	KUNIT_EXPECT_TRUE(test, list_empty(&head));
}

static const char *chain(struct hlist_head *head)
{
	static char text[2 * MANY + 1];
	struct hlist_node *p;
	size_t n = 0;

	hlist_for_each(p, head)
		text[n++] = hlist_entry(p, struct item, node)->name;
	text[n] = '\0';
	return text;
}

static void chains_have_one_way(struct kunit *test)
{
	struct hlist_head head = HLIST_HEAD_INIT, other;
	struct list_head unused;
	struct hlist_node *p, *n;
	struct item *i;
	HLIST_HEAD(none);

	fill(&unused);
	INIT_HLIST_HEAD(&other);
	for (int k = 0; k < MANY; k++)
		INIT_HLIST_NODE(&items[k].node);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&head) && hlist_empty(&none));
	hlist_add_head(&items[1].node, &head);
	hlist_add_head(&items[0].node, &head);
	hlist_add_behind(&items[4].node, &items[1].node);
	hlist_add_before(&items[2].node, &items[4].node);
	hlist_add_before(&items[3].node, &items[0].node);
	KUNIT_EXPECT_STREQ(test, chain(&head), "dabce");
	KUNIT_EXPECT_FALSE(test, hlist_unhashed(&items[3].node));
	hlist_del_init(&items[3].node);
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&items[3].node));
	hlist_del_init(&items[3].node);
	__hlist_del(&items[1].node);
	hlist_del(&items[4].node);
	KUNIT_EXPECT_PTR_EQ(test, (void *)items[4].node.next, LIST_POISON1);
	KUNIT_EXPECT_STREQ(test, chain(&head), "ac");
	hlist_move_list(&head, &other);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&head));
	/* The first knows its new head. */
	hlist_del(&items[0].node);
	KUNIT_EXPECT_STREQ(test, chain(&other), "c");
	KUNIT_EXPECT_NULL(test,
			  hlist_entry_safe(head.first, struct item, node));
	hlist_add_head(&items[1].node, &other);
	hlist_for_each_entry(i, &other, node) i->name = 'z';
	KUNIT_EXPECT_STREQ(test, chain(&other), "zz");
	hlist_for_each_safe(p, n, &other) if (p == &items[1].node) hlist_del(p);
	hlist_for_each_entry_safe(i, n, &other, node) hlist_del(&i->node);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&other));
}

static void tables_have_a_size(struct kunit *test)
{
	DECLARE_HASHTABLE(table, 3);
	struct item *i;
	int found = 0;
	u32 first = hash_min(77, HASH_BITS(table));

	memset(table, 0xff, sizeof(table));
	hash_init(table);
	KUNIT_EXPECT_EQ(test, HASH_SIZE(table), (size_t)8);
	KUNIT_EXPECT_EQ(test, HASH_BITS(table), 3);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&table[7]));
	hash_add(table, &items[0].node, 77);
	KUNIT_EXPECT_FALSE(test, hlist_empty(&table[first]));
	hash_for_each_possible(table, i, node, 77) found++;
	KUNIT_EXPECT_EQ(test, found, 1);
	hash_del(&items[0].node);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&table[first]));
}

/* Neighbours lie apart, and none lies outside. */
static void hashes_fit_their_bits(struct kunit *test)
{
	unsigned int seen = 0;

	for (unsigned int i = 0; i < 64; i++) {
		KUNIT_EXPECT_LT(test, hash_32(i, 4), 16u);
		KUNIT_EXPECT_LT(test, hash_64(~(u64)i, 4), 16u);
		KUNIT_EXPECT_LT(test, hash_ptr(items + i % MANY, 4), 16u);
		seen |= 1u << hash_long(i, 4);
	}
	KUNIT_EXPECT_EQ(test, seen, 0xffffu);
	KUNIT_EXPECT_EQ(test, hash_ptr(NULL, 8), 0u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(members_come_and_go),
	KUNIT_CASE(walks_begin_where_they_are_told),
	KUNIT_CASE(chains_have_one_way),
	KUNIT_CASE(tables_have_a_size),
	KUNIT_CASE(hashes_fit_their_bits),
	{},
};
static struct kunit_suite suite = { .name = "lists", .test_cases = cases };
kunit_test_suite(suite);
