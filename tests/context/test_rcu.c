/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * RCU of the flavour that the program brings: each of liburcu comes by dlopen()
 * into a process that has none, in the middle of what is handed over, and a
 * reader's object is whole until it leaves; several flavours, and more than
 * there is room for; one that cannot be asked for readers; a flavour that is
 * closed; a constructor of such a library that allocates and waits; fork in the
 * middle of a batch; no thread to be had; kfree_rcu() where nothing may block.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <kmem/kmem.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "context/guard.h"
#include "kunit/test.h"
#include "lib/sanitized.h"
#include "model/in_use.h"
#include "plugin/rcu_flavour.h"

#define SECONDS 60
#define GOOD 0x600d600d600d600dul
#define BAD 0xbadbadbadbadbadul

struct node {
	unsigned long first;
	struct rcu_head rcu;
	unsigned long last;
};

static const char *const names[] = { "memb", "mb", "bp", "qsbr", "signal" };
#define FLAVOURS (sizeof(names) / sizeof(names[0]))

static const char *flavour; /* of the world's case */
static struct kmem_cache *nodes;

/* --- what a reader sees --------------------------------------------------- */

static void *open_flavour(const char *name, const struct rcu_plugin **plugin)
{
	char path[4200];
	void *lib;

	snprintf(path, sizeof(path), "%s/librcu-%s.so", PLUGIN_DIR, name);
	lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		world_skip("%s", dlerror());
	*plugin = dlsym(lib, "rcu_plugin");
	return lib;
}

static struct node *node_new(void)
{
	struct node *n = kmem_cache_alloc(nodes, GFP_KERNEL);

	n->first = n->last = GOOD;
	return n;
}

/* All that might free it too early, and its next owner writes to it. */
static void scribble(void)
{
	struct node *n[64];

	for (unsigned int i = 0; i < 64; i++) {
		n[i] = kmem_cache_alloc(nodes, GFP_KERNEL);
		n[i]->first = n[i]->last = BAD;
	}
	for (unsigned int i = 0; i < 64; i++)
		kmem_cache_free(nodes, n[i]);
	kmem_trim();
}

static void expect_whole(const struct node *n, const char *where)
{
	for (unsigned int i = 0; i < 30 && !world_is_wrong(); i++) {
		scribble();
		usleep(1000);
		if (n->first != GOOD || n->last != GOOD)
			world_wrong("%s: reader's object was given out %s",
				    flavour, where);
	}
}

static void begin_nodes(void)
{
	nodes = kmem_cache_create("rcu-nodes", sizeof(struct node), 0, 0, NULL);
	/* the region's and the words' caches get theirs */
	kvfree(kvmalloc(8u << 20, GFP_KERNEL));
	scribble();
}

/* Nothing of the cache is left, which destroying waits for. */
static void end_nodes(void)
{
	if (kmem_cache_destroy(nodes))
		world_wrong("%s: objects are left", flavour ? flavour : "-");
	if (!kmem_validate())
		world_wrong("kmem_validate() is false");
}

/* --- one flavour ---------------------------------------------------------- */

static void comes_in_the_middle(void)
{
	const struct rcu_plugin *rcu;
	struct node *before, *n;
	char *large, *region;

	begin_nodes();
	before = node_new();
	kfree_rcu(before, rcu);
	open_flavour(flavour, &rcu);
	rcu->begin();
	rcu->enter();
	n = node_new();
	large = kmalloc(20000, GFP_KERNEL);
	region = kvmalloc(8u << 20, GFP_KERNEL);
	large[19999] = region[(8u << 20) - 1] = 77;
	kfree_rcu(n, rcu);
	kvfree_rcu((struct node *)(void *)large, rcu);
	kvfree_rcu((struct node *)(void *)region, rcu);
	expect_whole(n, "after kfree_rcu()");
	if (large[19999] != 77 || region[(8u << 20) - 1] != 77)
		world_wrong("%s: a large block was given back", flavour);
	rcu->leave();
	/* a reader of QSBR is online here, and the next waits for him */
	kfree_rcu(node_new(), rcu);
	kmem_trim();
	usleep(5000);
	kvfree_rcu_barrier();
	n = node_new();
	kfree_rcu_mightsleep(n);
	end_nodes();
	rcu->end();
}

