/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The sequences one by one, on the process's own port: what each does at
 * every fill of every size of sheaf, where there is no sheaf, on a CPU that
 * has not been met, and for a thread that the kernel does not know.  Objects
 * are numbers in the shape of pointers.
 *
 * Where the backend is "lock" the same is asked of it.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <kmem/kmem.h>

#include "kunit/pcs.h"
#include "kunit/test.h"
#include "slab/slab.h"
#include "stress/thread.h"
#include "stress/work.h"

#define CPUS_MOST 1024

static const unsigned int sizes[] = { 64, 128, 256, 512, 1024, 2048, 4096 };

static bool by_sequence(void)
{
	return !strcmp(pcs_backend(), "rseq");
}

static void *object(unsigned long n)
{
	return (void *)(0x1000 + n * 8);
}

static void **sheaf_new(const struct pcs *p)
{
	void **base = aligned_alloc(p->bytes, p->bytes);

	memset(base, 0xee, p->bytes);
	base[0] = NULL;
	return base + 1;
}

static void **sheaf_of(const struct pcs *p, unsigned int n, unsigned long first)
{
	void **top = sheaf_new(p);

	while (n--)
		*top++ = object(first++);
	return top;
}

static void sheaf_free(const struct pcs *p, void **top)
{
	free(pcs_base(p, top));
}

static void take_free(void *ctx, void **top)
{
	sheaf_free(ctx, top);
}

/* Does the sheaf hold n objects, first, first + 1, ..? */
static bool holds(const struct pcs *p, void **top, unsigned int n,
		  unsigned long first)
{
	void **base = pcs_base(p, top);
	unsigned int i;

	if (pcs_is_standin(top) || base[0] || pcs_count(p, top) != n)
		return false;
	for (i = 0; i < n; i++)
		if (base[i + 1] != object(first + i))
			return false;
	return true;
}

/* --- a cache's slots without the cache ------------------------------------ */

static void open_slots(struct kunit *test, struct pcs *p, unsigned int bytes)
{
	unsigned int n = 1;

	if (by_sequence()) {
		pcs_init(p, bytes, NULL, 0);
		lock_take(&slab_mutex, LOCK_CACHES);
		KUNIT_EXPECT_TRUE(test, pcs_open(p));
		lock_drop(&slab_mutex, LOCK_CACHES);
		return;
	}
	while (n < port_nr_cpus())
		n *= 2;
	pcs_init(p, bytes,
		 aligned_alloc(CACHE_LINE, n * sizeof(struct pcs_slot)), n);
}

static void close_slots(struct pcs *p)
{
	lock_take(&slab_mutex, LOCK_CACHES);
	pcs_drain(p, take_free, p);
	pcs_close(p, false);
	lock_drop(&slab_mutex, LOCK_CACHES);
	free(p->slots);
	pcs_init(p, p->bytes, NULL, 0);
}

static void **swap(struct kunit *test, struct pcs *p, enum pcs_word w,
		   void **new)
{
	void **old = NULL;

	KUNIT_ASSERT_TRUE(test, pcs_xchg(p, w, new, &old));
	return old;
}

static void put_main(struct kunit *test, struct pcs *p, unsigned int n)
{
	KUNIT_ASSERT_TRUE(test, pcs_is_standin(swap(test, p, PCS_MAIN,
						    sheaf_of(p, n, 0))));
}

/* What is main holds n objects from number 0 on; it is taken away. */
static void expect_main(struct kunit *test, struct pcs *p, unsigned int n)
{
	void **top = swap(test, p, PCS_MAIN, PCS_STANDIN);

	KUNIT_ASSERT_TRUE_MSG(test, holds(p, top, n, 0), "%u bytes, fill %u",
			      p->bytes, n);
	sheaf_free(p, top);
}

/* --- one by one ----------------------------------------------------------- */

