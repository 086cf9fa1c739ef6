// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Runs the cases of a test program one after the other and tells about them
 * in TAP.
 *
 *	test_x			all cases
 *	test_x PATTERN...	those whose name matches one (shell wildcards)
 *	test_x --list		their names
 *
 * KUNIT_SKIP_STATUS=0 in the environment is for meson, whose TAP reader takes
 * every other exit status than 0 for a crash.
 *
 * Every line goes out at once and from a buffer that is there already: a case
 * that crashes loses no output, a forked child repeats none, and the runner
 * allocates nothing while a case runs.
 */
#include "kunit/test.h"

#include <fnmatch.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KUNIT_PASSED, KUNIT_SKIPPED, KUNIT_FAILED };

#define EXIT_SKIPPED 77

static char out_buffer[8192];
static jmp_buf case_end;
static __thread struct kunit *own_case; /* set in the case's own thread */
static pid_t runner_pid;

static void set_status(struct kunit *test, int status)
{
	int old = __atomic_load_n(&test->status, __ATOMIC_RELAXED);

	/* A failure is never taken back by a later skip. */
	while (old < status &&
	       !__atomic_compare_exchange_n(&test->status, &old, status, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* Every line of a message becomes a TAP comment. */
static void print_note(const char *prefix, const char *fmt, va_list args)
	KUNIT_PRINTF(2, 0);
static void print_note(const char *prefix, const char *fmt, va_list args)
{
	char text[2048];
	char *line = text;

	vsnprintf(text, sizeof(text), fmt, args);
	flockfile(stdout);
	while (line) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		if (*line)
			printf("# %s%s\n", prefix, line);
		line = end;
	}
	funlockfile(stdout);
}

void kunit_info(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	(void)test;
	va_start(args, fmt);
	print_note("    ", fmt, args);
	va_end(args);
}

void kunit_mark_skipped(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(test->skip_reason, sizeof(test->skip_reason), fmt, args);
	va_end(args);
	set_status(test, KUNIT_SKIPPED);
}

void kunit_abort(struct kunit *test)
{
	if (getpid() != runner_pid) {
		fflush(stdout);
		_exit(1);
	}
	if (own_case == test)
		longjmp(case_end, 1);
	pthread_exit(NULL);
}

void kunit_fail_msg(struct kunit *test, const char *file, int line,
		    const char *fmt, ...)
{
	char place[300];
	va_list args;

	set_status(test, KUNIT_FAILED);
	snprintf(place, sizeof(place), "%s:%d: ", file, line);
	va_start(args, fmt);
	print_note(place, fmt, args);
	va_end(args);
}

void kunit_fail_int(struct kunit *test, const char *file, int line,
		    const char *left, const char *op, const char *right,
		    long long left_value, long long right_value)
{
	kunit_fail_msg(test, file, line,
		       "expected %s %s %s\n"
		       "    left  = %lld (0x%llx)\n"
		       "    right = %lld (0x%llx)",
		       left, op, right, left_value,
		       (unsigned long long)left_value, right_value,
		       (unsigned long long)right_value);
}

void kunit_fail_ptr(struct kunit *test, const char *file, int line,
		    const char *left, const char *op, const char *right,
		    const void *left_value, const void *right_value)
{
	kunit_fail_msg(test, file, line,
		       "expected %s %s %s\n"
		       "    left  = %p\n"
		       "    right = %p",
		       left, op, right, left_value, right_value);
}

bool kunit_check_str(struct kunit *test, const char *file, int line,
		     const char *left, const char *right,
		     const char *left_value, const char *right_value,
		     bool want_equal)
{
	bool equal = left_value == right_value;

	if (left_value && right_value)
		equal = strcmp(left_value, right_value) == 0;
	if (equal == want_equal)
		return true;
	kunit_fail_msg(test, file, line,
		       "expected %s %s %s\n"
		       "    left  = \"%s\"\n"
		       "    right = \"%s\"",
		       left, want_equal ? "==" : "!=", right,
		       left_value ? left_value : "(null)",
		       right_value ? right_value : "(null)");
	return false;
}

/* Sixteen bytes around the first difference. */
static void hex(char *to, size_t room, const unsigned char *from, size_t size)
{
	size_t used = 0;

	*to = '\0';
	for (size_t i = 0; i < size && used + 4 < room; i++)
		used += (size_t)snprintf(to + used, room - used, "%02x ",
					 from[i]);
}

bool kunit_check_mem(struct kunit *test, const char *file, int line,
		     const char *left, const char *right,
		     const void *left_value, const void *right_value,
		     size_t size, bool want_equal)
{
	const unsigned char *l = left_value;
	const unsigned char *r = right_value;
	char lhex[64], rhex[64];
	size_t at = 0, start, show;

	if (!l || !r) {
		kunit_fail_msg(test, file, line, "%s is NULL",
			       l ? right : left);
		return false;
	}
	while (at < size && l[at] == r[at])
		at++;
	if ((at == size) == want_equal)
		return true;
	if (!want_equal) {
		kunit_fail_msg(test, file, line,
			       "expected %s != %s, all %zu bytes are equal",
			       left, right, size);
		return false;
	}
	start = at & ~(size_t)15;
	show = size - start < 16 ? size - start : 16;
	hex(lhex, sizeof(lhex), l + start, show);
	hex(rhex, sizeof(rhex), r + start, show);
	kunit_fail_msg(test, file, line,
		       "expected %s == %s, first difference at byte %zu of "
		       "%zu\n    left  from %zu: %s\n    right from %zu: %s",
		       left, right, at, size, start, lhex, start, rhex);
	return false;
}

static int skip_status(void)
{
	const char *status = getenv("KUNIT_SKIP_STATUS");

	return status ? atoi(status) : EXIT_SKIPPED;
}

static bool wanted(const char *name, int argc, char **argv)
{
	if (argc < 2)
		return true;
	for (int i = 1; i < argc; i++)
		if (fnmatch(argv[i], name, 0) == 0)
			return true;
	return false;
}

/* True when fn(test) was begun and the suite's exit() is therefore due. */
static bool run_body(const struct kunit_suite *suite,
		     void (*fn)(struct kunit *test), struct kunit *test)
{
	int err;

	if (setjmp(case_end) != 0)
		return true;
	err = suite->init ? suite->init(test) : 0;
	if (err) {
		KUNIT_FAIL(test, "init of %s returned %d", suite->name, err);
		return false;
	}
	fn(test);
	return true;
}

static void run_exit(const struct kunit_suite *suite, struct kunit *test)
{
	if (setjmp(case_end) == 0)
		suite->exit(test);
}

static void run_case(const struct kunit_suite *suite,
		     const struct kunit_case *c, struct kunit *test)
{
	bool begun;

	own_case = test;
	begun = run_body(suite, c->run_case, test);
	if (getpid() != runner_pid) {
		/* A child that returned from its case is done. */
		fflush(stdout);
		_exit(test->status == KUNIT_FAILED);
	}
	if (begun && suite->exit)
		run_exit(suite, test);
	own_case = NULL;
}

/*
 * In place of the library's own, which boots before main(): a test has options
 * to set first.
 */
void core_start(void);
void core_start(void)
{
}

int kunit_run(struct kunit_suite *const *suites, size_t nr, int argc,
	      char **argv)
{
	bool list = argc == 2 && strcmp(argv[1], "--list") == 0;
	unsigned int planned = 0, done = 0, failed = 0, skipped = 0;

	setvbuf(stdout, out_buffer, _IOLBF, sizeof(out_buffer));
	runner_pid = getpid();

	for (size_t s = 0; s < nr; s++) {
		struct kunit_case *c = suites[s]->test_cases;

		for (; c->run_case; c++) {
			if (list)
				printf("%s\n", c->name);
			else if (wanted(c->name, argc, argv))
				planned++;
		}
	}
	if (list)
		return 0;
	if (!planned) {
		fprintf(stderr, "%s: no case matches; try --list\n", argv[0]);
		return 1;
	}

	printf("TAP version 13\n1..%u\n", planned);
	for (size_t s = 0; s < nr; s++) {
		struct kunit_suite *suite = suites[s];
		struct kunit_case *c = suite->test_cases;
		int err = suite->suite_init ? suite->suite_init(suite) : 0;

		for (; c->run_case; c++) {
			static struct kunit test;

			if (!wanted(c->name, argc, argv))
				continue;
			memset(&test, 0, sizeof(test));
			test.name = c->name;
			if (err)
				KUNIT_FAIL(&test,
					   "suite_init of %s returned %d",
					   suite->name, err);
			else
				run_case(suite, c, &test);
			done++;
			failed += test.status == KUNIT_FAILED;
			skipped += test.status == KUNIT_SKIPPED;
			printf("%s %u - %s%s%s\n",
			       test.status == KUNIT_FAILED ? "not ok" : "ok",
			       done, c->name,
			       test.status == KUNIT_SKIPPED ? " # SKIP " : "",
			       test.status == KUNIT_SKIPPED ? test.skip_reason :
							      "");
		}
		if (!err && suite->suite_exit)
			suite->suite_exit(suite);
	}
	fflush(stdout);
	if (failed)
		return 1;
	return skipped == done ? skip_status() : 0;
}
