/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A storm of signals: at random instants handlers allocate and free, by the
 * calls that wait for nothing and by those that must not block, under threads
 * that run every path there is, forks among them.  Every block carries a
 * stamp; in the end every count is at zero and every invariant true.
 *
 * A handler that finds a lock held by the very thread that it interrupted
 * would wait for ever: the watch over the world would end it.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/mm.h>

#include "context/guard.h"
#include "context/load.h"
#include "kunit/test.h"
#include "lib/sanitized.h"
#include "model/in_use.h"
#include "page/page.h"
#include "page/zone.h"
#include "stress/thread.h"

#define MAIN_THREADS 4
#define BAGS 512
/* Pages: many times what the threads have at once. */
#define MOST_GROWN (1ul << 18)

static atomic_bool stop;
static atomic_uint names;
static atomic_ulong strikes, given, refused, torn, nested;

/* --- what handlers do ----------------------------------------------------- */

/* A word of the block itself says its size and how it must be freed. */
enum way { KMALLOC, NOLOCK, CACHE, PAGES, PAGES_NOLOCK, POOL, WAYS };

struct head {
	uint32_t way, size, order, seed;
};

/* Blocks go from handler to handler, in whatever thread the next one runs. */
static _Atomic(struct head *) bag[BAGS];
static _Atomic uint64_t dice = 88172645463325252ull;

static uint32_t throw(uint32_t below)
{
	uint64_t x = atomic_fetch_add(&dice, 0x9e3779b97f4a7c15ull);

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)((x >> 32) * below >> 32);
}

static void give_back(struct head *h)
{
	struct head was = *h;

	if (!work_stamped(h + 1, was.size, was.seed))
		atomic_fetch_add(&torn, 1);
	switch (was.way) {
	case NOLOCK:
		if (was.seed % 4)
			kfree_nolock(h);
		else
			kfree(h);
		break;
	case CACHE:
		kmem_cache_free(load_cache[1], h);
		break;
	case PAGES:
		free_pages((unsigned long)h, was.order);
		break;
	case PAGES_NOLOCK:
		free_pages_nolock(virt_to_page(h), was.order);
		break;
	case POOL:
		mempool_free(h, load_pool);
		break;
	default:
		kfree(h);
	}
}

static struct head *take(void)
{
	gfp_t gfp = throw(2) ? GFP_ATOMIC : GFP_NOWAIT;
	struct head h = { .way = throw(WAYS), .seed = throw(1u << 30) };
	struct page *page = NULL;
	void *p = NULL;
	size_t size = 0;

	switch (h.way) {
	case NOLOCK:
		size = sizeof(h) + 1 + throw(throw(2) ? 200 : 8000);
		p = kmalloc_nolock(size, 0, NUMA_NO_NODE);
		break;
	case CACHE:
		size = 256;
		p = kmem_cache_alloc(load_cache[1], gfp | __GFP_NOWARN);
		break;
	case PAGES:
		h.order = throw(throw(10) ? 3 : 6);
		page = alloc_pages(gfp | __GFP_NOWARN, h.order);
		break;
	case PAGES_NOLOCK:
		h.order = throw(4);
		page = alloc_pages_nolock(0, NUMA_NO_NODE, h.order);
		break;
	case POOL:
		size = 200;
		p = mempool_alloc(load_pool, gfp);
		break;
	default:
		size = sizeof(h) + 1 + throw(throw(20) ? 600 : 20000);
		p = kmalloc(size, gfp | __GFP_NOWARN);
	}
	if (page) {
		size = PAGE_SIZE << h.order;
		p = page_address(page);
	}
	if (!p) {
		atomic_fetch_add(&refused, 1);
		return NULL;
	}
	atomic_fetch_add(&given, 1);
	h.size = (uint32_t)(size - sizeof(h));
	*(struct head *)p = h;
	work_stamp((struct head *)p + 1, h.size, h.seed);
	return p;
}

static __thread volatile unsigned int depth;

