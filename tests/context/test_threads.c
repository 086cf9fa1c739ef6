/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Threads that come, go, are cancelled and are moved from CPU to CPU; and the
 * shared library opened and closed under them.
 *
 * Cancelling.  No call of the library is a cancellation point, whatever it does
 * inside: a thread with a pending cancellation runs a call to its end, so what
 * it held is in its cleanup handlers' hands and nothing else is lost.  A thread
 * whose cancellation is asynchronous makes itself deferred around each call, as
 * POSIX asks for nearly every function.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/mm.h>

#include "context/guard.h"
#include "context/load.h"
#include "kunit/test.h"
#include "model/in_use.h"
#include "stress/thread.h"

#define THREADS 6

static atomic_bool stop;

static void in_both(struct kunit *test, const char *options,
		    unsigned int seconds, void (*fn)(void))
{
	char text[100];

	world_run(test, options, seconds, fn);
	snprintf(text, sizeof(text), "%s%spercpu=lock", options,
		 *options ? "," : "");
	world_run(test, text, seconds, fn);
}

static unsigned long open_world(void)
{
	unsigned long before;

	if (kmem_init())
		world_wrong("kmem_init()");
	before = in_use_bytes();
	load_open();
	return before;
}

static void close_world(unsigned long before)
{
	load_close();
	world_balanced(before);
}

/* --- many and short ------------------------------------------------------- */

static void *mayfly(void *number)
{
	unsigned long me = (unsigned long)number;
	struct load l;

	load_init(&l, 40, me, me % 2 ? 0 : GFP_KERNEL);
	load_steps(&l, 100);
	load_empty_all(&l);
	load_free_host(&l);
	return NULL;
}

static void mayflies_world(void)
{
	unsigned long before = open_world(), n = 0;
	pthread_t t[THREADS];

	while (n < 4000) {
		for (unsigned int i = 0; i < THREADS; i++)
			if (pthread_create(&t[i], NULL, mayfly, (void *)n++))
				world_wrong("no thread");
		for (unsigned int i = 0; i < THREADS; i++)
			pthread_join(t[i], NULL);
	}
	close_world(before);
}

static void thousands_of_short_threads(struct kunit *test)
{
	in_both(test, "", 120, mayflies_world);
}

/* What a thread leaves in use when it ends is another's to free. */
static void *leave(void *p)
{
	void **left = p;

	for (unsigned int i = 0; i < 200; i++)
		left[i] = kmalloc(1 + i * 17, GFP_KERNEL);
	return NULL;
}

static void heirs_world(void)
{
	unsigned long before = open_world();
	static void *left[200];
	pthread_t t;

	for (unsigned int i = 0; i < 300; i++) {
		if (pthread_create(&t, NULL, leave, left))
			world_wrong("no thread");
		pthread_join(t, NULL);
		kfree_bulk(200, left);
	}
	close_world(before);
}

static void blocks_of_threads_that_ended(struct kunit *test)
{
	in_both(test, "", 60, heirs_world);
}

/* --- cancelled ------------------------------------------------------------ */

static void clean_up(void *arg)
{
	struct load *l = arg;

	load_empty_all(l);
	load_free_host(l);
}

static atomic_ulong ended;

static void *deferred(void *number)
{
	unsigned long me = (unsigned long)number;
	struct load l;

	load_init(&l, 200, me, me % 3 ? GFP_KERNEL : 0);
	pthread_cleanup_push(clean_up, &l);
	for (;;) {
		load_steps(&l, 10);
		if (rng_below(&l.rng, 100) == 0)
			kmem_trim();
		/* pages enough that requests fail, and say so */
		if (rng_below(&l.rng, 10) == 0) {
			struct load_item *x = &l.item[rng_below(&l.rng, 200)];

			load_empty(&l, x);
			*x = (struct load_item){
				.kind = LOAD_KMALLOC,
				.size = 3000000,
			};
			x->p = kmalloc(x->size, GFP_NOWAIT & ~__GFP_NOWARN);
			if (x->p)
				work_stamp(x->p, x->size, x->seed);
		}
		pthread_testcancel();
	}
	pthread_cleanup_pop(0);
	return NULL;
}

