/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * KUnit: the suite's init and exit begin and end a case around each test.  The
 * words here are the few that a test in the kernel's style needs, for those
 * who have no KUnit in user space; with one of their own they take the part
 * between the lines.
 *
 *	cc kunit.c $(pkg-config --cflags --libs kmem)
 */
#include <stdbool.h>
#include <stdio.h>

#include <kmem/test.h>

#include "suite.h"

/* --- words ---------------------------------------------------------------- */

struct kunit {
	bool failed;
	void *priv;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(fn)                      \
	{                                   \
		.run_case = fn, .name = #fn \
	}
#define KUNIT_FAIL(test, ...)                            \
	do {                                             \
		printf("# %s:%d: ", __FILE__, __LINE__); \
		printf(__VA_ARGS__);                     \
		putchar('\n');                           \
		(test)->failed = true;                   \
	} while (0)
#define KUNIT_EXPECT_TRUE(test, cond)                           \
	do {                                                    \
		if (!(cond))                                    \
			KUNIT_FAIL(test, "expected %s", #cond); \
	} while (0)
#define KUNIT_EXPECT_EQ(test, a, b) KUNIT_EXPECT_TRUE(test, (a) == (b))
#define KUNIT_EXPECT_NOT_NULL(test, p) KUNIT_EXPECT_TRUE(test, (p) != NULL)

static int kunit_run(struct kunit_suite *suite)
{
	int failed = 0, n = 0;
	struct kunit_case *c;

	for (c = suite->test_cases; c->name; c++) {
		struct kunit test = { 0 };

		if (suite->init && suite->init(&test))
			KUNIT_FAIL(&test, "init");
		else
			c->run_case(&test);
		if (suite->exit)
			suite->exit(&test);
		printf("%sok %d - %s\n", test.failed ? "not " : "", ++n,
		       c->name);
		failed += test.failed;
	}
	printf("1..%d\n", n);
	return failed ? 1 : 0;
}

/* --- the glue ------------------------------------------------------------- */

static const struct kmem_test_limits limits = {
	.leaks = 0,
	.peak = 4096,
	.allocations = 10,
};

static int kmem_init_case(struct kunit *test)
{
	(void)test;
	return kmem_test_begin("kunit", &limits);
}

static void kmem_exit_case(struct kunit *test)
{
	struct kmem_test_result got;

	kmem_test_end(&got);
	if (got.broken)
		KUNIT_FAIL(test, "%lu blocks of %lu bytes left", got.leaks,
			   got.leaked_bytes);
}

/* --- a test --------------------------------------------------------------- */

static void adds(struct kunit *test)
{
	struct name *names = NULL;

	KUNIT_EXPECT_NOT_NULL(test, name_add(&names, "one"));
	KUNIT_EXPECT_NOT_NULL(test, name_add(&names, "two"));
	names_free(&names);
}

static void drops(struct kunit *test)
{
	struct name *names = NULL;

	KUNIT_EXPECT_NOT_NULL(test, name_add(&names, "one"));
	name_drop(&names);
	KUNIT_EXPECT_EQ(test, names, NULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(adds),
	KUNIT_CASE(drops),
	{ 0 },
};

static struct kunit_suite suite = {
	.name = "names",
	.init = kmem_init_case,
	.exit = kmem_exit_case,
	.test_cases = cases,
};

int main(void)
{
	return kunit_run(&suite);
}
