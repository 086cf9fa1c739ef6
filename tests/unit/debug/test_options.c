/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "debug/options.h"

#include <string.h>

#include "debug/report.h"
#include "kunit/test.h"
#include "port/port_fake.h"

static const char *said_of(const char *options)
{
	fake_set_options(options);
	fake_log_clear();
	options_check();
	return fake_log();
}

static void options_known_are_silent(struct kunit *test)
{
	unsigned long before = report_errors();

	KUNIT_EXPECT_STREQ(test, said_of(""), "");
	KUNIT_EXPECT_STREQ(test, said_of(",,"), "");
	KUNIT_EXPECT_STREQ(test,
			   said_of("mem=64M,decay_ms=-1,panic_on_warn,"
				   "percpu=lock,min_free_kbytes=64"),
			   "");
	KUNIT_EXPECT_EQ(test, report_errors(), before);
}

static void options_unknown_are_named(struct kunit *test)
{
	const char *said;

	said = said_of("mem=64M,memm=1,slab_nomerge");
	KUNIT_EXPECT_NOT_NULL(test, strstr(said, "no key 'memm'"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(said, "no key 'slab_nomerge'"));
	KUNIT_EXPECT_NULL(test, strstr(said, "no key 'mem'"));
	/* The keys there are, so that the right one is found. */
	KUNIT_EXPECT_NOT_NULL(test, strstr(said, "\nkmem:   decay_ms\n"));
	/* A beginning of a key is not the key. */
	KUNIT_EXPECT_NOT_NULL(test, strstr(said_of("me=1"), "no key 'me'"));
}

static struct kunit_case cases[] = { KUNIT_CASE(options_known_are_silent),
				     KUNIT_CASE(options_unknown_are_named),
				     {} };

static struct kunit_suite suite = { .name = "options", .test_cases = cases };
kunit_test_suite(suite);
