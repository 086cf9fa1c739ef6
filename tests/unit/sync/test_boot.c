/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A signal handler comes at each instruction of a boot, and asks for what is
 * booting: it is served or refused, and never waits for what it interrupted.
 */
#include "sync/boot.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "kunit/test.h"
#include "port/fake/fake.h"

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
	!defined(__SANITIZE_THREAD__)
#define STEPS 1
#else
#define STEPS 0
#endif

#if STEPS

static struct once outer, inner;
static volatile int left, in_handler, runs, served, refused;

static int boot_inner(void)
{
	runs++;
	return 0;
}

static int boot_outer(void)
{
	int err = once_boot(&inner, boot_inner);

	if (!err)
		runs++;
	return err;
}

static void step(int signal)
{
	int err;

	(void)signal;
	if (--left)
		return;
	in_handler = 1;
	err = once_boot(&outer, boot_outer);
	if (!err && once_done(&outer))
		served++;
	else if (err == -EBUSY)
		refused++;
	in_handler = 0;
}

/* Nobody else is there: it would wait for ever. */
static void no_wait(void)
{
	static const char text[] = "# a signal handler waits for a boot\n";

	if (!in_handler)
		return;
	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		abort();
	_exit(1);
}

static void set_trap(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\t"
			 "orq $0x100, (%%rsp)\n\tpopfq\n\t"
			 "lea 128(%%rsp), %%rsp" ::
				 : "memory", "cc");
}

static void clear_trap(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\t"
			 "andq $~0x100, (%%rsp)\n\tpopfq\n\t"
			 "lea 128(%%rsp), %%rsp" ::
				 : "memory", "cc");
}

/* One instruction later each time, until there are no more. */
static void a_handler_comes_at_each_instruction(struct kunit *test)
{
	struct sigaction action = { .sa_handler = step };
	int nth = 0, err;

	port_start();
	fake_set_yield_hook(no_wait);
	sigaction(SIGTRAP, &action, NULL);
	do {
		outer = inner = (struct once){ 0 };
		runs = served = refused = 0;
		left = ++nth;
		set_trap();
		err = once_boot(&outer, boot_outer);
		clear_trap();
		KUNIT_ASSERT_EQ(test, err, 0);
		KUNIT_ASSERT_TRUE(test, once_done(&outer) && once_done(&inner));
		KUNIT_ASSERT_EQ(test, runs, 2);
		KUNIT_ASSERT_EQ(test, served + refused, left <= 0);
		KUNIT_ASSERT_FALSE(test, boot_inside() || boot_busy());
	} while (left <= 0);
	KUNIT_EXPECT_GT(test, nth, 50);
	fake_set_yield_hook(NULL);
}

#else

static void a_handler_comes_at_each_instruction(struct kunit *test)
{
	kunit_skip(test, "no single steps here");
}

#endif

static struct kunit_case cases[] = {
	KUNIT_CASE(a_handler_comes_at_each_instruction),
	{},
};

static struct kunit_suite suite = { .name = "boot", .test_cases = cases };
kunit_test_suite(suite);
