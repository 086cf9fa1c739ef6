/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * this_cpu_add() and its kin under storms: many threads on the same variables,
 * that are moved from CPU to CPU, interrupted by handlers that do the same, and
 * that leave the kernel's books and come back, so that steps of both kinds meet
 * on one variable.  Builds with KMEM_INJECT stretch the steps.
 *
 * No step is lost and none is done twice: sums are exact, each value that
 * this_cpu_inc_return() answers comes once from each CPU, what
 * this_cpu_xchg() puts in comes out once, and each bit that is set or cleared
 * is so on one CPU.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>

#include "kunit/test.h"
#include "stress/thread.h"
#include "stress/work.h"

#define THREADS 6
#define VALUES (1u << 21)
#define MASKS 64

struct numbers {
	uint8_t a;
	uint16_t b;
	uint32_t c;
	uint64_t d;
};

/* What a case wants. */
enum {
	MOVE = 1,
	SIGNAL = 2,
	STRANGER = 4,
	FORK = 8,
};

static DEFINE_PER_CPU(struct numbers, fixed);
static DEFINE_PER_CPU(uint32_t, counter);
static DEFINE_PER_CPU(uint64_t, box);
static DEFINE_PER_CPU(uint64_t[MASKS], set_bits);
static DEFINE_PER_CPU(uint64_t[MASKS], clear_bits);
static struct numbers __percpu *object;
static struct percpu_counter counted;
/* How often this_cpu_inc_return(counter) answered a number. */
static atomic_uchar answers[VALUES];
static atomic_bool stop;
static atomic_ulong wrong, signals;

/* What a thread did, its handlers included. */
struct done {
	uint64_t a, b, c, d; /* added, in each size */
	uint64_t in, out;    /* of box */
	int64_t counted;
};

struct worker {
	pthread_t thread;
	unsigned int number, storm;
	struct rng rng;
	struct done itself, handler;
};

static __thread struct worker *self;

/* --- steps ---------------------------------------------------------------- */

static void one_answer(void)
{
	uint32_t n = this_cpu_inc_return(counter);

	if (n < VALUES)
		atomic_fetch_add_explicit(&answers[n], 1, memory_order_relaxed);
}

static void one_addition(struct done *w, uint64_t n)
{
	this_cpu_add(fixed.a, (uint8_t)n);
	this_cpu_sub(object->b, (uint16_t)n);
	this_cpu_add(object->c, (uint32_t)n);
	this_cpu_sub(fixed.d, n);
	this_cpu_inc(object->a);
	this_cpu_dec(fixed.b);
	w->a += n + 1;
	w->b += n + 1;
	w->c += n;
	w->d += n;
}

static void one_exchange(struct done *w, uint64_t n)
{
	w->in += n;
	w->out += this_cpu_xchg(box, n);
}

/* Adds by a comparison that others may spoil. */
static void one_comparison(struct done *w, uint64_t n)
{
	uint64_t old = this_cpu_read(object->d);
	uint32_t seen = this_cpu_read(fixed.c);

	while (!this_cpu_try_cmpxchg(object->d, &old, old + n))
		;
	while (this_cpu_cmpxchg(fixed.c, seen, seen + 7) != seen)
		seen = this_cpu_read(fixed.c);
	w->d -= n;
	w->c += 7;
}

static void one_count(struct done *w, uint64_t n)
{
	int64_t amount = (int64_t)(n % 41) - 15;

	percpu_counter_add(&counted, amount);
	w->counted += amount;
	/* nobody but this sum has a limit, so it cannot be beyond it */
	if (!percpu_counter_limited_add(&counted, INT64_MAX, 1))
		atomic_fetch_add(&wrong, 1);
	w->counted++;
}

static void one_step(struct done *w, uint64_t n)
{
	switch (n % 5) {
	case 0:
		one_answer();
		break;
	case 1:
		one_exchange(w, n);
		break;
	case 2:
		one_comparison(w, n);
		break;
	case 3:
		one_count(w, n);
		break;
	default:
		one_addition(w, n);
	}
}

static void on_signal(int number)
{
	static __thread uint64_t n;

	(void)number;
	if (!self)
		return;
	for (unsigned int i = 0; i < 4; i++)
		one_step(&self->handler, ++n);
	atomic_fetch_add_explicit(&signals, 1, memory_order_relaxed);
}

/* --- threads -------------------------------------------------------------- */

static uint64_t total_d(void)
{
	uint64_t sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) sum += per_cpu(fixed, cpu).d;
	return sum;
}

