/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A caller that must not block makes no system call and does not wait, in
 * whatever state the caches, the pages and their locks are; and nothing is lost
 * when a lock was not to be had.
 *
 * The guarded thread's first system call ends it.  Locks are held by threads
 * that stand still: one lock at a time by its owner's functions; all of the
 * library's at once in the middle of a fork(), whose handlers take them all
 * before they come to ours; and whatever is held where a signal happens to
 * stop a thread that runs every path.
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
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
#include "slab/slab.h"

#define ITEMS 3000

/* Fewer where all is checked. */
#define STEPS (KMEM_DEBUG ? 100000ul : 500000ul)

static void in_both(struct kunit *test, const char *options,
		    unsigned int seconds, void (*fn)(void))
{
	char text[100];

	/* their runtime makes system calls of its own */
	if (SANITIZED)
		kunit_skip(test, "sanitizers make system calls");
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

static void close_world(struct load *l, unsigned long before)
{
	load_empty_all(l);
	load_free_host(l);
	load_close();
	world_balanced(before);
}

/* --- nobody else ---------------------------------------------------------- */

static void pairs(void *unused)
{
	struct kmem_cache *s = load_cache[0];

	(void)unused;
	for (unsigned long i = 0; i < STEPS; i++) {
		kmem_cache_free(s, kmem_cache_alloc(s, GFP_ATOMIC));
		kfree(kmalloc(100, GFP_NOWAIT));
	}
}

static void warm_world(void)
{
	unsigned long before = open_world();

	guard_run(pairs, NULL);
	load_close();
	world_balanced(before);
}

static void warm_sheaves(struct kunit *test)
{
	in_both(test, "", 100, warm_world);
}

static void first_calls(void *arg)
{
	struct load *l = arg;

	load_steps(l, 2000);
}

/* A thread whose first call of the library, ever, must not block. */
static void newcomer_world(void)
{
	unsigned long before = open_world();
	struct load l;

	load_init(&l, ITEMS, 1, 0);
	for (unsigned int i = 0; i < 50 && !world_is_wrong(); i++)
		guard_run(first_calls, &l);
	close_world(&l, before);
}

static void first_calls_of_a_thread(struct kunit *test)
{
	in_both(test, "", 100, newcomer_world);
}

/*
 * Up and down: more and more objects until sheaf, barn, slabs and lists of
 * pages have none, and back until they overflow, for every kind and size.
 */
static void tides(void *arg)
{
	static const unsigned int sizes[] = { 8,    64,   192,   1024,
					      4096, 8192, 20000, 100000 };
	struct load *l = arg;
	unsigned int i, n, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			struct load_item *x = l->item;

			for (n = 0; n < l->nr; n++, x++) {
				*x = (struct load_item){
					.kind = LOAD_KMALLOC,
					.size = sizes[i],
					.seed = n,
				};
				x->p = kmalloc(sizes[i], GFP_NOWAIT);
				if (!x->p)
					break;
				work_stamp(x->p, x->size, x->seed);
			}
			load_empty_all(l);
		}
		load_steps(l, STEPS / 10);
		load_empty_all(l);
	}
}

static void tides_world(void)
{
	unsigned long before = open_world();
	struct load l;

	load_init(&l, 30000, 2, 0);
	guard_run(tides, &l);
	if (!l.given)
		world_wrong("nothing was given");
	close_world(&l, before);
}

static void up_and_down(struct kunit *test)
{
	in_both(test, "", 100, tides_world);
}

/* Until nothing can be had, and on. */
static void exhaust(void *arg)
{
	struct load *l = arg;
	unsigned int none = 0, i = 0;

	for (i = 0; i < l->nr && none < 300; i++) {
		if (l->item[i].p)
			continue;
		load_fill(l, &l->item[i]);
		none = l->item[i].p ? 0 : none + 1;
	}
	if (none < 300)
		world_wrong("memory did not end: enlarge the load");
	load_steps(l, STEPS / 10);
	load_empty_all(l);
	load_steps(l, STEPS / 10);
}

static void short_world(void)
{
	unsigned long before = open_world();
	struct load l;

	load_init(&l, 60000, 3, 0);
	guard_run(exhaust, &l);
	if (!l.refused)
		world_wrong("no request failed");
	close_world(&l, before);
}

static void memory_is_short(struct kunit *test)
{
	in_both(test, "mem=16M", 100, short_world);
}

/* --- beside others -------------------------------------------------------- */

static atomic_bool stop;
static atomic_uint names;

/* Everything that may block, and what needs many locks. */
static void *others(void *number)
{
	unsigned long me = (unsigned long)number;
	unsigned int round = 0;
	struct load l;
	char name[32];

	load_init(&l, 500, 100 + me, me % 3 ? GFP_KERNEL | __GFP_NOWARN : 0);
	while (!atomic_load(&stop)) {
		struct kmem_cache *s;

		load_steps(&l, 200);
		switch (me == 0 ? round++ % 40 : 0) {
		case 7:
			kmem_trim();
			break;
		case 14:
			kmem_cache_shrink(load_cache[round % LOAD_CACHES]);
			break;
		case 21:
			drain_all_pages(NULL);
			break;
		case 28:
			snprintf(name, sizeof(name), "others-%u",
				 atomic_fetch_add(&names, 1));
			s = kmem_cache_create(name, 64, 0, 0, NULL);
			kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
			kmem_cache_destroy(s);
		}
	}
	load_empty_all(&l);
	load_free_host(&l);
	return NULL;
}

