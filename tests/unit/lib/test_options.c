/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "lib/options.h"

#include <stdio.h>
#include <string.h>

#include "kunit/test.h"

static char said[8192];

static void say(const char *item, size_t n, const char *why)
{
	size_t at = strlen(said);

	snprintf(said + at, sizeof(said) - at, "[%.*s: %s]", (int)n, item, why);
}

static unsigned int parse(const char *all)
{
	said[0] = '\0';
	return options_parse(all, say);
}

/* Each says so, alone, and leaves the option as it is without it. */
static void options_are_right_or_refused(struct kunit *test)
{
	static const char *const bad[] = {
		"mem",
		"mem=",
		"mem=1.5G",
		"mem=-1",
		"mem=+1M",
		"mem= 1M",
		"mem=1M ",
		"mem=64XB",
		"mem=64Mi",
		"mem=64MBB",
		"mem=64Bi",
		"mem=M",
		"mem=0x100000",
		"mem=1023K",
		"mem=2T",
		"mem=none",
		"mem=99999999999999999999",
		"mem=9223372036854775807",
		"mem=9007199254740992K",
		"mem=18446744073709551616M",
		"mem=1M=2",
		"rt=1",
		"rt=",
		"rt=yes",
		"decay_ms",
		"decay_ms=",
		"decay_ms=-2",
		"decay_ms=1s",
		"decay_ms=1K",
		"decay_ms=--1",
		"decay_ms=-",
		"decay_ms=86400001",
		"decay_ms=9223372036854775808",
		"min_free_kbytes=-1",
		"every=-1",
		"every=1.5",
		"slabinfo_pid=4294967296",
		"kswapd=",
		"kswapd=2",
		"kswapd=Yes",
		"kswapd=1 ",
		"background=background",
		"publish=maybe",
		"percpu",
		"percpu=",
		"percpu=foo",
		"percpu=loc",
		"percpu=locks",
		"percpu=LOCK",
		"pressure=y",
		"pressure=",
		"pressure=psi;cgroup",
		"slabinfo",
		"slabinfo=",
		"torture",
		"foo",
		"foo=1",
		"me=1M",
		"memm=1M",
		"=1",
		"=",
		"MEM=1M",
		" mem=1M",
	};
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, parse(bad[i]), 1, "%s", bad[i]);
		KUNIT_EXPECT_EQ_MSG(test,
				    strncmp(said + 1, bad[i], strlen(bad[i])),
				    0, "%s", said);
		KUNIT_EXPECT_PTR_EQ(test, strchr(said, ']') + 1,
				    said + strlen(said));
		for (enum option_key k = 0; k < OPTIONS; k++) {
			size_t n = 1;

			KUNIT_EXPECT_EQ_MSG(test, option_value(k),
					    option_table[k].standard, "%s",
					    bad[i]);
			KUNIT_EXPECT_NULL(test, option_text(k, &n));
			KUNIT_EXPECT_EQ(test, n, 0);
		}
	}
}

static void options_have_values(struct kunit *test)
{
	static const struct {
		const char *text;
		enum option_key key;
		int64_t value;
	} row[] = {
		{ "mem=0", OPT_MEM, 0 },
		{ "mem=1M", OPT_MEM, 1 << 20 },
		{ "mem=1048576", OPT_MEM, 1 << 20 },
		{ "mem=1024K", OPT_MEM, 1 << 20 },
		{ "mem=1024KB", OPT_MEM, 1 << 20 },
		{ "mem=1024KiB", OPT_MEM, 1 << 20 },
		{ "mem=1024kb", OPT_MEM, 1 << 20 },
		{ "mem=64MB", OPT_MEM, 64 << 20 },
		{ "mem=64MiB", OPT_MEM, 64 << 20 },
		{ "mem=64m", OPT_MEM, 64 << 20 },
		{ "mem=3G", OPT_MEM, 3ll << 30 },
		{ "mem=3GB", OPT_MEM, 3ll << 30 },
		{ "mem=3GiB", OPT_MEM, 3ll << 30 },
		{ "mem=1T", OPT_MEM, 1ll << 40 },
		{ "mem=1tib", OPT_MEM, 1ll << 40 },
		{ "keep=1", OPT_KEEP, 1 },
		{ "rt", OPT_RT, 16 << 20 },
		{ "rt=0", OPT_RT, 0 },
		{ "decay_ms=-1", OPT_DECAY_MS, -1 },
		{ "decay_ms=007", OPT_DECAY_MS, 7 },
		{ "kswapd", OPT_KSWAPD, 1 },
		{ "kswapd=1", OPT_KSWAPD, 1 },
		{ "kswapd=y", OPT_KSWAPD, 1 },
		{ "kswapd=yes", OPT_KSWAPD, 1 },
		{ "kswapd=on", OPT_KSWAPD, 1 },
		{ "kswapd=true", OPT_KSWAPD, 1 },
		{ "publish=0", OPT_PUBLISH, 0 },
		{ "publish=n", OPT_PUBLISH, 0 },
		{ "publish=no", OPT_PUBLISH, 0 },
		{ "publish=off", OPT_PUBLISH, 0 },
		{ "publish=false", OPT_PUBLISH, 0 },
		{ "percpu=auto", OPT_PERCPU, PERCPU_AUTO },
		{ "percpu=rseq", OPT_PERCPU, PERCPU_RSEQ },
		{ "percpu=lock", OPT_PERCPU, PERCPU_LOCK },
		{ "pressure", OPT_PRESSURE, PRESSURE_ALL },
		{ "pressure=0", OPT_PRESSURE, PRESSURE_NONE },
		{ "pressure=1", OPT_PRESSURE, PRESSURE_ALL },
		{ "pressure=watch", OPT_PRESSURE, PRESSURE_WATCH },
		{ "pressure=psi", OPT_PRESSURE, PRESSURE_PSI },
		{ "pressure=cgroup", OPT_PRESSURE, PRESSURE_CGROUP },
		/* what is refused before does not stand there */
		{ ",,mem=x,mem=2M,", OPT_MEM, 2 << 20 },
		/* and what is refused behind does not count */
		{ "mem=2M,mem=4M", OPT_MEM, 2 << 20 },
	};
	for (unsigned int i = 0; i < sizeof(row) / sizeof(*row); i++) {
		parse(row[i].text);
		KUNIT_EXPECT_EQ_MSG(test, option_value(row[i].key),
				    row[i].value, "%s", row[i].text);
		KUNIT_EXPECT_EQ_MSG(test, !*said,
				    i + 2 < sizeof(row) / sizeof(*row), "%s",
				    said);
	}
}

