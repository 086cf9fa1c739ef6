/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What each operation on a counter leaves, and what it returns. */
#include "kunit/test.h"

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

#define WIDE (1l << 40)

static void of_atomic(struct kunit *test)
{
	atomic_t v = ATOMIC_INIT(5);
	int was = 4;

	KUNIT_EXPECT_EQ(test, atomic_read(&v), 5);
	atomic_set(&v, 6);
	KUNIT_EXPECT_EQ(test, atomic_read_acquire(&v), 6);
	atomic_set_release(&v, 7);
	atomic_add(3, &v);
	atomic_sub(2, &v);
	KUNIT_EXPECT_EQ(test, atomic_read(&v), 8);
	KUNIT_EXPECT_EQ(test, atomic_fetch_add(4, &v), 8);
	KUNIT_EXPECT_EQ(test, atomic_fetch_sub(2, &v), 12);
	KUNIT_EXPECT_EQ(test, atomic_add_return(5, &v), 15);
	KUNIT_EXPECT_EQ(test, atomic_sub_return(3, &v), 12);
	atomic_and(0xa, &v);
	KUNIT_EXPECT_EQ(test, atomic_fetch_and(0xc, &v), 8);
	atomic_or(3, &v);
	KUNIT_EXPECT_EQ(test, atomic_fetch_or(4, &v), 11);
	atomic_xor(1, &v);
	KUNIT_EXPECT_EQ(test, atomic_fetch_xor(2, &v), 14);
	atomic_inc(&v);
	KUNIT_EXPECT_EQ(test, atomic_inc_return(&v), 14);
	KUNIT_EXPECT_EQ(test, atomic_fetch_inc(&v), 14);
	atomic_dec(&v);
	KUNIT_EXPECT_EQ(test, atomic_dec_return(&v), 13);
	KUNIT_EXPECT_EQ(test, atomic_fetch_dec(&v), 13);
	KUNIT_EXPECT_FALSE(test, atomic_sub_and_test(11, &v));
	KUNIT_EXPECT_TRUE(test, atomic_dec_and_test(&v));
	KUNIT_EXPECT_TRUE(test, atomic_add_negative(-1, &v));
	KUNIT_EXPECT_TRUE(test, atomic_inc_and_test(&v));
	KUNIT_EXPECT_FALSE(test, atomic_inc_not_zero(&v));
	KUNIT_EXPECT_EQ(test, atomic_dec_if_positive(&v), -1);
	KUNIT_EXPECT_EQ(test, atomic_xchg(&v, 1 << 20), 0);
	KUNIT_EXPECT_EQ(test, atomic_cmpxchg(&v, 1, 2), 1 << 20);
	KUNIT_EXPECT_EQ(test, atomic_cmpxchg(&v, 1 << 20, 3), 1 << 20);
	KUNIT_EXPECT_FALSE(test, atomic_try_cmpxchg(&v, &was, 9));
	KUNIT_EXPECT_EQ(test, was, 3);
	KUNIT_EXPECT_TRUE(test, atomic_try_cmpxchg(&v, &was, 9));
	KUNIT_EXPECT_EQ(test, atomic_fetch_add_unless(&v, 1, 9), 9);
	KUNIT_EXPECT_FALSE(test, atomic_add_unless(&v, 1, 9));
	KUNIT_EXPECT_TRUE(test, atomic_add_unless(&v, 1, 8));
	KUNIT_EXPECT_EQ(test, atomic_read(&v), 10);
}

