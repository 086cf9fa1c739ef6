/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A state that must not be, by each of its two names, in a process each.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	kernel BUG: CPU: <n> PID: <pid> at <file>:<line> find_it()
 *	------------[ cut here ]------------
 *	kernel BUG: CPU: <n> PID: <pid> at <file>:<line> main()
 *
 * Exit: SIGABRT
 */
#include <linux/bug.h>
#include <sys/wait.h>
#include <unistd.h>

static void find_it(int n)
{
	BUG_ON(n < 0);
	BUG_ON(n > 0);
}

int main(void)
{
	int status;
	pid_t child = fork();

	if (!child)
		find_it(1);
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		BUG();
	return 0;
}