static void each_fill(struct kunit *test,
		      void (*fn)(struct kunit *test, struct pcs *p,
				 unsigned int fill))
{
	unsigned int i, fill;
	struct pcs p;

	thread_pin(thread_cpu(0));
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		open_slots(test, &p, sizes[i]);
		for (fill = 0; fill <= pcs_capacity(&p); fill++)
			fn(test, &p, fill);
		close_slots(&p);
	}
	thread_unpin();
}

static void pop_at(struct kunit *test, struct pcs *p, unsigned int fill)
{
	put_main(test, p, fill);
	KUNIT_ASSERT_PTR_EQ(test, pcs_pop(p), fill ? object(fill - 1) : NULL);
	expect_main(test, p, fill ? fill - 1 : 0);
}

static void push_at(struct kunit *test, struct pcs *p, unsigned int fill)
{
	bool room = fill < pcs_capacity(p);

	put_main(test, p, fill);
	KUNIT_ASSERT_EQ(test, pcs_push(p, object(fill)), room);
	expect_main(test, p, fill + room);
}

static void push_column_at(struct kunit *test, struct pcs *p, unsigned int fill)
{
	bool room = fill < pcs_capacity(p);
	uintptr_t column = pcs_column(p);

	put_main(test, p, fill);
	KUNIT_ASSERT_EQ(test, pcs_push_column(column, object(fill)), room);
	/* parked, it takes nothing, and afterwards as much as before */
	lock_take(&slab_mutex, LOCK_CACHES);
	pcs_freeze(p);
	KUNIT_ASSERT_FALSE(test, pcs_push_column(column, object(fill + 1)));
	pcs_thaw(p);
	lock_drop(&slab_mutex, LOCK_CACHES);
	KUNIT_ASSERT_EQ(test, pcs_push_column(column, object(fill + 1)),
			fill + 1 < pcs_capacity(p));
	expect_main(test, p,
		    fill + 2 < pcs_capacity(p) ? fill + 2 : pcs_capacity(p));
}

static unsigned int some_number(const struct pcs *p, unsigned int fill,
				unsigned int i)
{
	unsigned int all = pcs_capacity(p);
	unsigned int n[] = {
		0,  1,          2,    fill,     all, fill + 1,
		17, all - fill, 1000, fill / 2, all, all - fill + 1
	};

	return n[i];
}
#define SOME_NUMBERS 12

static void pop_bulk_at(struct kunit *test, struct pcs *p, unsigned int fill)
{
	unsigned int i, k, n, want;
	void *out[1001];

	for (i = 0; i < SOME_NUMBERS; i++) {
		n = some_number(p, fill, i);
		want = n < fill ? n : fill;
		out[want] = object(12345);
		put_main(test, p, fill);
		KUNIT_ASSERT_EQ(test, pcs_pop_bulk(p, n, out), want);
		for (k = 0; k < want; k++)
			if (out[k] != object(fill - 1 - k))
				KUNIT_FAIL(test, "%u of %u", k, n);
		/* nothing beyond what was moved */
		KUNIT_ASSERT_TRUE(test,
				  want == fill || out[want] == object(12345));
		expect_main(test, p, fill - want);
	}
}

static void push_bulk_at(struct kunit *test, struct pcs *p, unsigned int fill)
{
	unsigned int room = pcs_capacity(p) - fill, i, k, n, want;
	void *in[1000];

	for (k = 0; k < 1000; k++)
		in[k] = object(fill + k);
	for (i = 0; i < SOME_NUMBERS; i++) {
		n = some_number(p, fill, i);
		want = n < room ? n : room;
		put_main(test, p, fill);
		KUNIT_ASSERT_EQ(test, pcs_push_bulk(p, n, in), want);
		expect_main(test, p, fill + want);
	}
	for (k = 0; k < 1000; k++)
		KUNIT_ASSERT_PTR_EQ(test, in[k], object(fill + k));
}

