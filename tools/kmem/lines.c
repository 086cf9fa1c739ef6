/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The lines are addr2line's of the GNU binutils, which also finds debug
 * information that is kept apart: one process for each module, which is asked
 * one address after another, and ends with kmem.
 */
#include "lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One that does not answer for so long is asked no more. */
#define PATIENCE_S 30

struct teller {
	struct teller *next;
	char *module;
	int fd; /* -1: there is none */
	FILE *from;
};

static struct teller *tellers;

static void become(int fd, const char *module)
{
	int null;

	if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(1);
	null = dup(STDERR_FILENO);
	if (null < 0 || !freopen("/dev/null", "w", stderr))
		_exit(1);
	execlp("addr2line", "addr2line", "-e", module, (char *)NULL);
	_exit(127);
}

static void teller_end(struct teller *t)
{
	if (t->from)
		fclose(t->from);
	t->from = NULL;
	t->fd = -1;
}

static void teller_begin(struct teller *t)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int ends[2];
	pid_t pid;

	t->fd = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return;
	pid = fork();
	if (!pid)
		become(ends[1], t->module);
	close(ends[1]);
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	t->from = pid > 0 ? fdopen(ends[0], "r") : NULL;
	if (t->from)
		t->fd = ends[0];
	else
		close(ends[0]);
}

static struct teller *teller_of(const char *module)
{
	struct teller *t;

	for (t = tellers; t; t = t->next)
		if (!strcmp(t->module, module))
			return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->module = strdup(module);
	if (!t->module) {
		free(t);
		return NULL;
	}
	teller_begin(t);
	t->next = tellers;
	tellers = t;
	return t;
}

/* "FILE:LINE", and perhaps more after a blank; "??:0" where nothing is known */
static bool parse(char *text, struct line *to)
{
	char *colon, *end;

	text[strcspn(text, "\n")] = 0;
	colon = strrchr(text, ':');
	if (!colon || text[0] == '?')
		return false;
	*colon = 0;
	to->number = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || !to->number || strlen(text) >= sizeof(to->file))
		return false;
	strcpy(to->file, text);
	return true;
}

bool line_find(const char *module, uint64_t at, struct line *to)
{
	struct teller *t = teller_of(module);
	char text[1024];
	int n;

	if (!t || t->fd < 0)
		return false;
	n = snprintf(text, sizeof(text), "0x%llx\n", (unsigned long long)at);
	if (send(t->fd, text, (size_t)n, MSG_NOSIGNAL) == n &&
	    fgets(text, sizeof(text), t->from))
		return parse(text, to);
	teller_end(t);
	return false;
}

const char *line_base(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}