static void strike(int number)
{
	void *bulk[20];
	struct head *h;
	unsigned int n;

	(void)number;
	atomic_fetch_add(&strikes, 1);
	if (depth++)
		atomic_fetch_add(&nested, 1);
	for (n = 1 + throw(4); n; n--) {
		h = throw(3) ? take() : NULL;
		h = atomic_exchange(&bag[throw(BAGS)], h);
		if (h)
			give_back(h);
	}
	n = throw(8) ? 0 : 1 + throw(20);
	if (n && kmem_cache_alloc_bulk(load_cache[2], GFP_NOWAIT, n, bulk))
		kmem_cache_free_bulk(load_cache[2], n, bulk);
	depth--;
}

static void empty_bags(void)
{
	for (unsigned int i = 0; i < BAGS; i++) {
		struct head *h = atomic_exchange(&bag[i], NULL);

		if (h)
			give_back(h);
	}
}

/* --- what they interrupt -------------------------------------------------- */

static void odd_path(struct load *l, unsigned int n)
{
	struct kmem_cache *s;
	char name[32];
	size_t size;
	void *p;

	switch (n) {
	case 0:
		kmem_trim();
		break;
	case 1:
		kmem_cache_shrink(load_cache[rng_below(&l->rng, LOAD_CACHES)]);
		break;
	case 2:
		drain_all_pages(NULL);
		break;
	case 3:
		snprintf(name, sizeof(name), "storm-%u",
			 atomic_fetch_add(&names, 1));
		s = kmem_cache_create(name, 24 + rng_below(&l->rng, 900), 0, 0,
				      NULL);
		p = kmem_cache_alloc(s, GFP_KERNEL);
		kmem_cache_free(s, p);
		if (kmem_cache_destroy(s))
			world_wrong("objects left in %s", name);
		break;
	case 4:
		p = NULL;
		for (unsigned int i = 0; i < 6; i++) {
			size = work_size(&l->rng);
			p = krealloc(p, size, GFP_KERNEL);
			work_stamp(p, size, i);
			if (!work_stamped(p, size, i))
				l->torn++;
		}
		kfree(p);
		break;
	case 5:
		size = 100000 + rng_below(&l->rng, 4000000);
		p = kvmalloc(size, GFP_KERNEL);
		work_stamp(p, size, 5);
		kvfree(p);
		break;
	case 6:
		if (mempool_resize(load_pool, 4 + (int)rng_below(&l->rng, 30)))
			world_wrong("mempool_resize()");
		break;
	default:
		p = mempool_alloc(load_pool, GFP_KERNEL);
		mempool_free(p, load_pool);
	}
}

static void *busy(void *number)
{
	unsigned long me = (unsigned long)number;
	struct load l;

	load_init(&l, 400, 300 + me, me % 2 ? 0 : GFP_KERNEL);
	if (!thread_alarm(150 + (unsigned int)me * 70))
		world_wrong("no timer");
	thread_inject(me % 2 ? 40 : 0);
	while (!atomic_load(&stop)) {
		load_steps(&l, 60);
		odd_path(&l, rng_below(&l.rng, 9));
	}
	thread_calm();
	load_empty_all(&l);
	load_free_host(&l);
	return NULL;
}

/* In a child no storm is on: it looks whether it was left whole. */
static void fork_once(void)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		void *p[50];

		alarm(60);
		for (unsigned int i = 0; i < 50; i++)
			if (!(p[i] = kmalloc(i * 40, GFP_KERNEL)))
				_exit(2);
		for (unsigned int i = 0; i < 50; i++)
			kfree(p[i]);
		_exit(kmem_validate() ? 0 : 3);
	}
	while (pid > 0 && waitpid(pid, &status, 0) != pid)
		;
	if (pid < 0 || status)
		world_wrong("fork: child %d, status %#x", (int)pid,
			    (unsigned int)status);
}

static bool with_forks;

