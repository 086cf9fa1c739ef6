/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The rseq backend under storms: threads that are preempted, moved and
 * interrupted in the middle of sequences, that leave the kernel's books and
 * come back, beside flushes, caches that come and go, and forks.
 *
 * Every object carries the mark of its owner, and none when it is free.  A
 * thread that gets an object with a mark got one that is in use; one that frees
 * an object with another's mark shares it.  At the end no object is missing.
 *
 * Builds with KMEM_INJECT stretch the sequences, more and less in turns, so
 * that they are cut at every step; without, this is a storm like any other.
 *
 * A signal handler uses the first try of an allocation and of a free, which
 * is all that it may interrupt; where the thread was outside of the library
 * it makes whole calls.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>

#include "kunit/test.h"
#include "slab/slab.h"
#include "stress/thread.h"
#include "stress/work.h"

#define CACHES 3
#define THREADS 8
#define HELD 48
#define BULK 12
#define STASH 16
#define MAIL 64

/* What of a storm a case wants. */
enum {
	MOVE = 1,     /* threads choose a CPU now and then */
	SIGNAL = 2,   /* handlers allocate and free */
	FLUSH = 4,    /* shrinking, trimming, other caches come and go */
	STRANGER = 8, /* threads leave the kernel's books and come back */
	CHURN = 16,   /* threads end and others begin */
	FORK = 32,
};

struct object {
	atomic_ulong mark; /* 0: free */
	unsigned long pad[3];
};

struct worker {
	unsigned int number, storm;
	struct rng rng;
	struct object *held[HELD];
	struct kmem_cache *from[HELD];
	/* objects that a handler could not give back */
	_Atomic(struct object *) stash[STASH];
	atomic_uint turn_handler;
	volatile sig_atomic_t outside; /* no call of the library is going on */
	bool registered;
};

static struct kmem_cache *caches[CACHES];
/* Objects on their way from one thread to another, by cache. */
static _Atomic(struct object *) mail[CACHES][MAIL];
static atomic_bool stop;
static atomic_uint failures;
static atomic_ulong handled, moved, left, flushed, begun;
static char why[200];
static __thread struct worker *self;

static void fail(const char *what)
{
	if (atomic_fetch_add(&failures, 1) == 0)
		snprintf(why, sizeof(why), "%s", what);
}

static bool over(void)
{
	return atomic_load_explicit(&stop, memory_order_relaxed) ||
	       atomic_load_explicit(&failures, memory_order_relaxed);
}

/* --- objects -------------------------------------------------------------- */

static void construct(void *obj)
{
	memset(obj, 0, sizeof(struct object));
}

static unsigned long mark_of(const struct worker *w)
{
	return (w->number + 1ul) << 48 | 1;
}

static void got(const struct worker *w, struct object *o)
{
	if (atomic_exchange(&o->mark, mark_of(w)))
		fail("an object was handed out that is in use");
}

static void give(const struct worker *w, struct object *o)
{
	if (atomic_exchange(&o->mark, 0) != mark_of(w))
		fail("an object had two owners");
}

static struct object *take_one(struct worker *w, struct kmem_cache *s)
{
	struct object *o = kmem_cache_alloc(s, GFP_KERNEL);

	if (o)
		got(w, o);
	else
		fail("kmem_cache_alloc with GFP_KERNEL gave NULL");
	return o;
}

static void give_one(struct worker *w, struct kmem_cache *s, struct object *o)
{
	give(w, o);
	kmem_cache_free(s, o);
}

/* --- the handler ---------------------------------------------------------- */

static void stash(struct worker *w, struct object *o)
{
	struct object *none;
	unsigned int i;

	for (i = 0; i < STASH; i++) {
		none = NULL;
		if (atomic_compare_exchange_strong(&w->stash[i], &none, o))
			return;
	}
	fail("the handler's stash is full");
}

/* One object out and in again, by first tries, which never wait. */
static void first_tries(struct worker *w, struct kmem_cache *s)
{
	struct object *o;

	if (atomic_load(&w->stash[STASH / 2]))
		return;
	o = pcs_pop_first(&s->pcs);
	if (!o)
		return;
	got(w, o);
	give(w, o);
	if (!pcs_push_first(&s->pcs, o))
		stash(w, o);
}