/* In the child all is as it was, and goes on. */
static void child(void)
{
	uint64_t before;
	unsigned int i;

	thread_calm();
	before = total_d();
	for (i = 0; i < 1000; i++)
		this_cpu_inc(fixed.d);
	_exit(total_d() == before + 1000 ? 0 : 1);
}

static void fork_once(void)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		child();
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		atomic_fetch_add(&wrong, 1);
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	unsigned int i = 0;
	bool away = false;

	self = w;
	if (w->storm & SIGNAL)
		thread_alarm(200 + 37 * w->number);
	while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
		one_step(&w->itself, rng_next(&w->rng));
		if (++i % 256)
			continue;
		if (w->storm & MOVE)
			thread_pin(
				thread_cpu(rng_below(&w->rng, thread_cpus())));
		if (w->storm & STRANGER && w->number % 2 == 0)
			away = away ? !thread_register() : thread_unregister();
		if (w->storm & FORK && w->number == 1 && i % 8192 == 0)
			fork_once();
	}
	if (away)
		thread_register();
	if (w->storm & SIGNAL)
		thread_calm();
	self = NULL;
	return NULL;
}

static void set_all_zero(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
	{
		memset(&per_cpu(fixed, cpu), 0, sizeof(struct numbers));
		memset(per_cpu_ptr(object, cpu), 0, sizeof(struct numbers));
		per_cpu(counter, cpu) = 0;
		per_cpu(box, cpu) = 0;
	}
	memset(answers, 0, sizeof(answers));
}

