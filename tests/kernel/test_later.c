/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Time that passes, threads that wait for it, and works that run after it. */
#include "kunit/test.h"

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

static void ticks_are_compared(struct kunit *test)
{
	unsigned long last = ~0ul, first = 1, now;

	KUNIT_EXPECT_TRUE(test, time_after(first, last));
	KUNIT_EXPECT_FALSE(test, time_after(first, first));
	KUNIT_EXPECT_TRUE(test, time_before(last, first));
	KUNIT_EXPECT_TRUE(test, time_after_eq(first, first));
	KUNIT_EXPECT_FALSE(test, time_after_eq(last, first));
	KUNIT_EXPECT_TRUE(test, time_before_eq(last, first));
	now = jiffies;
	KUNIT_EXPECT_TRUE(test, time_is_before_jiffies(now - 1));
	KUNIT_EXPECT_FALSE(test, time_is_before_jiffies(now + 3600 * HZ));
	KUNIT_EXPECT_TRUE(test, time_is_after_jiffies(now + 3600 * HZ));
	KUNIT_EXPECT_FALSE(test, time_is_after_jiffies(now - 1));
	KUNIT_EXPECT_GE(test, get_jiffies_64(), (u64)now);
	KUNIT_EXPECT_EQ(test, msecs_to_jiffies(MSEC_PER_SEC),
			(unsigned long)HZ);
	KUNIT_EXPECT_EQ(test, usecs_to_jiffies(USEC_PER_SEC),
			(unsigned long)HZ);
	KUNIT_EXPECT_EQ(test, usecs_to_jiffies(1), 1ul);
	KUNIT_EXPECT_EQ(test, jiffies_to_msecs(2 * HZ), 2000u);
	KUNIT_EXPECT_EQ(test, jiffies_to_usecs(HZ), 1000000u);
}

static void nanoseconds_are_converted(struct kunit *test)
{
	ktime_t t = ktime_add(3 * NSEC_PER_SEC, 7 * NSEC_PER_USEC);

	KUNIT_EXPECT_EQ(test, ktime_to_ns(t), 3000007000ll);
	KUNIT_EXPECT_EQ(test, ktime_to_us(t), 3000007ll);
	KUNIT_EXPECT_EQ(test, ktime_to_ms(t), 3000ll);
	KUNIT_EXPECT_EQ(test, ktime_sub(t, NSEC_PER_SEC), 2000007000ll);
}

/* The least that may have passed; the most is nobody's promise. */
static void pauses_are_not_short(struct kunit *test)
{
	u64 then = ktime_get_ns();

	ndelay(1000);
	udelay(10);
	mdelay(1);
	KUNIT_EXPECT_EQ(test, msleep_interruptible(1), 0ul);
	fsleep(1000);
	ssleep(0);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - then, 3011000ull);
}

static void a_thread_sleeps_its_time(struct kunit *test)
{
	u64 then;

	/* A wake from before does not count. */
	wake_up_process(current);
	then = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, schedule_timeout_interruptible(3), 0l);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - then, 2000000ull);
	wake_up_process(current);
	then = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, schedule_timeout_uninterruptible(3), 0l);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - then, 2000000ull);
	__set_current_state(TASK_UNINTERRUPTIBLE);
	KUNIT_EXPECT_EQ(test, current->state, TASK_UNINTERRUPTIBLE);
	wake_up_process(current);
	KUNIT_EXPECT_GT(test, schedule_timeout(3600 * HZ), 0l);
	KUNIT_EXPECT_EQ(test, current->state, TASK_RUNNING);
	KUNIT_EXPECT_EQ(test, cond_resched(), 0);
	yield();
	KUNIT_EXPECT_FALSE(test, signal_pending(current));
	KUNIT_EXPECT_FALSE(test, fatal_signal_pending(current));
	KUNIT_EXPECT_LT(test, strlen(current->comm), (size_t)TASK_COMM_LEN);
	KUNIT_EXPECT_GT(test, current->pid, 0);
}

static DECLARE_WAIT_QUEUE_HEAD(queue);
static int step, seen;

