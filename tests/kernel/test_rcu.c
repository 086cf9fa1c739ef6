/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* RCU by the kernel's names: what was freed is not reused under a reader. */
#include "kunit/test.h"

#include <linux/kthread.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include <kmem/kmem.h>
#include <kmem/stats.h>

#define ROUNDS 2000
#define ALIVE 0x600dul
#define DEAD 0xdeadul

struct record {
	unsigned long state;
	struct list_head list;
	struct hlist_node node;
	struct rcu_head rcu;
};

static LIST_HEAD(records);
static struct kmem_cache *cache;
static int done, freed;

static int look(void *data)
{
	long wrong = 0;

	(void)data;
	while (!READ_ONCE(done)) {
		struct record *r;

		rcu_read_lock();
		list_for_each_entry_rcu(r, &records, list)
			wrong += READ_ONCE(r->state) != ALIVE;
		rcu_read_unlock();
	}
	return wrong != 0;
}

static void bury(struct rcu_head *head)
{
	struct record *r = container_of(head, struct record, rcu);

	WRITE_ONCE(r->state, DEAD);
	kmem_cache_free(cache, r);
	__atomic_fetch_add(&freed, 1, __ATOMIC_RELAXED);
}

static void add_in_use(const struct kmem_cache_stats *st, void *data)
{
	if (!strcmp(st->name, "record"))
		*(unsigned long *)data += st->active_objs;
}

static void a_reader_sees_the_living_alone(struct kunit *test)
{
	struct task_struct *tasks[2];
	unsigned long in_use = 0;
	int called = 0;

	cache = KMEM_CACHE(record, 0);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	for (int i = 0; i < 2; i++)
		tasks[i] = kthread_run(look, NULL, "reader-%d", i);
	for (int i = 0; i < ROUNDS; i++) {
		struct record *r = kmem_cache_alloc(cache, GFP_KERNEL);

		r->state = ALIVE;
		list_add_rcu(&r->list, &records);
		if (i % 3 == 0)
			continue;
		r = list_last_entry(&records, struct record, list);
		list_del_rcu(&r->list);
		call_rcu(&r->rcu, bury);
		called++;
	}
	WRITE_ONCE(done, 1);
	for (int i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, kthread_stop(tasks[i]), 0);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, READ_ONCE(freed), called);
	while (!list_empty(&records)) {
		struct record *r =
			list_first_entry(&records, struct record, list);

		list_del_rcu(&r->list);
		kfree_rcu(r, rcu);
	}
	rcu_barrier();
	/* what sheaves keep counts as in use */
	kmem_trim();
	kmem_for_each_cache(add_in_use, &in_use);
	KUNIT_EXPECT_EQ(test, in_use, 0);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
}

static struct record __rcu *shown;

/* Where nobody reads, pointers and lists are as others are. */
static void pointers_are_shown(struct kunit *test)
{
	struct record a = { .state = 1 }, b = { .state = 2 }, *p, *was;
	struct hlist_head chain = HLIST_HEAD_INIT;
	LIST_HEAD(list);

	RCU_INIT_POINTER(shown, &a);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(shown), &a);
	was = rcu_replace_pointer(shown, &b, true);
	KUNIT_EXPECT_PTR_EQ(test, was, &a);
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference_protected(shown, true), &b);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference(shown), &b);
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference_raw(shown), &b);
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference_check(shown, true), &b);
	rcu_read_unlock();
	rcu_assign_pointer(shown, &a);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(shown), &a);
	synchronize_rcu();
	synchronize_rcu_expedited();
	list_add_tail_rcu(&a.list, &list);
	list_add_tail_rcu(&b.list, &list);
	p = list_entry_rcu(list.next, struct record, list);
	KUNIT_EXPECT_PTR_EQ(test, p, &a);
	KUNIT_EXPECT_PTR_EQ(test, list.prev, &b.list);
	list_del_rcu(&a.list);
	KUNIT_EXPECT_PTR_EQ(test, list.next, &b.list);
	/* A reader that stands on it goes on. */
	KUNIT_EXPECT_PTR_EQ(test, a.list.next, &b.list);
	hlist_add_head_rcu(&a.node, &chain);
	hlist_add_head_rcu(&b.node, &chain);
	hlist_del_rcu(&b.node);
	KUNIT_EXPECT_PTR_EQ(test, b.node.next, &a.node);
	hlist_for_each_entry_rcu(p, &chain, node) p->state += 10;
	KUNIT_EXPECT_EQ(test, a.state, 11ul);
	KUNIT_EXPECT_EQ(test, b.state, 2ul);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pointers_are_shown),
	KUNIT_CASE(a_reader_sees_the_living_alone),
	{},
};
static struct kunit_suite suite = { .name = "rcu", .test_cases = cases };
kunit_test_suite(suite);
