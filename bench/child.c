/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Runs one command and writes what it and its descendants took:
 *
 *	bench-child RESULT PRELOAD COMMAND [ARGUMENT...]
 *
 * PRELOAD is a library, or empty.  This program is small, since the kernel
 * counts the memory of the process that calls exec() to the new program's peak.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static double timeval_ns(struct timeval t)
{
	return t.tv_sec * 1e9 + t.tv_usec * 1e3;
}

static void run(char **argv, const char *preload)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (*preload && setenv("LD_PRELOAD", preload, 1))
		_exit(127);
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage used;
	double begin, ns;
	FILE *result;
	int status;
	pid_t pid;

	if (argc < 4) {
		fprintf(stderr, "usage: %s RESULT PRELOAD COMMAND...\n",
			argv[0]);
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	begin = clock_ns();
	pid = fork();
	if (!pid)
		run(argv + 3, argv[2]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("bench-child");
		return 2;
	}
	ns = clock_ns() - begin;
	getrusage(RUSAGE_CHILDREN, &used);

	result = fopen(argv[1], "w");
	if (!result) {
		perror(argv[1]);
		return 2;
	}
	fprintf(result, "ns %.0f\ncpu_ns %.0f\npeak_kib %ld\n", ns,
		timeval_ns(used.ru_utime) + timeval_ns(used.ru_stime),
		used.ru_maxrss);
	fprintf(result, "faults %ld\n", used.ru_minflt + used.ru_majflt);
	if (fclose(result)) {
		perror(argv[1]);
		return 2;
	}
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "%s: %s\n", argv[3],
			strsignal(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}