static void on_signal(int number)
{
	struct worker *w = self;
	struct kmem_cache *s;
	unsigned int turn;

	(void)number;
	if (!w)
		return;
	turn = atomic_fetch_add(&w->turn_handler, 1);
	s = caches[turn % CACHES];
	first_tries(w, s);
	if (w->outside) {
		w->outside = 0;
		give_one(w, s, take_one(w, s));
		w->outside = 1;
	}
	if (turn % 64 == 0)
		atomic_fetch_add(&handled, 64);
}

static void handle(int flags)
{
	struct sigaction sa = { .sa_handler = on_signal,
				.sa_flags = flags | SA_RESTART };

	sigaction(SIGRTMIN, &sa, NULL);
}

/* The handler has taken its mark off them. */
static void empty_stash(struct worker *w)
{
	struct kmem_cache *s;
	struct object *o;
	unsigned int i;

	for (i = 0; i < STASH; i++) {
		o = atomic_exchange(&w->stash[i], NULL);
		if (!o)
			continue;
		s = page_owner(o);
		kmem_cache_free(s, o);
	}
}

/* --- what a worker does --------------------------------------------------- */

static void drop_held(struct worker *w, unsigned int i)
{
	if (w->held[i])
		give_one(w, w->from[i], w->held[i]);
	w->held[i] = NULL;
}

static void replace(struct worker *w)
{
	unsigned int i = rng_below(&w->rng, HELD);

	drop_held(w, i);
	if (rng_below(&w->rng, 3) == 0)
		return;
	w->from[i] = caches[rng_below(&w->rng, CACHES)];
	w->held[i] = take_one(w, w->from[i]);
}

static void pairs(struct worker *w)
{
	struct kmem_cache *s = caches[rng_below(&w->rng, CACHES)];
	unsigned int i;

	for (i = 0; i < 20; i++)
		give_one(w, s, take_one(w, s));
}

static void many(struct worker *w)
{
	struct kmem_cache *s = caches[rng_below(&w->rng, CACHES)];
	unsigned int n = 1 + rng_below(&w->rng, BULK), i;
	void *p[BULK];

	if (!kmem_cache_alloc_bulk(s, GFP_KERNEL, n, p)) {
		fail("kmem_cache_alloc_bulk with GFP_KERNEL gave nothing");
		return;
	}
	for (i = 0; i < n; i++)
		got(w, p[i]);
	for (i = 0; i < n; i++)
		give(w, p[i]);
	kmem_cache_free_bulk(s, n, p);
}

/* Mine into the box, what is there out of it: freed by another thread. */
static void post(struct worker *w)
{
	unsigned int which = rng_below(&w->rng, CACHES);
	struct object *o = take_one(w, caches[which]);

	if (!o)
		return;
	give(w, o);
	atomic_store(&o->mark, ~0ul);
	o = atomic_exchange(&mail[which][rng_below(&w->rng, MAIL)], o);
	if (!o)
		return;
	if (atomic_exchange(&o->mark, 0) != ~0ul)
		fail("an object in the mail has another owner");
	kmem_cache_free(caches[which], o);
}

static void come_and_go(struct worker *w)
{
	if (w->registered && thread_unregister()) {
		w->registered = false;
		atomic_fetch_add(&left, 1);
	} else if (!w->registered && thread_register()) {
		w->registered = true;
	}
}

/* Time for a signal to come in no call of the library. */
static void think(struct worker *w)
{
	volatile unsigned int i;

	w->outside = 1;
	for (i = 0; i < 500; i++)
		;
	w->outside = 0;
}

static void step(struct worker *w)
{
	unsigned int what = rng_below(&w->rng, 100);

	if (what < 40)
		replace(w);
	else if (what < 65)
		pairs(w);
	else if (what < 75)
		many(w);
	else if (what < 90)
		post(w);
	else if (what < 92)
		sched_yield();
	else if (what < 95)
		think(w);
	else if (what < 97 && w->storm & STRANGER)
		come_and_go(w);
	else if (what == 99 && w->storm & MOVE) {
		thread_pin(thread_cpu(rng_below(&w->rng, thread_cpus())));
		atomic_fetch_add_explicit(&moved, 1, memory_order_relaxed);
	}
	if (w->storm & SIGNAL)
		empty_stash(w);
}

static void work(struct worker *w, unsigned long steps)
{
	bool alarmed = w->storm & SIGNAL &&
		       thread_alarm(80 + 40 * (w->number % 4));
	unsigned int i;

	w->rng.state = w->number * 7919 + 1;
	w->registered = true;
	self = w;
	while (!over() && steps--)
		step(w);
	if (alarmed)
		thread_calm();
	self = NULL;
	atomic_signal_fence(memory_order_seq_cst);
	empty_stash(w);
	for (i = 0; i < HELD; i++)
		drop_held(w, i);
}

