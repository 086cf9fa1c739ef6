/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What a driver's source expects of lists, counters, bits and texts. */
#include "kunit/test.h"

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/bug.h>
#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

struct item {
	int n;
	struct list_head list;
	struct hlist_node node;
};

#define MANY 10

static void numbers_of(struct list_head *head, char *text)
{
	struct item *p;

	*text = '\0';
	list_for_each_entry(p, head, list)
		text += sprintf(text, "%d", p->n);
}

static void lists_keep_their_order(struct kunit *test)
{
	struct item items[MANY], *p, *n;
	char text[2 * MANY + 1];
	LIST_HEAD(a);
	LIST_HEAD(b);

	for (int i = 0; i < MANY; i++) {
		items[i].n = i;
		list_add_tail(&items[i].list, &a);
	}
	numbers_of(&a, text);
	KUNIT_EXPECT_STREQ(test, text, "0123456789");
	list_for_each_entry_safe(p, n, &a, list)
		if (p->n % 2)
			list_move(&p->list, &b);
	numbers_of(&a, text);
	KUNIT_EXPECT_STREQ(test, text, "02468");
	numbers_of(&b, text);
	KUNIT_EXPECT_STREQ(test, text, "97531");
	list_splice_init(&b, &a);
	KUNIT_EXPECT_TRUE(test, list_empty(&b));
	numbers_of(&a, text);
	KUNIT_EXPECT_STREQ(test, text, "9753102468");
	list_cut_position(&b, &a, &items[1].list);
	numbers_of(&b, text);
	KUNIT_EXPECT_STREQ(test, text, "97531");
	list_splice_tail_init(&b, &a);
	list_rotate_left(&a);
	numbers_of(&a, text);
	KUNIT_EXPECT_STREQ(test, text, "2468975310");
	list_swap(&items[2].list, &items[4].list);
	list_swap(&items[0].list, &items[8].list);
	numbers_of(&a, text);
	KUNIT_EXPECT_STREQ(test, text, "4260975318");
	list_del(&items[6].list);
	KUNIT_EXPECT_PTR_EQ(test, (void *)items[6].list.next, LIST_POISON1);
	list_for_each_entry_reverse(p, &a, list)
		if (p->n == 9)
			break;
	KUNIT_EXPECT_EQ(test, p->n, 9);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&a), (size_t)MANY - 1);
	KUNIT_EXPECT_EQ(test, list_first_entry(&a, struct item, list)->n, 4);
	KUNIT_EXPECT_EQ(test, list_last_entry(&a, struct item, list)->n, 8);
	KUNIT_EXPECT_NULL(test,
			  list_first_entry_or_null(&b, struct item, list));
}

static void tables_find_what_they_have(struct kunit *test)
{
	struct item items[MANY], *p;
	struct hlist_node *n;
	DEFINE_HASHTABLE(table, 2);
	int found = 0, bucket;

	for (int i = 0; i < MANY; i++) {
		items[i].n = i;
		hash_add(table, &items[i].node, i);
	}
	hash_for_each_possible(table, p, node, 7) found += p->n == 7;
	KUNIT_EXPECT_EQ(test, found, 1);
	hash_for_each_safe(table, bucket, n, p, node) if (p->n != 3)
		hash_del(&p->node);
	found = 0;
	hash_for_each(table, bucket, p, node) found += p->n;
	KUNIT_EXPECT_EQ(test, found, 3);
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&items[0].node));
}

