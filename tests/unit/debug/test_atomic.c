/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sections and the check of requests, on the alloc layer's machine: which
 * calls are judged, by what, how often, and what is said.
 */
#include "unit/alloc/world.h"

#include <execinfo.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mempool.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>

#include "debug/atomic.h"

#define ON .options = "atomic_checks=1"

#define SLEEPS "BUG: sleeping function called from invalid context at "
#define RECURSES "BUG: request may enter a file system where none may be "

static unsigned int reports(void)
{
	unsigned int n = log_count("BUG: ");

	fake_log_clear();
	return n;
}

/* --- which calls ---------------------------------------------------------- */

static struct kmem_cache *cache;
static mempool_t *pool, *full;
static void *block, *objects[2], *kept[4];
static struct page *pages[2];

#define PLACE(name, body)                                     \
	static __attribute__((noinline)) void name(gfp_t gfp) \
	{                                                     \
		body;                                         \
		/* no tail call: the site is in here */       \
		__asm__ volatile("" : : "r"(gfp) : "memory"); \
	}

/* Two places, of which each is to be told of. */
#define CALL(name, body)         \
	PLACE(call_##name, body) \
	PLACE(again_##name, body)

CALL(kmalloc, kfree(hide(kmalloc(100, gfp))))
CALL(kzalloc, kfree(hide(kzalloc(100, gfp))))
CALL(kcalloc, kfree(hide(kcalloc(3, 100, gfp))))
CALL(large, kfree(hide(kmalloc(100000, gfp))))
CALL(dma, kfree(hide(kmalloc(100, gfp | __GFP_DMA))))
CALL(node, kfree(hide(kmalloc_node(100, gfp, 0))))
CALL(krealloc_stay, block = krealloc(block, 90, gfp))
CALL(krealloc_new, kfree(hide(krealloc(NULL, 90, gfp))))
CALL(krealloc_array, block = krealloc_array(block, 9, 10, gfp))
CALL(cache, kmem_cache_free(cache, hide(kmem_cache_alloc(cache, gfp))))
CALL(zalloc, kmem_cache_free(cache, hide(kmem_cache_zalloc(cache, gfp))))
CALL(bulk, if (kmem_cache_alloc_bulk(cache, gfp, 2, objects))
		   kmem_cache_free_bulk(cache, 2, objects))
CALL(kvmalloc, kvfree(hide(kvmalloc(100, gfp))))
CALL(kvmalloc_big, kvfree(hide(kvmalloc(8 * MIB, gfp))))
CALL(kvcalloc, kvfree(hide(kvcalloc(10, 100, gfp))))
CALL(kvrealloc, block = kvrealloc(block, 80, gfp))
CALL(pages, __free_pages(alloc_pages(gfp, 1), 1))
CALL(page_node, __free_pages(alloc_pages_node(0, gfp, 0), 0))
CALL(get_pages, free_pages(__get_free_pages(gfp, 1), 1))
CALL(zeroed_page, free_page(get_zeroed_page(gfp)))
CALL(exact, free_pages_exact(alloc_pages_exact(5000, gfp), 5000))
CALL(page_bulk, pages[0] = pages[1] = NULL; alloc_pages_bulk(gfp, 2, pages);
     __free_page(pages[0]); __free_page(pages[1]))
CALL(mempool, mempool_free(hide(mempool_alloc(pool, gfp)), pool))
CALL(strings, kfree(hide(kstrdup("abc", gfp))))
CALL(strndup, kfree(hide(kstrndup("abc", 2, gfp))))
CALL(memdup, kfree(hide(kmemdup("abc", 2, gfp))))
CALL(asprintf, kfree(hide(kasprintf(gfp, "%d", 7))))
CALL(kvmemdup, kvfree(hide(kvmemdup("abc", 2, gfp))))
CALL(might_alloc, might_alloc(gfp))

static const struct {
	const char *name;
	void (*call)(gfp_t gfp);
	void (*again)(gfp_t gfp);
} calls[] = {
#define ENTRY(name)                              \
	{                                        \
#name, call_##name, again_##name \
	}
	ENTRY(kmalloc),        ENTRY(kzalloc),      ENTRY(kcalloc),
	ENTRY(large),          ENTRY(dma),          ENTRY(node),
	ENTRY(krealloc_stay),  ENTRY(krealloc_new), ENTRY(cache),
	ENTRY(krealloc_array), ENTRY(zalloc),       ENTRY(bulk),
	ENTRY(kvmalloc),       ENTRY(kvmalloc_big), ENTRY(kvcalloc),
	ENTRY(kvrealloc),      ENTRY(pages),        ENTRY(page_node),
	ENTRY(get_pages),      ENTRY(zeroed_page),  ENTRY(exact),
	ENTRY(page_bulk),      ENTRY(mempool),      ENTRY(strings),
	ENTRY(strndup),        ENTRY(memdup),       ENTRY(asprintf),
	ENTRY(kvmemdup),       ENTRY(might_alloc),
};

/* Frames of the library between the call and the check are on it. */
static unsigned int real_stack(void **pc, unsigned int n)
{
	return (unsigned int)backtrace(pc, (int)n);
}

static void setup(void)
{
	unsigned int i;

	fake_set_stack_hook(real_stack);
	cache = kmem_cache_create("checked", 100, 0, 0, NULL);
	pool = mempool_create_slab_pool(2, cache);
	block = kmalloc(100, GFP_KERNEL);
	/* everything lies ready: nobody would have to sleep */
	for (i = 0; i < ARRAY_LEN(calls); i++)
		calls[i].call(GFP_KERNEL);
}

static void cleanup(void)
{
	kfree(block);
	kmem_trim();
	mempool_destroy(pool);
	kmem_cache_destroy(cache);
}

static void judge_all(struct kunit *test, gfp_t gfp, unsigned int want)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(calls); i++) {
		calls[i].call(gfp);
		KUNIT_EXPECT_EQ_MSG(test, reports(), want, "%s", calls[i].name);
		calls[i].again(gfp);
		KUNIT_EXPECT_EQ_MSG(test, reports(), want, "%s, elsewhere",
				    calls[i].name);
	}
}

