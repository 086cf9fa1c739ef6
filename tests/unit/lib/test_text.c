/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "lib/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kunit/test.h"

static uint64_t seed = 88172645463325252ull;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Small numbers, edges and noise, in equal parts. */
static uint64_t rnd_value(void)
{
	static const uint64_t edge[] = {
		0,        1,          7,         8,          9,
		127,      128,        255,       256,        INT_MAX,
		UINT_MAX, 1ull << 31, INT64_MAX, 1ull << 63, UINT64_MAX,
		SHRT_MAX, USHRT_MAX,  10,
	};

	switch (rnd() % 3) {
	case 0:
		return edge[rnd() % (sizeof(edge) / sizeof(*edge))];
	case 1:
		return rnd() % 1000;
	default:
		return rnd() >> rnd() % 64;
	}
}

static void put_flags(char *spec)
{
	static const char flag[] = "-+ 0#";
	const char *f;

	for (f = flag; *f; f++)
		if (rnd() % 3 == 0)
			sprintf(spec + strlen(spec), "%c", *f);
	if (rnd() % 2)
		sprintf(spec + strlen(spec), "%u", (unsigned int)rnd() % 30);
	if (rnd() % 3 == 0)
		sprintf(spec + strlen(spec), ".%u", (unsigned int)rnd() % 30);
}

static void text_integers_match_the_host(struct kunit *test)
{
	static const char *const length[] = { "hh", "h", "",  "l",
					      "ll", "z", "t", "j" };
	static const char conversion[] = "diuxXo";
	char spec[32], want[300], got[300];
	unsigned int i, l;
	uint64_t v;
	int a, b;

	for (i = 0; i < 200000; i++) {
		strcpy(spec, "<%");
		put_flags(spec);
		l = rnd() % 8;
		strcat(spec, length[l]);
		sprintf(spec + strlen(spec), "%c>", conversion[rnd() % 6]);
		v = rnd_value();
		if (l < 3) {
			a = snprintf(want, sizeof(want), spec, (int)v);
			b = text_format(got, sizeof(got), spec, (int)v);
		} else {
			a = snprintf(want, sizeof(want), spec, v);
			b = text_format(got, sizeof(got), spec, v);
		}
		KUNIT_ASSERT_EQ_MSG(test, a, b, "%s of %llx", spec,
				    (unsigned long long)v);
		KUNIT_EXPECT_STREQ(test, got, want);
	}
}

static void text_strings_match_the_host(struct kunit *test)
{
	static const char letters[] = "every letter counts";
	char spec[32], want[300], got[300];
	unsigned int i;
	int a, b;

	for (i = 0; i < 20000; i++) {
		strcpy(spec, "a%");
		if (rnd() % 2)
			strcat(spec, "-");
		if (rnd() % 2)
			sprintf(spec + strlen(spec), "%u",
				(unsigned int)rnd() % 40);
		if (rnd() % 4 == 0) {
			strcat(spec, "cz");
			a = snprintf(want, sizeof(want), spec, letters[i % 19]);
			b = text_format(got, sizeof(got), spec,
					letters[i % 19]);
		} else {
			if (rnd() % 2)
				sprintf(spec + strlen(spec), ".%u",
					(unsigned int)rnd() % 25);
			strcat(spec, "sz%%");
			a = snprintf(want, sizeof(want), spec,
				     letters + i % 20);
			b = text_format(got, sizeof(got), spec,
					letters + i % 20);
		}
		KUNIT_ASSERT_EQ_MSG(test, a, b, "%s", spec);
		KUNIT_EXPECT_STREQ(test, got, want);
	}
}

static void text_stars_are_arguments(struct kunit *test)
{
	char want[100], got[100];
	int w, p;

	for (w = -12; w <= 12; w++)
		for (p = -3; p <= 12; p++) {
			snprintf(want, sizeof(want), "[%*.*d|%*.*s]", w, p, 42,
				 w, p, "string");
			text_format(got, sizeof(got), "[%*.*d|%*.*s]", w, p, 42,
				    w, p, "string");
			KUNIT_EXPECT_STREQ(test, got, want);
		}
}

static void text_cuts_and_counts(struct kunit *test)
{
	char buf[8] = "xxxxxxx";
	int n;

	n = text_format(buf, 4, "%s-%d", "abcdef", 12345);
	KUNIT_EXPECT_EQ(test, n, 12);
	KUNIT_EXPECT_MEMEQ(test, buf, "abc\0xxx", 8);
	n = text_format(buf, 1, "%d", 77);
	KUNIT_EXPECT_EQ(test, n, 2);
	KUNIT_EXPECT_MEMEQ(test, buf, "\0bc\0xxx", 8);
	n = text_format(NULL, 0, "%5s", "a");
	KUNIT_EXPECT_EQ(test, n, 5);
	buf[0] = 'q';
	n = text_format(buf, 0, "abc");
	KUNIT_EXPECT_EQ(test, n, 3);
	KUNIT_EXPECT_EQ(test, buf[0], 'q');
	n = text_format(buf, 4, "%s", "abc");
	KUNIT_EXPECT_EQ(test, n, 3);
	KUNIT_EXPECT_STREQ(test, buf, "abc");
}

static void text_pointers_are_the_kernels(struct kunit *test)
{
	const void *p = (const void *)0xabc123ull;
	char buf[64];

	text_format(buf, sizeof(buf), "0x%p", p);
	KUNIT_EXPECT_STREQ(test, buf, "0x0000000000abc123");
	text_format(buf, sizeof(buf), "%p", NULL);
	KUNIT_EXPECT_STREQ(test, buf, "0000000000000000");
	text_format(buf, sizeof(buf), "[%px]", p);
	KUNIT_EXPECT_STREQ(test, buf, "[0000000000abc123]");
	text_format(buf, sizeof(buf), "[%8p]", p);
	KUNIT_EXPECT_STREQ(test, buf, "[  abc123]");
	text_format(buf, sizeof(buf), "[%-8p]", p);
	KUNIT_EXPECT_STREQ(test, buf, "[abc123  ]");
}

static void text_odd_formats_are_shown(struct kunit *test)
{
	const char *volatile odd = "a%";
	const char *volatile none = NULL;
	char buf[64];
	int n;

	n = text_format(buf, sizeof(buf), odd, 1);
	KUNIT_EXPECT_STREQ(test, buf, "a%");
	KUNIT_EXPECT_EQ(test, n, 2);
	odd = "%-5y!";
	text_format(buf, sizeof(buf), odd, 1);
	KUNIT_EXPECT_STREQ(test, buf, "%-5y!");
	odd = "100%%";
	text_format(buf, sizeof(buf), odd, 1);
	KUNIT_EXPECT_STREQ(test, buf, "100%");
	text_format(buf, sizeof(buf), "%s", none);
	KUNIT_EXPECT_STREQ(test, buf, "(null)");
}

static struct kunit_case cases[] = { KUNIT_CASE(text_integers_match_the_host),
				     KUNIT_CASE(text_strings_match_the_host),
				     KUNIT_CASE(text_stars_are_arguments),
				     KUNIT_CASE(text_cuts_and_counts),
				     KUNIT_CASE(text_pointers_are_the_kernels),
				     KUNIT_CASE(text_odd_formats_are_shown),
				     {} };

static struct kunit_suite suite = { .name = "text", .test_cases = cases };
kunit_test_suite(suite);
