/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Objects between guard pages in a process: every call of the API on them,
 * faults of threads, fork, and that nothing is lost, or reported, while a
 * sample is taken every millisecond under load.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <kmem/reserve.h>
#include <kmem/stats.h>
#include <linux/kfence.h>
#include <linux/mm.h>

#include "context/guard.h"
#include "context/load.h"
#include "kunit/test.h"
#include "lib/sanitized.h"
#include "model/in_use.h"

#define EACH_MS "kfence.sample_interval=1"

#define WRONG_UNLESS(cond) \
	((cond) ? (void)0 : world_wrong("%d: %s", __LINE__, #cond))

static void in_both(struct kunit *test, const char *options,
		    unsigned int seconds, void (*fn)(void))
{
	char text[100];

	world_run(test, options, seconds, fn);
	snprintf(text, sizeof(text), "%s,percpu=lock", options);
	world_run(test, text, seconds, fn);
}

/* As long as it takes; the world's watchdog ends it. */
static char *guarded(struct kmem_cache *s, size_t n)
{
	for (;;) {
		char *p = s ? kmem_cache_alloc(s, GFP_KERNEL) :
			      kmalloc(n, GFP_KERNEL);

		if (is_kfence_address(p))
			return p;
		kfree(p);
	}
}

static unsigned long figure(const char *name)
{
	char text[1000], *at;

	if (kmem_kfence_stats(text, sizeof(text)) >= sizeof(text))
		world_wrong("text of kmem_kfence_stats()");
	at = strstr(text, name);
	return at ? strtoul(at + strlen(name) + 2, NULL, 10) : -1ul;
}

static unsigned long bugs(void)
{
	return figure("total bugs");
}

/* Reports are expected: only their number is looked at. */
static void quiet(void)
{
	int fd = open("/dev/null", O_WRONLY);

	dup2(fd, STDERR_FILENO);
	close(fd);
}

static bool faults(volatile char *p)
{
	unsigned long before = bugs();

	(void)*p;
	return bugs() == before + 1;
}

/* --- every call ----------------------------------------------------------- */

struct with_head {
	char bytes[40];
	struct rcu_head rcu;
};

static void sizes_are_exact(void)
{
	static const unsigned short sizes[] = { 1, 8, 33, 100, 1000, 4096 };

	for (unsigned int i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n = sizes[i], unit = n & -n;
		char *p = guarded(NULL, n);

		WRONG_UNLESS(ksize(p) == n);
		WRONG_UNLESS((uintptr_t)p % (unit > 8 ? unit : 8) == 0);
		memset(p, 1, n);
		kfree_sensitive(p);
		WRONG_UNLESS(ksize(p) == 0 || ksize(p) != n);
	}
}

static void blocks_grow_and_shrink(void)
{
	char *p = guarded(NULL, 100), *q;

	memset(p, 'a', 100);
	q = krealloc(p, 60, GFP_KERNEL);
	WRONG_UNLESS(q == p);
	q = krealloc(p, 300, GFP_KERNEL);
	WRONG_UNLESS(q != p && q[0] == 'a' && q[99] == 'a');
	WRONG_UNLESS(faults(p));
	kfree(q);
	p = guarded(NULL, 100);
	WRONG_UNLESS(krealloc(p, 0, GFP_KERNEL) == ZERO_SIZE_PTR);
	WRONG_UNLESS(faults(p + 99));
}

static void zeroed_growth(void)
{
	char *p;

	do {
		p = kzalloc(100, GFP_KERNEL);
		for (int i = 0; i < 100; i++)
			WRONG_UNLESS(!p[i]);
		p = krealloc(p, 150, GFP_KERNEL | __GFP_ZERO);
		for (int i = 0; i < 150; i++)
			WRONG_UNLESS(!p[i]);
		kfree(p);
	} while (figure("total allocations") < 20);
}

static void frees_of_all_kinds(void)
{
	struct kmem_cache *s = kmem_cache_create("kinds", 72, 0, 0, NULL);
	unsigned long before = figure("currently allocated");
	struct with_head *h = (void *)guarded(NULL, sizeof(*h));
	void *p[4];

	kfree_rcu(h, rcu);
	kvfree_rcu_barrier();
	p[0] = guarded(NULL, 50);
	p[1] = kmalloc(50, GFP_KERNEL);
	p[2] = guarded(NULL, 5000 / 2);
	p[3] = kmalloc(5000, GFP_KERNEL);
	kfree_bulk(4, p);
	p[0] = guarded(s, 0);
	p[1] = kmem_cache_alloc(s, GFP_KERNEL);
	p[2] = guarded(s, 0);
	kmem_cache_free_bulk(s, 3, p);
	kvfree(guarded(NULL, 10));
	kfree_nolock(guarded(NULL, 10));
	p[0] = guarded(s, 0);
	WRONG_UNLESS(virt_to_page(p[0]) && virt_addr_valid(p[0]));
	kmem_cache_free(s, p[0]);
	WRONG_UNLESS(kmem_cache_shrink(s) == 0);
	WRONG_UNLESS(kmem_cache_destroy(s) == 0);
	WRONG_UNLESS(figure("currently allocated") <= before + 1);
}

static void calls_world(void)
{
	char text[100];

	quiet();
	sizes_are_exact();
	WRONG_UNLESS(bugs() == 0);
	blocks_grow_and_shrink();
	zeroed_growth();
	frees_of_all_kinds();
	WRONG_UNLESS(bugs() == 2);
	WRONG_UNLESS(kmem_kfence_objects(text, sizeof(text)) > sizeof(text));
	WRONG_UNLESS(!strncmp(text, "kfence-#", 8));
}

static void every_call_knows_guarded_objects(struct kunit *test)
{
	in_both(test, EACH_MS, 120, calls_world);
}

/* --- faults --------------------------------------------------------------- */

static void *touch(void *arg)
{
	stack_t alt = { .ss_size = 64 << 10 };
	char *p = guarded(NULL, 64);

	(void)arg;
	alt.ss_sp = malloc(alt.ss_size);
	sigaltstack(&alt, NULL);
	kfree(p);
	errno = 77;
	p[5] = 1;
	WRONG_UNLESS(errno == 77);
	return NULL;
}

static void faults_world(void)
{
	pthread_t t[4];

	quiet();
	for (unsigned int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, touch, NULL);
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	WRONG_UNLESS(bugs() == 4);
}

static void threads_fault_at_once(struct kunit *test)
{
	if (SANITIZED)
		kunit_skip(test, "a sanitizer has a handler of its own");
	in_both(test, EACH_MS, 60, faults_world);
}

/* --- fork ----------------------------------------------------------------- */

static void child_of_fork(char *p, char *freed)
{
	unsigned long before = bugs();

	kfree(p);
	WRONG_UNLESS(faults(p));
	WRONG_UNLESS(faults(freed));
	/* there is a thread again, and it opens the gate */
	kfree(guarded(NULL, 30));
	WRONG_UNLESS(bugs() == before + 2);
	_exit(world_is_wrong());
}

static void fork_world(void)
{
	char *p = guarded(NULL, 64), *freed = guarded(NULL, 64);
	int status = 1;
	pid_t pid;

	quiet();
	kfree(freed);
	*p = 3;
	pid = fork();
	if (!pid)
		child_of_fork(p, freed);
	waitpid(pid, &status, 0);
	WRONG_UNLESS(!status);
	WRONG_UNLESS(*p == 3);
	WRONG_UNLESS(faults(freed));
	kfree(p);
	WRONG_UNLESS(bugs() == 1);
}

static void a_child_has_its_own_pool(struct kunit *test)
{
	in_both(test, EACH_MS, 60, fork_world);
}

/* --- under load ----------------------------------------------------------- */

static atomic_bool stop;

static void *loaded(void *seed)
{
	struct load l;

	load_init(&l, 200, (uintptr_t)seed, GFP_KERNEL);
	while (!atomic_load(&stop))
		load_steps(&l, 200);
	load_empty_all(&l);
	if (l.torn)
		world_wrong("%lu items had another's bytes", l.torn);
	load_free_host(&l);
	return NULL;
}

static void load_world(void)
{
	unsigned long before;
	unsigned int i, forks = 0;
	int status;
	pthread_t t[4];
	pid_t pid;

	if (kmem_init())
		world_wrong("kmem_init()");
	before = in_use_bytes();
	load_open();
	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, loaded, (void *)(uintptr_t)(i + 1));
	/* samples in all of them, with everything that parks columns */
	while (figure("total allocations") < 100 || forks < 10) {
		kmem_trim();
		pid = fork();
		if (!pid) {
			kfree(kmalloc(100, GFP_KERNEL));
			_exit(!kmem_validate());
		}
		waitpid(pid, &status, 0);
		WRONG_UNLESS(!status);
		forks++;
		sched_yield();
	}
	atomic_store(&stop, true);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	load_close();
	world_balanced(before);
	WRONG_UNLESS(figure("currently allocated") == 0);
	WRONG_UNLESS(bugs() == 0);
}

static void nothing_is_lost_or_reported_under_load(struct kunit *test)
{
	in_both(test, EACH_MS ",kfence.num_objects=20", 120, load_world);
}

/* --- a reserve ------------------------------------------------------------ */

static void reserve_world(void)
{
	char *p;

	quiet();
	WRONG_UNLESS(kmem_reserve(1 << 20) == 0);
	p = guarded(NULL, 64);
	kfree(p);
	WRONG_UNLESS(faults(p));
}

static void a_reserve_leaves_the_pool_alone(struct kunit *test)
{
	world_run(test, EACH_MS, 60, reserve_world);
	world_run(test, EACH_MS ",rt=1M", 60, reserve_world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(every_call_knows_guarded_objects),
	KUNIT_CASE_SLOW(threads_fault_at_once),
	KUNIT_CASE_SLOW(a_child_has_its_own_pool),
	KUNIT_CASE_SLOW(nothing_is_lost_or_reported_under_load),
	KUNIT_CASE_SLOW(a_reserve_leaves_the_pool_alone),
	{},
};

static struct kunit_suite suite = {
	.name = "context_kfence",
	.test_cases = cases,
};
kunit_test_suite(suite);
