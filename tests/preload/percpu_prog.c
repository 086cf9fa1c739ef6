/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * percpu_prog [PLUGIN ENDS] : per-CPU variables of a program, of a library
 * that it is linked to (LINKED is 1), and of a plugin that it opens and closes,
 * which is then gone or stays.  Is C and C++.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/percpu.h>

#include "percpu_lib.h"

#define THREADS 4
#define TIMES 20000

struct stat {
	int number;
	long sum;
	char name[8];
};

DEFINE_PER_CPU(struct stat, prog_stat) = { 3, 4, "prog" };
static DEFINE_PER_CPU(short[40], prog_array) = { 1, 2 };
#define EARLY 10
static DEFINE_PER_CPU(long, prog_early);
static DEFINE_PER_CPU(long, prog_second);
static int bad;

static void check(int good, const char *what)
{
	if (!good)
		printf("not so: %s\n", what);
	bad += !good;
}

/*
 * Before all constructors: variables are registered by the first use, in the
 * midst of what the compiler may have asked once for all of it.
 */
static void earliest(void)
{
	for (int i = 0; i < EARLY; i++) {
		this_cpu_inc(prog_early);
		this_cpu_inc(prog_second);
	}
}

__attribute__((section(".preinit_array"),
	       used)) static void (*const begin)(void) = earliest;

static __attribute__((constructor)) void early(void)
{
	this_cpu_inc(prog_early);
}

static long early_sum(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(prog_early, cpu) + per_cpu(prog_second, cpu);
	return sum;
}

static void *add(void *arg)
{
	void (*lib)(long) = (void (*)(long))arg;

	for (int i = 0; i < TIMES; i++) {
		this_cpu_add(prog_stat.sum, 2);
		if (lib)
			lib(3);
	}
	return NULL;
}

static void threads(void (*lib)(long))
{
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, add, (void *)lib);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
}

static void own(void)
{
	long sum = 0;
	int cpu;

	check(early_sum() == 2 * EARLY + 1, "used before constructors");
	for_each_possible_cpu(cpu)
	{
		check(per_cpu(prog_stat, cpu).number == 3, "a template");
		check(!strcmp(per_cpu(prog_stat, cpu).name, "prog"), "a text");
		check(per_cpu(prog_array, cpu)[1] == 2, "an array");
	}
	threads(NULL);
	for_each_possible_cpu(cpu) sum += per_cpu(prog_stat, cpu).sum - 4;
	check(sum == 2l * THREADS * TIMES, "a sum");
	/* nobody writes to the template */
	check(prog_stat.sum == 4, "the template is as it was");
}

#if LINKED
static void linked(void)
{
	long before = lib_sum();
	int cpu;

	check(before == 0, "a library's variable begins as written");
	threads(lib_add);
	check(lib_sum() == 3l * THREADS * TIMES, "it adds");
	check(lib_hidden_sum() == 1 + THREADS * TIMES, "to its own");
	for (int i = 0; i < 1000; i++)
		this_cpu_inc(lib_exported);
	for_each_possible_cpu(cpu) per_cpu(lib_exported, cpu)++;
	check(lib_sum() == 3l * THREADS * TIMES + 1000 + (long)nr_cpu_ids,
	      "and the program to it");
}
#endif

static void plugin(const char *path, const char *ends)
{
	unsigned long pages = 0;

	for (int round = 0; round < 20; round++) {
		void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		int again = round && !strcmp(ends, "stays");
		void (*lib)(long);
		long (*sum)(void), (*hidden)(void), was;

		if (!object) {
			puts(dlerror());
			exit(2);
		}
		*(void **)&lib = dlsym(object, "lib_add");
		*(void **)&sum = dlsym(object, "lib_sum");
		*(void **)&hidden = dlsym(object, "lib_hidden_sum");
		was = sum();
		check(again || (was == 0 && hidden() == 1),
		      "a plugin's variables begin as written");
		threads(lib);
		check(sum() == was + 3l * THREADS * TIMES, "it adds");
		dlclose(object);
		if (round == 1)
			pages = pcpu_nr_pages();
	}
	check(pcpu_nr_pages() == pages, "no round leaves memory behind");
	check(!strcmp(dlopen(path, RTLD_NOW | RTLD_NOLOAD) ? "stays" : "gone",
		      ends),
	      ends);
}

/* Both kinds of what is no address. */
static void faults(void)
{
	int __percpu *p = alloc_percpu(int);
	int status = 0, i;

	for (i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (!pid) {
			int local = 0;

			signal(SIGSEGV, SIG_DFL);
			if (i)
				*(volatile int *)p = 1;
			else
				this_cpu_inc(local);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
		      i ? "a cookie is an address" :
			  "a variable like any other is per-CPU");
	}
	free_percpu(p);
}

int main(int argc, char **argv)
{
	own();
#if LINKED
	linked();
#endif
	if (argc > 2)
		plugin(argv[1], argv[2]);
	if (argc > 3)
		faults();
	if (!bad)
		puts("all so");
	return bad != 0;
}
