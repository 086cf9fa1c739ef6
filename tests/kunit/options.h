/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * KMEM_OPTIONS as a test wants them, and what the whole run wants besides:
 * KMEM_TEST_OPTIONS, as scripts/test.py sets it for its second pass.
 */
#ifndef KUNIT_OPTIONS_H
#define KUNIT_OPTIONS_H

#include <stdio.h>
#include <stdlib.h>

/* Before the first allocation of the process, or of the one it becomes. */
static inline void test_options(const char *options)
{
	const char *more = getenv("KMEM_TEST_OPTIONS");
	char text[300];

	snprintf(text, sizeof(text), "%s%s%s", options, more ? "," : "",
		 more ? more : "");
	setenv("KMEM_OPTIONS", text, 1);
}

#endif
