/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Random sequences of operations against the model, each in a process of its
 * own, so that a failing one can be cut down and run again.
 *
 * The environment:
 *	MODEL_SEED	the first seed; runs that one only
 *	MODEL_SECONDS	how long to go on, 12 if not said
 *	MODEL_OPS	operations in a sequence
 *	MODEL_EVERY	operations between two walks over all invariants
 *	MODEL_REPLAY	a file with a sequence as printed by a failure
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kunit/options.h"
#include "kunit/test.h"
#include "model/ops.h"

#define OPS_MAX 20000
/* Runs of a candidate while a failing sequence is cut down. */
#define SHRINK_RUNS 2000

static struct op ops[OPS_MAX], smaller[OPS_MAX];
static struct model_result *shared;
/* KMEM_OPTIONS of the processes that run a sequence. */
static const char *options;

static unsigned long env_number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* True when the sequence passes. Quiet: the child says nothing itself. */
static bool passes(const struct op *seq, size_t nr, unsigned int every,
		   bool quiet)
{
	int status;
	pid_t pid;

	shared->ok = false;
	shared->at = nr;
	snprintf(shared->why, sizeof(shared->why), "ended without a result");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct model_result r;

		if (quiet && !freopen("/dev/null", "we", stderr))
			_exit(1);
		if (options)
			test_options(options);
		alarm(60);
		ops_run(seq, nr, every, &r);
		*shared = r;
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		snprintf(shared->why, sizeof(shared->why), "fork failed");
		return false;
	}
	if (WIFSIGNALED(status)) {
		snprintf(shared->why, sizeof(shared->why), "ended by %s",
			 strsignal(WTERMSIG(status)));
		return false;
	}
	return WEXITSTATUS(status) == 0 && shared->ok;
}

/* Leaves out ever smaller stretches as long as it still fails. */
static size_t cut_down(size_t nr, unsigned int every)
{
	unsigned int runs = 0;
	size_t n = nr / 2 ? nr / 2 : 1;
	bool any;

	do {
		any = false;
		for (size_t at = 0; at < nr && runs < SHRINK_RUNS;) {
			size_t out = n < nr - at ? n : nr - at;

			memcpy(smaller, ops, at * sizeof(*ops));
			memcpy(smaller + at, ops + at + out,
			       (nr - at - out) * sizeof(*ops));
			runs++;
			if (passes(smaller, nr - out, every, true)) {
				at += out;
				continue;
			}
			nr -= out;
			memcpy(ops, smaller, nr * sizeof(*ops));
			any = true;
		}
		if (n == 1 && !any)
			break;
		n = n > 1 ? n / 2 : 1;
	} while (runs < SHRINK_RUNS);
	return nr;
}

static void report(struct kunit *test, size_t nr, unsigned int every)
{
	struct model_result first = *shared;
	char *text = NULL, *line, *save = NULL;
	size_t bytes = 0;
	FILE *f;

	if (shared->at + 1 < nr)
		nr = shared->at + 1;
	if (!passes(ops, nr, every, true))
		nr = cut_down(nr, every);
	passes(ops, nr, 1, false);
	KUNIT_FAIL(test, "%s (first seen: %s)", shared->why, first.why);
	f = open_memstream(&text, &bytes);
	if (!f)
		return;
	ops_print(f, ops, nr);
	fclose(f);
	kunit_info(test,
		   "%zu operations are left; MODEL_REPLAY runs them:", nr);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		kunit_info(test, "%s", line);
	free(text);
}

static void random_sequences(struct kunit *test, unsigned int seconds,
			     bool quiet)
{
	unsigned long seed = env_number("MODEL_SEED", 1), runs = 0;
	unsigned int every = (unsigned int)env_number("MODEL_EVERY", 200);
	size_t nr = env_number("MODEL_OPS", 3000);
	time_t end = now() + seconds;

	if (nr > OPS_MAX)
		nr = OPS_MAX;
	do {
		ops_random(ops, nr, seed);
		if (!passes(ops, nr, every, quiet)) {
			kunit_info(test, "seed %lu", seed);
			report(test, nr, every);
			return;
		}
		runs++;
		seed++;
	} while (!getenv("MODEL_SEED") && now() < end);
	kunit_info(test, "%lu sequences of %zu operations", runs, nr);
}

static void random_sequences_agree_with_the_model(struct kunit *test)
{
	random_sequences(test, (unsigned int)env_number("MODEL_SECONDS", 12),
			 false);
}

/* Half of the requests fail, and nothing else changes. */
static void sequences_short_of_memory(struct kunit *test)
{
	options = "mem=12M";
	ops_scarce = true;
	random_sequences(
		test, (unsigned int)env_number("MODEL_SECONDS", 12) / 2, true);
	options = NULL;
	ops_scarce = false;
}

static void a_sequence_can_be_replayed(struct kunit *test)
{
	const char *path = getenv("MODEL_REPLAY");
	FILE *f;
	size_t nr;

	if (!path)
		kunit_skip(test, "no MODEL_REPLAY");
	f = fopen(path, "re");
	KUNIT_ASSERT_NOT_NULL(test, f);
	nr = ops_parse(f, ops, OPS_MAX);
	fclose(f);
	KUNIT_ASSERT_GT(test, nr, 0);
	if (!passes(ops, nr, 1, false))
		KUNIT_FAIL(test, "operation %zu of %zu: %s", shared->at, nr,
			   shared->why);
}

/* The printed form says all that there is to say. */
static void printed_sequences_read_back(struct kunit *test)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);

	KUNIT_ASSERT_NOT_NULL(test, f);
	ops_random(ops, 500, 42);
	ops_print(f, ops, 500);
	fclose(f);
	f = fmemopen(text, bytes, "r");
	KUNIT_ASSERT_NOT_NULL(test, f);
	KUNIT_EXPECT_EQ(test, ops_parse(f, smaller, OPS_MAX), 500);
	fclose(f);
	KUNIT_EXPECT_MEMEQ(test, ops, smaller, 500 * sizeof(*ops));
	free(text);
}

/* One long life of a process, many sequences: what one leaves, the next has. */
static void sequences_in_one_process(struct kunit *test)
{
	time_t end = now() + 5;
	struct model_result r;
	unsigned long seed;

	for (seed = 1000; now() < end; seed++) {
		ops_random(ops, 1000, seed);
		ops_run(ops, 1000, 0, &r);
		KUNIT_ASSERT_TRUE_MSG(test, r.ok, "seed %lu, operation %zu: %s",
				      seed, r.at, r.why);
	}
	kunit_info(test, "%lu sequences", seed - 1000);
}

static int suite_init(struct kunit_suite *suite)
{
	(void)suite;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared == MAP_FAILED;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(printed_sequences_read_back),
	KUNIT_CASE(a_sequence_can_be_replayed),
	KUNIT_CASE_SLOW(random_sequences_agree_with_the_model),
	KUNIT_CASE_SLOW(sequences_short_of_memory),
	KUNIT_CASE_SLOW(sequences_in_one_process),
	{},
};

static struct kunit_suite suite = {
	.name = "model",
	.suite_init = suite_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