/* Each CPU answers 1, 2, 3 and so on, each once. */
static void expect_answers(struct kunit *test)
{
	unsigned int bad = 0, want;
	uint32_t n;
	int cpu;

	for (n = 1; n < VALUES; n++) {
		want = 0;
		for_each_possible_cpu(cpu) want += per_cpu(counter, cpu) >= n;
		bad += atomic_load(&answers[n]) != want;
		if (!want)
			break;
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
}

static void expect_sums(struct kunit *test, const struct done *sum)
{
	struct numbers x = { 0 }, *p;
	uint64_t left = 0;
	int cpu, i;

	for_each_possible_cpu(cpu)
	{
		left += per_cpu(box, cpu);
		for (i = 0; i < 2; i++) {
			p = i ? per_cpu_ptr(object, cpu) : &per_cpu(fixed, cpu);
			x.a += p->a;
			x.b -= p->b;
			x.c += p->c;
			x.d -= p->d;
		}
	}
	KUNIT_EXPECT_EQ(test, x.a, (uint8_t)sum->a);
	KUNIT_EXPECT_EQ(test, x.b, (uint16_t)sum->b);
	KUNIT_EXPECT_EQ(test, x.c, (uint32_t)sum->c);
	KUNIT_EXPECT_EQ(test, x.d, sum->d);
	KUNIT_EXPECT_EQ(test, left + sum->out, sum->in);
	KUNIT_EXPECT_EQ(test, percpu_counter_sum(&counted), sum->counted);
}

static void done_add(struct done *sum, const struct done *d)
{
	sum->a += d->a;
	sum->b += d->b;
	sum->c += d->c;
	sum->d += d->d;
	sum->in += d->in;
	sum->out += d->out;
	sum->counted += d->counted;
}

static void storm(struct kunit *test, unsigned int what)
{
	static struct worker w[THREADS];
	struct done sum = { 0 };
	unsigned int i;
	uint64_t end;

	object = alloc_percpu(struct numbers);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_ASSERT_EQ(test, percpu_counter_init(&counted, 0, GFP_KERNEL), 0);
	set_all_zero();
	atomic_store(&stop, false);
	memset(w, 0, sizeof(w));
	for (i = 0; i < THREADS; i++) {
		w[i].number = i;
		w[i].storm = what;
		w[i].rng.state = i * 77 + what;
		KUNIT_ASSERT_EQ(test,
				pthread_create(&w[i].thread, NULL, worker_run,
					       &w[i]),
				0);
	}
	end = work_now_ms() + work_seconds(1) * 1000;
	for (i = 0; work_now_ms() < end; i++) {
		thread_inject(i % 3 ? 0 : 20000);
		usleep(20000);
	}
	thread_inject(0);
	atomic_store(&stop, true);
	for (i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		done_add(&sum, &w[i].itself);
		done_add(&sum, &w[i].handler);
	}
	expect_sums(test, &sum);
	expect_answers(test);
	KUNIT_EXPECT_EQ(test, atomic_load(&wrong), 0);
	percpu_counter_destroy(&counted);
	free_percpu(object);
}

/* --- cases ---------------------------------------------------------------- */

static bool by_sequence(void)
{
	return !strcmp(kmem_backend(), "rseq");
}

static void threads_that_are_moved(struct kunit *test)
{
	storm(test, MOVE);
}

static void threads_that_are_interrupted(struct kunit *test)
{
	storm(test, MOVE | SIGNAL);
	KUNIT_EXPECT_GT(test, atomic_load(&signals), 0);
}

static void threads_that_come_and_go(struct kunit *test)
{
	if (!by_sequence())
		kunit_skip(test, "threads are all alike to the lock backend");
	storm(test, MOVE | SIGNAL | STRANGER);
}

static void a_process_that_forks(struct kunit *test)
{
	storm(test, MOVE | FORK);
}

/* --- bits ----------------------------------------------------------------- */

static void *bits_run(void *arg)
{
	unsigned int number = (unsigned int)(uintptr_t)arg, i, bit;

	for (bit = number; bit < 64; bit += THREADS) {
		for (i = 0; i < MASKS; i++) {
			this_cpu_or(set_bits[i], 1ull << bit);
			this_cpu_and(clear_bits[i], ~(1ull << bit));
		}
		thread_pin(thread_cpu(bit % thread_cpus()));
	}
	return NULL;
}

/* Each bit was changed on one CPU. */
static void expect_bits(struct kunit *test, unsigned int i)
{
	uint64_t once = 0, twice = 0, cleared = 0, again = 0, v;
	int cpu;

	for_each_possible_cpu(cpu)
	{
		v = per_cpu(set_bits, cpu)[i];
		twice |= once & v;
		once |= v;
		v = ~per_cpu(clear_bits, cpu)[i];
		again |= cleared & v;
		cleared |= v;
	}
	KUNIT_EXPECT_EQ(test, once, ~0ull);
	KUNIT_EXPECT_EQ(test, twice, 0);
	KUNIT_EXPECT_EQ(test, cleared, ~0ull);
	KUNIT_EXPECT_EQ(test, again, 0);
}

static void bits_change_once(struct kunit *test)
{
	pthread_t t[THREADS];
	unsigned int round, i;
	int cpu;

	for (round = 0; round < 100; round++) {
		for_each_possible_cpu(cpu)
		{
			memset(per_cpu(set_bits, cpu), 0, sizeof(set_bits));
			memset(per_cpu(clear_bits, cpu), 0xff,
			       sizeof(clear_bits));
		}
		for (i = 0; i < THREADS; i++)
			pthread_create(&t[i], NULL, bits_run,
				       (void *)(uintptr_t)i);
		for (i = 0; i < THREADS; i++)
			pthread_join(t[i], NULL);
		for (i = 0; i < MASKS; i++)
			expect_bits(test, i);
	}
}

/* --- objects that come and go --------------------------------------------- */

static void *objects_run(void *arg)
{
	struct rng r = { .state = (uintptr_t)arg };
	uint64_t __percpu *p[16] = { NULL };
	unsigned int i, n;
	int cpu;

	for (n = 0; n < 4000; n++) {
		i = rng_below(&r, 16);
		if (!p[i]) {
			p[i] = alloc_percpu_gfp(uint64_t, n % 2 ? GFP_KERNEL :
								  GFP_ATOMIC);
			continue;
		}
		for_each_possible_cpu(cpu) if (*per_cpu_ptr(p[i], cpu))
			atomic_fetch_add(&wrong, 1);
		this_cpu_write(*p[i], n);
		free_percpu(p[i]);
		p[i] = NULL;
	}
	for (i = 0; i < 16; i++)
		free_percpu(p[i]);
	return NULL;
}

static void objects_are_zero_whoever_had_them(struct kunit *test)
{
	pthread_t t[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, objects_run,
			       (void *)(uintptr_t)(i + 1));
	for (i = 0; i < 20; i++)
		kmem_trim();
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	KUNIT_EXPECT_EQ(test, atomic_load(&wrong), 0);
}

static int install_handler(struct kunit_suite *suite)
{
	struct sigaction sa = { .sa_handler = on_signal,
				.sa_flags = SA_RESTART };

	(void)suite;
	return sigaction(SIGRTMIN, &sa, NULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(threads_that_are_moved),
	KUNIT_CASE(threads_that_are_interrupted),
	KUNIT_CASE(threads_that_come_and_go),
	KUNIT_CASE(a_process_that_forks),
	KUNIT_CASE(bits_change_once),
	KUNIT_CASE(objects_are_zero_whoever_had_them),
	{},
};
static struct kunit_suite suite = {
	.name = "percpu",
	.suite_init = install_handler,
	.test_cases = cases,
};
kunit_test_suite(suite);
