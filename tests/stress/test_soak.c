/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Everything at once and for long: threads that hand blocks to each other,
 * threads that come and go, caches that are made and destroyed, a pool whose
 * allocator fails, pages, forks, signals that take and give objects wherever
 * they strike, and all caches shrunk in the middle of it.
 * In the end every count is at zero.
 *
 * SOAK_SECONDS says how long: 20, if not said, and less in the builds that
 * are not the default one; `make soak` gives it an hour.
 * A line every ten seconds, or each second on a terminal, says how far it is.
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
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "kunit/test.h"
#include "slab/slab.h"
#include "stress/work.h"

#define HELD 300

#if KMEM_DEBUG || defined(__clang__) || defined(__SANITIZE_ADDRESS__) || \
	defined(__SANITIZE_THREAD__)
#define SHORT 1
#else
#define SHORT 0
#endif

enum count {
	BLOCKS,
	HANDED,
	THREADS,
	CACHES,
	ELEMENTS,
	PAGES,
	FORKS,
	SIGNALS,
	TRIMS,
	COUNTS
};

static const char *const count_name[COUNTS] = {
	"blocks", "handed over", "threads", "caches",        "pool elements",
	"pages",  "forks",       "signals", "shrunk caches",
};

static atomic_ulong counts[COUNTS];
static atomic_bool stop, wrong;
/* Names of caches, in all threads and forked children. */
static atomic_uint names;
static struct queue *parcels;

static void count(enum count what, unsigned long n)
{
	atomic_fetch_add_explicit(&counts[what], n, memory_order_relaxed);
}

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "soak: %s\n", what);
	atomic_store(&wrong, true);
	atomic_store(&stop, true);
}

static bool going(void)
{
	return !atomic_load_explicit(&stop, memory_order_relaxed);
}

/* --- blocks of all sizes, some freed by another thread -------------------- */

static void parcel_fill(struct parcel *x, struct rng *r)
{
	gfp_t gfp = rng_below(r, 4) ? GFP_KERNEL : GFP_NOWAIT;

	*x = (struct parcel){ .size = work_size(r), .seed = rng_next(r) };
	x->p = rng_below(r, 50) ? kmalloc(x->size, gfp) :
				  kvmalloc(x->size * 8, GFP_KERNEL);
	check(x->p || gfp != GFP_KERNEL, "kmalloc() gave NULL");
	if (x->p)
		work_stamp(x->p, x->size, x->seed);
}

static void parcel_free(struct parcel *x)
{
	if (!x->p)
		return;
	check(work_stamped(x->p, x->size, x->seed), "another's stamp");
	kvfree(x->p);
	x->p = NULL;
}

static void parcel_grow(struct parcel *x, struct rng *r)
{
	size_t n = work_size(r);
	void *p;

	if (!x->p || is_vmalloc_addr(x->p))
		return;
	check(work_stamped(x->p, x->size, x->seed), "another's stamp");
	p = krealloc(x->p, n, GFP_KERNEL);
	check(p != NULL, "krealloc() gave NULL");
	if (!p)
		return;
	x->p = p;
	x->size = n;
	work_stamp(x->p, x->size, x->seed);
}

static void mix(struct rng *r, struct parcel *held, unsigned int nr,
		unsigned int rounds)
{
	struct parcel *x, other;

	while (rounds--) {
		x = &held[rng_below(r, nr)];
		switch (rng_below(r, 8)) {
		case 0:
			if (x->p && queue_put(parcels, x)) {
				x->p = NULL;
				count(HANDED, 1);
			}
			break;
		case 1:
			if (queue_get(parcels, &other))
				parcel_free(&other);
			break;
		case 2:
			parcel_grow(x, r);
			break;
		default:
			parcel_free(x);
			parcel_fill(x, r);
			count(BLOCKS, 1);
		}
	}
}

/* --- signals -------------------------------------------------------------- */

/*
 * A handler may not wait for what it has interrupted: it takes and gives by
 * the first try alone.  What it could not give back the thread frees later.
 */
static struct kmem_cache *stung_cache;
static __thread void *stung;
#define STINGABLE 4
static _Atomic pthread_t stingable[STINGABLE]; /* 0: not yet */

static void sting(int number)
{
	void *obj = pcs_pop_first(&stung_cache->pcs);

	(void)number;
	count(SIGNALS, 1);
	if (!obj)
		return;
	*(volatile int *)obj = number;
	if (pcs_push_first(&stung_cache->pcs, obj))
		return;
	if (stung)
		check(false, "a signal in the middle of a signal");
	stung = obj;
}

