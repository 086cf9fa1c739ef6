/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A test in a process of its own.  A file that includes this has defined before
 * struct world, what the machine of the test is like, and world_child(), which
 * makes it, runs the body and ends the process: 0 when all held.
 */
#ifndef TESTS_IN_WORLD_H
#define TESTS_IN_WORLD_H

#include <sys/wait.h>
#include <unistd.h>

#include "kunit/test.h"

static inline void in_world(struct kunit *test, struct world w,
			    void (*body)(struct kunit *test))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	KUNIT_ASSERT_GE(test, pid, 0);
	if (!pid)
		world_child(test, &w, body);
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_TRUE_MSG(test, WIFEXITED(status), "signal %d",
			      WTERMSIG(status));
	KUNIT_EXPECT_EQ(test, WEXITSTATUS(status), 0);
}

/* A body in a world, as a case of its own. */
#define WORLD_CASE(name, ...)                                               \
	static void name##_body(struct kunit *test);                        \
	static void name(struct kunit *test)                                \
	{                                                                   \
		in_world(test, (struct world){ __VA_ARGS__ }, name##_body); \
	}                                                                   \
	static void name##_body(struct kunit *test)

#endif
