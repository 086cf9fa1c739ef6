/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* <linux/notifier.h>: who is called, in which order, and until when. */
#include "kunit/test.h"

#include <linux/notifier.h>
#include <linux/preempt.h>

#include <string.h>

static char called[16];
static bool atomic_inside;
static int answer_of_b = NOTIFY_OK;

static int note(struct notifier_block *nb, unsigned long action, void *data)
{
	size_t n = strlen(called);

	atomic_inside = in_atomic();
	called[n] = (char)action;
	called[n + 1] = 0;
	*(int *)data += 1;
	(void)nb;
	return NOTIFY_OK;
}

static int b_note(struct notifier_block *nb, unsigned long action, void *data)
{
	note(nb, action + 1, data);
	return answer_of_b;
}

static struct notifier_block a = { .notifier_call = note, .priority = 1 };
static struct notifier_block b = { .notifier_call = b_note, .priority = 5 };
static struct notifier_block c = { .notifier_call = note, .priority = 1 };

static int reset(struct kunit *test)
{
	(void)test;
	called[0] = 0;
	answer_of_b = NOTIFY_OK;
	return 0;
}

static void raw_chains(struct kunit *test)
{
	RAW_NOTIFIER_HEAD(chain);
	int n = 0;

	KUNIT_EXPECT_EQ(test, raw_notifier_call_chain(&chain, 'a', &n),
			NOTIFY_DONE);
	KUNIT_EXPECT_EQ(test, raw_notifier_chain_register(&chain, &a), 0);
	KUNIT_EXPECT_EQ(test, raw_notifier_chain_register(&chain, &b), 0);
	KUNIT_EXPECT_EQ(test, raw_notifier_chain_register(&chain, &c), 0);
	KUNIT_EXPECT_EQ(test, raw_notifier_chain_register(&chain, &a), -EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, chain.head, &b);
	KUNIT_EXPECT_PTR_EQ(test, b.next, &a);
	KUNIT_EXPECT_PTR_EQ(test, a.next, &c);
	KUNIT_EXPECT_EQ(test, raw_notifier_call_chain(&chain, 'a', &n),
			NOTIFY_OK);
	KUNIT_EXPECT_STREQ(test, called, "baa");
	answer_of_b = NOTIFY_STOP;
	KUNIT_EXPECT_EQ(test, raw_notifier_call_chain(&chain, 'c', &n),
			NOTIFY_STOP);
	KUNIT_EXPECT_STREQ(test, called, "baad");
	KUNIT_EXPECT_EQ(test, n, 4);
	KUNIT_EXPECT_EQ(test, raw_notifier_chain_unregister(&chain, &b), 0);
	KUNIT_EXPECT_EQ(test, raw_notifier_chain_unregister(&chain, &b),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, raw_notifier_chain_unregister(&chain, &c), 0);
	KUNIT_EXPECT_EQ(test, raw_notifier_chain_unregister(&chain, &a), 0);
	KUNIT_EXPECT_NULL(test, chain.head);
}

static ATOMIC_NOTIFIER_HEAD(quick);
static BLOCKING_NOTIFIER_HEAD(slow);

static void chains_with_locks(struct kunit *test)
{
	int n = 0;

	KUNIT_EXPECT_EQ(test, atomic_notifier_chain_register(&quick, &a), 0);
	KUNIT_EXPECT_EQ(test, atomic_notifier_chain_register(&quick, &b), 0);
	KUNIT_EXPECT_EQ(test, atomic_notifier_call_chain(&quick, 'x', &n),
			NOTIFY_OK);
	KUNIT_EXPECT_TRUE(test, atomic_inside);
	KUNIT_EXPECT_STREQ(test, called, "yx");
	KUNIT_EXPECT_EQ(test, atomic_notifier_chain_unregister(&quick, &a), 0);
	KUNIT_EXPECT_EQ(test, atomic_notifier_chain_unregister(&quick, &b), 0);
	KUNIT_EXPECT_EQ(test, blocking_notifier_chain_register(&slow, &a), 0);
	KUNIT_EXPECT_EQ(test, blocking_notifier_chain_register(&slow, &b), 0);
	answer_of_b = notifier_from_errno(-ENOMEM);
	KUNIT_EXPECT_EQ(
		test,
		notifier_to_errno(blocking_notifier_call_chain(&slow, 'p', &n)),
		-ENOMEM);
	KUNIT_EXPECT_FALSE(test, atomic_inside);
	KUNIT_EXPECT_STREQ(test, called, "yxq");
	KUNIT_EXPECT_EQ(test, blocking_notifier_chain_unregister(&slow, &b), 0);
	KUNIT_EXPECT_EQ(test, blocking_notifier_chain_unregister(&slow, &b),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, blocking_notifier_chain_unregister(&slow, &a), 0);
	KUNIT_EXPECT_EQ(test, notifier_to_errno(notifier_from_errno(0)), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(raw_chains),
	KUNIT_CASE(chains_with_locks),
	{},
};

static struct kunit_suite suite = {
	.name = "kernel_notifier",
	.init = reset,
	.test_cases = cases,
};

kunit_test_suite(suite);