#define OTHERS 4

static pthread_t other[OTHERS];

static void others_start(void)
{
	atomic_store(&stop, false);
	for (unsigned long i = 0; i < OTHERS; i++)
		if (pthread_create(&other[i], NULL, others, (void *)i))
			world_wrong("no thread");
}

static void others_end(void)
{
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < OTHERS; i++)
		pthread_join(other[i], NULL);
}

static void steps(void *arg)
{
	load_steps(arg, STEPS);
}

static void crowd_world(void)
{
	unsigned long before = open_world();
	struct load l;

	load_init(&l, ITEMS, 4, 0);
	others_start();
	guard_run(steps, &l);
	others_end();
	close_world(&l, before);
}

static void beside_other_threads(struct kunit *test)
{
	in_both(test, "", 200, crowd_world);
}

static void beside_others_when_short(struct kunit *test)
{
	in_both(test, "mem=64M", 200, crowd_world);
}

/* --- locks that stay held ------------------------------------------------- */

/* A function that holds a lock, or all locks of a kind, over rest(). */
struct hold {
	const char *what;
	void (*take)(void);
	void (*drop)(void);
};

static struct kmem_cache *each(struct kmem_cache *s)
{
	struct list_head *pos = s ? s->list.next : slab_caches.next;

	if (pos == &slab_caches)
		return NULL;
	return (struct kmem_cache *)((uintptr_t)pos -
				     offsetof(struct kmem_cache, list));
}

static void take_mutex(void)
{
	lock_take(&slab_mutex, LOCK_CACHES);
}

static void drop_mutex(void)
{
	lock_drop(&slab_mutex, LOCK_CACHES);
}

static void take_slots(void)
{
	take_mutex();
	for (struct kmem_cache *s = each(NULL); s; s = each(s))
		pcs_freeze(&s->pcs);
}

static void drop_slots(void)
{
	for (struct kmem_cache *s = each(NULL); s; s = each(s))
		pcs_thaw(&s->pcs);
	drop_mutex();
}

static void take_barns(void)
{
	for (struct kmem_cache *s = each(NULL); s; s = each(s))
		lock_take_nested(&s->barn0.lock, LOCK_BARN);
}

static void drop_barns(void)
{
	for (struct kmem_cache *s = each(NULL); s; s = each(s))
		lock_drop_nested(&s->barn0.lock, LOCK_BARN);
}

static void take_lists(void)
{
	for (struct kmem_cache *s = each(NULL); s; s = each(s))
		lock_take_nested(&s->node0.list_lock, LOCK_LIST);
}

static void drop_lists(void)
{
	for (struct kmem_cache *s = each(NULL); s; s = each(s))
		lock_drop_nested(&s->node0.list_lock, LOCK_LIST);
}

static void take_grow(void)
{
	lock_take(&grow_lock, LOCK_GROW);
}

static void drop_grow(void)
{
	lock_drop(&grow_lock, LOCK_GROW);
}

static void drop_pcps(void)
{
	pcp_unlock_all(false);
}

static void take_zones(void)
{
	for (unsigned int i = 0; i < ZONES; i++)
		lock_take_nested(&zones[i].lock, LOCK_ZONE);
}

static void drop_zones(void)
{
	for (unsigned int i = 0; i < ZONES; i++)
		lock_drop_nested(&zones[i].lock, LOCK_ZONE);
}

static void take_slabs_and_pages(void)
{
	take_barns();
	take_lists();
	take_grow();
	pcp_lock_all();
	take_zones();
}

static void drop_slabs_and_pages(void)
{
	drop_zones();
	drop_pcps();
	drop_grow();
	drop_lists();
	drop_barns();
}

static const struct hold hold[] = {
	{ "slab_mutex", take_mutex, drop_mutex },
	{ "every slot", take_slots, drop_slots },
	{ "every barn", take_barns, drop_barns },
	{ "every list_lock", take_lists, drop_lists },
	{ "grow_lock", take_grow, drop_grow },
	{ "every pcp", pcp_lock_all, drop_pcps },
	{ "every zone", take_zones, drop_zones },
	{ "all of these", take_slabs_and_pages, drop_slabs_and_pages },
};

static sem_t held, enough;

static void *holder(void *arg)
{
	const struct hold *h = arg;

	h->take();
	sem_post(&held);
	sem_wait(&enough);
	h->drop();
	return NULL;
}

static void few_steps(void *arg)
{
	load_steps(arg, STEPS / 20);
}

static void down_and_up(void *arg)
{
	struct load *l = arg;

	load_empty_all(l);
	few_steps(l);
}