static void xchg_at(struct kunit *test, struct pcs *p, unsigned int fill)
{
	void **a = sheaf_of(p, fill, 0), **b = sheaf_of(p, fill, 5000);

	KUNIT_ASSERT_TRUE(test, pcs_is_standin(swap(test, p, PCS_MAIN, a)));
	KUNIT_ASSERT_NULL(test, swap(test, p, PCS_SPARE, b));
	KUNIT_ASSERT_EQ(test, pcs_objects(p), 2 * fill);
	KUNIT_ASSERT_PTR_EQ(test, swap(test, p, PCS_MAIN, b), a);
	KUNIT_ASSERT_PTR_EQ(test, swap(test, p, PCS_SPARE, a), b);
	KUNIT_ASSERT_TRUE(test, holds(p, a, fill, 0));
	KUNIT_ASSERT_TRUE(test, holds(p, b, fill, 5000));
	KUNIT_ASSERT_PTR_EQ(test, swap(test, p, PCS_MAIN, PCS_STANDIN), b);
	KUNIT_ASSERT_PTR_EQ(test, swap(test, p, PCS_SPARE, NULL), a);
	KUNIT_ASSERT_EQ(test, pcs_objects(p), 0);
	sheaf_free(p, a);
	sheaf_free(p, b);
}

static void pop_takes_the_last(struct kunit *test)
{
	each_fill(test, pop_at);
}

static void push_adds_while_there_is_room(struct kunit *test)
{
	each_fill(test, push_at);
}

static void push_finds_the_slot_by_the_column(struct kunit *test)
{
	if (!by_sequence())
		kunit_skip(test, "the lock backend has no columns");
	each_fill(test, push_column_at);
}

static void pop_bulk_takes_the_last_ones(struct kunit *test)
{
	each_fill(test, pop_bulk_at);
}

static void push_bulk_adds_what_fits(struct kunit *test)
{
	each_fill(test, push_bulk_at);
}

static void xchg_gives_what_was_there(struct kunit *test)
{
	each_fill(test, xchg_at);
}

/* --- where there is no sheaf ---------------------------------------------- */

static void expect_nothing_works(struct kunit *test, const struct pcs *p)
{
	void *o = object(3), **old = &o;

	KUNIT_EXPECT_NULL(test, pcs_pop(p));
	KUNIT_EXPECT_FALSE(test, pcs_push(p, o));
	KUNIT_EXPECT_EQ(test, pcs_pop_bulk(p, 1, &o), 0);
	KUNIT_EXPECT_EQ(test, pcs_push_bulk(p, 1, &o), 0);
	KUNIT_EXPECT_FALSE(test, pcs_xchg(p, PCS_MAIN, PCS_STANDIN, &old));
	KUNIT_EXPECT_FALSE(test, pcs_xchg(p, PCS_SPARE, NULL, &old));
	KUNIT_EXPECT_PTR_EQ(test, old, &o);
	KUNIT_EXPECT_PTR_EQ(test, o, object(3));
}

static void nothing_works_without_slots(struct kunit *test)
{
	unsigned int i, cpu;
	struct pcs p;

	for (cpu = 0; cpu < thread_cpus(); cpu++) {
		thread_pin(thread_cpu(cpu));
		for (i = 0; i < ARRAY_LEN(sizes); i++) {
			pcs_init(&p, sizes[i], NULL, 0);
			expect_nothing_works(test, &p);
			KUNIT_EXPECT_EQ(test, pcs_objects(&p), 0);
			KUNIT_EXPECT_TRUE(test, pcs_valid(&p));
		}
	}
	thread_unpin();
}

static void slots_without_a_sheaf_hold_nothing(struct kunit *test)
{
	void *o = object(1);
	struct pcs p;
	unsigned int i;

	thread_pin(thread_cpu(0));
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		open_slots(test, &p, sizes[i]);
		KUNIT_EXPECT_NULL(test, pcs_pop(&p));
		KUNIT_EXPECT_FALSE(test, pcs_push(&p, o));
		KUNIT_EXPECT_EQ(test, pcs_pop_bulk(&p, 1, &o), 0);
		KUNIT_EXPECT_EQ(test, pcs_push_bulk(&p, 1, &o), 0);
		KUNIT_EXPECT_NULL(test, swap(test, &p, PCS_SPARE, NULL));
		close_slots(&p);
		expect_nothing_works(test, &p);
	}
	thread_unpin();
}

