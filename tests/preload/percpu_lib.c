/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A shared object with per-CPU variables, for test_percpu.py: a library that
 * percpu_prog.c is linked to, and a plugin that it opens.
 */
#include <linux/percpu.h>

#include "percpu_lib.h"

DEFINE_PER_CPU(long, lib_exported) = 5;
EXPORT_PER_CPU_SYMBOL(lib_exported);
static DEFINE_PER_CPU(int, lib_hidden) = 100;

/* Ordinary constructors run when there are variables. */
static __attribute__((constructor)) void lib_begin(void)
{
	this_cpu_add(lib_hidden, 1);
}

static __attribute__((destructor)) void lib_end(void)
{
	this_cpu_sub(lib_hidden, 1);
}

void lib_add(long n)
{
	this_cpu_add(lib_exported, n);
	this_cpu_inc(lib_hidden);
}

/* Less what each CPU begins with. */
long lib_sum(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) sum += per_cpu(lib_exported, cpu) - 5;
	return sum;
}

long lib_hidden_sum(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) sum += per_cpu(lib_hidden, cpu) - 100;
	return sum;
}