/* Whatever pages are free get other bytes. */
static void scribble_pages(void)
{
	static struct page *pages[2000];
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		memset(page_address(pages[i]), 0xba, PAGE_SIZE);
	}
	while (i--)
		__free_page(pages[i]);
}

static void keeps_typesafe_slabs(void)
{
	const struct rcu_plugin *rcu;
	struct kmem_cache *s;
	struct node *n[200];
	unsigned int i;

	begin_nodes();
	s = kmem_cache_create("rcu-typesafe", sizeof(struct node), 0,
			      SLAB_TYPESAFE_BY_RCU, NULL);
	for (i = 0; i < 200; i++) {
		n[i] = kmem_cache_alloc(s, GFP_KERNEL);
		n[i]->first = GOOD;
	}
	open_flavour(flavour, &rcu);
	rcu->begin();
	rcu->enter();
	for (i = 0; i < 200; i++)
		kmem_cache_free(s, n[i]);
	kmem_cache_shrink(s);
	for (i = 0; i < 10 && !world_is_wrong(); i++) {
		scribble();
		usleep(1000);
		scribble_pages();
		if (n[100]->first != GOOD)
			world_wrong("%s: the slab went back", flavour);
	}
	rcu->leave();
	if (kmem_cache_destroy(s))
		world_wrong("%s: objects are left", flavour);
	end_nodes();
	rcu->end();
}

static void is_closed(void)
{
	const struct rcu_plugin *rcu;
	void *lib;

	begin_nodes();
	for (unsigned int i = 0; i < 20; i++) {
		lib = open_flavour(flavour, &rcu);
		rcu->begin();
		rcu->enter();
		kfree_rcu(node_new(), rcu);
		if (i)
			scribble();
		rcu->leave();
		rcu->end();
		/* a grace period may be under way */
		dlclose(lib);
		kfree_rcu(node_new(), rcu);
		if (i % 4 == 3)
			kvfree_rcu_barrier();
	}
	end_nodes();
}

/* --- fork ----------------------------------------------------------------- */

static void child_ends_it(pid_t pid, const char *what)
{
	int status = 0;

	if (pid < 0) {
		world_wrong("fork: %s", strerror(errno));
		return;
	}
	if (!pid) {
		alarm(20);
		kvfree_rcu_barrier();
		_exit(kmem_cache_destroy(nodes) || !kmem_validate());
	}
	waitpid(pid, &status, 0);
	if (status)
		world_wrong("%s: %s: the child ended with status %#x", flavour,
			    what, (unsigned int)status);
}

static void forks_in_a_batch(void)
{
	const struct rcu_plugin *rcu;

	if (SANITIZED)
		world_skip("a sanitizer's locks are left in a child");
	begin_nodes();
	kfree_rcu(node_new(), rcu);
	child_ends_it(fork(), "before the flavour came");
	open_flavour(flavour, &rcu);
	for (unsigned int i = 0; i < 50 && !world_is_wrong(); i++) {
		for (unsigned int k = 0; k < 100; k++)
			kfree_rcu(node_new(), rcu);
		/* the waiter begins */
		kmem_trim();
		kfree_rcu(node_new(), rcu);
		child_ends_it(fork(), "in a batch");
	}
	end_nodes();
}

static atomic_bool stop, inside;
static unsigned int linger_us; /* from stop to the end of the section */
static pthread_t reader;

static void *other_reader(void *plugin)
{
	const struct rcu_plugin *rcu = *(const struct rcu_plugin **)plugin;

	rcu->begin();
	rcu->enter();
	inside = true;
	while (!stop)
		usleep(1000);
	usleep(linger_us);
	rcu->leave();
	rcu->end();
	return NULL;
}

/* Loads the flavour; another thread is in its section until reader_end(). */
static void reader_begin(void)
{
	static const struct rcu_plugin *rcu;

	if (SANITIZED)
		world_skip("a sanitizer's locks are left in a child");
	begin_nodes();
	open_flavour(flavour, &rcu);
	if (pthread_create(&reader, NULL, other_reader, &rcu))
		world_wrong("no thread");
	while (!inside)
		usleep(1000);
}