static void frozen_slots_stand_still(struct kunit *test)
{
	struct pcs p;

	thread_pin(thread_cpu(0));
	open_slots(test, &p, 512);
	put_main(test, &p, 9);
	lock_take(&slab_mutex, LOCK_CACHES);
	pcs_freeze(&p);
	expect_nothing_works(test, &p);
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), 9);
	KUNIT_EXPECT_TRUE(test, pcs_valid(&p));
	pcs_thaw(&p);
	lock_drop(&slab_mutex, LOCK_CACHES);
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(8));
	close_slots(&p);
	thread_unpin();
}

static void count_take(void *ctx, void **top)
{
	(*(unsigned int *)ctx)++;
	free((void *)((uintptr_t)(top - 1) & ~511ul));
}

static unsigned int unfenced_take(struct pcs *p)
{
	unsigned int taken = 0;

	lock_take(&slab_mutex, LOCK_CACHES);
	pcs_park(p);
	pcs_empty(p, false, count_take, &taken);
	lock_drop(&slab_mutex, LOCK_CACHES);
	return taken;
}

/*
 * Another CPU's slot stays as it is: a thread may be in the middle of it.
 * This CPU's is taken by a sequence.
 */
static void without_a_fence_no_other_cpu_is_asked(struct kunit *test)
{
	struct pcs p;

	if (!by_sequence())
		kunit_skip(test, "the lock backend needs no fence");
	if (thread_cpus() < 2)
		kunit_skip(test, "there is one CPU");
	thread_pin(thread_cpu(0));
	open_slots(test, &p, 512);
	put_main(test, &p, 9);
	thread_pin(thread_cpu(1));
	KUNIT_EXPECT_EQ(test, unfenced_take(&p), 0);
	thread_pin(thread_cpu(0));
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(8));
	KUNIT_EXPECT_EQ(test, unfenced_take(&p), 1);
	KUNIT_EXPECT_NULL(test, pcs_pop(&p));
	close_slots(&p);
	thread_unpin();
}

/* --- CPUs ----------------------------------------------------------------- */

/* First of all cases, on one CPU until here: the others have not been met. */
static void each_cpu_has_its_own(struct kunit *test)
{
	unsigned int cpu, n = thread_cpus();
	struct pcs p;

	if (n < 2)
		kunit_skip(test, "there is one CPU");
	thread_pin(thread_cpu(0));
	open_slots(test, &p, 64);
	put_main(test, &p, 2);
	for (cpu = 1; cpu < n; cpu++) {
		thread_pin(thread_cpu(cpu));
		KUNIT_EXPECT_NULL(test, pcs_pop(&p));
		KUNIT_EXPECT_FALSE(test, pcs_push(&p, object(1)));
		KUNIT_EXPECT_NULL(test, swap(test, &p, PCS_SPARE, NULL));
		KUNIT_EXPECT_TRUE(
			test, pcs_is_standin(swap(test, &p, PCS_MAIN,
						  sheaf_of(&p, 3, cpu * 10))));
	}
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), 2 + 3 * (n - 1));
	while (--cpu) {
		thread_pin(thread_cpu(cpu));
		KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(cpu * 10 + 2));
	}
	thread_pin(thread_cpu(0));
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(&p), object(1));
	close_slots(&p);
	thread_unpin();
}

/* What each CPU's main should hold; -1: no sheaf. */
struct model {
	int fill[CPUS_MOST];
	unsigned long o[CPUS_MOST][31];
};