static void soothe(void)
{
	sigset_t set, old;
	void *obj;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	obj = stung;
	stung = NULL;
	if (obj)
		kmem_cache_free(stung_cache, obj);
	/* and a sheaf for the handler to find */
	kmem_cache_free(stung_cache,
			kmem_cache_alloc(stung_cache,
					 GFP_KERNEL | __GFP_NOFAIL));
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void let_sting(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(how, &set, NULL);
}

static void *wasp(void *unused)
{
	unsigned int n = 0;
	pthread_t one;

	while (going()) {
		one = atomic_load(&stingable[n++ % STINGABLE]);
		if (one)
			pthread_kill(one, SIGUSR1);
		usleep(100);
	}
	return unused;
}

static void *mixer(void *number)
{
	struct rng r = { .state = (unsigned long)number };
	static __thread struct parcel held[HELD];

	atomic_store(&stingable[(unsigned long)number % STINGABLE],
		     pthread_self());
	let_sting(SIG_UNBLOCK);
	while (going()) {
		soothe();
		mix(&r, held, HELD, 100);
	}
	let_sting(SIG_BLOCK);
	soothe();
	for (unsigned int i = 0; i < HELD; i++)
		parcel_free(&held[i]);
	return NULL;
}

/* --- threads that live for a moment --------------------------------------- */

static void *mayfly(void *number)
{
	struct rng r = { .state = (unsigned long)number * 977 };
	struct parcel held[20] = { 0 };

	mix(&r, held, 20, 60);
	for (unsigned int i = 0; i < 20; i++)
		parcel_free(&held[i]);
	return NULL;
}

static void *breeder(void *unused)
{
	unsigned long n = 0;
	pthread_t t[8];
	unsigned int k;

	while (going()) {
		for (k = 0; k < 8; k++)
			if (pthread_create(&t[k], NULL, mayfly, (void *)++n))
				break;
		count(THREADS, k);
		while (k)
			pthread_join(t[--k], NULL);
		usleep(500);
	}
	return unused;
}

/* --- caches, pages -------------------------------------------------------- */

static void constructor(void *obj)
{
	memset(obj, 0x5e, 8);
}

static void *cacher(void *unused)
{
	static void *p[400];
	struct rng r = { .state = 3 };
	struct kmem_cache *s;
	unsigned int n, bulk, i;
	char name[32];
	bool ctor;

	while (going()) {
		snprintf(name, sizeof(name), "soak-%u",
			 atomic_fetch_add(&names, 1));
		ctor = rng_below(&r, 2);
		s = kmem_cache_create(name, 8 + rng_below(&r, 3000), 0,
				      rng_below(&r, 2) ? SLAB_HWCACHE_ALIGN : 0,
				      ctor ? constructor : NULL);
		check(s != NULL, "kmem_cache_create() gave NULL");
		if (!s)
			break;
		bulk = rng_below(&r, 200);
		check(kmem_cache_alloc_bulk(s, GFP_KERNEL, bulk, p) ==
			      (int)bulk,
		      "kmem_cache_alloc_bulk()");
		for (n = bulk; n < bulk + 150; n++) {
			p[n] = kmem_cache_alloc(s, GFP_KERNEL);
			check(p[n] != NULL, "kmem_cache_alloc() gave NULL");
			check(!ctor || *(unsigned char *)p[n] == 0x5e,
			      "an object that is not constructed");
		}
		for (i = 0; i < 100; i++)
			kmem_cache_free(s, p[--n]);
		kmem_cache_free_bulk(s, n, p);
		check(!kmem_cache_destroy(s), "a cache with objects left");
		count(CACHES, 1);
		usleep(200);
	}
	return unused;
}

static void *pager(void *unused)
{
	struct rng r = { .state = 8 };
	struct page *held[40] = { 0 };
	unsigned int order[40];

	while (going()) {
		unsigned int i = rng_below(&r, 40);

		if (held[i])
			__free_pages(held[i], order[i]);
		order[i] = rng_below(&r, rng_below(&r, 20) ? 4 : 10);
		held[i] = alloc_pages(GFP_KERNEL, order[i]);
		check(held[i] != NULL, "alloc_pages() gave NULL");
		count(PAGES, 1ul << order[i]);
	}
	for (unsigned int i = 0; i < 40; i++)
		if (held[i])
			__free_pages(held[i], order[i]);
	return unused;
}

/* --- a pool whose allocator fails half of the time ------------------------ */

static mempool_t *pool;
static atomic_uint dice;
/* While the pool is filled its allocator works, or there would be no pool. */
static atomic_bool works;

static void *failing_alloc(gfp_t gfp, void *unused)
{
	(void)unused;
	if (!atomic_load(&works) && atomic_fetch_add(&dice, 7) % 13 < 7)
		return NULL;
	return kmalloc(300, gfp);
}

static void plain_free(void *p, void *unused)
{
	(void)unused;
	kfree(p);
}

static void *swimmer(void *number)
{
	struct rng r = { .state = (unsigned long)number * 31 };
	void *p[3];
	unsigned int i;

	while (going()) {
		unsigned int n = 1 + rng_below(&r, 2);

		for (i = 0; i < n; i++) {
			/* holding one, another may only be tried for */
			p[i] = mempool_alloc(pool, i ? GFP_NOWAIT : GFP_KERNEL);
			check(p[i] || i, "mempool_alloc() gave NULL");
			if (p[i])
				memset(p[i], (int)i, 300);
		}
		while (i--)
			if (p[i])
				mempool_free(p[i], pool);
		count(ELEMENTS, n);
		if (rng_below(&r, 2000) == 0)
			mempool_resize(pool, 1 + (int)rng_below(&r, 12));
	}
	return NULL;
}

/* --- forks, shrinking ----------------------------------------------------- */

static int child(void)
{
	struct rng r = { .state = 99 };
	struct parcel held[50] = { 0 };
	struct kmem_cache *s;
	unsigned int i;
	char name[32];

	for (i = 0; i < 50; i++)
		parcel_fill(&held[i], &r);
	snprintf(name, sizeof(name), "soak-%u", atomic_fetch_add(&names, 1));
	s = kmem_cache_create(name, 72, 0, 0, NULL);
	if (!s)
		return 2;
	kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
	if (kmem_cache_destroy(s))
		return 3;
	for (i = 0; i < 50; i++)
		parcel_free(&held[i]);
	kmem_trim();
	if (!kmem_validate())
		return 4;
	return atomic_load(&wrong) ? 5 : 0;
}

static void *forker(void *unused)
{
	int status;
	pid_t pid;

	while (going()) {
		pid = fork();
		if (pid == 0) {
			alarm(60);
			_exit(child());
		}
		check(pid > 0, "fork() failed");
		if (pid > 0) {
			waitpid(pid, &status, 0);
			if (status)
				fprintf(stderr, "soak: child: status %#x\n",
					(unsigned int)status);
			check(!status, "a forked child failed");
		}
		count(FORKS, 1);
		usleep(3000);
	}
	return unused;
}

static void *trimmer(void *unused)
{
	while (going()) {
		kmem_trim();
		drain_all_pages(NULL);
		count(TRIMS, 1);
		usleep(2000);
	}
	return unused;
}

/* --- all of it ------------------------------------------------------------ */

static unsigned int soak_seconds(void)
{
	const char *text = getenv("SOAK_SECONDS");

	if (text)
		return (unsigned int)strtoul(text, NULL, 0);
	return SHORT ? 6 : 20;
}

static void progress(unsigned int at, unsigned int of)
{
	fprintf(stderr, "%s%u of %u s:", isatty(2) ? "\r\033[K" : "# ", at, of);
	for (unsigned int i = 0; i < COUNTS; i++)
		fprintf(stderr, "%s %lu %s", i ? "," : "",
			atomic_load(&counts[i]), count_name[i]);
	if (!isatty(2) || at == of)
		fputc('\n', stderr);
}

static void everything_at_once(struct kunit *test)
{
	/* the wasp is joined first, while those that it stings are there */
	static void *(*const jobs[])(void *) = {
		wasp,  mixer,  mixer,   mixer,   mixer,   breeder, cacher,
		pager, forker, trimmer, swimmer, swimmer, swimmer,
	};
	enum { JOBS = sizeof(jobs) / sizeof(jobs[0]) };
	unsigned int seconds = soak_seconds(), at, i;
	unsigned int step = isatty(2) ? 1 : 10;
	pthread_t threads[JOBS];
	unsigned long before;
	struct parcel x;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	parcels = queue_new(500);
	atomic_store(&works, true);
	stung_cache = kmem_cache_create("stung", 64, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, stung_cache);
	let_sting(SIG_BLOCK);
	signal(SIGUSR1, sting);
	pool = mempool_create(6, failing_alloc, plain_free, NULL);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	atomic_store(&works, false);
	for (i = 0; i < JOBS; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&threads[i], NULL, jobs[i],
					       (void *)(unsigned long)(i + 1)),
				0);
	for (at = 0; at < seconds && going(); at++) {
		sleep(1);
		if ((at + 1) % step == 0 || at + 1 == seconds)
			progress(at + 1, seconds);
	}
	atomic_store(&stop, true);
	for (i = 0; i < JOBS; i++)
		pthread_join(threads[i], NULL);
	while (queue_get(parcels, &x))
		parcel_free(&x);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(stung_cache), 0);
	queue_delete(parcels);
	KUNIT_EXPECT_FALSE(test, atomic_load(&wrong));
	for (i = 0; i < COUNTS; i++) {
		KUNIT_EXPECT_GT(test, atomic_load(&counts[i]), 0);
		kunit_info(test, "%lu %s", atomic_load(&counts[i]),
			   count_name[i]);
	}
	work_balanced(test, before);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(everything_at_once),
	{},
};

static struct kunit_suite suite = {
	.name = "soak",
	.test_cases = cases,
};
kunit_test_suite(suite);