static void locks_world(void)
{
	unsigned long before = open_world(), given;
	struct load l;
	pthread_t t;

	load_init(&l, ITEMS, 5, 0);
	sem_init(&held, 0, 0);
	sem_init(&enough, 0, 0);
	for (unsigned int i = 0; i < sizeof(hold) / sizeof(hold[0]); i++) {
		load_steps(&l, ITEMS * 3);
		given = l.given;
		if (pthread_create(&t, NULL, holder,
				   (void *)(uintptr_t)&hold[i]))
			world_wrong("no thread");
		sem_wait(&held);
		/* freed first, or allocated first */
		guard_run(down_and_up, &l);
		guard_run(few_steps, &l);
		sem_post(&enough);
		pthread_join(t, NULL);
		if (guard_stopped()) {
			world_wrong("while %s is held", hold[i].what);
			return;
		}
		world_note("%s: %lu of %lu given", hold[i].what,
			   l.given - given, l.given - given + l.refused);
		l.refused = 0;
		if (!kmem_validate())
			world_wrong("after %s was held", hold[i].what);
	}
	close_world(&l, before);
}

static void one_lock_is_held(struct kunit *test)
{
	in_both(test, "", 200, locks_world);
}

/* In a fork: registered before the library's handlers, so called after. */
static atomic_bool hold_fork;

static void in_the_fork(void)
{
	if (!atomic_exchange(&hold_fork, false))
		return;
	if (lock_try(&slab_mutex, LOCK_CACHES) ||
	    lock_try(&grow_lock, LOCK_GROW) ||
	    lock_try(&zones[ZONE_ID_NORMAL].lock, LOCK_ZONE))
		world_wrong("the fork does not hold the locks");
	sem_post(&held);
	sem_wait(&enough);
}

void world_before_boot(void)
{
	pthread_atfork(in_the_fork, NULL, NULL);
}

static void *forker(void *unused)
{
	pid_t pid;
	int status;

	(void)unused;
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		world_wrong("the forked child");
	return NULL;
}

static void fork_world(void)
{
	unsigned long before;
	struct load l;
	pthread_t t;

	before = open_world();
	load_init(&l, ITEMS, 6, 0);
	sem_init(&held, 0, 0);
	sem_init(&enough, 0, 0);
	for (unsigned int i = 5 * work_seconds(4); i && !world_is_wrong();
	     i--) {
		load_steps(&l, ITEMS * 3);
		atomic_store(&hold_fork, true);
		if (pthread_create(&t, NULL, forker, NULL))
			world_wrong("no thread");
		sem_wait(&held);
		guard_run(i % 2 ? few_steps : down_and_up, &l);
		sem_post(&enough);
		pthread_join(t, NULL);
	}
	close_world(&l, before);
}

static void every_lock_is_held(struct kunit *test)
{
	in_both(test, "", 200, fork_world);
}

/* --- threads that stand still, wherever they are -------------------------- */

static sem_t go_on, gone;

static void stand_still(int number)
{
	(void)number;
	sem_post(&held);
	while (sem_wait(&go_on))
		;
	sem_post(&gone);
}

static void stopped_world(void)
{
	unsigned int rounds = KMEM_DEBUG ? 60 : 150, i, k;
	struct sigaction act = { .sa_handler = stand_still };
	unsigned long before = open_world();
	struct load l;

	sigaction(SIGUSR1, &act, NULL);
	sem_init(&held, 0, 0);
	sem_init(&go_on, 0, 0);
	sem_init(&gone, 0, 0);
	load_init(&l, ITEMS, 7, 0);
	others_start();
	for (i = 0; i < rounds && !world_is_wrong(); i++) {
		usleep(100 + rng_below(&l.rng, 3000));
		for (k = 0; k < OTHERS; k++)
			pthread_kill(other[k], SIGUSR1);
		for (k = 0; k < OTHERS; k++)
			while (sem_wait(&held))
				;
		guard_run(i % 2 ? few_steps : down_and_up, &l);
		for (k = 0; k < OTHERS; k++)
			sem_post(&go_on);
		/* a late one must not be left there by the next round's */
		for (k = 0; k < OTHERS; k++)
			while (sem_wait(&gone))
				;
	}
	others_end();
	close_world(&l, before);
}

static void threads_stand_still(struct kunit *test)
{
	in_both(test, "", 300, stopped_world);
}

static void threads_stand_still_when_short(struct kunit *test)
{
	in_both(test, "mem=48M", 300, stopped_world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(warm_sheaves),
	KUNIT_CASE_SLOW(first_calls_of_a_thread),
	KUNIT_CASE_SLOW(up_and_down),
	KUNIT_CASE_SLOW(memory_is_short),
	KUNIT_CASE_SLOW(beside_other_threads),
	KUNIT_CASE_SLOW(beside_others_when_short),
	KUNIT_CASE_SLOW(one_lock_is_held),
	KUNIT_CASE_SLOW(every_lock_is_held),
	KUNIT_CASE_SLOW(threads_stand_still),
	KUNIT_CASE_SLOW(threads_stand_still_when_short),
	{},
};

static struct kunit_suite suite = {
	.name = "context_syscalls",
	.test_cases = cases,
};
kunit_test_suite(suite);