static void counters_say_what_was(struct kunit *test)
{
	atomic_t a = ATOMIC_INIT(5);
	atomic64_t b = ATOMIC64_INIT(1LL << 40);
	int was = 4;

	KUNIT_EXPECT_EQ(test, atomic_add_return(2, &a), 7);
	KUNIT_EXPECT_EQ(test, atomic_fetch_sub(3, &a), 7);
	KUNIT_EXPECT_FALSE(test, atomic_dec_and_test(&a));
	KUNIT_EXPECT_EQ(test, atomic_cmpxchg(&a, 3, 10), 3);
	KUNIT_EXPECT_EQ(test, atomic_cmpxchg(&a, 3, 11), 10);
	KUNIT_EXPECT_FALSE(test, atomic_try_cmpxchg(&a, &was, 1));
	KUNIT_EXPECT_EQ(test, was, 10);
	KUNIT_EXPECT_FALSE(test, atomic_add_unless(&a, 1, 10));
	KUNIT_EXPECT_EQ(test, atomic_xchg(&a, 0), 10);
	KUNIT_EXPECT_FALSE(test, atomic_inc_not_zero(&a));
	KUNIT_EXPECT_EQ(test, atomic_dec_if_positive(&a), -1);
	KUNIT_EXPECT_EQ(test, atomic_read(&a), 0);
	atomic64_inc(&b);
	KUNIT_EXPECT_EQ(test, atomic64_read(&b), (1LL << 40) + 1);
}

static struct kref *released;

static void note(struct kref *k)
{
	released = k;
}

static void the_last_user_is_told(struct kunit *test)
{
	struct kref k;

	kref_init(&k);
	kref_get(&k);
	KUNIT_EXPECT_EQ(test, kref_put(&k, note), 0);
	KUNIT_EXPECT_EQ(test, kref_put(&k, note), 1);
	KUNIT_EXPECT_PTR_EQ(test, released, &k);
	KUNIT_EXPECT_EQ(test, kref_get_unless_zero(&k), 0);
}

static void bits_are_found(struct kunit *test)
{
	unsigned long *map = bitmap_zalloc(200, GFP_KERNEL);
	unsigned long n, sum = 0;

	KUNIT_ASSERT_NOT_NULL(test, map);
	KUNIT_EXPECT_EQ(test, find_first_bit(map, 200), 200ul);
	bitmap_set(map, 60, 10);
	set_bit(199, map);
	KUNIT_EXPECT_EQ(test, find_first_bit(map, 200), 60ul);
	KUNIT_EXPECT_EQ(test, find_next_zero_bit(map, 200, 60), 70ul);
	KUNIT_EXPECT_EQ(test, find_next_bit(map, 199, 70), 199ul);
	KUNIT_EXPECT_EQ(test, find_last_bit(map, 200), 199ul);
	KUNIT_EXPECT_EQ(test, bitmap_weight(map, 200), 11u);
	for_each_set_bit(n, map, 200) sum += n;
	KUNIT_EXPECT_EQ(test, sum, 645ul + 199);
	KUNIT_EXPECT_TRUE(test, test_and_clear_bit(199, map));
	KUNIT_EXPECT_FALSE(test, test_and_set_bit(199, map));
	KUNIT_EXPECT_EQ(test, bitmap_find_next_zero_area(map, 200, 56, 8, 7),
			72ul);
	KUNIT_EXPECT_EQ(test, bitmap_find_next_zero_area(map, 200, 72, 128, 7),
			200ul);
	bitmap_free(map);
	KUNIT_EXPECT_EQ(test, fls(0x100), 9);
	KUNIT_EXPECT_EQ(test, __ffs(0x100), 8ul);
	KUNIT_EXPECT_EQ(test, ffz(0xffUL), 8ul);
	KUNIT_EXPECT_EQ(test, GENMASK(11, 8), 0xf00ul);
	KUNIT_EXPECT_EQ(test, ilog2(4096), 12);
	KUNIT_EXPECT_EQ(test, roundup_pow_of_two(4097), 8192ul);
	KUNIT_EXPECT_EQ(test, order_base_2(4097), 13);
}

