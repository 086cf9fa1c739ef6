/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * All threads are seized first, which stops none, then interrupted, and then
 * waited for, so that the first is stopped hardly longer than the last.
 * Threads that are made meanwhile are found by looking again until there are
 * none: those that are stopped make none.  When this process ends, however it
 * does, the kernel lets all go on.
 */
#include "stop.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#define TURNS_MOST 1000

#if defined(__x86_64__)
#define NT_VECTORS NT_X86_XSTATE
#else
#define NT_VECTORS NT_FPREGSET
#endif

bool stop_wait(pid_t tid)
{
	int status;

	for (;;) {
		if (waitpid(tid, &status, __WALL) != tid)
			return false;
		if (!WIFSTOPPED(status))
			return false;
		if (status >> 16 == PTRACE_EVENT_STOP)
			return true;
		/* a signal on its way to the thread goes on */
		ptrace(PTRACE_CONT, tid, NULL,
		       (void *)(uintptr_t)WSTOPSIG(status));
	}
}

static bool known(const struct stopped *s, pid_t tid)
{
	for (size_t i = 0; i < s->nr; i++)
		if (s->thread[i].tid == tid)
			return true;
	return false;
}

/* A first thread that has ended stays listed, and cannot be seized. */
static bool has_ended(pid_t pid, pid_t tid)
{
	char path[64], line[256], state = 0;
	int err = errno;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/status", (long)pid,
		 (long)tid);
	f = fopen(path, "re");
	while (f && !state && fgets(line, sizeof(line), f))
		sscanf(line, "State: %c", &state);
	if (f)
		fclose(f);
	errno = err;
	return state == 'Z' || state == 'X';
}

static bool seize(struct stopped *s, pid_t tid)
{
	struct stopped_thread *more;

	more = realloc(s->thread, (s->nr + 1) * sizeof(*more));
	if (!more)
		return false;
	s->thread = more;
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL))
		return errno == ESRCH || has_ended(s->pid, tid);
	memset(&more[s->nr], 0, sizeof(*more));
	more[s->nr].tid = tid;
	more[s->nr++].waits = true;
	return true;
}

/* Those that are not known yet. */
static bool seize_all(struct stopped *s)
{
	struct dirent *e;
	bool good = true;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)s->pid);
	dir = opendir(path);
	while (dir && good && (e = readdir(dir))) {
		pid_t tid = (pid_t)atol(e->d_name);

		if (tid && !known(s, tid))
			good = seize(s, tid);
	}
	if (dir)
		closedir(dir);
	return dir && good;
}

/* Those that were asked to; the number of those that had not been. */
static size_t interrupt_all(struct stopped *s)
{
	size_t i, asked = 0, left = 0;

	for (i = 0; i < s->nr; i++)
		if (s->thread[i].waits) {
			ptrace(PTRACE_INTERRUPT, s->thread[i].tid, NULL, NULL);
			asked++;
		}
	for (i = 0; i < s->nr; i++) {
		if (s->thread[i].waits && !stop_wait(s->thread[i].tid))
			continue;
		s->thread[i].waits = false;
		s->thread[left++] = s->thread[i];
	}
	s->nr = left;
	return asked;
}

bool stop_process(struct stopped *s, pid_t pid)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->pid = pid;
	for (int turn = 0; turn < TURNS_MOST; turn++) {
		if (!seize_all(s))
			break;
		if (!interrupt_all(s) && s->nr)
			return true;
	}
	err = s->nr ? errno : errno == EPERM ? EPERM : ESRCH;
	stop_end(s);
	errno = err;
	return false;
}

static void set_add(struct stopped_thread *t, int set)
{
	struct iovec v = { t->word + t->nr,
			   sizeof(t->word) - t->nr * sizeof(t->word[0]) };

	if (!ptrace(PTRACE_GETREGSET, t->tid, (void *)(uintptr_t)set, &v))
		t->nr += v.iov_len / sizeof(t->word[0]);
}

/*
 * In a system call?  Whoever makes one has nothing in vectors: the calls of
 * libc leave them to whom they call.  What is in them is old then.
 */
static bool in_call(const struct stopped_thread *t)
{
#if defined(__x86_64__)
	const struct user_regs_struct *r = (const void *)t->word;

	return (long)r->orig_rax >= 0;
#elif defined(__aarch64__)
	int number = -1;
	struct iovec v = { &number, sizeof(number) };

	return !ptrace(PTRACE_GETREGSET, t->tid,
		       (void *)(uintptr_t)NT_ARM_SYSTEM_CALL, &v) &&
	       number >= 0;
#else
	(void)t;
	return false;
#endif
}

void stop_registers(struct stopped *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		struct stopped_thread *t = &s->thread[i];

		set_add(t, NT_PRSTATUS);
		if (!t->nr)
			continue;
#if defined(__x86_64__)
		t->sp = ((struct user_regs_struct *)(void *)t->word)->rsp;
		t->tls = ((struct user_regs_struct *)(void *)t->word)->fs_base;
#elif defined(__aarch64__)
		t->sp = ((struct user_regs_struct *)(void *)t->word)->sp;
		set_add(t, NT_ARM_TLS);
		t->tls = t->word[t->nr - 1];
#endif
		if (!in_call(t))
			set_add(t, NT_VECTORS);
	}
}

void stop_go(struct stopped *s)
{
	for (size_t i = 0; i < s->nr; i++)
		ptrace(PTRACE_DETACH, s->thread[i].tid, NULL, NULL);
}

void stop_end(struct stopped *s)
{
	stop_go(s);
	free(s->thread);
	memset(s, 0, sizeof(*s));
}
