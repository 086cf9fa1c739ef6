/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "debug/report.h"

#include <linux/gfp_types.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kunit/test.h"
#include "lib/text.h"
#include "port/fake/fake.h"

#define EQUALS                                    \
	"=======================================" \
	"======================================\n"
#define DASHES                                    \
	"---------------------------------------" \
	"--------------------------------------\n"
#define CUT "------------[ cut here ]------------\n"

static int clear_log(struct kunit *test)
{
	(void)test;
	fake_log_clear();
	return 0;
}

/*
 * The first case of all: taints never go away in a process, so what each of
 * them looks like is shown in children.
 */
static int taint_of(void (*first)(void), const char *want)
{
	int status = -1;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (first)
			first();
		fake_log_clear();
		report_bug_begin("c", "r");
		report_end();
		if (strstr(fake_log(), want))
			_exit(0);
		fputs(fake_log(), stderr);
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static void warn(void)
{
	report_warn("x.c", 1, NULL, "w");
}

static void bug(void)
{
	report_bug_begin("c", "r");
	report_end();
}

static void both(void)
{
	warn();
	bug();
}

static void report_taints(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, taint_of(NULL, "BUG c (Not tainted): r\n"), 0);
	KUNIT_EXPECT_EQ(test,
			taint_of(warn, "BUG c (Tainted: G        W         ): "
				       "r\n"),
			0);
	KUNIT_EXPECT_EQ(test,
			taint_of(bug, "BUG c (Tainted: G    B             ): "
				      "r\n"),
			0);
	KUNIT_EXPECT_EQ(test,
			taint_of(both, "BUG c (Tainted: G    B   W         ): "
				       "r\n"),
			0);
}

static void report_bug_is_the_kernels(struct kunit *test)
{
	unsigned long before = report_errors();

	report_bug_begin("orc-live", "Objects remaining in %s on %s",
			 "orc-live", "__kmem_cache_shutdown()");
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	report_line("Slab 0x%p objects=%d used=%d", (void *)0x28122228ul, 30,
		    2);
	report_fix("orc-live", "Object at 0x%p not freed",
		   (void *)0x60fcf008ul);
	report_end();
	KUNIT_EXPECT_STREQ(test, fake_log(),
			   EQUALS
			   "BUG orc-live (Not tainted): Objects remaining in "
			   "orc-live on __kmem_cache_shutdown()\n" DASHES "\n"
			   "Slab 0x0000000028122228 objects=30 used=2\n"
			   "FIX orc-live: Object at 0x0000000060fcf008 not "
			   "freed\n");
	KUNIT_EXPECT_EQ(test, report_errors(), before + 2);
}

static void report_warn_is_the_kernels(struct kunit *test)
{
	unsigned long before = report_errors();

	fake_set_cpu(3);
	report_warn("../src/page/page_alloc.c", 77, (void *)0x1234ul,
		    "Unexpected gfp: %#x", 4);
	fake_set_cpu(0);
	KUNIT_EXPECT_STREQ(test, fake_log(),
			   CUT "WARNING: CPU: 3 PID: 1 at "
			       "src/page/page_alloc.c:77 0x1234\n"
			       "Unexpected gfp: 0x4\n");
	KUNIT_EXPECT_EQ(test, report_errors(), before + 1);
}

static bool odd(int x)
{
	return warn_once_if(x & 1, "%d is odd", x);
}

static void report_warn_once_warns_once(struct kunit *test)
{
	unsigned long before = report_errors();

	KUNIT_EXPECT_FALSE(test, odd(2));
	KUNIT_EXPECT_TRUE(test, odd(3));
	KUNIT_EXPECT_TRUE(test, odd(5));
	KUNIT_EXPECT_EQ(test, report_errors(), before + 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "\n3 is odd\n"));
	KUNIT_EXPECT_NULL(test, strstr(fake_log(), "5 is odd"));
	KUNIT_EXPECT_TRUE(test, warn_if(true, "again"));
	KUNIT_EXPECT_TRUE(test, warn_if(true, "again"));
	KUNIT_EXPECT_EQ(test, report_errors(), before + 3);
}