static void reader_end(void)
{
	stop = true;
	pthread_join(reader, NULL);
}

/* In the child that reader is not, and what waited for him need not wait. */
static void forks_under_a_reader(void)
{
	reader_begin();
	for (unsigned int i = 0; i < 3; i++) {
		kfree_rcu(node_new(), rcu);
		kmem_trim();
		usleep(10000);
		child_ends_it(fork(), "under a reader");
	}
	reader_end();
	end_nodes();
}

/* The same before anybody has looked at the flavour, in this thread. */
static void forks_before_a_look(void)
{
	reader_begin();
	kfree_rcu(node_new(), rcu);
	child_ends_it(fork(), "before a look at the flavour");
	reader_end();
	end_nodes();
}

/* --- a flavour that can do less ------------------------------------------- */

static void child_of_a_reader(void)
{
	struct node *n = node_new();
	int status = 0;
	pid_t pid;

	kfree_rcu(n, rcu);
	pid = fork();
	if (!pid) {
		alarm(20);
		expect_whole(n, "in a reader's child");
		_exit(world_is_wrong());
	}
	waitpid(pid, &status, 0);
	if (pid < 0 || status)
		world_wrong("a reader's child ended with status %#x",
			    (unsigned int)status);
}

static void forks_as_a_reader(void)
{
	const struct rcu_plugin *rcu;

	if (SANITIZED)
		world_skip("a sanitizer's locks are left in a child");
	flavour = "fake";
	begin_nodes();
	open_flavour(flavour, &rcu);
	/* it is known from here on, and there is another thread */
	kfree_rcu(node_new(), rcu);
	kmem_trim();
	kvfree_rcu_barrier();
	rcu->enter();
	child_of_a_reader();
	rcu->leave();
	end_nodes();
}

/* The child has the lock of the grace period, which nobody will drop. */
static void child_hands_over(void)
{
	struct node *n = node_new();

	alarm(20);
	kfree_rcu(n, rcu);
	kvfree_rcu_barrier();
	expect_whole(n, "in the child");
	kfree_rcu_mightsleep(n);
	expect_whole(n, "by kfree_rcu_mightsleep() in the child");
	_exit(world_is_wrong());
}

static void forks_in_a_grace_period(void)
{
	const struct rcu_plugin *rcu;
	int status = 0;
	pid_t pid;

	if (SANITIZED)
		world_skip("a sanitizer's locks are left in a child");
	flavour = "fake";
	begin_nodes();
	open_flavour(flavour, &rcu);
	rcu->enter();
	kfree_rcu(node_new(), rcu);
	kmem_trim();
	rcu->waited();
	pid = fork();
	if (!pid)
		child_hands_over();
	waitpid(pid, &status, 0);
	if (pid < 0 || status)
		world_wrong("the child ended with status %#x",
			    (unsigned int)status);
	rcu->leave();
	end_nodes();
}

/* --- beside a thread that waits for readers ------------------------------- */

static void *frees_and_waits(void *n)
{
	kfree_rcu_mightsleep(n);
	return NULL;
}

/* In the child readers can be waited for, or it would never free anything. */
static void child_frees(void)
{
	struct node *n;

	alarm(20);
	nodes = kmem_cache_create("rcu-child", sizeof(struct node), 0, 0, NULL);
	n = node_new();
	kfree_rcu(n, rcu);
	kvfree_rcu_barrier();
	_exit(kmem_cache_destroy(nodes) ? 3 : 0);
}

static void forks_beside_a_wait(void)
{
	pthread_t waiter;
	int status = 0;
	pid_t pid;

	linger_us = 30000;
	reader_begin();
	if (pthread_create(&waiter, NULL, frees_and_waits, node_new()))
		world_wrong("no thread");
	usleep(20000);
	stop = true;
	pid = fork();
	if (!pid)
		child_frees();
	waitpid(pid, &status, 0);
	if (pid < 0 || status)
		world_wrong("%s: the child ended with status %#x", flavour,
			    (unsigned int)status);
	reader_end();
	pthread_join(waiter, NULL);
	end_nodes();
}