static void random_step(struct kunit *test, struct pcs *p, struct model *m,
			unsigned int cpu, struct rng *r)
{
	int *fill = &m->fill[cpu];
	unsigned long n = rng_below(r, 1000000);
	void **old;

	switch (rng_below(r, 12)) {
	case 0:
		old = swap(test, p, PCS_MAIN,
			   *fill < 0 ? sheaf_new(p) : PCS_STANDIN);
		KUNIT_ASSERT_EQ(test, pcs_is_standin(old), *fill < 0);
		if (*fill >= 0) {
			KUNIT_ASSERT_EQ(test, pcs_count(p, old), *fill);
			sheaf_free(p, old);
		}
		*fill = *fill < 0 ? 0 : -1;
		break;
	case 1 ... 6:
		KUNIT_ASSERT_EQ(test, pcs_push(p, object(n)),
				*fill >= 0 && *fill < 31);
		if (*fill >= 0 && *fill < 31)
			m->o[cpu][(*fill)++] = n;
		break;
	default:
		KUNIT_ASSERT_PTR_EQ(test, pcs_pop(p),
				    *fill > 0 ? object(m->o[cpu][*fill - 1]) :
						NULL);
		if (*fill > 0)
			--*fill;
	}
}

static void random_steps_on_many_cpus(struct kunit *test)
{
	struct rng r = { .state = 99 };
	static struct model m;
	unsigned int cpu = 0, i;
	struct pcs p;

	memset(m.fill, 0xff, sizeof(m.fill));
	open_slots(test, &p, 256);
	for (i = 0; i < 60000; i++) {
		if (i % 40 == 0) {
			cpu = rng_below(&r, thread_cpus());
			thread_pin(thread_cpu(cpu));
		}
		random_step(test, &p, &m, cpu, &r);
	}
	thread_unpin();
	close_slots(&p);
}

/* --- threads that the kernel does not know -------------------------------- */

struct stranger {
	struct kunit *test;
	struct pcs *p;
};

static void *stranger_thread(void *arg)
{
	struct stranger *a = arg;
	struct kunit *test = a->test;

	thread_pin(thread_cpu(0));
	errno = 4242;
	KUNIT_EXPECT_TRUE(test, pcs_on_column(a->p));
	KUNIT_EXPECT_EQ(test, errno, 4242);
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(a->p), object(3));
	KUNIT_ASSERT_TRUE(test, thread_unregister());
	KUNIT_EXPECT_FALSE(test, pcs_on_column(a->p));
	expect_nothing_works(test, a->p);
	KUNIT_ASSERT_TRUE(test, thread_register());
	KUNIT_EXPECT_TRUE(test, pcs_on_column(a->p));
	KUNIT_EXPECT_PTR_EQ(test, pcs_pop(a->p), object(2));
	return NULL;
}

/*
 * Its area looks like one in use, as where a thread's memory is a copy or
 * zero; it says what it is, and uses the lock backend from then on.
 */
static void *unknown_thread(void *arg)
{
	struct thread_area *area = thread_area();
	struct stranger *a = arg;
	struct kunit *test = a->test;

	thread_pin(thread_cpu(0));
	KUNIT_ASSERT_TRUE(test, thread_unregister());
	area->cpu_id_start = area->cpu_id = 0;
	errno = 4242;
	kmem_raw_thread();
	KUNIT_EXPECT_EQ(test, errno, 4242);
	KUNIT_EXPECT_FALSE(test, pcs_on_column(a->p));
	expect_nothing_works(test, a->p);
	/* of a thread that the kernel knows nothing changes */
	KUNIT_ASSERT_TRUE(test, thread_register());
	kmem_raw_thread();
	KUNIT_EXPECT_TRUE(test, pcs_on_column(a->p));
	return NULL;
}

static void run_stranger(struct kunit *test, void *(*fn)(void *),
			 unsigned int left)
{
	struct pcs p;
	struct stranger a = { .test = test, .p = &p };
	pthread_t t;

	if (!by_sequence())
		kunit_skip(test, "threads are all alike to the lock backend");
	thread_pin(thread_cpu(0));
	open_slots(test, &p, 128);
	put_main(test, &p, 4);
	KUNIT_ASSERT_EQ(test, pthread_create(&t, NULL, fn, &a), 0);
	pthread_join(t, NULL);
	KUNIT_EXPECT_EQ(test, pcs_objects(&p), left);
	close_slots(&p);
	thread_unpin();
}

