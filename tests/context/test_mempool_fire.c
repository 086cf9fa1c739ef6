/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools under fire: an allocator that fails as it likes, threads that wait and
 * threads that must not, a reserve that changes its size meanwhile.
 *
 * Every request that may sleep is served.  How long it waits is counted in
 * elements, not in time: who is the k-th in the queue has its element when k
 * elements have come back since, whatever other requests came in between.
 *
 * SECONDS says how long the random part goes on; 3, if not said.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>

#include "alloc/mempool.h"
#include "context/guard.h"
#include "kunit/test.h"
#include "model/in_use.h"
#include "stress/work.h"

#define BYTES 120

static mempool_t *pool;
static atomic_bool stop, works;
static atomic_ulong dice, made, unmade;

/* Out of seven it fails at five, but while it works. */
static void *source(gfp_t gfp, void *unused)
{
	void *p;

	(void)unused;
	if (!atomic_load(&works) &&
	    (atomic_fetch_add(&dice, 0x9e3779b97f4a7c15ul) >> 40) % 7 < 5)
		return NULL;
	p = kmalloc(BYTES, gfp);
	if (p)
		atomic_fetch_add(&made, 1);
	return p;
}

/* Nothing, unless it works. */
static void *dry_source(gfp_t gfp, void *unused)
{
	return atomic_load(&works) ? source(gfp, unused) : NULL;
}

static void sink(void *p, void *unused)
{
	(void)unused;
	atomic_fetch_add(&unmade, 1);
	kfree(p);
}

static unsigned long open_pool(int nr, mempool_alloc_t *from)
{
	unsigned long before;

	if (kmem_init())
		world_wrong("kmem_init()");
	before = in_use_bytes();
	atomic_store(&works, true);
	pool = mempool_create(nr, from, sink, NULL);
	if (!pool)
		world_wrong("mempool_create()");
	atomic_store(&works, false);
	atomic_store(&stop, false);
	return before;
}

static void close_pool(unsigned long before)
{
	mempool_destroy(pool);
	if (atomic_load(&made) != atomic_load(&unmade))
		world_wrong("%lu elements made, %lu unmade", atomic_load(&made),
			    atomic_load(&unmade));
	world_balanced(before);
}

static void in_both(struct kunit *test, unsigned int seconds, void (*fn)(void))
{
	world_run(test, "", seconds, fn);
	world_run(test, "percpu=lock", seconds, fn);
}

static unsigned int seconds(void)
{
	const char *text = getenv("SECONDS");

	return text ? (unsigned int)strtoul(text, NULL, 0) : work_seconds(3);
}

/* --- at random ------------------------------------------------------------ */

#define THREADS 8
#define RESERVE_MOST 24

static atomic_ulong served, tried, refused;
static atomic_ulong progress[THREADS];

/*
 * Holds one element at a time while it may sleep for it, so nobody needs a
 * second one to give the first back.
 */
static void *swimmer(void *number)
{
	unsigned long me = (unsigned long)number;
	struct rng r = { .state = me * 17 + 1 };
	void *p, *q;

	while (!atomic_load(&stop)) {
		p = mempool_alloc(pool,
				  rng_below(&r, 3) ? GFP_KERNEL : GFP_NOIO);
		if (!p)
			world_wrong("a request that may sleep got NULL");
		atomic_fetch_add(&served, 1);
		work_stamp(p, BYTES, (uint32_t)me);
		/* with one in hand others are only tried for */
		q = rng_below(&r, 3) ? NULL : mempool_alloc(pool, GFP_ATOMIC);
		if (q)
			work_stamp(q, BYTES, (uint32_t)me + 100);
		if (!work_stamped(p, BYTES, (uint32_t)me))
			world_wrong("another's element");
		mempool_free(q, pool);
		mempool_free(p, pool);
		atomic_fetch_add(&progress[me], 1);
	}
	return NULL;
}

static void *diver(void *number)
{
	unsigned long me = (unsigned long)number;
	struct rng r = { .state = me * 23 + 5 };

	while (!atomic_load(&stop)) {
		gfp_t gfp = rng_below(&r, 2) ? GFP_NOWAIT : GFP_ATOMIC;
		void *p = rng_below(&r, 4) ? mempool_alloc(pool, gfp) :
					     mempool_alloc_preallocated(pool);

		atomic_fetch_add(&tried, 1);
		if (!p) {
			atomic_fetch_add(&refused, 1);
			continue;
		}
		work_stamp(p, BYTES, (uint32_t)me + 200);
		if (!work_stamped(p, BYTES, (uint32_t)me + 200))
			world_wrong("another's element");
		mempool_free(p, pool);
	}
	return NULL;
}

