/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The words of tests/kunit/test.h in a real kernel.  They are the same file
 * under another name; only how a file of tests becomes a program differs: the
 * suites enter a list, and runner.c runs those that the command line names.
 */
#ifndef CONFORM_KERNEL_TEST_H
#define CONFORM_KERNEL_TEST_H

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>

#include "words.h"

struct conform_file {
	struct list_head list;
	struct kunit_suite *const *suites;
	size_t nr;
	const char *options; /* oracle_options of the file, or NULL */
};

void conform_add(struct conform_file *file);

#undef kunit_test_suites
#define kunit_test_suites(...)                                               \
	static struct kunit_suite *const conform_suites[] = { __VA_ARGS__ }; \
	static struct conform_file conform_file = {                          \
		.suites = conform_suites,                                    \
		.nr = ARRAY_SIZE(conform_suites),                            \
		.options = oracle_options,                                   \
	};                                                                   \
	static int __init conform_enter(void)                                \
	{                                                                    \
		conform_add(&conform_file);                                  \
		return 0;                                                    \
	}                                                                    \
	device_initcall(conform_enter);                                      \
	struct kunit

#endif