WORLD_CASE(every_entry_is_judged, ON)
{
	setup();
	KUNIT_EXPECT_EQ(test, reports(), 0);
	preempt_disable();
	judge_all(test, GFP_NOWAIT, 0);
	judge_all(test, GFP_ATOMIC, 0);
	judge_all(test, GFP_KERNEL, 1);
	/* and told of once */
	judge_all(test, GFP_KERNEL, 0);
	preempt_enable();
	cleanup();
	KUNIT_EXPECT_EQ(test, reports(), 0);
}

WORLD_CASE(one_bit_decides, ON)
{
	setup();
	preempt_disable();
	judge_all(test, __GFP_DIRECT_RECLAIM, 1);
	preempt_enable();
	cleanup();
}

WORLD_CASE(nothing_is_said_unless_asked, .options = "")
{
	setup();
	preempt_disable();
	non_block_start();
	judge_all(test, GFP_KERNEL, 0);
	might_sleep();
	non_block_end();
	preempt_enable();
	cant_sleep();
	fs_reclaim_acquire(GFP_KERNEL);
	judge_all(test, GFP_KERNEL, 0);
	fs_reclaim_release(GFP_KERNEL);
	cleanup();
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

WORLD_CASE(calls_without_flags_are_judged, ON)
{
	struct kmem_cache *s;
	void *elems[1] = { NULL };

	fake_set_stack_hook(real_stack);
	full = mempool_create_kmalloc_pool(2, 64);
	KUNIT_EXPECT_EQ(test, reports(), 0);
	preempt_disable();
	mempool_alloc_bulk(full, elems, 1, 0);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	mempool_free(elems[0], full);
	mempool_resize(full, 3);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	s = kmem_cache_create("inside", 40, 0, 0, NULL);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	kmem_cache_shrink(s);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	kmem_cache_destroy(s);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	kvfree_rcu_barrier();
	KUNIT_EXPECT_EQ(test, reports(), 1);
	kmem_trim();
	KUNIT_EXPECT_EQ(test, reports(), 1);
	memalloc_retry_wait(GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	might_sleep();
	KUNIT_EXPECT_EQ(test, reports(), 1);
	might_sleep_if(preempt_count() == 1);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	might_sleep_if(preempt_count() == 2);
	/* frees and what never sleeps */
	kfree(kmalloc(8, GFP_NOWAIT));
	elems[0] = mempool_alloc_preallocated(full);
	mempool_free(elems[0], full);
	block = krealloc(kmalloc(8, GFP_NOWAIT), 0, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, reports(), 0);
	preempt_enable();
	mempool_destroy(full);
}

/* What the layers need to start is not the caller's request. */
WORLD_CASE(the_start_is_not_judged, ON, .unbooted = true)
{
	void *p;

	preempt_disable();
	p = kmalloc(100, GFP_ATOMIC);
	KUNIT_EXPECT_EQ(test, kmalloc_boot(), 0);
	kfree(p);
	preempt_enable();
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

/* One place: a compiler unrolls loops. */
static __attribute__((noinline)) void *from_full(gfp_t gfp)
{
	void *p = mempool_alloc(full, gfp);

	__asm__ volatile("" : "+r"(p) : : "memory");
	return p;
}

/* The reserve is full, so the pool would not have slept. */
WORLD_CASE(a_full_reserve_is_no_excuse, ON)
{
	int i;

	full = mempool_create_kmalloc_pool(4, 64);
	preempt_disable();
	for (i = 0; i < 4; i++)
		kept[i] = from_full(GFP_NOIO);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, reports(), 1);
	for (i = 0; i < 4; i++)
		mempool_free(kept[i], full);
	mempool_destroy(full);
}

/* --- sections ------------------------------------------------------------- */

WORLD_CASE(sections_nest_and_end, ON)
{
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	preempt_disable();
	preempt_disable();
	KUNIT_EXPECT_EQ(test, preempt_count(), 2);
	preempt_enable();
	KUNIT_EXPECT_TRUE(test, in_atomic());
	might_sleep();
	KUNIT_EXPECT_EQ(test, reports(), 1);
	/* the functions that the macros call: the place is an argument */
	__might_sleep("elsewhere.c", 42);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "elsewhere.c:42"));
	KUNIT_EXPECT_EQ(test, reports(), 1);
	__cant_sleep("elsewhere.c", 43, 0);
	KUNIT_EXPECT_EQ(test, reports(), 0);
	preempt_enable();
	__cant_sleep("elsewhere.c", 44, 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "elsewhere.c:44"));
	KUNIT_EXPECT_EQ(test, reports(), 1);
	KUNIT_EXPECT_FALSE(test, in_atomic());
	might_sleep();
	KUNIT_EXPECT_EQ(test, reports(), 0);
	non_block_start();
	KUNIT_EXPECT_FALSE(test, in_atomic());
	might_sleep();
	KUNIT_EXPECT_EQ(test, reports(), 1);
	non_block_end();
	might_sleep();
	KUNIT_EXPECT_EQ(test, reports(), 0);
}

