/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The accounting of call sites: each call is charged to its line, and whatever
 * threads have done, all sites together are what is in use.
 */
#define CONFIG_MEM_ALLOC_PROFILING

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/alloc_tag.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "context/guard.h"
#include "context/load.h"
#include "kunit/test.h"
#include "model/in_use.h"

#include "alloc/region.h"

#define ON "mem_profiling=1"

#define WRONG_UNLESS(cond) \
	((cond) ? (void)0 : world_wrong("%d: %s", __LINE__, #cond))

static char text[1 << 20];

static void in_both(struct kunit *test, const char *options,
		    unsigned int seconds, void (*fn)(void))
{
	char both[100];

	world_run(test, options, seconds, fn);
	snprintf(both, sizeof(both), "%s,percpu=lock", options);
	world_run(test, both, seconds, fn);
}

struct held {
	unsigned long long bytes, calls;
};

/* Adds up the lines with this word, or all of them. */
static struct held sum(const char *word)
{
	struct held all = { 0, 0 };
	unsigned long long bytes, calls;
	char *line, *next;

	if (kmem_allocinfo(text, sizeof(text)) >= sizeof(text))
		world_wrong("the table is too long");
	if (strncmp(text,
		    "allocinfo - version: 1.0\n#     <size>  <calls> "
		    "<tag info>\n",
		    58))
		world_wrong("its head: %.60s", text);
	for (line = text; *line; line = next) {
		next = strchr(line, '\n') + 1;
		next[-1] = 0;
		if (sscanf(line, "%llu %llu", &bytes, &calls) == 2 &&
		    (!word || strstr(line, word))) {
			all.bytes += bytes;
			all.calls += calls;
		}
	}
	return all;
}

/* What the function's calls hold. */
static struct held of(const char *function)
{
	char word[100];

	snprintf(word, sizeof(word), " func:%s", function);
	return sum(word);
}

/* By the books of the layers, what the library has for itself included. */
static unsigned long long in_use(void)
{
	unsigned long long bytes = 0, slab_pages = 0;
	struct region_counts regions;
	const struct list_head *pos;
	struct page_stats pages;
	struct slab_counts n;
	struct kmem_cache *s;

	for (pos = slab_caches.next; pos != &slab_caches; pos = pos->next) {
		s = (struct kmem_cache *)((uintptr_t)pos -
					  offsetof(struct kmem_cache, list));
		slab_counts(s, &n);
		slab_pages += in_use_slab_pages(s, &n);
		bytes += (n.active_objs - n.free_in_sheaves) * s->size;
	}
	page_stats(&pages);
	region_counts(&regions);
	return bytes + regions.bytes + page_totals()->percpu_bytes +
	       (pages.total - pages.free - pages.pcp - slab_pages) * PG_BYTES;
}

/* What the library has for itself. */
static unsigned long long own_use(void)
{
	unsigned long long bytes = page_totals()->percpu_bytes;
	const struct list_head *pos;
	struct slab_counts n;
	struct kmem_cache *s;

	for (pos = slab_caches.next; pos != &slab_caches; pos = pos->next) {
		s = (struct kmem_cache *)((uintptr_t)pos -
					  offsetof(struct kmem_cache, list));
		slab_counts(s, &n);
		if (s->flags & SLAB_NOLEAKTRACE)
			bytes += (n.active_objs - n.free_in_sheaves) * s->size;
	}
	return bytes;
}

static void balance(const char *when)
{
	struct held all = sum(NULL);
	unsigned long long used = in_use();

	if (all.bytes != used)
		world_wrong("%s: %llu in sites, %llu in use", when, all.bytes,
			    used);
}

/* --- each call ------------------------------------------------------------ */

static struct kmem_cache *things;

static void *by_kmalloc(void)
{
	return kmalloc(100, GFP_KERNEL);
}

static void *by_kzalloc(void)
{
	return kzalloc(100, GFP_KERNEL);
}

static void *by_cache(void)
{
	return kmem_cache_alloc(things, GFP_KERNEL);
}

static void *by_large(void)
{
	return kmalloc(100000, GFP_KERNEL);
}

static void *by_pages(void)
{
	return alloc_pages(GFP_KERNEL, 2);
}

static void *by_exact(void)
{
	return alloc_pages_exact(3 * PAGE_SIZE, GFP_KERNEL);
}

static void *by_vmalloc(void)
{
	return vmalloc(5 * PAGE_SIZE);
}

static void *by_string(void)
{
	return kasprintf(GFP_KERNEL, "%s",
			 "forty bytes and one more, and the end.");
}

static void *by_atomic(void)
{
	return kmalloc(100, GFP_ATOMIC);
}

static bool debugged;

static void *by_own_tag(void)
{
	DEFINE_ALLOC_TAG(mine);

	return alloc_hooks_tag(&mine, kmalloc_noprof(100, GFP_KERNEL));
}

static void *by_two_calls(void)
{
	DEFINE_ALLOC_TAG(mine);
	struct alloc_tag *old = alloc_tag_save(&mine);
	void *p = kmalloc_noprof(100, GFP_KERNEL);

	alloc_tag_restore(&mine, old);
	return p;
}

static __attribute__((noinline)) void *for_another(void)
{
	void *p = kmalloc_track_caller(100, GFP_KERNEL);

	__asm__ volatile("" : "+r"(p));
	return p;
}

/* Charged to this function, in which there is no tag. */
static __attribute__((noinline)) void *by_caller(void)
{
	void *p = for_another();

	__asm__ volatile("" : "+r"(p));
	return p;
}

static void one_call(const char *name, void *(*fn)(void), size_t least,
		     size_t most)
{
	void *p = fn();
	struct held h = of(name);

	if (!p || !h.calls || h.bytes < least || (h.bytes > most && !debugged))
		world_wrong("%s holds %llu in %llu, not %zu", name, h.bytes,
			    h.calls, least);
	if (debugged)
		balance(name);
}
#define ONE_CALL(fn, least, most) one_call(#fn, fn, least, most)

static void each_call(void)
{
	kmem_init();
	things = kmem_cache_create("things", 200, 8, 0, NULL);
	ONE_CALL(by_kmalloc, 128, 128);
	ONE_CALL(by_kzalloc, 128, 128);
	ONE_CALL(by_cache, 200, 200);
	ONE_CALL(by_large, 131072, 131072);
	ONE_CALL(by_pages, 4 * PAGE_SIZE, 4 * PAGE_SIZE);
	ONE_CALL(by_exact, 3 * PAGE_SIZE, 3 * PAGE_SIZE);
	/* the areas' records, and guards, are charged with the pages */
	ONE_CALL(by_vmalloc, 5 * PAGE_SIZE, 9 * PAGE_SIZE);
	ONE_CALL(by_string, 48, 64);
	ONE_CALL(by_atomic, 128, 128);
	ONE_CALL(by_own_tag, 128, 128);
	ONE_CALL(by_two_calls, 128, 128);
	WRONG_UNLESS(mem_alloc_profiling_enabled() && kmem_mem_profiling);
	WRONG_UNLESS(by_caller() && of("by_caller+").calls == 1);
	balance("after each call");
	/* it was on from the start, so nothing else has no site */
	if (sum("unaccounted").bytes != own_use())
		world_wrong("%llu have no site, %llu are the library's",
			    sum("unaccounted").bytes, own_use());
}

static void each_call_debugged(void)
{
	debugged = true;
	each_call();
}

static void bulk_calls(void)
{
	struct slab_sheaf *sheaf;
	mempool_t *pool;
	void *p[50];

	kmem_init();
	things = kmem_cache_create("things", 200, 8, 0, NULL);
	WRONG_UNLESS(kmem_cache_alloc_bulk(things, GFP_KERNEL, 50, p) == 50);
	WRONG_UNLESS(of("bulk_calls").calls == 50);
	kmem_cache_free_bulk(things, 20, p);
	WRONG_UNLESS(of("bulk_calls").calls == 30);
	kmem_cache_free_bulk(things, 30, p + 20);
	sheaf = kmem_cache_prefill_sheaf(things, GFP_KERNEL, 10);
	WRONG_UNLESS(of("bulk_calls").calls >= 10);
	kmem_cache_return_sheaf(things, GFP_KERNEL, sheaf);
	WRONG_UNLESS(of("bulk_calls").calls == 0);
	pool = mempool_create_slab_pool(7, things);
	/* and the pool's own record and array */
	WRONG_UNLESS(of("bulk_calls").calls >= 7);
	mempool_destroy(pool);
	WRONG_UNLESS(of("bulk_calls").calls == 0);
	balance("after bulk calls");
}

/* The block that this function frees is next used by another call site. */
static void *again(void *p)
{
	kfree(p);
	return by_kzalloc();
}

static void on_and_off(void)
{
	void *before = by_kmalloc(), *p, *q;

	WRONG_UNLESS(sum(NULL).calls == 0);
	WRONG_UNLESS(!kmem_mem_profiling_set(true));
	WRONG_UNLESS(!kmem_mem_profiling_set(true));
	WRONG_UNLESS(of("by_kmalloc").calls == 0);
	balance("on");
	p = by_kmalloc();
	q = by_kmalloc();
	WRONG_UNLESS(of("by_kmalloc").calls == 2);
	p = again(p);
	WRONG_UNLESS(of("by_kmalloc").calls == 1 &&
		     of("by_kzalloc").calls == 1);
	/* a call of code without tags is charged to its address */
	kfree(p);
	p = kmalloc_noprof(100, GFP_KERNEL);
	WRONG_UNLESS(of("by_kzalloc").calls == 0);
	WRONG_UNLESS(sum("0x").calls >= 1);
	balance("still on");
	WRONG_UNLESS(!kmem_mem_profiling_set(false));
	WRONG_UNLESS(sum(NULL).calls == 0);
	kfree(before);
	before = by_kmalloc();
	WRONG_UNLESS(!kmem_mem_profiling_set(true));
	/* what was charged in the time before is so no more */
	WRONG_UNLESS(of("by_kmalloc").calls == 0);
	balance("on again");
	kfree(before);
	kfree(p);
	kfree(q);
}

/* Threads of this test use up memory, which is reported. */
static void quiet(void)
{
	if (!freopen("/dev/null", "w", stderr))
		world_wrong("/dev/null");
}

/* --- threads -------------------------------------------------------------- */

#define THREADS 4
#define STEPS 4000

static pthread_barrier_t rest;

static void *worker(void *arg)
{
	struct load l;

	load_init(&l, 200, (uintptr_t)arg, 0);
	for (int round = 0; round < 3; round++) {
		load_steps(&l, STEPS);
		pthread_barrier_wait(&rest);
		pthread_barrier_wait(&rest);
	}
	load_empty_all(&l);
	return NULL;
}

static void threads(void)
{
	pthread_t thread[THREADS];

	quiet();
	load_open();
	pthread_barrier_init(&rest, NULL, THREADS + 1);
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, worker, (void *)(i + 1));
	for (int round = 0; round < 3; round++) {
		pthread_barrier_wait(&rest);
		balance("threads at rest");
		/* also with what was charged while it was off */
		kmem_mem_profiling_set(round != 0);
		if (!round)
			kmem_mem_profiling_set(true);
		balance("turned off and on");
		pthread_barrier_wait(&rest);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	load_close();
	balance("threads are gone");
}

/* The table can be taken, and turned off, while others allocate. */
static volatile bool stop;

static void *busy(void *arg)
{
	struct load l;

	load_init(&l, 200, (uintptr_t)arg, 0);
	while (!stop)
		load_steps(&l, 50);
	load_empty_all(&l);
	return NULL;
}

static void under_load(void)
{
	pthread_t thread[2];
	int i;

	quiet();
	load_open();
	for (i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, busy, (void *)(i + 1ul));
	for (i = 0; i < 30; i++) {
		kmem_allocinfo(text, sizeof(text));
		kmem_mem_profiling_set(i % 3);
	}
	stop = true;
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	load_close();
	kmem_mem_profiling_set(true);
	balance("after load");
}

static void forked(void)
{
	int status = -1;
	pid_t pid;
	void *p;

	kmem_init();
	p = by_kmalloc();
	pid = fork();

	if (!pid) {
		if (of("by_kmalloc").calls != 1)
			_exit(1);
		by_kmalloc();
		kfree(p);
		_exit(of("by_kmalloc").calls != 1);
	}
	waitpid(pid, &status, 0);
	WRONG_UNLESS(status == 0);
	WRONG_UNLESS(of("by_kmalloc").calls == 1);
}

/* --- cases ---------------------------------------------------------------- */

static void charges_each_call(struct kunit *test)
{
	in_both(test, ON, 60, each_call);
}

static void charges_bulk_calls(struct kunit *test)
{
	in_both(test, ON, 60, bulk_calls);
}

static void is_turned_on_and_off(struct kunit *test)
{
	in_both(test, "mem_profiling=0", 60, on_and_off);
}

static void adds_up_with_threads(struct kunit *test)
{
	in_both(test, ON, 120, threads);
}

static void is_read_under_load(struct kunit *test)
{
	in_both(test, ON, 120, under_load);
}

static void knows_debugged_caches(struct kunit *test)
{
	world_run(test, ON ",slab_debug=FZPU", 120, each_call_debugged);
	world_run(test, ON ",slab_debug=FZPU", 120, threads);
}

static void goes_on_in_a_child(struct kunit *test)
{
	in_both(test, ON, 60, forked);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(charges_each_call),    KUNIT_CASE(charges_bulk_calls),
	KUNIT_CASE(is_turned_on_and_off), KUNIT_CASE(adds_up_with_threads),
	KUNIT_CASE(is_read_under_load),   KUNIT_CASE(knows_debugged_caches),
	KUNIT_CASE(goes_on_in_a_child),   {}
};

static struct kunit_suite suite = {
	.name = "allocinfo",
	.test_cases = cases,
};

kunit_test_suite(suite);
