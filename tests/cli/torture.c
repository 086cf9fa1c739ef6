/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What test_torture.py runs: each word of the command line is a thing to do.
 * Each function allocates once, and deals with a failure as its name says.
 */
#include <kmem/torture.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

static volatile sig_atomic_t children;

static void *volatile sink;

static APART void copes(void)
{
	sink = malloc(100);
	free(sink);
}

static APART void gives_up(void)
{
	sink = calloc(3, 33);
	if (!sink)
		exit(3);
	free(sink);
}

static APART void crashes(void)
{
	volatile char *p = malloc(200);

	*p = 1;
	free((void *)p);
}

static APART void hangs(void)
{
	sink = malloc(300);
	while (!sink)
		pause();
	free(sink);
}

static APART void aborts(void)
{
	sink = aligned_alloc(256, 100000);
	if (!sink)
		abort();
	free(sink);
}

/* 39 times, of which few leave the block. */
static APART void grows(void)
{
	char *p = NULL, *q;
	size_t n;

	for (n = 10; n < 400; n += 10) {
		q = realloc(p, n);
		if (!q)
			exit(4);
		p = q;
	}
	free(p);
}

static APART void tries_twice(void)
{
	sink = malloc(70);
	if (!sink)
		sink = malloc(80);
	if (!sink)
		exit(6);
	free(sink);
}

/* A child that reads on must not take it from its parent. */
static APART void reads(void)
{
	char text[8] = "", want;

	for (want = 'a'; want < 'd'; want++) {
		sink = malloc(50);
		if (!sink) {
			if (read(STDIN_FILENO, text, 7) < 1)
				_exit(8);
			exit(text[0] == want ? 5 : 8);
		}
		free(sink);
		if (read(STDIN_FILENO, text, 1) != 1 || text[0] != want)
			_exit(9);
	}
}

static void count_child(int sig)
{
	(void)sig;
	children++;
}

/* The children of torture are none of the program's. */
static APART void waits(void)
{
	pid_t own, pid;

	signal(SIGCHLD, count_child);
	own = fork();
	if (own == 0)
		_exit(0);
	sink = malloc(60);
	pid = waitpid(-1, NULL, 0);
	if (pid != own)
		_exit(sink && pid > 0 ? 9 : 5);
	free(sink);
	sink = malloc(60);
	free(sink);
	if (children != 1 || waitpid(-1, NULL, 0) != -1)
		_exit(9);
}

static void *thread(void *unused)
{
	(void)unused;
	gives_up();
	return NULL;
}

static APART void threads(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, thread, NULL))
		exit(7);
	pthread_join(t, NULL);
}

static APART void says(void)
{
	char text[] = "says it\n";

	sink = malloc(90);
	if (!sink)
		memcpy(text, "was not", 7);
	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		_exit(9);
	free(sink);
}

static APART void execs(void)
{
	execl("/proc/self/exe", "torture", "gives_up", NULL);
	_exit(9);
}

static const struct {
	const char *name;
	void (*fn)(void);
} things[] = {
	{ "copes", copes },
	{ "gives_up", gives_up },
	{ "crashes", crashes },
	{ "hangs", hangs },
	{ "aborts", aborts },
	{ "grows", grows },
	{ "tries_twice", tries_twice },
	{ "reads", reads },
	{ "waits", waits },
	{ "threads", threads },
	{ "says", says },
	{ "execs", execs },
	{ "begin", kmem_torture_begin },
	{ "end", kmem_torture_end },
};

int main(int argc, char **argv)
{
	size_t k;
	int i;

	for (i = 1; i < argc; i++)
		for (k = 0; k < sizeof(things) / sizeof(*things); k++)
			if (!strcmp(things[k].name, argv[i]))
				things[k].fn();
	return 0;
}