WORLD_CASE(one_end_too_many_is_told_once, .options = "")
{
	int i;

	for (i = 0; i < 3; i++)
		preempt_enable();
	KUNIT_EXPECT_EQ(test, log_count("WARNING: "), 1);
	KUNIT_EXPECT_EQ(test, log_count("preempt_enable() without "), 1);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	fake_log_clear();
	for (i = 0; i < 3; i++)
		non_block_end();
	KUNIT_EXPECT_EQ(test, log_count("non_block_end() without "), 1);
	KUNIT_EXPECT_FALSE(test, atomic_here());
	/* nothing wrapped: a section is one still */
	preempt_disable();
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	preempt_enable();
	fake_log_clear();
}

static void *ends_inside(void *arg)
{
	preempt_disable();
	non_block_start();
	memalloc_noio_save();
	return arg;
}

static void *begins_outside(void *arg)
{
	int *count = arg;

	*count = preempt_count() + (int)atomic_here() +
		 (current_gfp_context(GFP_KERNEL) != GFP_KERNEL);
	return arg;
}

static bool child_is_inside(struct kunit *test)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (preempt_count() != 2)
			_exit(1);
		preempt_enable();
		preempt_enable();
		_exit(in_atomic() ? 2 : 0);
	}
	KUNIT_EXPECT_EQ(test, waitpid(pid, &status, 0), pid);
	return status == 0;
}

/* A count ends with its thread; the child of a fork goes on with it. */
WORLD_CASE(a_count_is_its_threads, ON)
{
	pthread_t t;
	int i, count = -1;

	preempt_disable();
	preempt_disable();
	for (i = 0; i < 4; i++) {
		pthread_create(&t, NULL, ends_inside, NULL);
		pthread_join(t, NULL);
		pthread_create(&t, NULL, begins_outside, &count);
		pthread_join(t, NULL);
		KUNIT_EXPECT_EQ(test, count, 0);
	}
	KUNIT_EXPECT_TRUE(test, child_is_inside(test));
	KUNIT_EXPECT_EQ(test, preempt_count(), 2);
	preempt_enable();
	preempt_enable();
}

static unsigned int told[2][PORT_SECTIONS];

static void note_told(enum port_section which, bool begins, const void *caller)
{
	(void)caller;
	told[begins][which]++;
}

