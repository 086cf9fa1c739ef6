/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * cmocka: a case begins in the test's setup and ends in its teardown, which
 * fails it when a limit is broken.
 *
 *	cc cmocka.c $(pkg-config --cflags --libs kmem cmocka)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kmem/test.h>

#include "suite.h"

/* --- the glue ------------------------------------------------------------- */

static int kmem_setup(void **state)
{
	return kmem_test_begin("cmocka", *state);
}

static int kmem_teardown(void **state)
{
	(void)state;
	return kmem_test_end(NULL) ? -1 : 0;
}

#define kmem_unit_test(f, limits)                                              \
	cmocka_unit_test_prestate_setup_teardown(f, kmem_setup, kmem_teardown, \
						 limits)

/* --- a test --------------------------------------------------------------- */

static struct kmem_test_limits limits = {
	.leaks = 0,
	.peak = 4096,
	.allocations = 10,
};

static void adds(void **state)
{
	struct name *names = NULL;

	(void)state;
	assert_non_null(name_add(&names, "one"));
	assert_non_null(name_add(&names, "two"));
	names_free(&names);
}

static void drops(void **state)
{
	struct name *names = NULL;

	(void)state;
	assert_non_null(name_add(&names, "one"));
	name_drop(&names);
	assert_null(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		kmem_unit_test(adds, &limits),
		kmem_unit_test(drops, &limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
