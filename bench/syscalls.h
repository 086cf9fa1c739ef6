/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * System calls of an allocator: the load runs in a child that is traced, and
 * what it calls between two marks is counted.
 *
 * One operation is an allocation or a free of 16 bytes to 2 KiB.  The live set
 * grows from a third of the slots to all of them and shrinks again, three
 * times after one time that is not counted.
 */
#ifndef BENCH_SYSCALLS_H
#define BENCH_SYSCALLS_H

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "bench.h"
#include "shapes.h"

#define SYSCALLS_SLOTS 30000
#define SYSCALLS_PHASES 3

/* A call that no allocator makes. */
#define MARK() syscall(SYS_getppid)

INLINE long grow_and_shrink(struct heap heap, void **slots, uint64_t *seed,
			    long n)
{
	long third = n / 3, ops = 0;

	for (long i = third; i < n; i++) {
		slots[i] =
			shape_get(heap, bench_mixed_size(bench_random(seed)));
		ops++;
	}
	shape_replace(heap, slots, (uint32_t)n, seed, n);
	for (long i = n; i-- > third;)
		heap.put(slots[i]);
	return 2 * ops + 2 * n;
}

/* Calls between the marks of a child that has stopped itself. */
static long syscalls_between_marks(pid_t child)
{
	struct __ptrace_syscall_info info;
	long calls = 0;
	int status, marks = 0;

	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, 0,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	while (!ptrace(PTRACE_SYSCALL, child, 0, 0) &&
	       waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info);
		if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
			continue;
		if (info.entry.nr == SYS_getppid)
			marks++;
		else if (marks == 1)
			calls++;
	}
	if (marks != 2 || !WIFEXITED(status) || WEXITSTATUS(status))
		bench_die("the traced load did not end");
	return calls;
}

INLINE void syscalls_measure(struct heap heap, void **slots, uint64_t *seed,
			     const struct args *args)
{
	long n = bench_count(args, SYSCALLS_SLOTS), ops;
	pid_t child;

	n = n < 300 ? 300 : n;
	shape_fill(heap, slots, (uint32_t)(n / 3), seed);
	/* of each phase: two thirds in, two thirds out, n replaced */
	ops = SYSCALLS_PHASES * (2 * (n - n / 3) + 2 * n);
	child = fork();
	if (!child) {
		grow_and_shrink(heap, slots, seed, n);
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			_exit(1);
		raise(SIGSTOP);
		MARK();
		for (int i = 0; i < SYSCALLS_PHASES; i++)
			grow_and_shrink(heap, slots, seed, n);
		MARK();
		_exit(0);
	}
	if (child < 0)
		bench_die("no fork");
	bench_report("syscalls",
		     1e6 * (double)syscalls_between_marks(child) / (double)ops);
}

#endif