WORLD_CASE(the_other_copy_is_told, ON)
{
	fake_set_other_copy(note_told);
	preempt_disable();
	preempt_disable();
	preempt_enable();
	KUNIT_EXPECT_EQ(test, told[1][PORT_ATOMIC], 2);
	KUNIT_EXPECT_EQ(test, told[0][PORT_ATOMIC], 1);
	preempt_enable();
	/* one too many is ours alone */
	preempt_enable();
	KUNIT_EXPECT_EQ(test, told[0][PORT_ATOMIC], 2);
	fake_log_clear();
	non_block_start();
	non_block_end();
	KUNIT_EXPECT_EQ(test, told[1][PORT_NO_BLOCK], 1);
	KUNIT_EXPECT_EQ(test, told[0][PORT_NO_BLOCK], 1);
	/* as the other copy */
	atomic_section_told(PORT_ATOMIC, true, __builtin_return_address(0));
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	atomic_section_told(PORT_ATOMIC, false, __builtin_return_address(0));
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_EXPECT_EQ(test, told[1][PORT_ATOMIC], 2);
}

/* --- what is said --------------------------------------------------------- */

#define PC(n) ((void *)(uintptr_t)(n))

WORLD_CASE(both_stacks_are_told, ON)
{
	void *outer[3] = { PC(0x1111), PC(0x2222), PC(0x3333) };
	void *inner[2] = { PC(0x4444), PC(0x5555) };
	void *request[4] = { PC(0x7), PC(0x6666), PC(0x7777), PC(0x8888) };
	const char *log;

	/* the port's stack begins anywhere; the one told at the caller */
	fake_set_stack(outer, 3);
	atomic_section_told(PORT_ATOMIC, true, outer[1]);
	fake_set_stack(inner, 2);
	atomic_section_told(PORT_ATOMIC, true, inner[0]);
	fake_set_stack(request, 4);
	atomic_check(GFP_KERNEL | __GFP_NOWARN, "../a/b.c", 77, request[1]);
	log = fake_log();
	KUNIT_EXPECT_EQ(test,
			strncmp(log,
				SLEEPS "a/b.c:77\nin_atomic(): 1, "
				       "irqs_disabled(): 0, "
				       "non_block: 0, pid: ",
				strlen(SLEEPS) + 56),
			0);
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(log, "\npreempt_count: 2, expected: 0\n"
					  "request: mode:0x2cc0(GFP_KERNEL|"
					  "__GFP_NOWARN)\n"
					  "Preemption disabled at:\n"
					  " 0x2222\n 0x3333\n"
					  "Call Trace:\n"
					  " 0x6666\n 0x7777\n 0x8888\n"));
	KUNIT_EXPECT_NULL(test, strstr(log, "Blocking forbidden"));
	KUNIT_EXPECT_NULL(test, strstr(log, "0x4444"));
	KUNIT_EXPECT_EQ(test, reports(), 1);
	atomic_section_told(PORT_ATOMIC, false, NULL);
	atomic_section_told(PORT_ATOMIC, false, NULL);
	/* a new section has a stack of its own */
	fake_set_stack(inner, 2);
	atomic_section_told(PORT_NO_BLOCK, true, inner[0]);
	atomic_check_sleep("x.c", 1, PC(0x99));
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(),
					   "preempt_count: 0, expected: 0\n"
					   "Blocking forbidden at:\n"
					   " 0x4444\n 0x5555\n"
					   "Call Trace:\n 0x99\n"));
	KUNIT_EXPECT_NULL(test, strstr(fake_log(), "request:"));
	atomic_section_told(PORT_NO_BLOCK, false, NULL);
	fake_log_clear();
}

/* A call of the library inside one that was told of is the same mistake. */
WORLD_CASE(inner_calls_are_not_told_again, ON)
{
	void *stack[3] = { PC(0x10), PC(0x20), PC(0x30) };

	preempt_disable();
	fake_set_stack(stack, 3);
	atomic_check(GFP_KERNEL, "x.c", 1, stack[1]);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	atomic_check(GFP_KERNEL, "x.c", 2, stack[0]);
	KUNIT_EXPECT_EQ(test, reports(), 0);
	stack[1] = PC(0x21);
	atomic_check(GFP_KERNEL, "x.c", 2, stack[0]);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	preempt_enable();
}

WORLD_CASE(a_section_that_could_not_be_recorded, ON)
{
	port_task()->depth[PORT_ATOMIC] = 1;
	port_task()->began[PORT_ATOMIC] = 0;
	might_sleep();
	port_task()->depth[PORT_ATOMIC] = 0;
	KUNIT_EXPECT_EQ(test,
			log_count("Preemption disabled at:\n"
				  " (not recorded)\n"),
			1);
	fake_log_clear();
}