static void of_atomic64(struct kunit *test)
{
	atomic64_t v = ATOMIC64_INIT(5);
	s64 was = 4;

	KUNIT_EXPECT_EQ(test, atomic64_read(&v), 5);
	atomic64_set(&v, 6);
	KUNIT_EXPECT_EQ(test, atomic64_read_acquire(&v), 6);
	atomic64_set_release(&v, 7);
	atomic64_add(3, &v);
	atomic64_sub(2, &v);
	KUNIT_EXPECT_EQ(test, atomic64_read(&v), 8);
	KUNIT_EXPECT_EQ(test, atomic64_fetch_add(4, &v), 8);
	KUNIT_EXPECT_EQ(test, atomic64_fetch_sub(2, &v), 12);
	KUNIT_EXPECT_EQ(test, atomic64_add_return(5, &v), 15);
	KUNIT_EXPECT_EQ(test, atomic64_sub_return(3, &v), 12);
	atomic64_and(0xa, &v);
	KUNIT_EXPECT_EQ(test, atomic64_fetch_and(0xc, &v), 8);
	atomic64_or(3, &v);
	KUNIT_EXPECT_EQ(test, atomic64_fetch_or(4, &v), 11);
	atomic64_xor(1, &v);
	KUNIT_EXPECT_EQ(test, atomic64_fetch_xor(2, &v), 14);
	atomic64_inc(&v);
	KUNIT_EXPECT_EQ(test, atomic64_inc_return(&v), 14);
	KUNIT_EXPECT_EQ(test, atomic64_fetch_inc(&v), 14);
	atomic64_dec(&v);
	KUNIT_EXPECT_EQ(test, atomic64_dec_return(&v), 13);
	KUNIT_EXPECT_EQ(test, atomic64_fetch_dec(&v), 13);
	KUNIT_EXPECT_FALSE(test, atomic64_sub_and_test(11, &v));
	KUNIT_EXPECT_TRUE(test, atomic64_dec_and_test(&v));
	KUNIT_EXPECT_TRUE(test, atomic64_add_negative(-1, &v));
	KUNIT_EXPECT_TRUE(test, atomic64_inc_and_test(&v));
	KUNIT_EXPECT_FALSE(test, atomic64_inc_not_zero(&v));
	KUNIT_EXPECT_EQ(test, atomic64_dec_if_positive(&v), -1);
	KUNIT_EXPECT_EQ(test, atomic64_xchg(&v, WIDE), 0);
	KUNIT_EXPECT_EQ(test, atomic64_cmpxchg(&v, 1, 2), WIDE);
	KUNIT_EXPECT_EQ(test, atomic64_cmpxchg(&v, WIDE, 3), WIDE);
	KUNIT_EXPECT_FALSE(test, atomic64_try_cmpxchg(&v, &was, 9));
	KUNIT_EXPECT_EQ(test, was, 3);
	KUNIT_EXPECT_TRUE(test, atomic64_try_cmpxchg(&v, &was, 9));
	KUNIT_EXPECT_EQ(test, atomic64_fetch_add_unless(&v, 1, 9), 9);
	KUNIT_EXPECT_FALSE(test, atomic64_add_unless(&v, 1, 9));
	KUNIT_EXPECT_TRUE(test, atomic64_add_unless(&v, 1, 8));
	KUNIT_EXPECT_EQ(test, atomic64_read(&v), 10);
}

static void of_atomic_long(struct kunit *test)
{
	atomic_long_t v = ATOMIC_LONG_INIT(5);
	long was = 4;

	KUNIT_EXPECT_EQ(test, atomic_long_read(&v), 5);
	atomic_long_set(&v, 6);
	KUNIT_EXPECT_EQ(test, atomic_long_read_acquire(&v), 6);
	atomic_long_set_release(&v, 7);
	atomic_long_add(3, &v);
	atomic_long_sub(2, &v);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&v), 8);
	KUNIT_EXPECT_EQ(test, atomic_long_fetch_add(4, &v), 8);
	KUNIT_EXPECT_EQ(test, atomic_long_fetch_sub(2, &v), 12);
	KUNIT_EXPECT_EQ(test, atomic_long_add_return(5, &v), 15);
	KUNIT_EXPECT_EQ(test, atomic_long_sub_return(3, &v), 12);
	atomic_long_and(0xa, &v);
	KUNIT_EXPECT_EQ(test, atomic_long_fetch_and(0xc, &v), 8);
	atomic_long_or(3, &v);
	KUNIT_EXPECT_EQ(test, atomic_long_fetch_or(4, &v), 11);
	atomic_long_xor(1, &v);
	KUNIT_EXPECT_EQ(test, atomic_long_fetch_xor(2, &v), 14);
	atomic_long_inc(&v);
	KUNIT_EXPECT_EQ(test, atomic_long_inc_return(&v), 14);
	KUNIT_EXPECT_EQ(test, atomic_long_fetch_inc(&v), 14);
	atomic_long_dec(&v);
	KUNIT_EXPECT_EQ(test, atomic_long_dec_return(&v), 13);
	KUNIT_EXPECT_EQ(test, atomic_long_fetch_dec(&v), 13);
	KUNIT_EXPECT_FALSE(test, atomic_long_sub_and_test(11, &v));
	KUNIT_EXPECT_TRUE(test, atomic_long_dec_and_test(&v));
	KUNIT_EXPECT_TRUE(test, atomic_long_add_negative(-1, &v));
	KUNIT_EXPECT_TRUE(test, atomic_long_inc_and_test(&v));
	KUNIT_EXPECT_FALSE(test, atomic_long_inc_not_zero(&v));
	KUNIT_EXPECT_EQ(test, atomic_long_dec_if_positive(&v), -1);
	KUNIT_EXPECT_EQ(test, atomic_long_xchg(&v, WIDE), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_cmpxchg(&v, 1, 2), WIDE);
	KUNIT_EXPECT_EQ(test, atomic_long_cmpxchg(&v, WIDE, 3), WIDE);
	KUNIT_EXPECT_FALSE(test, atomic_long_try_cmpxchg(&v, &was, 9));
	KUNIT_EXPECT_EQ(test, was, 3);
	KUNIT_EXPECT_TRUE(test, atomic_long_try_cmpxchg(&v, &was, 9));
	KUNIT_EXPECT_EQ(test, atomic_long_fetch_add_unless(&v, 1, 9), 9);
	KUNIT_EXPECT_FALSE(test, atomic_long_add_unless(&v, 1, 9));
	KUNIT_EXPECT_TRUE(test, atomic_long_add_unless(&v, 1, 8));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&v), 10);
}

