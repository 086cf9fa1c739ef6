/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Shrinkers and notifiers that come and go while others are short of memory,
 * trim, look at the table, and fork.
 *
 * Each shrinker has objects of its own behind a lock that its callback only
 * tries, and its owner sometimes allocates under that lock.  When
 * shrinker_free() has returned, no callback may run: the owner then takes the
 * struct apart.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <kmem/stats.h>
#include <linux/oom.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include "kunit/options.h"
#include "kunit/test.h"
#include "stress/work.h"

#define OWNERS 3
#define OBJECT 500

struct object {
	struct object *next;
	char fill[OBJECT - sizeof(void *)];
};

struct larder {
	pthread_mutex_t lock;
	struct object *first;
	atomic_ulong nr;
	atomic_uint inside; /* callbacks */
	atomic_bool alive;
};

static struct kmem_cache *cache;
static struct larder larders[OWNERS];
static atomic_bool stop;
static atomic_uint late, nested, failed, freed, scans, rounds;
static __thread unsigned int depth;

static unsigned long count(struct shrinker *s, struct shrink_control *sc)
{
	struct larder *l = s->private_data;
	unsigned long n;

	(void)sc;
	l->inside++;
	if (!l->alive)
		late++;
	n = l->nr;
	l->inside--;
	return n ? n : SHRINK_EMPTY;
}

static void drop(struct larder *l)
{
	struct object *o = l->first;

	l->first = o->next;
	l->nr--;
	kmem_cache_free(cache, o);
}

static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	struct larder *l = s->private_data;
	unsigned long n = 0;

	l->inside++;
	if (!l->alive)
		late++;
	if (depth++)
		nested++;
	scans++;
	/* from the reserve, or not at all */
	kfree(kmalloc(200, GFP_KERNEL | __GFP_NOWARN));
	if (pthread_mutex_trylock(&l->lock)) {
		n = SHRINK_STOP;
	} else {
		for (; n < sc->nr_to_scan && l->first; n++)
			drop(l);
		pthread_mutex_unlock(&l->lock);
		freed += (unsigned int)n;
	}
	depth--;
	l->inside--;
	return n;
}

static void store(struct larder *l, unsigned int n, bool under_lock)
{
	while (n--) {
		struct object *o = NULL;

		if (!under_lock)
			o = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOWARN);
		pthread_mutex_lock(&l->lock);
		if (under_lock)
			o = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOWARN);
		if (o) {
			o->next = l->first;
			l->first = o;
			l->nr++;
		} else {
			failed++;
		}
		pthread_mutex_unlock(&l->lock);
		if (!o)
			return;
	}
}

static void *owner(void *arg)
{
	struct larder *l = arg;
	struct rng r = { .state = (uintptr_t)l };

	while (!stop) {
		struct shrinker *s = shrinker_alloc(0, "larder-%p", arg);

		if (!s)
			continue;
		s->count_objects = count;
		s->scan_objects = scan;
		s->private_data = l;
		s->batch = 1 + rng_below(&r, 100);
		s->seeks = (int)rng_below(&r, 4);
		l->alive = true;
		if (rng_below(&r, 8))
			shrinker_register(s);
		store(l, rng_below(&r, 30000), rng_below(&r, 4) == 0);
		shrinker_free(s);
		l->alive = false;
		if (l->inside)
			late++;
		rounds++;
		while (rng_below(&r, 3) == 0 && l->first)
			drop(l);
	}
	while (l->first)
		drop(l);
	return NULL;
}

static int notified(struct notifier_block *nb, unsigned long action, void *data)
{
	(void)nb;
	(void)action;
	(void)data;
	kfree(kmalloc(100, GFP_KERNEL | __GFP_NOWARN));
	return NOTIFY_OK;
}

/* Everything else that walks the list. */
static void *onlooker(void *arg)
{
	struct notifier_block nb = { .notifier_call = notified };
	struct rng r = { .state = 99 };
	char table[1000];

	while (!stop) {
		if (register_oom_notifier(&nb))
			late++;
		kmem_shrinkers(table, sizeof(table));
		if (rng_below(&r, 20) == 0)
			kmem_trim();
		kfree(kmalloc(100000, GFP_KERNEL | __GFP_NOWARN));
		if (unregister_oom_notifier(&nb))
			late++;
	}
	return arg;
}

/* Whatever the threads did, here nobody is in a callback. */
static int child(struct shrinker *mine)
{
	char table[1000];
	struct shrinker *s;

	alarm(20);
	kmem_shrinkers(table, sizeof(table));
	shrinker_free(mine);
	s = shrinker_alloc(0, "child");
	if (!s)
		return 2;
	s->count_objects = count;
	s->scan_objects = scan;
	s->private_data = &larders[0];
	larders[0].alive = true;
	shrinker_register(s);
	kfree(kmalloc(100000, GFP_KERNEL | __GFP_NOWARN));
	kmem_trim();
	shrinker_free(s);
	return 0;
}

static unsigned long no_count(struct shrinker *s, struct shrink_control *sc)
{
	(void)s;
	(void)sc;
	usleep(50);
	return 0;
}

static void shrinkers_come_and_go(struct kunit *test)
{
	uint64_t end = work_now_ms() + work_seconds(4) * 1000ull;
	pthread_t t[OWNERS + 1];
	unsigned int forks = 0;
	struct shrinker *mine;
	unsigned long before;
	int status = 0;

	KUNIT_ASSERT_EQ(test, kmem_init(), 0);
	before = work_in_use();
	cache = kmem_cache_create("larder", sizeof(struct object), 0, 0, NULL);
	mine = shrinker_alloc(0, "mine");
	mine->count_objects = no_count;
	mine->scan_objects = no_count;
	shrinker_register(mine);
	for (int i = 0; i < OWNERS; i++) {
		pthread_mutex_init(&larders[i].lock, NULL);
		pthread_create(&t[i], NULL, owner, &larders[i]);
	}
	pthread_create(&t[OWNERS], NULL, onlooker, NULL);
	while (work_now_ms() < end && !status) {
		pid_t pid;

		usleep(3000);
		fflush(stdout);
		pid = fork();
		if (!pid)
			_exit(child(mine));
		KUNIT_ASSERT_GT(test, pid, 0);
		forks++;
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	stop = true;
	for (int i = 0; i <= OWNERS; i++)
		pthread_join(t[i], NULL);
	shrinker_free(mine);
	kunit_info(test,
		   "%u rounds, %u scans freed %u, %u requests failed, "
		   "%u forks",
		   rounds, scans, freed, failed, forks);
	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_EQ(test, late, 0);
	KUNIT_EXPECT_EQ(test, nested, 0);
	KUNIT_EXPECT_GT(test, scans, 0);
	KUNIT_EXPECT_GT(test, freed, 0);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(cache), 0);
	work_balanced(test, before);
}

/* The limit is an option, read at the start: start again with it. */
static __attribute__((constructor)) void limit_memory(int argc, char **argv)
{
	const char *options = getenv("KMEM_OPTIONS");

	(void)argc;
	if (options && strstr(options, "mem="))
		return;
	test_options("mem=24M");
	execv("/proc/self/exe", argv);
	_exit(127);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(shrinkers_come_and_go),
	{},
};

static struct kunit_suite suite = {
	.name = "stress_shrinker",
	.test_cases = cases,
};
kunit_test_suite(suite);