static void *asynchronous(void *number)
{
	unsigned long me = (unsigned long)number;
	struct load l;
	int old;

	load_init(&l, 200, me, 0);
	pthread_cleanup_push(clean_up, &l);
	for (;;) {
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
		for (volatile unsigned int i = 0; i < 200; i++)
			;
		pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old);
		load_steps(&l, 10);
	}
	pthread_cleanup_pop(0);
	return NULL;
}

static void cancel_world(void *(*fn)(void *))
{
	uint64_t end = work_now_ms() + work_seconds(3) * 1000ull;
	unsigned long before = open_world(), n = 0;
	struct rng r = { .state = 3 };
	pthread_t t[THREADS];
	void *result;

	/* reports are written, to nobody */
	if (dup2(open("/dev/null", O_WRONLY), 2) < 0)
		world_wrong("/dev/null");
	while (work_now_ms() < end && !world_is_wrong()) {
		for (unsigned int i = 0; i < THREADS; i++)
			if (pthread_create(&t[i], NULL, fn, (void *)n++))
				world_wrong("no thread");
		for (unsigned int i = 0; i < THREADS; i++) {
			usleep(rng_below(&r, 3000));
			pthread_cancel(t[i]);
		}
		for (unsigned int i = 0; i < THREADS; i++) {
			pthread_join(t[i], &result);
			if (result != PTHREAD_CANCELED)
				world_wrong("not cancelled");
			atomic_fetch_add(&ended, 1);
		}
	}
	world_note("%lu threads cancelled", atomic_load(&ended));
	close_world(before);
}

static void deferred_world(void)
{
	cancel_world(deferred);
}

static void asynchronous_world(void)
{
	cancel_world(asynchronous);
}

static void cancelled_between_calls(struct kunit *test)
{
	in_both(test, "", work_seconds(3) + 60, deferred_world);
}

static void cancelled_when_memory_is_short(struct kunit *test)
{
	in_both(test, "mem=32M", work_seconds(3) + 60, deferred_world);
}

static void cancelled_at_any_instruction_outside(struct kunit *test)
{
	in_both(test, "", work_seconds(3) + 60, asynchronous_world);
}

/* The first call boots the library, which opens files. */
static void *pending(void *unused)
{
	void *p;

	pthread_cancel(pthread_self());
	p = kmalloc(100, GFP_KERNEL);
	kfree(p);
	atomic_fetch_add(&ended, 1);
	pthread_testcancel();
	return unused;
}

void world_early(const char *what)
{
	pthread_t t;

	(void)what;

	if (pthread_create(&t, NULL, pending, NULL))
		world_wrong("no thread");
	pthread_join(t, NULL);
	if (!atomic_load(&ended))
		world_wrong("the first call was left in its middle");
	/* the next thread finds a whole library */
	kfree(kmalloc(100, GFP_KERNEL));
	world_balanced(in_use_bytes());
}

static void cancelled_in_the_first_call(struct kunit *test)
{
	world_run_early(test, "", 30, "pending");
	world_run_early(test, "percpu=lock", 30, "pending");
}

/* A report is written, which is a cancellation point of libc's. */
static void *pending_report(void *unused)
{
	void *p;

	pthread_cancel(pthread_self());
	p = kmalloc(4000000, GFP_KERNEL | __GFP_NORETRY);
	kfree(p);
	if (!p)
		atomic_fetch_add(&ended, 1);
	pthread_testcancel();
	return unused;
}