static void report_gfp_names(struct kunit *test)
{
	static const struct {
		gfp_t gfp;
		const char *want;
	} row[] = {
		{ 0, "none" },
		{ GFP_KERNEL, "GFP_KERNEL" },
		{ GFP_KERNEL | __GFP_ZERO, "GFP_KERNEL|__GFP_ZERO" },
		{ GFP_KERNEL_ACCOUNT, "GFP_KERNEL_ACCOUNT" },
		{ GFP_ATOMIC, "GFP_ATOMIC" },
		{ GFP_NOWAIT, "GFP_NOWAIT" },
		{ GFP_NOIO, "GFP_NOIO" },
		{ GFP_NOFS, "GFP_NOFS" },
		{ GFP_USER, "GFP_USER" },
		{ GFP_HIGHUSER, "GFP_HIGHUSER" },
		{ GFP_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
		{ GFP_TRANSHUGE, "GFP_TRANSHUGE" },
		{ GFP_TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT" },
		{ GFP_DMA, "GFP_DMA" },
		{ GFP_DMA32, "GFP_DMA32" },
		{ GFP_KERNEL | GFP_DMA | __GFP_COMP | __GFP_NORETRY,
		  "GFP_KERNEL|GFP_DMA|__GFP_NORETRY|__GFP_COMP" },
		{ __GFP_HIGH, "__GFP_HIGH" },
		{ __GFP_KSWAPD_RECLAIM, "__GFP_KSWAPD_RECLAIM" },
		{ __GFP_DIRECT_RECLAIM | __GFP_IO,
		  "__GFP_IO|__GFP_DIRECT_RECLAIM" },
		{ (gfp_t)0x200 | GFP_KERNEL, "GFP_KERNEL|0x200" },
		{ (gfp_t)0x80000200u, "0x80000200" },
	};
	char buf[200];
	unsigned int bit;
	size_t i;

	for (i = 0; i < ARRAY_LEN(row); i++) {
		report_gfp(buf, sizeof(buf), row[i].gfp);
		KUNIT_EXPECT_STREQ(test, buf, row[i].want);
	}
	/* Every bit but the unused one has a name. */
	for (bit = 0; bit < __GFP_BITS_SHIFT; bit++) {
		report_gfp(buf, sizeof(buf), 1u << bit);
		KUNIT_EXPECT_EQ_MSG(test, !strncmp(buf, "0x", 2), bit == 9,
				    "bit %u: %s", bit, buf);
	}
}

static void report_gfp_is_cut_to_fit(struct kunit *test)
{
	char buf[64], all[512];
	size_t n;

	report_gfp(all, sizeof(all), 0xffffffffu);
	for (n = 1; n < sizeof(buf); n++) {
		memset(buf, 'x', sizeof(buf));
		report_gfp(buf, n, 0xffffffffu);
		KUNIT_EXPECT_EQ(test, strlen(buf), n - 1);
		KUNIT_EXPECT_MEMEQ(test, buf, all, n - 1);
		KUNIT_EXPECT_EQ(test, buf[n], 'x');
	}
}

static void report_opens_in_a_report(struct kunit *test)
{
	report_begin();
	report_line("outer 1");
	report("inner");
	report_warn("y.c", 2, NULL, "warned");
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	report_line("outer 2");
	report_end();
	KUNIT_EXPECT_STREQ(test, fake_log(),
			   "outer 1\ninner\n" CUT
			   "WARNING: CPU: 0 PID: 1 at y.c:2 0x0\nwarned\n"
			   "outer 2\n");
	fake_log_clear();
	report_line("no report is open");
	KUNIT_EXPECT_STREQ(test, fake_log(), "no report is open\n");
}

static void report_long_ones_come_whole(struct kunit *test)
{
	unsigned long writes = fake_calls(FAKE_WRITE);
	char line[600];
	int i, lines = 0;
	const char *at;

	memset(line, 'a', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	report_begin();
	for (i = 0; i < 100; i++)
		report_line("%03d %s", i, line);
	report_end();
	/* A line is cut to 511 bytes; the fake refuses a write of half one. */
	for (at = fake_log(); *at; at += 511, lines++) {
		KUNIT_ASSERT_EQ(test, atoi(at), lines);
		KUNIT_ASSERT_EQ(test, at[509], 'a');
		KUNIT_ASSERT_EQ(test, at[510], '\n');
	}
	KUNIT_EXPECT_EQ(test, lines, 100);
	KUNIT_EXPECT_LT(test, fake_calls(FAKE_WRITE) - writes, 10);
}

#define TALKERS 3
#define TALKS 200

static void *talk(void *arg)
{
	int who = *(int *)arg, i, l;

	for (i = 0; i < TALKS; i++) {
		report_begin();
		for (l = 0; l < 4; l++) {
			report_line("%d %d %d", who, i, l);
			if (i % 16 == 0)
				sched_yield();
		}
		report_end();
	}
	return NULL;
}

static void report_threads_do_not_mix(struct kunit *test)
{
	int who[TALKERS], i, l, w, n, line, reports = 0;
	pthread_t t[TALKERS];
	const char *at;

	for (i = 0; i < TALKERS; i++) {
		who[i] = i;
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL, talk, &who[i]), 0);
	}
	for (i = 0; i < TALKERS; i++)
		pthread_join(t[i], NULL);
	for (at = fake_log(); *at; reports++) {
		int first_who = -1, first_n = -1;

		for (l = 0; l < 4; l++) {
			KUNIT_ASSERT_EQ(
				test, sscanf(at, "%d %d %d", &w, &n, &line), 3);
			if (!l) {
				first_who = w;
				first_n = n;
			}
			KUNIT_ASSERT_EQ(test, w, first_who);
			KUNIT_ASSERT_EQ(test, n, first_n);
			KUNIT_ASSERT_EQ(test, line, l);
			at = strchr(at, '\n') + 1;
		}
	}
	KUNIT_EXPECT_EQ(test, reports, TALKERS * TALKS);
	KUNIT_EXPECT_EQ(test, port_task()->held, 0);
}

static int stage;

static void *hold_open(void *arg)
{
	(void)arg;
	report_begin();
	report_line("held");
	__atomic_store_n(&stage, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&stage, __ATOMIC_ACQUIRE) != 2)
		sched_yield();
	report_end();
	return NULL;
}

