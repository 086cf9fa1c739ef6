/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Threads, and time.
 *
 * A thread that kthread_stop() ends may have looked at kthread_should_stop()
 * just before it went to sleep on some word.  So it is woken, on the word that
 * it wrote down, again and again until it has ended.
 */
#include <kmem/wait.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static __thread struct task_struct own;
static __thread struct task_struct *me;

/* The thread that forks goes on in the child as another one. */
static void forget(void)
{
	if (me)
		me->pid = 0;
}

__attribute__((constructor)) static void watch_fork(void)
{
	pthread_atfork(NULL, NULL, forget);
}

static void look_up(struct task_struct *task)
{
	task->tgid = (int)getpid();
	prctl(PR_GET_NAME, task->comm);
	task->pid = (int)syscall(SYS_gettid);
}

/* The running thread. */
struct task_struct *kmem_current(void)
{
	if (!me)
		me = &own;
	if (!me->pid)
		look_up(me);
	return me;
}

static void *run(void *data)
{
	struct task_struct *task = data;

	me = task;
	prctl(PR_SET_NAME, task->comm);
	look_up(task);
	task->result = task->fn(task->data);
	__atomic_store_n(&task->exited, 1, __ATOMIC_RELEASE);
	kmem_word_wake(&task->exited, true);
	return NULL;
}

/**
 * kthread_run() - a thread of its own for a function
 * @fn: what it runs; its result is kthread_stop()'s
 * @data: for @fn
 * @fmt: the name, of which 15 bytes are kept
 *
 * Each ends by kthread_stop(), also one whose function has returned.
 *
 * Context: May sleep.
 * Return: the task, or an ERR_PTR(): -ENOMEM, -EAGAIN.
 */
struct task_struct *kmem_kthread_run(int (*fn)(void *data), void *data,
				     const char *fmt, ...)
{
	struct task_struct *task = calloc(1, sizeof(*task));
	pthread_t thread;
	va_list args;
	int bad;

	if (!task)
		return ERR_PTR(-ENOMEM);
	va_start(args, fmt);
	vscnprintf(task->comm, sizeof(task->comm), fmt, args);
	va_end(args);
	task->fn = fn;
	task->data = data;
	bad = pthread_create(&thread, NULL, run, task);
	if (bad) {
		free(task);
		return ERR_PTR(-bad);
	}
	task->thread = (unsigned long)thread;
	return task;
}

bool kthread_should_stop(void)
{
	return __atomic_load_n(&kmem_current()->stop, __ATOMIC_SEQ_CST);
}

int kthread_stop(struct task_struct *task)
{
	unsigned int *word;
	int result;

	__atomic_store_n(&task->stop, 1, __ATOMIC_SEQ_CST);
	wake_up_process(task);
	while (!__atomic_load_n(&task->exited, __ATOMIC_ACQUIRE)) {
		word = __atomic_load_n(&task->waits, __ATOMIC_SEQ_CST);
		if (word)
			kmem_word_wake(word, true);
		kmem_word_wait(&task->exited, 0, 1);
	}
	pthread_join((pthread_t)task->thread, NULL);
	result = task->result;
	free(task);
	return result;
}

/* 1 when it had not been woken already. */
int wake_up_process(struct task_struct *task)
{
	int first = !__atomic_exchange_n(&task->wake, 1, __ATOMIC_SEQ_CST);

	kmem_word_wake(&task->wake, true);
	return first;
}

long schedule_timeout(long timeout)
{
	struct task_struct *task = kmem_current();
	unsigned long end = jiffies + (unsigned long)timeout;
	long left = timeout;

	might_sleep();
	if (!__atomic_load_n(&task->wake, __ATOMIC_SEQ_CST))
		kmem_word_wait(&task->wake, 0, timeout);
	__atomic_store_n(&task->wake, 0, __ATOMIC_SEQ_CST);
	task->state = TASK_RUNNING;
	if (timeout != MAX_SCHEDULE_TIMEOUT)
		left = (long)(end - jiffies);
	return left > 0 ? left : 0;
}

int cond_resched(void)
{
	might_sleep();
	sched_yield();
	return 0;
}

u64 ktime_get_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

unsigned long kmem_jiffies(void)
{
	return (unsigned long)(ktime_get_ns() / (1000000000 / HZ));
}

static void sleep_ns(u64 ns)
{
	struct timespec left = { (time_t)(ns / 1000000000),
				 (long)(ns % 1000000000) };
	int saved = errno;

	might_sleep();
	while (nanosleep(&left, &left) && errno == EINTR)
		;
	errno = saved;
}

void msleep(unsigned int ms)
{
	sleep_ns((u64)ms * 1000000);
}

void usleep_range(unsigned long least, unsigned long most)
{
	(void)most;
	sleep_ns((u64)least * 1000);
}

void ndelay(unsigned long ns)
{
	u64 end = ktime_get_ns() + ns;

	while (ktime_get_ns() < end)
		;
}