/* One more copy, as a library that has the flavour inside. */
static void open_copy(unsigned int i)
{
	char command[9000], name[64];
	const struct rcu_plugin *rcu;

	snprintf(name, sizeof(name), "copy-%d-%u", (int)getpid(), i);
	snprintf(command, sizeof(command),
		 "cp '%s/librcu-fake.so' '%s/librcu-%s.so'", PLUGIN_DIR,
		 PLUGIN_DIR, name);
	if (system(command))
		world_skip("no copy of the library: %s", command);
	open_flavour(name, &rcu);
	snprintf(command, sizeof(command), "%s/librcu-%s.so", PLUGIN_DIR, name);
	unlink(command);
}

static void are_too_many(void)
{
	struct node *n;

	flavour = "copies";
	begin_nodes();
	for (unsigned int i = 0; i < 40; i++)
		open_copy(i);
	n = node_new();
	kfree_rcu_mightsleep(n);
	expect_whole(n, "by kfree_rcu_mightsleep()");
	kfree_rcu(n, rcu);
	kvfree_rcu_barrier();
	expect_whole(n, "by kfree_rcu()");
}

/* --- where it is called --------------------------------------------------- */

static void in_silence(void *arg)
{
	struct node **n = arg;

	for (unsigned int i = 0; i < 1000; i++)
		kfree_rcu(n[i], rcu);
}

/* In a section of a reader, without a system call, 1000 times. */
static void calls_nobody(void)
{
	const struct rcu_plugin *rcu;
	static struct node *n[1000];

	begin_nodes();
	open_flavour(flavour, &rcu);
	rcu->begin();
	rcu->enter();
	for (unsigned int i = 0; i < 1000; i++)
		n[i] = node_new();
	guard_run(in_silence, n);
	expect_whole(n[999], "after a silent kfree_rcu()");
	rcu->leave();
	end_nodes();
	rcu->end();
}