static void a_thread_may_leave_and_come_back(struct kunit *test)
{
	run_stranger(test, stranger_thread, 2);
}

static void an_unknown_thread_is_left_alone(struct kunit *test)
{
	run_stranger(test, unknown_thread, 4);
}

/* --- columns -------------------------------------------------------------- */

static void columns_come_back_and_run_out(struct kunit *test)
{
	unsigned int n = 0, i;
	struct pcs *p;

	if (!by_sequence())
		kunit_skip(test, "the lock backend has no columns");
	p = calloc(5000, sizeof(*p));
	lock_take(&slab_mutex, LOCK_CACHES);
	for (i = 0; i < 5000; i++) {
		pcs_init(&p[i], 64, NULL, 0);
		n += pcs_open(&p[i]);
		KUNIT_EXPECT_EQ(test, !!pcs_column(&p[i]), n == i + 1);
		KUNIT_EXPECT_EQ(test, pcs_on_column(&p[i]), n == i + 1);
	}
	for (i = 0; i < 5000; i++)
		pcs_close(&p[i], false);
	KUNIT_EXPECT_GT(test, n, 3500);
	KUNIT_EXPECT_LT(test, n, 4096);
	/* all of them once more */
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_TRUE(test, pcs_open(&p[i]));
	KUNIT_EXPECT_FALSE(test, pcs_open(&p[n]));
	for (i = 0; i <= n; i++)
		pcs_close(&p[i], false);
	lock_drop(&slab_mutex, LOCK_CACHES);
	free(p);
}

/* A push to the column of a cache that is gone reaches no other cache. */
static void a_known_column_goes_to_nobody(struct kunit *test)
{
	struct pcs p, q;
	uintptr_t column;

	if (!by_sequence())
		kunit_skip(test, "the lock backend has no columns");
	open_slots(test, &p, 64);
	column = pcs_column(&p);
	lock_take(&slab_mutex, LOCK_CACHES);
	pcs_drain(&p, take_free, &p);
	pcs_close(&p, true);
	lock_drop(&slab_mutex, LOCK_CACHES);
	KUNIT_EXPECT_EQ(test, pcs_column(&p), 0);
	KUNIT_EXPECT_FALSE(test, pcs_push_column(column, object(1)));
	open_slots(test, &q, 64);
	KUNIT_EXPECT_NE(test, pcs_column(&q), column);
	put_main(test, &q, 3);
	KUNIT_EXPECT_FALSE(test, pcs_push_column(column, object(3)));
	expect_main(test, &q, 3);
	column = pcs_column(&q);
	close_slots(&q);
	/* known to nobody, it is given out again */
	KUNIT_EXPECT_FALSE(test, pcs_push_column(column, object(1)));
	open_slots(test, &q, 64);
	KUNIT_EXPECT_EQ(test, pcs_column(&q), column);
	close_slots(&q);
}

/* --- against the drain of another CPU ------------------------------------- */

#define DRAINS 300

/* One thread that pushes to the column, and one that drains it. */
struct pusher {
	struct kunit *test;
	struct pcs p;
	uintptr_t column;
	void **taken;    /* what the drain was handed */
	uint32_t round;  /* the drains that were asked for, and one more */
	uint32_t ready;  /* a sheaf lies in the slot for that round */
	uint32_t pushes; /* since the thread began */
};

#define GET(x) __atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define SET(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELEASE)

static void *pusher_thread(void *arg)
{
	struct pusher *a = arg;
	uint32_t round;

	thread_pin(thread_cpu(1));
	while ((round = GET(a->round)) <= DRAINS) {
		if (GET(a->ready) != round) {
			put_main(a->test, &a->p, 9);
			SET(a->ready, round);
		}
		pcs_push_column(a->column, object(1));
		SET(a->pushes, GET(a->pushes) + 1);
	}
	return NULL;
}

