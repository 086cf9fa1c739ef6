/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The words of tests/kunit/test.h in this kernel: a file of tests adds its
 * suites to a section instead of being a program.
 */
#ifndef KERNEL_KUNIT_TEST_H
#define KERNEL_KUNIT_TEST_H

#include "../../../../tests/kunit/test.h"

extern const char oracle_options[] __attribute__((weak));

struct conform_file {
	struct kunit_suite *const *suites;
	unsigned long nr;
	const char *options; /* oracle_options of the file, or NULL */
};

#undef kunit_test_suites
#define kunit_test_suites(...)                                               \
	static struct kunit_suite *const conform_suites[] = { __VA_ARGS__ }; \
	static const struct conform_file conform_file = {                    \
		.suites = conform_suites,                                    \
		.nr = sizeof(conform_suites) / sizeof(*conform_suites),      \
		.options = oracle_options,                                   \
	};                                                                   \
	static const struct conform_file *const conform_entry                \
		__attribute__((section("conform"), used)) = &conform_file;   \
	struct kunit

#endif