static void of_words(struct kunit *test)
{
	char *text = NULL, *was = NULL;
	unsigned long n = 7, old = 6;

	KUNIT_EXPECT_EQ(test, xchg(&n, 8), 7ul);
	KUNIT_EXPECT_EQ(test, cmpxchg(&n, 7, 9), 8ul);
	KUNIT_EXPECT_EQ(test, cmpxchg(&n, 8, 9), 8ul);
	KUNIT_EXPECT_FALSE(test, try_cmpxchg(&n, &old, 10));
	KUNIT_EXPECT_EQ(test, old, 9ul);
	KUNIT_EXPECT_TRUE(test, try_cmpxchg(&n, &old, 10));
	KUNIT_EXPECT_EQ(test, n, 10ul);
	KUNIT_EXPECT_TRUE(test, try_cmpxchg(&text, &was, (char *)&n));
	KUNIT_EXPECT_PTR_EQ(test, text, (char *)&n);
}

static void of_users(struct kunit *test)
{
	refcount_t r = REFCOUNT_INIT(1);
	struct kref k = KREF_INIT(2);
	DEFINE_SPINLOCK(spin);
	DEFINE_MUTEX(mutex);

	KUNIT_EXPECT_EQ(test, kref_read(&k), 2u);
	refcount_set(&r, 2);
	refcount_inc(&r);
	refcount_add(3, &r);
	KUNIT_EXPECT_TRUE(test, refcount_inc_not_zero(&r));
	KUNIT_EXPECT_EQ(test, refcount_read(&r), 7u);
	refcount_dec(&r);
	KUNIT_EXPECT_FALSE(test, refcount_sub_and_test(4, &r));
	KUNIT_EXPECT_FALSE(test, refcount_dec_and_test(&r));
	KUNIT_EXPECT_TRUE(test, refcount_dec_and_test(&r));
	KUNIT_EXPECT_FALSE(test, refcount_inc_not_zero(&r));
	refcount_set(&r, 2);
	KUNIT_EXPECT_FALSE(test, refcount_dec_and_lock(&r, &spin));
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&spin));
	KUNIT_EXPECT_TRUE(test, refcount_dec_and_lock(&r, &spin));
	KUNIT_EXPECT_TRUE(test, spin_is_locked(&spin));
	spin_unlock(&spin);
	refcount_set(&r, 2);
	KUNIT_EXPECT_FALSE(test, refcount_dec_and_mutex_lock(&r, &mutex));
	KUNIT_EXPECT_TRUE(test, refcount_dec_and_mutex_lock(&r, &mutex));
	KUNIT_EXPECT_TRUE(test, mutex_is_locked(&mutex));
	mutex_unlock(&mutex);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(of_atomic),      KUNIT_CASE(of_atomic64),
	KUNIT_CASE(of_atomic_long), KUNIT_CASE(of_words),
	KUNIT_CASE(of_users),       {},
};
static struct kunit_suite suite = { .name = "atomics", .test_cases = cases };
kunit_test_suite(suite);