/* The holder does not let go: lines come out one by one, and soon. */
static void report_does_not_wait_for_ever(struct kunit *test)
{
	pthread_t t;

	stage = 0;
	KUNIT_ASSERT_EQ(test, pthread_create(&t, NULL, hold_open, NULL), 0);
	while (__atomic_load_n(&stage, __ATOMIC_ACQUIRE) != 1)
		sched_yield();
	report_begin();
	report_line("one");
	KUNIT_EXPECT_STREQ(test, fake_log(), "one\n");
	report_line("two");
	report_end();
	KUNIT_EXPECT_STREQ(test, fake_log(), "one\ntwo\n");
	__atomic_store_n(&stage, 2, __ATOMIC_RELEASE);
	pthread_join(t, NULL);
	KUNIT_EXPECT_STREQ(test, fake_log(), "one\ntwo\nheld\n");
}

/* The child of a process where another thread was reporting. */
static void report_works_in_a_child(struct kunit *test)
{
	unsigned long waits;
	int status = -1;
	pthread_t t;
	pid_t pid;

	stage = 0;
	KUNIT_ASSERT_EQ(test, pthread_create(&t, NULL, hold_open, NULL), 0);
	while (__atomic_load_n(&stage, __ATOMIC_ACQUIRE) != 1)
		sched_yield();
	pid = fork();
	if (!pid) {
		fake_fork_child();
		waits = fake_calls(FAKE_WAIT);
		report_begin();
		report_line("child");
		if (*fake_log())
			_exit(1);
		report_end();
		_exit(strcmp(fake_log(), "child\n") ||
		      fake_calls(FAKE_WAIT) != waits);
	}
	__atomic_store_n(&stage, 2, __ATOMIC_RELEASE);
	pthread_join(t, NULL);
	KUNIT_ASSERT_GT(test, pid, 0);
	KUNIT_EXPECT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
}

static const char *last_words;

static void compare_and_exit(void)
{
	if (!strcmp(fake_log(), last_words))
		_exit(42);
	fputs(fake_log(), stderr);
	_exit(1);
}

static int words_of(void (*fn)(void), const char *words)
{
	int status = -1;
	pid_t pid;

	last_words = words;
	pid = fork();
	if (!pid) {
		fake_set_die_hook(compare_and_exit);
		fn();
		_exit(2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void panic(void)
{
	report_begin();
	report_line("before");
	report_panic("%s: Failed to create slab '%s'", "create", "x");
}

static void warn_by_option(void)
{
	fake_set_options("mem=64M,panic_on_warn");
	report_warn("z.c", 3, NULL, "told");
}

static void warn_by_hand(void)
{
	report_panics = true;
	report_warn("z.c", 3, NULL, "told");
}

static void report_panic_ends_it(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			words_of(panic, "before\nKernel panic - not syncing: "
					"create: Failed to create slab 'x'\n"),
			42);
	KUNIT_EXPECT_EQ(test,
			words_of(warn_by_hand,
				 CUT "WARNING: CPU: 0 PID: 1 at z.c:3 0x0\n"
				     "told\nKernel panic - not syncing: "
				     "panic_on_warn set ...\n"),
			42);
}

/* The options are read by the first report, so this case comes early. */
static void report_option_panics(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			words_of(warn_by_option,
				 CUT "WARNING: CPU: 0 PID: 1 at z.c:3 0x0\n"
				     "told\nKernel panic - not syncing: "
				     "panic_on_warn set ...\n"),
			42);
}

static struct kunit_case cases[] = { KUNIT_CASE(report_taints),
				     KUNIT_CASE(report_option_panics),
				     KUNIT_CASE(report_bug_is_the_kernels),
				     KUNIT_CASE(report_warn_is_the_kernels),
				     KUNIT_CASE(report_warn_once_warns_once),
				     KUNIT_CASE(report_gfp_names),
				     KUNIT_CASE(report_gfp_is_cut_to_fit),
				     KUNIT_CASE(report_opens_in_a_report),
				     KUNIT_CASE(report_long_ones_come_whole),
				     KUNIT_CASE(report_threads_do_not_mix),
				     KUNIT_CASE(report_does_not_wait_for_ever),
				     KUNIT_CASE(report_works_in_a_child),
				     KUNIT_CASE(report_panic_ends_it),
				     {} };

static struct kunit_suite suite = { .name = "report",
				    .init = clear_log,
				    .test_cases = cases };
kunit_test_suite(suite);