static void *worker(void *arg)
{
	work(arg, ~0ul);
	return NULL;
}

/* --- what goes on beside -------------------------------------------------- */

static void *short_worker(void *arg)
{
	work(arg, 60);
	return NULL;
}

/* Threads of a few dozen steps, one after the other. */
static void *churner(void *arg)
{
	struct worker *w = arg;
	pthread_t t;

	while (!over()) {
		if (pthread_create(&t, NULL, short_worker, w)) {
			fail("pthread_create failed");
			break;
		}
		pthread_join(t, NULL);
		atomic_fetch_add(&begun, 1);
		w->number += THREADS + 2;
	}
	return NULL;
}

static void another_cache(struct rng *r)
{
	void *p[100];
	struct kmem_cache *s;
	unsigned int i, n = rng_below(r, 100);

	s = kmem_cache_create("storm-other", 16 + rng_below(r, 500), 0, 0,
			      NULL);
	for (i = 0; i < n; i++)
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	for (i = 0; i < n; i++)
		kmem_cache_free(s, p[i]);
	if (kmem_cache_destroy(s))
		fail("another cache lost objects");
}

static void *flusher(void *arg)
{
	static const uint32_t spins[] = { 0, 300, 20, 3000, 100, 1000 };
	const struct worker *w = arg;
	struct rng r = { .state = 42 };
	unsigned int turn = 0;

	while (!over()) {
		thread_inject(spins[turn++ / 16 % 6]);
		usleep(100 + rng_below(&r, 600));
		if (!(w->storm & FLUSH))
			continue;
		switch (rng_below(&r, 8)) {
		case 0:
			kmem_trim();
			break;
		case 1:
			another_cache(&r);
			break;
		default:
			kmem_cache_shrink(caches[rng_below(&r, CACHES)]);
		}
		atomic_fetch_add(&flushed, 1);
	}
	thread_inject(0);
	return NULL;
}

/* --- forks ---------------------------------------------------------------- */

/* The first things a child does; what is wrong is its exit status. */
static int child(void)
{
	struct worker w = { .number = 500 };
	struct object *o[100];
	unsigned int i, n;

	for (n = 0; n < 3 * CACHES; n++) {
		for (i = 0; i < 100; i++)
			o[i] = take_one(&w, caches[n % CACHES]);
		if (atomic_load(&failures))
			return 2;
		for (i = 0; i < 100; i++)
			give_one(&w, caches[n % CACHES], o[i]);
	}
	if (atomic_load(&failures))
		return 3;
	if (!kmem_validate())
		return 4;
	kmem_trim();
	return kmem_validate() && !strcmp(kmem_backend(), "rseq") ? 0 : 5;
}

static unsigned int forks;

static void fork_one(struct kunit *test)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	/* its alarms are not inherited, and it has no worker */
	pid = fork();
	if (pid == 0)
		_exit(child());
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		fail("fork failed");
		return;
	}
	forks++;
	KUNIT_EXPECT_EQ_MSG(test, status, 0, "child of fork %u: %s", forks,
			    WIFSIGNALED(status) ? "a signal" : "its verdict");
	if (status)
		fail("a child found the caches broken");
}

/* --- storms --------------------------------------------------------------- */

static void empty_mail(void)
{
	unsigned int c, i;

	for (c = 0; c < CACHES; c++) {
		for (i = 0; i < MAIL; i++) {
			struct object *o = atomic_exchange(&mail[c][i], NULL);

			if (!o)
				continue;
			atomic_store(&o->mark, 0);
			kmem_cache_free(caches[c], o);
		}
	}
}

static void make_caches(struct kunit *test)
{
	static const size_t sizes[CACHES] = { 32, 96, 1024 };
	char name[20];
	unsigned int i;

	for (i = 0; i < CACHES; i++) {
		snprintf(name, sizeof(name), "storm-%u", i);
		caches[i] = kmem_cache_create(name, sizes[i], 0, 0, construct);
		KUNIT_ASSERT_NOT_NULL(test, caches[i]);
	}
}