static void options_have_text(struct kunit *test)
{
	static const char all[] = "slabinfo=/tmp/a=b %p,every=3,mem=1M";
	const char *at;
	size_t n;

	KUNIT_EXPECT_EQ(test, parse(all), 0);
	at = option_text(OPT_SLABINFO, &n);
	KUNIT_EXPECT_PTR_EQ(test, at, all + 9);
	KUNIT_EXPECT_EQ(test, n, strlen("/tmp/a=b %p"));
	KUNIT_EXPECT_EQ(test, option_value(OPT_EVERY), 3);
	KUNIT_EXPECT_EQ(test, option_value(OPT_MEM), 1 << 20);
	KUNIT_EXPECT_EQ(test, options_parse("", NULL), 0);
	KUNIT_EXPECT_NULL(test, option_text(OPT_SLABINFO, &n));
	KUNIT_EXPECT_EQ(test, option_value(OPT_MEM), 0);
}

static void options_say_what_they_take(struct kunit *test)
{
	parse("mem=1.5G");
	KUNIT_EXPECT_STREQ(test, said,
			   "[mem=1.5G: mem takes 0, or a whole number of "
			   "bytes, K, M, G or T (also KB, KiB, ...: powers of "
			   "1024) from 1M to 1T]");
	parse("rt=1");
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(said, "4K to 1T, or the key alone for "
					   "16M]"));
	parse("percpu=foo,decay_ms=-2");
	KUNIT_EXPECT_STREQ(test, said,
			   "[percpu=foo: percpu takes one of auto, rseq, lock]"
			   "[decay_ms=-2: decay_ms takes a whole number from "
			   "-1 to 86400000]");
	parse("mem=1M,mem=2M");
	KUNIT_EXPECT_STREQ(test, said,
			   "[mem=2M: mem stands there before, and that "
			   "counts]");
	parse("memm=1M");
	KUNIT_EXPECT_STREQ(test, said,
			   "[memm=1M: there is no such option; kmem help "
			   "options lists those there are]");
}

static void options_have_four_numbers(struct kunit *test)
{
	static const char *const wrong[] = {
		"",          "1",           "1,2,3",    "1,2,3,",
		"1,2,3,4,5", "1,101,0,0",   "-1,0,0,0", "1,0,-1,0",
		"1,0,0,-2",  "1,0,0,0x",    "1, 0,0,0", "1,0,0,2147483648",
		",1,0,0",    "1,0,0,0,foo", "1;0;0;0",
	};
	char item[64];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		snprintf(item, sizeof(item), "failslab=%s", wrong[i]);
		KUNIT_EXPECT_EQ_MSG(test, parse(item), 1, "%s", item);
	}
	KUNIT_EXPECT_EQ(test, parse("failslab=1,100,0,-1,mem=1M"), 0);
	KUNIT_EXPECT_EQ(test, option_value(OPT_MEM), 1 << 20);
}

/* A new option is whole: it has all that others make of the table. */
static void options_are_whole(struct kunit *test)
{
	char item[64];

	for (enum option_key k = 0; k < OPTIONS; k++) {
		const struct option_def *d = &option_table[k];

		KUNIT_ASSERT_NOT_NULL(test, d->name);
		KUNIT_ASSERT_NOT_NULL(test, d->help);
		KUNIT_ASSERT_NOT_NULL(test, d->example);
		KUNIT_EXPECT_LE_MSG(test, d->least, d->most, "%s", d->name);
		snprintf(item, sizeof(item), "%s=%s", d->name, d->example);
		KUNIT_EXPECT_EQ_MSG(test, parse(item), 0, "%s", said);
	}
}

static struct kunit_case cases[] = { KUNIT_CASE(options_are_right_or_refused),
				     KUNIT_CASE(options_have_values),
				     KUNIT_CASE(options_have_text),
				     KUNIT_CASE(options_say_what_they_take),
				     KUNIT_CASE(options_have_four_numbers),
				     KUNIT_CASE(options_are_whole),
				     {} };

static struct kunit_suite suite = { .name = "options", .test_cases = cases };
kunit_test_suite(suite);