static void take_note(void *ctx, void **top)
{
	struct pusher *a = ctx;

	a->taken = top;
}

static void await_pushes(struct pusher *a, uint32_t n)
{
	uint32_t before = GET(a->pushes);

	while (GET(a->pushes) - before < n)
		sched_yield();
}

/* Some part of the time that a push takes. */
static void pause_a_little(struct rng *r)
{
	for (volatile unsigned int n = rng_below(r, 60000); n; n--)
		;
}

/* Did a sheaf that was taken out come back? */
static bool drain_once(struct pusher *a, struct rng *r)
{
	bool again;

	a->taken = NULL;
	pcs_park(&a->p);
	KUNIT_ASSERT_TRUE(a->test, pcs_fence());
	pause_a_little(r);
	pcs_empty(&a->p, true, take_note, a);
	await_pushes(a, 2);
	KUNIT_ASSERT_NOT_NULL(a->test, a->taken);
	pcs_freeze(&a->p);
	again = pcs_objects(&a->p) != 0;
	pcs_thaw(&a->p);
	if (!again)
		sheaf_free(&a->p, a->taken);
	return again;
}

/*
 * A push may see its slot while the column is parked, and the mask when that
 * is over: it must not put back the sheaf that was taken in between.
 */
static void a_drained_slot_stays_empty(struct kunit *test)
{
	struct pusher a = { .test = test, .round = 1 };
	struct rng r = { .state = 5 };
	unsigned int again = 0;
	pthread_t t;

	if (!by_sequence())
		kunit_skip(test, "the lock backend has no columns");
	if (thread_cpus() < 2)
		kunit_skip(test, "there is one CPU");
	thread_pin(thread_cpu(0));
	thread_inject(10000);
	open_slots(test, &a.p, 4096);
	a.column = pcs_column(&a.p);
	KUNIT_ASSERT_EQ(test, pthread_create(&t, NULL, pusher_thread, &a), 0);
	lock_take(&slab_mutex, LOCK_CACHES);
	while (a.round <= DRAINS) {
		while (GET(a.ready) != a.round)
			sched_yield();
		again = drain_once(&a, &r);
		SET(a.round, again ? DRAINS + 1 : a.round + 1);
	}
	lock_drop(&slab_mutex, LOCK_CACHES);
	pthread_join(t, NULL);
	thread_inject(20);
	KUNIT_EXPECT_EQ(test, again, 0);
	close_slots(&a.p);
	thread_unpin();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(each_cpu_has_its_own),
	KUNIT_CASE(pop_takes_the_last),
	KUNIT_CASE(push_adds_while_there_is_room),
	KUNIT_CASE(push_finds_the_slot_by_the_column),
	KUNIT_CASE(pop_bulk_takes_the_last_ones),
	KUNIT_CASE(push_bulk_adds_what_fits),
	KUNIT_CASE(xchg_gives_what_was_there),
	KUNIT_CASE(nothing_works_without_slots),
	KUNIT_CASE(slots_without_a_sheaf_hold_nothing),
	KUNIT_CASE(frozen_slots_stand_still),
	KUNIT_CASE(without_a_fence_no_other_cpu_is_asked),
	KUNIT_CASE(random_steps_on_many_cpus),
	KUNIT_CASE(a_thread_may_leave_and_come_back),
	KUNIT_CASE(an_unknown_thread_is_left_alone),
	KUNIT_CASE(columns_come_back_and_run_out),
	KUNIT_CASE(a_known_column_goes_to_nobody),
	KUNIT_CASE(a_drained_slot_stays_empty),
	{},
};

static int start(struct kunit_suite *suite)
{
	(void)suite;
	thread_pin(thread_cpu(0));
	thread_inject(20);
	return kmem_init();
}

static struct kunit_suite suite = {
	.name = "stress_sequence",
	.suite_init = start,
	.test_cases = cases,
};
kunit_test_suite(suite);
