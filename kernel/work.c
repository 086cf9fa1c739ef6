/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Work queues: a list and a thread each.
 *
 * One lock for all: it guards the lists, and which work each thread runs.  A
 * work is not touched any more once its function was called, which may free
 * it; who waits for it compares addresses.
 */
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>

struct workqueue_struct {
	struct list_head queues;
	struct list_head works;
	struct work_struct *running;
	bool started;
	bool stop;
	pthread_t thread;
	char name[16];
	wait_queue_head_t more;
};

static struct workqueue_struct events = {
	.queues = LIST_HEAD_INIT(events.queues),
	.works = LIST_HEAD_INIT(events.works),
	.name = "events",
};
struct workqueue_struct *system_wq = &events;

static unsigned int lock;
static LIST_HEAD(all_queues);
static DECLARE_WAIT_QUEUE_HEAD(done);

/* The first that is due; *left: the ticks until one is. */
static struct work_struct *first_due(struct workqueue_struct *wq, long *left)
{
	unsigned long now = jiffies;
	struct work_struct *work;

	*left = MAX_SCHEDULE_TIMEOUT;
	list_for_each_entry(work, &wq->works, entry) {
		long wait = (long)(work->expires - now);

		if (wait <= 0 || wq->stop)
			return work;
		if (wait < *left)
			*left = wait;
	}
	return NULL;
}

static void take(struct work_struct *work)
{
	list_del_init(&work->entry);
	__atomic_store_n(&work->queue, NULL, __ATOMIC_RELAXED);
}

static void *serve(void *data)
{
	struct workqueue_struct *wq = data;
	struct work_struct *work;
	unsigned int wakes;
	long left;

	prctl(PR_SET_NAME, wq->name);
	kmem_word_lock(&lock);
	for (;;) {
		wakes = __atomic_load_n(&wq->more.wakes, __ATOMIC_SEQ_CST);
		work = first_due(wq, &left);
		if (!work && wq->stop)
			break;
		if (work) {
			take(work);
			wq->running = work;
		}
		kmem_word_unlock(&lock);
		if (work)
			work->func(work);
		else
			kmem_word_wait(&wq->more.wakes, wakes, left);
		kmem_word_lock(&lock);
		if (work) {
			wq->running = NULL;
			wake_up(&done);
		}
	}
	kmem_word_unlock(&lock);
	return NULL;
}

/* With the lock held. */
static bool start(struct workqueue_struct *wq)
{
	if (wq->started)
		return true;
	if (pthread_create(&wq->thread, NULL, serve, wq))
		return false;
	wq->started = true;
	list_add_tail(&wq->queues, &all_queues);
	return true;
}

/**
 * alloc_workqueue() - a queue with a thread of its own
 * @fmt: the name, of which 15 bytes are kept
 * @flags: WQ_*; one thread is what each of them gets
 * @max_active: at least 1; one work runs at a time
 *
 * Context: May sleep.
 * Return: the queue, or NULL.
 */
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
					 int max_active, ...)
{
	struct workqueue_struct *wq = calloc(1, sizeof(*wq));
	va_list args;
	bool started;

	(void)flags;
	if (!wq)
		return NULL;
	va_start(args, max_active);
	vscnprintf(wq->name, sizeof(wq->name), fmt, args);
	va_end(args);
	INIT_LIST_HEAD(&wq->works);
	kmem_word_lock(&lock);
	started = start(wq);
	kmem_word_unlock(&lock);
	if (started)
		return wq;
	free(wq);
	return NULL;
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	kmem_word_lock(&lock);
	wq->stop = true;
	kmem_word_unlock(&lock);
	wake_up(&wq->more);
	pthread_join(wq->thread, NULL);
	kmem_word_lock(&lock);
	list_del(&wq->queues);
	kmem_word_unlock(&lock);
	free(wq);
}

/* again: of a work that is queued the time alone is changed, which is true. */
bool kmem_queue_work(struct workqueue_struct *wq, struct work_struct *work,
		     unsigned long delay, bool again)
{
	bool was, queued;

	kmem_word_lock(&lock);
	was = work->queue != NULL;
	if (was && again)
		take(work);
	queued = !work->queue && start(wq);
	if (queued) {
		work->expires = jiffies + delay;
		__atomic_store_n(&work->queue, wq, __ATOMIC_RELAXED);
		list_add_tail(&work->entry, &wq->works);
		wake_up(&wq->more);
	}
	kmem_word_unlock(&lock);
	return again ? was : queued;
}

bool work_pending(struct work_struct *work)
{
	return __atomic_load_n(&work->queue, __ATOMIC_RELAXED) != NULL;
}

/* With the lock held; a work that asks about itself is not in its way. */
static bool runs(const struct work_struct *work)
{
	struct workqueue_struct *wq;

	list_for_each_entry(wq, &all_queues, queues)
		if (wq->running == work &&
		    !pthread_equal(wq->thread, pthread_self()))
			return true;
	return false;
}

static bool busy(const struct work_struct *work)
{
	bool is;

	kmem_word_lock(&lock);
	is = work->queue || runs(work);
	kmem_word_unlock(&lock);
	return is;
}

bool flush_work(struct work_struct *work)
{
	bool waited;

	kmem_word_lock(&lock);
	waited = work->queue || runs(work);
	if (work->queue) {
		work->expires = jiffies;
		wake_up(&work->queue->more);
	}
	kmem_word_unlock(&lock);
	wait_event(done, !busy(work));
	return waited;
}

bool cancel_work_sync(struct work_struct *work)
{
	bool was = false;

	do {
		kmem_word_lock(&lock);
		if (work->queue) {
			take(work);
			was = true;
		}
		kmem_word_unlock(&lock);
		/* It may put itself on the queue again while it runs. */
		wait_event(done, !busy(work) || work_pending(work));
	} while (busy(work));
	return was;
}

struct last_work {
	struct work_struct work;
	struct completion reached;
};

static void reach(struct work_struct *work)
{
	complete(&container_of(work, struct last_work, work)->reached);
}

void flush_workqueue(struct workqueue_struct *wq)
{
	struct last_work last;

	INIT_WORK(&last.work, reach);
	init_completion(&last.reached);
	if (queue_work(wq, &last.work))
		wait_for_completion(&last.reached);
}