/* Threads are refused from here on. */
static bool forbid_threads(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static void has_no_thread(void)
{
	const struct rcu_plugin *rcu;
	struct node *n;

	begin_nodes();
	open_flavour(flavour, &rcu);
	if (!forbid_threads())
		world_skip("no seccomp filter: %s", strerror(errno));
	rcu->begin();
	rcu->enter();
	n = node_new();
	kfree_rcu(n, rcu);
	expect_whole(n, "without a thread");
	rcu->leave();
	kvfree_rcu_barrier();
	end_nodes();
	rcu->end();
}

/* --- while it is being loaded --------------------------------------------- */

static bool loading_wanted;

static void *hands_over(void *arg)
{
	while (!stop) {
		for (unsigned int i = 0; i < 50; i++)
			kfree_rcu(node_new(), rcu);
		usleep(500);
	}
	return arg;
}

/* The plugin's constructor calls this; the loader's lock is held. */
void rcu_plugin_loading(void);
void rcu_plugin_loading(void)
{
	if (!loading_wanted)
		return;
	for (unsigned int i = 0; i < 30; i++) {
		kfree_rcu(node_new(), rcu);
		scribble();
		if (i % 10 == 9)
			kvfree_rcu_barrier();
	}
	kfree_rcu_mightsleep(node_new());
}

static void is_loaded_meanwhile(void)
{
	const struct rcu_plugin *rcu;
	pthread_t others[2];

	begin_nodes();
	loading_wanted = true;
	for (unsigned int i = 0; i < 2; i++)
		pthread_create(&others[i], NULL, hands_over, NULL);
	open_flavour(flavour, &rcu);
	rcu->begin();
	rcu->enter();
	rcu->leave();
	rcu->end();
	stop = true;
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(others[i], NULL);
	end_nodes();
}

/* --- several of them ------------------------------------------------------ */

static void all_are_waited_for(void)
{
	const struct rcu_plugin *rcu[FLAVOURS];
	struct node *n;
	unsigned int i;

	begin_nodes();
	flavour = "all";
	for (i = 0; i < FLAVOURS; i++) {
		open_flavour(names[i], &rcu[i]);
		rcu[i]->begin();
		rcu[i]->enter();
	}
	n = node_new();
	kfree_rcu(n, rcu);
	for (i = 0; i < FLAVOURS; i++) {
		expect_whole(n, names[i]);
		rcu[i]->leave();
		/* QSBR's reader is inside again */
		if (!strcmp(names[i], "qsbr"))
			rcu[i]->end();
	}
	kvfree_rcu_barrier();
	end_nodes();
	for (i = 0; i < FLAVOURS; i++)
		if (strcmp(names[i], "qsbr") != 0)
			rcu[i]->end();
}

/* Without any flavour the next call that may block gives it all back. */
static void needs_no_readers(void)
{
	unsigned long before;

	begin_nodes();
	kmem_trim();
	before = in_use_bytes();
	for (unsigned int i = 0; i < 1000; i++)
		kfree_rcu(node_new(), rcu);
	kmem_trim();
	if (in_use_bytes() != before)
		world_wrong("%ld bytes wait for nobody",
			    (long)(in_use_bytes() - before));
	end_nodes();
}

/* --- cases ---------------------------------------------------------------- */

static void each_flavour(struct kunit *test, void (*fn)(void))
{
	char options[64];

	for (unsigned int i = 0; i < FLAVOURS; i++) {
		flavour = names[i];
		/* a world is known by its options: each has its own */
		snprintf(options, sizeof(options), "decay_ms=%u", 100 + i);
		world_run(test, options, SECONDS, fn);
	}
}

#define CASE_OF_EACH(name, fn)               \
	static void name(struct kunit *test) \
	{                                    \
		each_flavour(test, fn);      \
	}

CASE_OF_EACH(a_flavour_comes_in_the_middle, comes_in_the_middle)
CASE_OF_EACH(a_flavour_keeps_typesafe_slabs, keeps_typesafe_slabs)
CASE_OF_EACH(a_flavour_is_closed, is_closed)
CASE_OF_EACH(a_flavour_is_loaded_meanwhile, is_loaded_meanwhile)
CASE_OF_EACH(fork_in_a_batch, forks_in_a_batch)
CASE_OF_EACH(fork_under_a_reader, forks_under_a_reader)
CASE_OF_EACH(fork_before_a_look, forks_before_a_look)
CASE_OF_EACH(fork_beside_a_wait, forks_beside_a_wait)
CASE_OF_EACH(handing_over_calls_nobody, calls_nobody)
CASE_OF_EACH(no_thread_to_be_had, has_no_thread)

static void all_flavours_are_waited_for(struct kunit *test)
{
	world_run(test, "", SECONDS, all_are_waited_for);
}

static void fork_as_a_reader(struct kunit *test)
{
	world_run(test, "", SECONDS, forks_as_a_reader);
}

static void fork_in_a_grace_period(struct kunit *test)
{
	world_run(test, "", SECONDS, forks_in_a_grace_period);
}

static void more_than_there_is_room_for(struct kunit *test)
{
	world_run(test, "", SECONDS, are_too_many);
}

static void no_flavour_no_wait(struct kunit *test)
{
	world_run(test, "", SECONDS, needs_no_readers);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_flavour_comes_in_the_middle),
	KUNIT_CASE(a_flavour_keeps_typesafe_slabs),
	KUNIT_CASE(a_flavour_is_closed),
	KUNIT_CASE(a_flavour_is_loaded_meanwhile),
	KUNIT_CASE(fork_in_a_batch),
	KUNIT_CASE(fork_under_a_reader),
	KUNIT_CASE(fork_before_a_look),
	KUNIT_CASE(fork_as_a_reader),
	KUNIT_CASE(fork_in_a_grace_period),
	KUNIT_CASE(fork_beside_a_wait),
	KUNIT_CASE(more_than_there_is_room_for),
	KUNIT_CASE(handing_over_calls_nobody),
	KUNIT_CASE(no_thread_to_be_had),
	KUNIT_CASE(all_flavours_are_waited_for),
	KUNIT_CASE(no_flavour_no_wait),
	{},
};

static struct kunit_suite suite = {
	.name = "rcu",
	.test_cases = cases,
};

kunit_test_suite(suite);
