/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "port/options.h"

#include <setjmp.h>
#include <string.h>

#include "kunit/test.h"
#include "port/fake/fake.h"

static jmp_buf died;

static void die(void)
{
	longjmp(died, 1);
}

static const char *said_of(const char *options)
{
	fake_set_options(options);
	fake_log_clear();
	options_start();
	return fake_log();
}

static unsigned int lines_of(const char *text)
{
	unsigned int n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

static void options_refused_are_a_line(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, said_of(""), "");
	KUNIT_EXPECT_STREQ(test, said_of(",mem=64MB,kswapd,"), "");
	KUNIT_EXPECT_STREQ(test, said_of("percpu=foo"),
			   "kmem: KMEM_OPTIONS: 'percpu=foo' is ignored: "
			   "percpu takes one of auto, rseq, lock\n");
	KUNIT_EXPECT_EQ(test, lines_of(said_of("a,mem=1M,mem=2M")), 2);
}

/* One variable is told to every program of a tree: a bound, and one line. */
static void options_refused_are_bounded(struct kunit *test)
{
	static char many[4096];
	const char *said;

	memset(many, 'x', sizeof(many) - 1);
	said = said_of(many);
	KUNIT_EXPECT_EQ(test, lines_of(said), 1);
	KUNIT_EXPECT_LT(test, strlen(said), 768);
	KUNIT_EXPECT_NOT_NULL(test, strstr(said, "xxx...' is ignored"));
	for (size_t i = 1; i < sizeof(many) - 1; i += 2)
		many[i] = ',';
	said = said_of(many);
	KUNIT_EXPECT_EQ(test, lines_of(said), 8);
	KUNIT_EXPECT_NOT_NULL(test, strstr(said, "of more nothing is said\n"));
	said = said_of("a\nb\033[2Jc\xff=1");
	KUNIT_EXPECT_EQ(test, lines_of(said), 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(said, "'a?b?[2Jc?=1' is"));
}

static void options_refused_may_be_the_end(struct kunit *test)
{
	fake_set_die_hook(die);
	if (!setjmp(died)) {
		said_of("mem=1.5G,panic_on_warn");
		KUNIT_FAIL(test, "goes on");
	}
	fake_set_die_hook(NULL);
	KUNIT_EXPECT_EQ(test, lines_of(fake_log()), 2);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "Kernel panic"));
	KUNIT_EXPECT_STREQ(test, said_of("mem=1M,panic_on_warn"), "");
}

static struct kunit_case cases[] = { KUNIT_CASE(options_refused_are_a_line),
				     KUNIT_CASE(options_refused_are_bounded),
				     KUNIT_CASE(options_refused_may_be_the_end),
				     {} };

static struct kunit_suite suite = { .name = "options", .test_cases = cases };
kunit_test_suite(suite);