static void report_world(void)
{
	unsigned long before = open_world();
	void *hog[40];
	unsigned int n;
	pthread_t t;

	if (dup2(open("/dev/null", O_WRONLY), 2) < 0)
		world_wrong("/dev/null");
	for (n = 0; n < 40; n++) {
		hog[n] = kmalloc(4000000,
				 GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
		if (!hog[n])
			break;
	}
	if (n == 40)
		world_wrong("memory did not end: %u %p %p", n, hog[0], hog[39]);
	if (pthread_create(&t, NULL, pending_report, NULL))
		world_wrong("no thread");
	pthread_join(t, NULL);
	if (!atomic_load(&ended))
		world_wrong("a call that fails was left in its middle");
	kfree_bulk(n, hog);
	close_world(before);
}

static void cancelled_in_a_report(struct kunit *test)
{
	in_both(test, "mem=32M", 30, report_world);
}

/* --- moved ---------------------------------------------------------------- */

static atomic_int tid[THREADS];

static void *moved(void *number)
{
	unsigned long me = (unsigned long)number;
	struct load l;

	load_init(&l, 300, me, me % 2 ? 0 : GFP_KERNEL);
	atomic_store(&tid[me], (int)gettid());
	thread_inject(me % 2 ? 30 : 0);
	while (!atomic_load(&stop))
		load_steps(&l, 100);
	load_empty_all(&l);
	load_free_host(&l);
	return NULL;
}

static void moved_world(void)
{
	uint64_t end = work_now_ms() + work_seconds(3) * 1000ull;
	unsigned long before = open_world(), moves = 0;
	struct rng r = { .state = 4 };
	pthread_t t[THREADS];
	cpu_set_t set;

	if (thread_cpus() < 2)
		world_skip("one CPU");
	for (unsigned long i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, moved, (void *)i))
			world_wrong("no thread");
	while (work_now_ms() < end) {
		unsigned int i = rng_below(&r, THREADS), n = 1;

		CPU_ZERO(&set);
		while (n--) {
			CPU_SET(thread_cpu(rng_below(&r, thread_cpus())), &set);
			n += rng_below(&r, 3) == 0;
		}
		if (atomic_load(&tid[i]) &&
		    !sched_setaffinity(atomic_load(&tid[i]), sizeof(set), &set))
			moves++;
		usleep(rng_below(&r, 300));
	}
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	world_note("%lu moves", moves);
	close_world(before);
}

static void moved_from_cpu_to_cpu(struct kunit *test)
{
	in_both(test, "", work_seconds(3) + 60, moved_world);
}

/* --- opened and closed ---------------------------------------------------- */

struct opened {
	void *handle;
	void *(*alloc)(size_t size, gfp_t gfp);
	void (*free)(const void *p);
	bool (*validate)(void);
};

static bool open_library(struct opened *o)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 20);

	if (n < 0)
		return false;
	path[n] = '\0';
	strcpy(strrchr(path, '/'), "/libkmem.so");
	o->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!o->handle)
		return false;
	/* the names behind <linux/slab.h> */
	*(void **)&o->alloc = dlsym(o->handle, "kmem_kmalloc");
	*(void **)&o->free = dlsym(o->handle, "kmem_kfree");
	*(void **)&o->validate = dlsym(o->handle, "kmem_kmem_validate");
	return o->alloc && o->free && o->validate;
}

/* Each opens and closes, and frees what it had from the time before. */
static void *opener(void *number)
{
	void *held[20] = { 0 };
	struct opened o = { 0 };

	for (unsigned int round = 0; round < 300; round++) {
		if (!open_library(&o)) {
			world_wrong("dlopen: %s", dlerror());
			return NULL;
		}
		for (unsigned int i = 0; i < 20; i++) {
			if (held[i] && *(char *)held[i] != 9)
				world_wrong("another's block");
			o.free(held[i]);
			held[i] = o.alloc(1 + i * 50, GFP_KERNEL);
			memset(held[i], 9, 1 + i * 50);
		}
		dlclose(o.handle);
	}
	/* closed: the code is there to the end, and so are the blocks */
	for (unsigned int i = 0; i < 20; i++)
		o.free(held[i]);
	return number;
}

static void opened_world(void)
{
	pthread_t t[3];
	struct opened o;

	if (!open_library(&o))
		world_skip("libkmem.so is not beside the test: %s", dlerror());
	dlclose(o.handle);
	for (unsigned long i = 0; i < 3; i++)
		if (pthread_create(&t[i], NULL, opener, (void *)i))
			world_wrong("no thread");
	for (unsigned int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	if (!o.validate())
		world_wrong("kmem_validate() of the shared library");
}

static void opened_and_closed(struct kunit *test)
{
	in_both(test, "", 60, opened_world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(thousands_of_short_threads),
	KUNIT_CASE(blocks_of_threads_that_ended),
	KUNIT_CASE_SLOW(cancelled_between_calls),
	KUNIT_CASE_SLOW(cancelled_when_memory_is_short),
	KUNIT_CASE_SLOW(cancelled_at_any_instruction_outside),
	KUNIT_CASE(cancelled_in_the_first_call),
	KUNIT_CASE(cancelled_in_a_report),
	KUNIT_CASE_SLOW(moved_from_cpu_to_cpu),
	KUNIT_CASE_SLOW(opened_and_closed),
	{},
};

static struct kunit_suite suite = {
	.name = "context_threads",
	.test_cases = cases,
};
kunit_test_suite(suite);