static void texts_end(struct kunit *test)
{
	char buf[8];
	char text[] = "  two words \n";
	unsigned int u;
	int i;
	bool b;

	KUNIT_EXPECT_EQ(test, strscpy(buf, "12345678", sizeof(buf)),
			(ssize_t)-E2BIG);
	KUNIT_EXPECT_STREQ(test, buf, "1234567");
	KUNIT_EXPECT_EQ(test, strscpy(buf, "123", sizeof(buf)), (ssize_t)3);
	KUNIT_EXPECT_STREQ(test, strim(text), "two words");
	KUNIT_EXPECT_EQ(test, scnprintf(buf, sizeof(buf), "%d", 123456789), 7);
	KUNIT_EXPECT_EQ(test, kstrtoint("-2147483648\n", 0, &i), 0);
	KUNIT_EXPECT_EQ(test, i, -2147483647 - 1);
	KUNIT_EXPECT_EQ(test, kstrtoint("2147483648", 0, &i), -ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtouint("0x10", 0, &u), 0);
	KUNIT_EXPECT_EQ(test, u, 16u);
	KUNIT_EXPECT_EQ(test, kstrtouint("-1", 0, &u), -EINVAL);
	KUNIT_EXPECT_EQ(test, kstrtouint("1 2", 0, &u), -EINVAL);
	KUNIT_EXPECT_EQ(test, kstrtouint("", 0, &u), -EINVAL);
	KUNIT_EXPECT_EQ(test, kstrtobool("off", &b), 0);
	KUNIT_EXPECT_FALSE(test, b);
	KUNIT_EXPECT_EQ(test, kstrtobool("ok", &b), -EINVAL);
	KUNIT_EXPECT_TRUE(test, sysfs_streq("on\n", "on"));
	KUNIT_EXPECT_STREQ(test, kbasename("/a/b"), "b");
}

static int calls;

static int once(int n)
{
	calls++;
	return n;
}

static void arguments_are_evaluated_once(struct kunit *test)
{
	u64 n = 1000;
	int a = 1, b = 2;

	KUNIT_EXPECT_EQ(test, min(once(3), max(once(1), once(2))), 2);
	KUNIT_EXPECT_EQ(test, calls, 3);
	KUNIT_EXPECT_EQ(test, clamp(5, 1, 3), 3);
	KUNIT_EXPECT_EQ(test, min_t(unsigned char, once(256), 1), 0);
	KUNIT_EXPECT_EQ(test, do_div(n, 7), 6u);
	KUNIT_EXPECT_EQ(test, n, 142ull);
	swap(a, b);
	KUNIT_EXPECT_EQ(test, a, 2);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_UP(9, 4), 3);
	KUNIT_EXPECT_EQ(test, round_up(9, 8), 16);
	KUNIT_EXPECT_EQ(test, ALIGN(17ul, 16), 32ul);
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(((int[]){ 1, 2, 3 })), (size_t)3);
	BUILD_BUG_ON(sizeof(u64) != 8);
	KUNIT_EXPECT_EQ(test, BUILD_BUG_ON_ZERO(0), 0);
}

/* <linux/slab.h> alone brings these, and so does <linux/mm.h>. */
static void the_allocators_bring_others(struct kunit *test)
{
	void *p = kmalloc(PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_PTR_EQ(test, page_address(virt_to_page(p)), p);
	KUNIT_EXPECT_PTR_EQ(test, phys_to_virt(virt_to_phys(p)), p);
	preempt_disable();
	KUNIT_EXPECT_TRUE(test, in_atomic());
	preempt_enable();
	KUNIT_EXPECT_FALSE(test, WARN_ON(!p));
	kfree(p);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lists_keep_their_order),
	KUNIT_CASE(tables_find_what_they_have),
	KUNIT_CASE(counters_say_what_was),
	KUNIT_CASE(the_last_user_is_told),
	KUNIT_CASE(bits_are_found),
	KUNIT_CASE(texts_end),
	KUNIT_CASE(arguments_are_evaluated_once),
	KUNIT_CASE(the_allocators_bring_others),
	{},
};
static struct kunit_suite suite = { .name = "names", .test_cases = cases };
kunit_test_suite(suite);
