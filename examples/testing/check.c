/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Check: a checked fixture begins a case before each test, in the process that
 * Check forks for it, and ends it afterwards.
 *
 *	cc check.c $(pkg-config --cflags --libs kmem check)
 */
#include <check.h>
#include <stdlib.h>

#include <kmem/test.h>

#include "suite.h"

/* --- the glue ------------------------------------------------------------- */

static const struct kmem_test_limits limits = {
	.leaks = 0,
	.peak = 4096,
	.allocations = 10,
};

static void kmem_setup(void)
{
	ck_assert_int_eq(kmem_test_begin("check", &limits), 0);
}

static void kmem_teardown(void)
{
	struct kmem_test_result got;

	kmem_test_end(&got);
	ck_assert_msg(!got.broken,
		      "%lu blocks left, %lu bytes at the peak, %lu allocations",
		      got.leaks, got.peak, got.allocations);
}

/* --- a test --------------------------------------------------------------- */

START_TEST(adds)
{
	struct name *names = NULL;

	ck_assert_ptr_nonnull(name_add(&names, "one"));
	ck_assert_ptr_nonnull(name_add(&names, "two"));
	names_free(&names);
}
END_TEST

START_TEST(drops)
{
	struct name *names = NULL;

	ck_assert_ptr_nonnull(name_add(&names, "one"));
	name_drop(&names);
	ck_assert_ptr_null(names);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("names");
	TCase *tcase = tcase_create("limits");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, kmem_setup, kmem_teardown);
	tcase_add_test(tcase, adds);
	tcase_add_test(tcase, drops);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