/* What a resize did not find later frees bring. */
static void fill_up(void)
{
	void *p[RESERVE_MOST];
	int i;

	atomic_store(&works, true);
	for (i = 0; i < RESERVE_MOST; i++)
		p[i] = mempool_alloc(pool, GFP_KERNEL);
	while (i--)
		mempool_free(p[i], pool);
	if (pool->curr_nr != pool->min_nr)
		world_wrong("%d elements back of %d", pool->curr_nr,
			    pool->min_nr);
}

static bool with_resize;

static void fire_world(void)
{
	uint64_t end = work_now_ms() + seconds() * 1000ull;
	unsigned long before = open_pool(4, source);
	pthread_t t[THREADS + 3];
	struct rng r = { .state = 6 };
	unsigned int i;

	for (i = 0; i < THREADS + 3; i++)
		if (pthread_create(&t[i], NULL, i < THREADS ? swimmer : diver,
				   (void *)(unsigned long)i))
			world_wrong("no thread");
	while (work_now_ms() < end && !world_is_wrong()) {
		usleep(rng_below(&r, 2000));
		if (with_resize &&
		    mempool_resize(pool, 1 + (int)rng_below(&r, RESERVE_MOST)))
			world_wrong("mempool_resize()");
	}
	atomic_store(&stop, true);
	for (i = 0; i < THREADS + 3; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < THREADS; i++)
		if (!atomic_load(&progress[i]))
			world_wrong("thread %u was never served", i);
	world_note("%lu served; %lu tried, %lu refused", atomic_load(&served),
		   atomic_load(&tried), atomic_load(&refused));
	fill_up();
	close_pool(before);
}

static void every_request_is_served(struct kunit *test)
{
	with_resize = false;
	in_both(test, seconds() + 60, fire_world);
}

static void resized_in_the_middle(struct kunit *test)
{
	with_resize = true;
	in_both(test, seconds() + 60, fire_world);
}

/* --- the order of the queue ----------------------------------------------- */

#define QUEUE 12
#define MIN_NR 3

static atomic_ulong returned; /* elements given back so far */
static atomic_ulong got_at[QUEUE];
static void *got[QUEUE];

static void *queuer(void *number)
{
	unsigned long me = (unsigned long)number;

	got[me] = mempool_alloc(pool, GFP_KERNEL);
	atomic_store(&got_at[me], atomic_load(&returned) + 1);
	return NULL;
}

static unsigned int queued(void)
{
	struct list_head *first, *at;
	unsigned int n = 0;

	queue_take(pool);
	/* a ring of links, which each waiter begins with */
	first = at = (struct list_head *)(void *)queue_of(pool)->first;
	while (at) {
		n++;
		at = at->next;
		if (at == first)
			break;
	}
	queue_drop(pool);
	return n;
}

/* A thread that never waits, and takes what it can. */
static void *thief(void *unused)
{
	(void)unused;
	while (!atomic_load(&stop)) {
		void *p = mempool_alloc(pool, GFP_ATOMIC);

		if (p) {
			world_wrong("one that must not wait passed the queue");
			mempool_free(p, pool);
		}
		sched_yield();
	}
	return NULL;
}

static bool with_thief;

/*
 * The queue is filled one by one, so that the places are known, and elements
 * come back one by one: the k-th of them goes to the k-th.
 */
static void order_world(void)
{
	unsigned long before = open_pool(MIN_NR, dry_source), i, k;
	pthread_t t[QUEUE], robber;
	void *out[QUEUE];

	for (i = 0; i < MIN_NR; i++)
		out[i] = mempool_alloc(pool, GFP_NOWAIT);
	atomic_store(&works, true);
	for (; i < QUEUE; i++)
		out[i] = source(GFP_KERNEL, NULL);
	atomic_store(&works, false);
	for (i = 0; i < QUEUE; i++) {
		if (pthread_create(&t[i], NULL, queuer, (void *)i))
			world_wrong("no thread");
		while (queued() < i + 1)
			usleep(200);
	}
	if (with_thief && pthread_create(&robber, NULL, thief, NULL))
		world_wrong("no thread");
	for (k = 0; k < QUEUE; k++) {
		if (with_thief)
			usleep(2000);
		mempool_free(out[k], pool);
		/* the k-th is served now, without another element */
		while (!atomic_load(&got_at[k]))
			usleep(100);
		for (i = k + 1; i < QUEUE; i++)
			if (atomic_load(&got_at[i]))
				world_wrong("%lu was served before %lu", i, k);
		if (got[k] != out[k])
			world_wrong("the element went elsewhere");
		atomic_fetch_add(&returned, 1);
	}
	for (i = 0; i < QUEUE; i++) {
		pthread_join(t[i], NULL);
		if (atomic_load(&got_at[i]) > i + 1)
			world_wrong("place %lu waited for %lu elements", i,
				    atomic_load(&got_at[i]));
	}
	atomic_store(&stop, true);
	if (with_thief)
		pthread_join(robber, NULL);
	for (i = 0; i < QUEUE; i++)
		mempool_free(got[i], pool);
	close_pool(before);
}

