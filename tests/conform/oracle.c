/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The hosted side of the conformance tests: reads the kernel's answers and
 * compares.
 *
 * The environment:
 *	KMEM_ORACLE	the file of answers, if not the one of this folder
 *	ORACLE_LOG	a file to which every key and field that was compared
 *			is appended, for scripts/check-oracle.py
 */
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conform/oracle.h"
#include "kunit/options.h"
#include "kunit/test.h"

#define ANSWERS_MAX 2000

static struct answer {
	char *key, *value;
} answers[ANSWERS_MAX];
static unsigned int nr_answers;
static FILE *compared;

static const char *answers_path(void)
{
	static const char here[] = __FILE__;
	static char path[sizeof(here) + 64];
	const char *env = getenv("KMEM_ORACLE"), *slash = strrchr(here, '/');

	if (env)
		return env;
	snprintf(path, sizeof(path), "%.*soracle/linux-6.1-slub.txt",
		 slash ? (int)(slash - here + 1) : 0, here);
	return path;
}

/* By its first '=': no key has one, many values do. */
static void answers_read(void)
{
	static char line[4096];
	const char *path = answers_path();
	FILE *f = fopen(path, "re");

	if (!f) {
		fprintf(stderr, "oracle: cannot read %s; set KMEM_ORACLE\n",
			path);
		exit(1);
	}
	while (fgets(line, sizeof(line), f)) {
		char *value = strchr(line, '=');

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || !value)
			continue;
		*value++ = '\0';
		if (nr_answers == ANSWERS_MAX)
			break;
		answers[nr_answers].key = strdup(line);
		answers[nr_answers++].value = strdup(value);
	}
	fclose(f);
}

static const char *answer_to(const char *key)
{
	for (unsigned int i = 0; i < nr_answers; i++)
		if (strcmp(answers[i].key, key) == 0)
			return answers[i].value;
	return NULL;
}

static void note(const char *key, const char *field)
{
	if (!compared)
		return;
	fprintf(compared, "%s#%s\n", key, field);
	fflush(compared);
}

static long oracle_number(const char *text)
{
	return strtol(text, NULL, 0);
}

#define ORACLE_THREAD __thread
#include "conform/compare.h"

static struct {
	pthread_t thread;
	unsigned int ms;
	void (*fn)(void *arg);
	void *arg;
} later;

static void *later_run(void *unused)
{
	struct timespec ts = { .tv_sec = later.ms / 1000,
			       .tv_nsec = later.ms % 1000 * 1000000l };

	nanosleep(&ts, NULL);
	later.fn(later.arg);
	return unused;
}

void oracle_later(unsigned int ms, void (*fn)(void *arg), void *arg)
{
	later.ms = ms;
	later.fn = fn;
	later.arg = arg;
	if (pthread_create(&later.thread, NULL, later_run, NULL))
		abort();
}

void oracle_later_end(void)
{
	pthread_join(later.thread, NULL);
}

unsigned long oracle_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long)ts.tv_sec * 1000 +
	       (unsigned long)ts.tv_nsec / 1000000;
}

/*
 * The kernel that was asked had one CPU; so have these tests.  Options have to
 * stand in the environment before the first allocation: the program starts
 * itself again.
 */
static __attribute__((constructor)) void set_up(int argc, char **argv,
						char **envp)
{
	const char *log = getenv("ORACLE_LOG");
	cpu_set_t one;

	(void)argc;
	(void)envp;
	CPU_ZERO(&one);
	CPU_SET((unsigned int)sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (oracle_options && !getenv("ORACLE_OPTIONS_SET")) {
		test_options(oracle_options);
		setenv("ORACLE_OPTIONS_SET", "1", 1);
		execv("/proc/self/exe", argv);
		perror("execv");
		exit(1);
	}
	if (log)
		compared = fopen(log, "ae");
	answers_read();
}