WORLD_CASE(the_number_of_sites_is_bounded, ON)
{
	unsigned int i, n = 0;

	preempt_disable();
	for (i = 1; i <= 2000; i++) {
		atomic_check(GFP_KERNEL, "x.c", 1, PC(i * 64));
		n += log_count(SLEEPS);
		KUNIT_EXPECT_EQ(test, log_count("512 call sites were"),
				i == 512);
		fake_log_clear();
	}
	preempt_enable();
	KUNIT_EXPECT_EQ(test, n, 512);
}

#define THREADS 4

static void *check_many(void *arg)
{
	unsigned int i;

	preempt_disable();
	for (i = 1; i <= 100; i++)
		atomic_check(GFP_KERNEL, "x.c", 1, PC(i * 4096));
	preempt_enable();
	return arg;
}

WORLD_CASE(one_thread_tells, ON)
{
	pthread_t t[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, check_many, NULL);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	KUNIT_EXPECT_EQ(test, log_count(SLEEPS), 100);
	fake_log_clear();
}

static __attribute__((noinline)) void says_cant_sleep(void)
{
	cant_sleep();
	__asm__ volatile("" : : : "memory");
}

WORLD_CASE(who_cannot_sleep_says_so, ON)
{
	int i;

	preempt_disable();
	cant_sleep();
	preempt_enable();
	KUNIT_EXPECT_EQ(test, reports(), 0);
	for (i = 0; i < 3; i++)
		says_cant_sleep();
	KUNIT_EXPECT_EQ(test, log_count("BUG: assuming atomic context at "), 1);
	fake_log_clear();
}

/* --- file systems --------------------------------------------------------- */

static __attribute__((noinline)) void request(gfp_t gfp)
{
	call_kmalloc(gfp);
}

WORLD_CASE(file_systems_are_held_off, ON)
{
	unsigned int was;

	fs_reclaim_acquire(GFP_NOFS);
	request(GFP_KERNEL);
	fs_reclaim_release(GFP_NOFS);
	KUNIT_EXPECT_EQ(test, reports(), 0);

	fs_reclaim_acquire(GFP_KERNEL);
	request(GFP_NOFS);
	request(GFP_ATOMIC);
	was = memalloc_nofs_save();
	request(GFP_KERNEL);
	memalloc_nofs_restore(was);
	was = memalloc_noio_save();
	request(GFP_KERNEL);
	memalloc_noio_restore(was);
	was = memalloc_noreclaim_save();
	request(GFP_KERNEL);
	memalloc_noreclaim_restore(was);
	KUNIT_EXPECT_EQ(test, reports(), 0);
	request(GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, log_count(RECURSES), 1);
	KUNIT_EXPECT_EQ(test, log_count("fs_reclaim acquired at:\n"), 1);
	request(GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, reports(), 1);
	fs_reclaim_release(GFP_KERNEL);
	call_kzalloc(GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, reports(), 0);
}

WORLD_CASE(a_report_can_be_the_end, .options = "atomic_checks,panic_on_warn")
{
	static char text[4096];
	int fds[2], status = 0;
	pid_t pid;
	ssize_t n;

	KUNIT_ASSERT_EQ(test, pipe(fds), 0);
	pid = fork();
	if (!pid) {
		dup2(fds[1], 2);
		preempt_disable();
		might_sleep();
		_exit(0);
	}
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	waitpid(pid, &status, 0);
	KUNIT_EXPECT_TRUE(test, WIFSIGNALED(status));
	KUNIT_EXPECT_GT(test, n, 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "Kernel panic"));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_entry_is_judged),
	KUNIT_CASE(one_bit_decides),
	KUNIT_CASE(nothing_is_said_unless_asked),
	KUNIT_CASE(calls_without_flags_are_judged),
	KUNIT_CASE(the_start_is_not_judged),
	KUNIT_CASE(a_full_reserve_is_no_excuse),
	KUNIT_CASE(sections_nest_and_end),
	KUNIT_CASE(one_end_too_many_is_told_once),
	KUNIT_CASE(a_count_is_its_threads),
	KUNIT_CASE(the_other_copy_is_told),
	KUNIT_CASE(both_stacks_are_told),
	KUNIT_CASE(inner_calls_are_not_told_again),
	KUNIT_CASE(a_section_that_could_not_be_recorded),
	KUNIT_CASE(the_number_of_sites_is_bounded),
	KUNIT_CASE(one_thread_tells),
	KUNIT_CASE(who_cannot_sleep_says_so),
	KUNIT_CASE(file_systems_are_held_off),
	KUNIT_CASE(a_report_can_be_the_end),
	{},
};
static struct kunit_suite suite = { .name = "atomic", .test_cases = cases };
kunit_test_suite(suite);
