/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Locks, waits, threads and works of the kernel's names. */
#include "kunit/test.h"

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define THREADS 4
#define ROUNDS 5000

static DEFINE_SPINLOCK(spin);
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(sem);
static long under_spin, under_mutex, under_sem;
static int bad;

static int work_under_locks(void *data)
{
	(void)data;
	for (int i = 0; i < ROUNDS; i++) {
		spin_lock(&spin);
		under_spin++;
		if (preempt_count() != 1)
			bad++;
		spin_unlock(&spin);
		mutex_lock(&mutex);
		under_mutex++;
		mutex_unlock(&mutex);
		if (i % 4) {
			down_read(&sem);
			if (under_sem & 1)
				bad++;
			up_read(&sem);
		} else {
			down_write(&sem);
			under_sem++;
			under_sem++;
			up_write(&sem);
		}
	}
	return preempt_count();
}

static void locks_keep_others_out(struct kunit *test)
{
	struct task_struct *tasks[THREADS];

	for (int i = 0; i < THREADS; i++) {
		tasks[i] = kthread_run(work_under_locks, NULL, "lock-%d", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(tasks[i]));
	}
	for (int i = 0; i < THREADS; i++)
		KUNIT_EXPECT_EQ(test, kthread_stop(tasks[i]), 0);
	KUNIT_EXPECT_EQ(test, under_spin, (long)THREADS * ROUNDS);
	KUNIT_EXPECT_EQ(test, under_mutex, (long)THREADS * ROUNDS);
	KUNIT_EXPECT_EQ(test, under_sem, (long)THREADS * ROUNDS / 2);
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&spin));
}

static void a_lock_that_is_held_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, spin_trylock(&spin));
	KUNIT_EXPECT_FALSE(test, spin_trylock(&spin));
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	spin_unlock(&spin);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	down_read(&sem);
	KUNIT_EXPECT_TRUE(test, down_read_trylock(&sem));
	KUNIT_EXPECT_FALSE(test, down_write_trylock(&sem));
	up_read(&sem);
	up_read(&sem);
	KUNIT_EXPECT_TRUE(test, down_write_trylock(&sem));
	KUNIT_EXPECT_FALSE(test, down_read_trylock(&sem));
	up_write(&sem);
	{
		guard(spinlock)(&spin);
		KUNIT_EXPECT_TRUE(test, spin_is_locked(&spin));
	}
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&spin));
}

static DECLARE_WAIT_QUEUE_HEAD(queue);
static int turn;

/* Each waits for its turn and gives it on. */
static int take_turns(void *data)
{
	int own = (int)(long)data;

	for (int i = 0; i < 200; i++) {
		wait_event(queue, READ_ONCE(turn) % THREADS == own);
		WRITE_ONCE(turn, READ_ONCE(turn) + 1);
		wake_up(&queue);
	}
	return own;
}

static void a_wake_is_not_lost(struct kunit *test)
{
	struct task_struct *tasks[THREADS];

	for (long i = 0; i < THREADS; i++)
		tasks[i] = kthread_run(take_turns, (void *)i, "turn-%ld", i);
	for (int i = 0; i < THREADS; i++)
		KUNIT_EXPECT_EQ(test, kthread_stop(tasks[i]), i);
	KUNIT_EXPECT_EQ(test, turn, THREADS * 200);
	KUNIT_EXPECT_EQ(test, wait_event_timeout(queue, turn == 0, 2), 0l);
	KUNIT_EXPECT_GE(test, wait_event_timeout(queue, turn, 0), 1l);
}

/* Nobody else wakes it. */
static int wait_for_the_end(void *data)
{
	wait_queue_head_t *wq = data;

	wait_event(*wq, kthread_should_stop());
	set_current_state(TASK_INTERRUPTIBLE);
	if (!kthread_should_stop())
		schedule();
	return 7;
}

static void stop_wakes_who_waits(struct kunit *test)
{
	DECLARE_WAIT_QUEUE_HEAD(wq);

	for (int i = 0; i < 20; i++) {
		struct task_struct *task =
			kthread_run(wait_for_the_end, &wq, "end");

		if (i % 2)
			usleep_range(500, 1000);
		KUNIT_EXPECT_EQ(test, kthread_stop(task), 7);
	}
}

static int sleep_until_woken(void *data)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(*(int *)data))
			break;
		schedule();
	}
	return READ_ONCE(*(int *)data);
}

static void wake_up_process_is_not_lost(struct kunit *test)
{
	for (int i = 0; i < 50; i++) {
		int flag = 0;
		struct task_struct *task =
			kthread_run(sleep_until_woken, &flag, "sleeper");

		WRITE_ONCE(flag, 9);
		wake_up_process(task);
		KUNIT_EXPECT_EQ(test, kthread_stop(task), 9);
	}
}

static int complete_it(void *data)
{
	complete(data);
	return 0;
}