static void storm_world(void)
{
	struct sigaction act = { .sa_handler = strike };
	uint64_t end = work_now_ms() + work_seconds(4) * 1000ull;
	pthread_t t[MAIN_THREADS];
	sigset_t set, old;
	unsigned long before;
	unsigned int n = 0;

	if (kmem_init())
		world_wrong("kmem_init()");
	before = in_use_bytes();
	load_open();
	/* two numbers, each open to the other: handlers interrupt handlers */
	act.sa_flags = SA_RESTART;
	sigemptyset(&act.sa_mask);
	sigaction(SIGRTMIN, &act, NULL);
	sigaction(SIGUSR1, &act, NULL);
	sigaction(SIGALRM, &act, NULL);
	for (unsigned long i = 0; i < MAIN_THREADS; i++)
		if (pthread_create(&t[i], NULL, busy, (void *)i))
			world_wrong("no thread");
	while (work_now_ms() < end && !world_is_wrong()) {
		usleep(throw(300));
		pthread_kill(t[throw(MAIN_THREADS)], SIGUSR1);
		if (++n % 16 == 0) {
			struct itimerval soon = {
				.it_value.tv_usec = 1 + throw(3000),
			};

			setitimer(ITIMER_REAL, &soon, NULL);
		}
		if (with_forks && n % 64 == 0)
			fork_once();
	}
	atomic_store(&stop, true);
	/* no thread is struck that is gone, and none while we look */
	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	for (unsigned int i = 0; i < MAIN_THREADS; i++)
		pthread_join(t[i], NULL);
	world_note("%lu strikes, %lu inside others; %lu blocks, %lu refused",
		   atomic_load(&strikes), atomic_load(&nested),
		   atomic_load(&given), atomic_load(&refused));
	if (!atomic_load(&given) || !atomic_load(&strikes))
		world_wrong("no storm");
	if (atomic_load(&torn))
		world_wrong("%lu blocks had another's stamp",
			    atomic_load(&torn));
	empty_bags();
	if (zones_usable() > MOST_GROWN)
		world_wrong("the zones have grown to %lu pages",
			    zones_usable());
	load_close();
	world_balanced(before);
}

/* --- a lock that others hold ---------------------------------------------- */

static atomic_uint held;

static void *hold_the_zone(void *unused)
{
	(void)unused;
	while (!atomic_load(&stop)) {
		zone_lock(&zones[ZONE_ID_NORMAL]);
		atomic_fetch_add(&held, 1);
		usleep(500);
		zone_unlock(&zones[ZONE_ID_NORMAL]);
		usleep(500);
	}
	return NULL;
}

/* A request that finds a lock taken must not take that for a lack of memory. */
static void busy_lock_world(void)
{
	unsigned long before;
	pthread_t t;
	void *p;

	kvfree(kvmalloc(1 << 20, GFP_KERNEL));
	before = zones_usable();
	if (pthread_create(&t, NULL, hold_the_zone, NULL))
		world_wrong("no thread");
	while (atomic_load(&held) < 200) {
		p = kvmalloc(200000, GFP_KERNEL);
		if (!p)
			world_wrong("no block");
		kvfree(p);
	}
	atomic_store(&stop, true);
	pthread_join(t, NULL);
	if (zones_usable() > before + MOST_GROWN)
		world_wrong("the zones have grown from %lu to %lu pages",
			    before, zones_usable());
}

static void a_busy_lock_is_not_want(struct kunit *test)
{
	world_run(test, "", 120, busy_lock_world);
}

static void in_both(struct kunit *test, const char *options)
{
	char text[100];

	if (SANITIZED)
		kunit_skip(test, "a sanitizer defers signals");
	world_run(test, options, work_seconds(4) + 120, storm_world);
	snprintf(text, sizeof(text), "%s%spercpu=lock", options,
		 *options ? "," : "");
	world_run(test, text, work_seconds(4) + 120, storm_world);
}

static void handlers_against_all_paths(struct kunit *test)
{
	with_forks = false;
	in_both(test, "");
}

static void handlers_when_memory_is_short(struct kunit *test)
{
	with_forks = false;
	in_both(test, "mem=96M");
}

static void handlers_and_forks(struct kunit *test)
{
	with_forks = true;
	in_both(test, "");
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(handlers_against_all_paths),
	KUNIT_CASE_SLOW(handlers_when_memory_is_short),
	KUNIT_CASE_SLOW(handlers_and_forks),
	KUNIT_CASE(a_busy_lock_is_not_want),
	{},
};

static struct kunit_suite suite = {
	.name = "context_storm",
	.test_cases = cases,
};
kunit_test_suite(suite);
