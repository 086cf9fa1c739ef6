/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * leak_check=: at its end a process has itself searched by "kmem leaks", which
 * stops it as it would any other, and waits for that
 * (docs/decisions/0043-leaks.md).
 *
 * The command is the one that came with the library: beside it, or in ../bin;
 * else the one of PATH.  It runs without our options and without the front.
 */
#define _GNU_SOURCE 1

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/options.h"
#include "port/linux/own.h"

/* As of LeakSanitizer, so that scripts know it. */
#define STATUS_LOST 23
/* Of kmem leaks: something is lost. */
#define TOOL_FOUND 4
#define VARIABLES_MOST 4096u

extern char **environ;

static bool tool_at(const char *folder, size_t n, const char *name, char *path)
{
	int length = snprintf(path, PATH_MAX, "%.*s%s", (int)n, folder, name);

	return length > 0 && length < PATH_MAX && !access(path, X_OK);
}

/* The command's name, for a search in PATH if it has no '/'. */
static void tool_find(char *path)
{
	const char *slash;
	Dl_info info;

	if (dladdr((void *)(uintptr_t)linux_leaks_end, &info) &&
	    info.dli_fname && (slash = strrchr(info.dli_fname, '/'))) {
		size_t n = (size_t)(slash + 1 - info.dli_fname);

		if (tool_at(info.dli_fname, n, "kmem", path) ||
		    tool_at(info.dli_fname, n, "../bin/kmem", path) ||
		    tool_at(info.dli_fname, n, "../../bin/kmem", path))
			return;
	}
	strcpy(path, "kmem");
}

/* What would put the library into the command as well is left out. */
static void environment(char **to)
{
	static const char *const ours[] = { "LD_PRELOAD=", "KMEM_OPTIONS=",
					    "LD_AUDIT=" };
	size_t n = 0;

	for (char **e = environ; e && *e && n < VARIABLES_MOST; e++) {
		bool left = false;

		for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
			left |= !strncmp(*e, ours[i], strlen(ours[i]));
		if (!left)
			to[n++] = *e;
	}
	to[n] = NULL;
}

/* Its wait status; -1: it could not be started, and errno says why. */
static int tool_spawn(const char *path)
{
	static char *variables[VARIABLES_MOST + 1];
	posix_spawn_file_actions_t actions;
	char name[] = "kmem", command[] = "leaks", quiet[] = "--quiet";
	char pid[32], *argv[] = { name, command, quiet, pid, NULL };
	int err, status = -1;
	pid_t tool;

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	environment(variables);
	err = posix_spawn_file_actions_init(&actions);
	if (!err) {
		posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
						 STDOUT_FILENO);
		err = posix_spawnp(&tool, path, &actions, NULL, argv,
				   variables);
		posix_spawn_file_actions_destroy(&actions);
	}
	if (err) {
		errno = err;
		return -1;
	}
	while (waitpid(tool, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/*
 * The same, whatever the program does with SIGCHLD: where that is ignored, or
 * its handler waits for any child, nothing would be left to wait for.
 */
static int tool_run(const char *path)
{
	struct sigaction standard = { .sa_handler = SIG_DFL }, before;
	int status;

	sigaction(SIGCHLD, &standard, &before);
	status = tool_spawn(path);
	sigaction(SIGCHLD, &before, NULL);
	return status;
}

int linux_leaks_end(void)
{
	int64_t how = option_value(OPT_LEAK_CHECK);
	static char path[PATH_MAX]; /* a frame would show what was there */
	int status;

	if (how == LEAK_CHECK_OFF)
		return 0;
	tool_find(path);
	/* where only a parent may look, the command is no parent */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	status = tool_run(path);
	prctl(PR_SET_PTRACER, 0, 0, 0, 0);
	if (status == -1)
		dprintf(STDERR_FILENO,
			"kmem: leak_check: the command %s cannot be run: %s\n",
			path, strerror(errno));
	if (how != LEAK_CHECK_EXIT || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != TOOL_FOUND)
		return 0;
	return STATUS_LOST;
}