static void served_in_the_order_of_the_queue(struct kunit *test)
{
	with_thief = false;
	in_both(test, 60, order_world);
}

static void nobody_passes_the_queue(struct kunit *test)
{
	with_thief = true;
	in_both(test, 60, order_world);
}

/*
 * One element among many.  A request asks the allocator with all its flags
 * once it is in the queue; from then on it counts the elements that come back.
 * Each of the others is before it at most once, and from the moment when it is
 * given the only element there is nothing can come back: so the bound holds
 * in every schedule.
 */
#define WAIT_MOST (THREADS - 1)

static atomic_ulong worst, counted, waited;
static __thread unsigned long back_then;
static __thread bool is_queued;

static void *counting_source(gfp_t gfp, void *unused)
{
	if (gfp & __GFP_DIRECT_RECLAIM && !is_queued) {
		is_queued = true;
		back_then = atomic_load(&returned);
	}
	return dry_source(gfp, unused);
}

static void note_wait(unsigned long wait)
{
	unsigned long most = atomic_load(&worst);

	atomic_fetch_add(&waited, 1);
	while (wait > most &&
	       !atomic_compare_exchange_weak(&worst, &most, wait))
		;
}

static void *starving(void *number)
{
	struct rng r = { .state = (unsigned long)number + 77 };
	void *p;

	while (!atomic_load(&stop)) {
		is_queued = false;
		p = mempool_alloc(pool, GFP_KERNEL);
		if (is_queued)
			note_wait(atomic_load(&returned) - back_then);
		atomic_fetch_add(&counted, 1);
		if (rng_below(&r, 4) == 0)
			sched_yield();
		atomic_fetch_add(&returned, 1);
		mempool_free(p, pool);
	}
	return NULL;
}

static void fair_world(void)
{
	uint64_t end = work_now_ms() + seconds() * 1000ull;
	unsigned long before = open_pool(1, counting_source);
	pthread_t t[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, starving,
				   (void *)(unsigned long)i))
			world_wrong("no thread");
	while (work_now_ms() < end && !world_is_wrong())
		usleep(5000);
	atomic_store(&stop, true);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	world_note("%lu served, %lu from the queue after %lu elements at most",
		   atomic_load(&counted), atomic_load(&waited),
		   atomic_load(&worst));
	if (!atomic_load(&waited))
		world_wrong("nobody had to wait");
	if (atomic_load(&worst) > WAIT_MOST)
		world_wrong("more than %d", WAIT_MOST);
	close_pool(before);
}

static void one_element_for_all(struct kunit *test)
{
	in_both(test, seconds() + 60, fair_world);
}

/* --- what a pool costs ---------------------------------------------------- */

static void *resizer(void *number)
{
	for (unsigned int i = 0; i < 20000; i++)
		if (mempool_resize(pool, i % 2 ? 1 : 30))
			world_wrong("mempool_resize()");
	return number;
}

/* Threads that resize one pool at once leave nothing behind. */
static void resizers_world(void)
{
	unsigned long before = open_pool(4, source);
	pthread_t t[4];

	atomic_store(&works, true);
	for (unsigned long i = 0; i < 4; i++)
		if (pthread_create(&t[i], NULL, resizer, (void *)i))
			world_wrong("no thread");
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	close_pool(before);
}

static void resized_by_several_threads(struct kunit *test)
{
	in_both(test, 60, resizers_world);
}

/* A reserve that goes up and down for ever costs no more than its largest. */
static void up_and_down_world(void)
{
	unsigned long before = open_pool(4, source), once, often;

	atomic_store(&works, true);
	for (unsigned int i = 0; i < 4; i++) {
		mempool_resize(pool, 40);
		mempool_resize(pool, 4);
	}
	once = in_use_bytes();
	for (unsigned int i = 0; i < 1000; i++) {
		mempool_resize(pool, 40);
		mempool_resize(pool, 4);
	}
	often = in_use_bytes();
	if (often > once + 4096)
		world_wrong("%lu bytes more after 1000 resizes", often - once);
	close_pool(before);
}

static void resized_for_ever(struct kunit *test)
{
	in_both(test, 60, up_and_down_world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(every_request_is_served),
	KUNIT_CASE_SLOW(resized_in_the_middle),
	KUNIT_CASE(served_in_the_order_of_the_queue),
	KUNIT_CASE(nobody_passes_the_queue),
	KUNIT_CASE_SLOW(one_element_for_all),
	KUNIT_CASE(resized_by_several_threads),
	KUNIT_CASE(resized_for_ever),
	{},
};

static struct kunit_suite suite = {
	.name = "context_mempool_fire",
	.test_cases = cases,
};
kunit_test_suite(suite);