/* It lies on the stack, and is gone when the waiter returns. */
static void a_completion_may_go_at_once(struct kunit *test)
{
	for (int i = 0; i < 200; i++) {
		DECLARE_COMPLETION_ONSTACK(c);
		struct task_struct *task = kthread_run(complete_it, &c, "c");

		wait_for_completion(&c);
		memset(&c, 0xff, sizeof(c));
		kthread_stop(task);
	}
	{
		DECLARE_COMPLETION(c);

		KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&c, 2), 0ul);
		complete_all(&c);
		wait_for_completion(&c);
		wait_for_completion(&c);
		KUNIT_EXPECT_TRUE(test, completion_done(&c));
		reinit_completion(&c);
		KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&c));
	}
}

static void a_semaphore_counts(struct kunit *test)
{
	DEFINE_SEMAPHORE(s, 2);

	down(&s);
	KUNIT_EXPECT_EQ(test, down_trylock(&s), 0);
	KUNIT_EXPECT_EQ(test, down_trylock(&s), 1);
	up(&s);
	KUNIT_EXPECT_EQ(test, down_interruptible(&s), 0);
}

struct counted {
	struct work_struct work;
	struct delayed_work later;
	atomic_t runs;
	bool again;
};

static void count(struct work_struct *work)
{
	struct counted *c = container_of(work, struct counted, work);

	atomic_inc(&c->runs);
	if (READ_ONCE(c->again))
		schedule_work(work);
}

static void count_later(struct work_struct *work)
{
	atomic_inc(&container_of(to_delayed_work(work), struct counted, later)
			    ->runs);
}

static void free_itself(struct work_struct *work)
{
	kfree(work);
}

static void works_run_once_each(struct kunit *test)
{
	struct counted c = { .runs = ATOMIC_INIT(0) };
	struct workqueue_struct *wq = alloc_workqueue("%s-%d", 0, 0, "own", 1);
	struct work_struct *one = kmalloc(sizeof(*one), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, wq);
	INIT_WORK(&c.work, count);
	INIT_DELAYED_WORK(&c.later, count_later);
	KUNIT_EXPECT_TRUE(test, queue_work(wq, &c.work));
	flush_work(&c.work);
	KUNIT_EXPECT_EQ(test, atomic_read(&c.runs), 1);
	/* Far away, and then at once. */
	KUNIT_EXPECT_TRUE(test, queue_delayed_work(wq, &c.later, 1000 * HZ));
	KUNIT_EXPECT_FALSE(test, queue_delayed_work(wq, &c.later, 0));
	KUNIT_EXPECT_TRUE(test, flush_delayed_work(&c.later));
	KUNIT_EXPECT_EQ(test, atomic_read(&c.runs), 2);
	queue_delayed_work(wq, &c.later, 1000 * HZ);
	KUNIT_EXPECT_TRUE(test, mod_delayed_work(wq, &c.later, 1));
	flush_delayed_work(&c.later);
	KUNIT_EXPECT_EQ(test, atomic_read(&c.runs), 3);
	queue_delayed_work(wq, &c.later, 1000 * HZ);
	KUNIT_EXPECT_TRUE(test, cancel_delayed_work_sync(&c.later));
	KUNIT_EXPECT_FALSE(test, cancel_delayed_work_sync(&c.later));
	KUNIT_EXPECT_EQ(test, atomic_read(&c.runs), 3);
	INIT_WORK(one, free_itself);
	queue_work(wq, one);
	queue_work(wq, &c.work);
	flush_workqueue(wq);
	KUNIT_EXPECT_EQ(test, atomic_read(&c.runs), 4);
	queue_work(wq, &c.work);
	destroy_workqueue(wq);
	KUNIT_EXPECT_EQ(test, atomic_read(&c.runs), 5);
}

static void a_work_that_repeats_is_cancelled(struct kunit *test)
{
	struct counted c = { .runs = ATOMIC_INIT(0), .again = true };

	INIT_WORK(&c.work, count);
	schedule_work(&c.work);
	while (atomic_read(&c.runs) < 3)
		msleep(1);
	cancel_work_sync(&c.work);
	KUNIT_EXPECT_FALSE(test, work_pending(&c.work));
	memset(&c, 0xff, sizeof(c));
	flush_scheduled_work();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(locks_keep_others_out),
	KUNIT_CASE(a_lock_that_is_held_is_refused),
	KUNIT_CASE(a_wake_is_not_lost),
	KUNIT_CASE(stop_wakes_who_waits),
	KUNIT_CASE(wake_up_process_is_not_lost),
	KUNIT_CASE(a_completion_may_go_at_once),
	KUNIT_CASE(a_semaphore_counts),
	KUNIT_CASE(works_run_once_each),
	KUNIT_CASE(a_work_that_repeats_is_cancelled),
	{},
};
static struct kunit_suite suite = { .name = "threads", .test_cases = cases };
kunit_test_suite(suite);