/* Waits in each of the ways in turn. */
static int wait_for_steps(void *data)
{
	int bad = 0;

	(void)data;
	bad += wait_event_interruptible(queue, READ_ONCE(step) >= 1);
	WRITE_ONCE(seen, 1);
	wake_up(&queue);
	bad += wait_event_killable(queue, READ_ONCE(step) >= 2);
	WRITE_ONCE(seen, 2);
	wake_up(&queue);
	bad += wait_event_interruptible_timeout(queue, READ_ONCE(step) >= 3,
						MAX_SCHEDULE_TIMEOUT) <= 0;
	return bad;
}

static void queues_wake_in_each_way(struct kunit *test)
{
	wait_queue_head_t own = __WAIT_QUEUE_HEAD_INITIALIZER(own);
	struct task_struct *task = kthread_run(wait_for_steps, NULL, "steps");

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	WRITE_ONCE(step, 1);
	wake_up_interruptible(&queue);
	wait_event(queue, READ_ONCE(seen) == 1);
	WRITE_ONCE(step, 2);
	wake_up_interruptible_all(&queue);
	wait_event(queue, READ_ONCE(seen) == 2);
	WRITE_ONCE(step, 3);
	wake_up_all(&queue);
	KUNIT_EXPECT_EQ(test, kthread_stop(task), 0);
	KUNIT_EXPECT_EQ(
		test, wait_event_interruptible_timeout(own, step == 9, 1), 0l);
	own.wakes = 5;
	init_waitqueue_head(&own);
	KUNIT_EXPECT_EQ(test, own.wakes, 0u);
}

static char order[8];

static void first(struct work_struct *work)
{
	(void)work;
	strcat(order, "1");
}

static void second(struct work_struct *work)
{
	(void)work;
	strcat(order, "2");
}

static DECLARE_WORK(one, first);
static DECLARE_DELAYED_WORK(two, second);

static void works_are_declared(struct kunit *test)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue(
		"%s", WQ_MEM_RECLAIM | WQ_HIGHPRI | WQ_FREEZABLE, "ordered");

	KUNIT_ASSERT_NOT_NULL(test, wq);
	KUNIT_EXPECT_TRUE(test, queue_work(wq, &one));
	flush_workqueue(wq);
	KUNIT_EXPECT_STREQ(test, order, "1");
	destroy_workqueue(wq);
	wq = create_singlethread_workqueue("single");
	KUNIT_ASSERT_NOT_NULL(test, wq);
	KUNIT_EXPECT_TRUE(test, queue_delayed_work(wq, &two, 0));
	destroy_workqueue(wq);
	KUNIT_EXPECT_STREQ(test, order, "12");
	wq = create_workqueue("plain");
	KUNIT_ASSERT_NOT_NULL(test, wq);
	/* One that was idle is queued: false. */
	KUNIT_EXPECT_FALSE(test, mod_delayed_work(wq, &two, 3600 * HZ));
	KUNIT_EXPECT_TRUE(test, work_pending(&two.work));
	KUNIT_EXPECT_TRUE(test, mod_delayed_work(wq, &two, 0));
	flush_delayed_work(&two);
	destroy_workqueue(wq);
	KUNIT_EXPECT_STREQ(test, order, "122");
	KUNIT_EXPECT_TRUE(test, schedule_delayed_work(&two, 1));
	flush_delayed_work(&two);
	KUNIT_EXPECT_STREQ(test, order, "1222");
	KUNIT_EXPECT_TRUE(test, queue_work(system_wq, &one));
	flush_scheduled_work();
	KUNIT_EXPECT_STREQ(test, order, "12221");
	KUNIT_EXPECT_EQ(test, WQ_UNBOUND & WQ_MEM_RECLAIM, 0u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ticks_are_compared),
	KUNIT_CASE(nanoseconds_are_converted),
	KUNIT_CASE(pauses_are_not_short),
	KUNIT_CASE(a_thread_sleeps_its_time),
	KUNIT_CASE(queues_wake_in_each_way),
	KUNIT_CASE(works_are_declared),
	{},
};
static struct kunit_suite suite = { .name = "later", .test_cases = cases };
kunit_test_suite(suite);