static void storm(struct kunit *test, unsigned int kind, int handler)
{
	static struct worker w[THREADS + 2];
	pthread_t t[THREADS + 2];
	unsigned long before;
	unsigned int i, bad;
	uint64_t end;

	if (strcmp(kmem_backend(), "rseq"))
		kunit_skip(test, "the backend is \"%s\"", kmem_backend());
	before = work_in_use();
	make_caches(test);
	memset(w, 0, sizeof(w));
	atomic_store(&stop, false);
	atomic_store(&failures, 0);
	forks = 0;
	handle(handler);
	end = work_now_ms() + work_seconds(2) * 1000ull;
	for (i = 0; i < THREADS + 2; i++) {
		w[i].number = i;
		w[i].storm = kind;
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL,
					       i == THREADS ? flusher :
					       i == THREADS + 1 &&
							       kind & CHURN ?
							      churner :
							      worker,
					       &w[i]),
				0);
	}
	while (work_now_ms() < end && !over()) {
		usleep(20000);
		if (kind & FORK)
			fork_one(test);
	}
	atomic_store(&stop, true);
	for (i = 0; i < THREADS + 2; i++)
		pthread_join(t[i], NULL);
	bad = atomic_load(&failures);
	KUNIT_ASSERT_EQ_MSG(test, bad, 0u, "%s", why);
	empty_mail();
	KUNIT_EXPECT_TRUE(test, kmem_validate());
	for (i = 0; i < CACHES; i++)
		KUNIT_EXPECT_EQ(test, kmem_cache_destroy(caches[i]), 0);
	work_balanced(test, before);
	kunit_info(test,
		   "%lu signals, %lu moves, %lu left the books, %lu flushes, "
		   "%lu threads, %u forks",
		   atomic_exchange(&handled, 0), atomic_exchange(&moved, 0),
		   atomic_exchange(&left, 0), atomic_exchange(&flushed, 0),
		   atomic_exchange(&begun, 0), forks);
}

static void threads_that_move(struct kunit *test)
{
	storm(test, MOVE, 0);
}

static void signals_in_the_middle(struct kunit *test)
{
	storm(test, SIGNAL | MOVE, 0);
}

static void signals_in_signals_beside_flushes(struct kunit *test)
{
	storm(test, SIGNAL | FLUSH | CHURN, SA_NODEFER);
}

static void threads_that_leave_the_books(struct kunit *test)
{
	storm(test, STRANGER | MOVE | SIGNAL | FLUSH, 0);
}

static void forks_from_all_of_it(struct kunit *test)
{
	storm(test, FORK | MOVE | SIGNAL | FLUSH | STRANGER | CHURN,
	      SA_NODEFER);
}

/* --- more caches than columns --------------------------------------------- */

#define MANY 4300

/* A cache without a column keeps objects all the same, in the other's slots. */
static void caches_beyond_the_columns(struct kunit *test)
{
	static struct kmem_cache *s[MANY];
	unsigned long before = work_in_use(), taken, gets;
	struct kmem_cache *last;
	unsigned int i;
	char name[20];
	void *p;

	if (strcmp(kmem_backend(), "rseq"))
		kunit_skip(test, "the backend is \"%s\"", kmem_backend());
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "one-of-many-%u", i);
		s[i] = kmem_cache_create(name, 64, 0, 0, NULL);
		KUNIT_ASSERT_NOT_NULL(test, s[i]);
	}
	last = s[MANY - 1];
	KUNIT_EXPECT_EQ(test, pcs_column(&last->pcs), 0);
	thread_pin(thread_cpu(0));
	p = kmem_cache_alloc(last, GFP_KERNEL);
	kmem_cache_free(last, p);
	taken = last->node0.taken;
	gets = last->barn0.gets;
	for (i = 0; i < 1000; i++) {
		p = kmem_cache_alloc(last, GFP_KERNEL);
		kmem_cache_free(last, p);
	}
	KUNIT_EXPECT_EQ(test, last->node0.taken, taken);
	KUNIT_EXPECT_EQ(test, last->barn0.gets, gets);
	KUNIT_EXPECT_GT(test, pcs_objects(&last->pcs), 0);
	thread_unpin();
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s[i]), 0);
	work_balanced(test, before);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(threads_that_move),
	KUNIT_CASE_SLOW(signals_in_the_middle),
	KUNIT_CASE_SLOW(signals_in_signals_beside_flushes),
	KUNIT_CASE_SLOW(threads_that_leave_the_books),
	KUNIT_CASE_SLOW(forks_from_all_of_it),
	KUNIT_CASE(caches_beyond_the_columns),
	{},
};

static int start(struct kunit_suite *suite)
{
	(void)suite;
	return kmem_init();
}

static struct kunit_suite suite = {
	.name = "stress_rseq",
	.suite_init = start,
	.test_cases = cases,
};
kunit_test_suite(suite);
