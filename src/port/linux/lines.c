/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The lines of source that code comes from, for reports that want them.
 *
 * A report may be made under locks, in a signal handler, in the middle of
 * malloc() or of the dynamic loader, so no library is loaded for it and nothing
 * is allocated: addr2line, or what is like it, runs as a process of its own,
 * once for each module of a stack, and writes a line for each address.  It has
 * memory and a stack set aside, and all signals are blocked until it is there.
 * It is a child of a child that ends at once, and which has no exit signal: so
 * no SIGCHLD comes from either, and no wait() of the program's finds them.
 *
 * It is waited for at most LINES_WAIT_S, and not asked again after that; an
 * alarm ends it then.  One
 * thread at a time asks; a second one, or a signal handler on top of the first,
 * has no lines.
 */
#define _GNU_SOURCE 1

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/options.h"
#include "lib/text.h"
#include "port/linux/confine.h"
#include "port/linux/own.h"
#include "port/port.h"

#define LINES_WAIT_S 10
#define LINES_MOST 16 /* addresses of a stack */
#define TEXT_BYTES 8192
/* Of the two processes until they are gone; they make a few system calls. */
#define STACK_BYTES 32768

struct {
	unsigned int pid; /* of the process a thread of which asks, or 0 */
	bool silent;      /* it did not answer once */

	/* what the new process is made of, while it becomes another program */
	char *argv[3 + LINES_MOST + 1];
	char number[LINES_MOST][20];
	char module[PATH_MAX], program[PATH_MAX];
	int to; /* a pipe */
	char stack[STACK_BYTES] __attribute__((aligned(64)));

	/* what it answers, and what is kept of that */
	char text[TEXT_BYTES], kept[TEXT_BYTES], other[PATH_MAX];
	size_t text_bytes, kept_bytes;
	const char *line[LINES_MOST];
} own BULKY("lines");

static bool own_take(void)
{
	unsigned int pid = port_pid(), was = 0;

	/* a child of fork() has the word of a thread that it does not have */
	while (!__atomic_compare_exchange_n(&own.pid, &was, pid, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		if (was == pid)
			return false;
	return true;
}

void port_lines_end(void)
{
	/* release: pairs with the acquire in own_take() */
	__atomic_store_n(&own.pid, 0, __ATOMIC_RELEASE);
}

/* The option names a program by a path, or one of these has addr2line. */
static void become(void)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	static char locale[] = "LC_ALL=C";
	static char *env[] = { path, locale, NULL };

	if (own.program[0]) {
		execve(own.program, own.argv, env);
		return;
	}
	execve("/usr/local/bin/addr2line", own.argv, env);
	execve("/usr/bin/addr2line", own.argv, env);
	execve("/bin/addr2line", own.argv, env);
}

/* The alarm is that of what it becomes. */
static void end_in_time(void)
{
	sigset_t others;

	signal(SIGALRM, SIG_DFL);
	sigfillset(&others);
	sigdelset(&others, SIGALRM);
	sigprocmask(SIG_SETMASK, &others, NULL);
	alarm(LINES_WAIT_S + 1);
}

/* Both share all memory with the program, and one thread of it waits. */
static int grandchild(void *unused)
{
	int null = open("/dev/null", O_RDWR);

	(void)unused;
	end_in_time();
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(null, STDERR_FILENO) >= 0 && dup2(own.to, STDOUT_FILENO) >= 0)
		become();
	_exit(127);
}

#define START_FLAGS (CLONE_VM | CLONE_VFORK)

/* A program that is executed has an exit signal again. */
static int child(void *unused)
{
	(void)unused;
	_exit(clone(grandchild, own.stack + STACK_BYTES / 2,
		    START_FLAGS | SIGCHLD, NULL) < 0);
}

/* What it writes, until its end; false: it takes too long. */
static bool listen_to(int fd)
{
	long long end = port_clock_ns() + LINES_WAIT_S * 1000000000ll, left;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	own.text_bytes = 0;
	/* Bound: the time, and the room. */
	while (own.text_bytes < TEXT_BYTES - 1) {
		left = end - port_clock_ns();
		if (left <= 0 || poll(&p, 1, (int)(left / 1000000) + 1) < 0)
			return false;
		if (!p.revents)
			continue;
		n = read(fd, own.text + own.text_bytes,
			 TEXT_BYTES - 1 - own.text_bytes);
		if (n <= 0)
			break;
		own.text_bytes += (size_t)n;
	}
	return true;
}

/* Runs the program; its text lies in own.text then. */
static bool lines_ask(void)
{
	sigset_t all, old;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return false;
	own.to = ends[1];
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = clone(child, own.stack + STACK_BYTES, START_FLAGS, NULL);
	if (pid > 0)
		waitpid(pid, NULL, __WALL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close(ends[1]);
	if (pid > 0 && !listen_to(ends[0]))
		own.silent = true;
	close(ends[0]);
	if (pid <= 0)
		return false;
	own.text[own.text_bytes] = '\0';
	return !own.silent;
}

/* "FILE:LINE" and perhaps more after a blank; "??:0" where nothing is known. */
static const char *line_of(char *text)
{
	char *end = strchr(text, ' ');

	if (end)
		*end = '\0';
	end = strrchr(text, ':');
	if (!end || text[0] == '?' || end[1] < '1' || end[1] > '9')
		return NULL;
	return text;
}

static void keep_line(unsigned int i, const char *line)
{
	size_t n = strlen(line) + 1;

	if (n > TEXT_BYTES - own.kept_bytes)
		return;
	own.line[i] = memcpy(own.kept + own.kept_bytes, line, n);
	own.kept_bytes += n;
}

/* The answers to the addresses whose bit is set. */
static void take_lines(uint32_t bits)
{
	char *at = own.text, *end;
	const char *line;

	for (; bits; bits &= bits - 1) {
		end = strchr(at, '\n');
		if (!end)
			return;
		*end = '\0';
		line = line_of(at);
		if (line)
			keep_line((unsigned int)__builtin_ctz(bits), line);
		at = end + 1;
	}
}

/* Of addr, where its file is and what has to be taken off; false: nowhere. */
static bool module_of(const void *addr, char *path, uintptr_t *base)
{
	const struct link_map *map;
	void *extra = NULL;
	Dl_info info;
	ssize_t n;

	*base = 0;
	if (dladdr1(addr, &info, &extra, RTLD_DL_LINKMAP) && extra) {
		map = extra;
		*base = map->l_addr;
		if (map->l_name[0]) {
			text_format(path, PATH_MAX, "%s", map->l_name);
			/* not the system's own, which has no file */
			return strchr(path, '/') != NULL;
		}
	}
	/* the program, perhaps a static one */
	n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	return true;
}

/*
 * Of those whose bit is set in left, the ones that are in the module of the
 * first; their numbers are arguments then.
 */
static uint32_t same_module(void *const *pc, uint32_t left, bool fault)
{
	unsigned int i, args = 3;
	uintptr_t base, its, at;
	uint32_t bits = 0;

	if (!module_of(pc[__builtin_ctz(left)], own.module, &base))
		return 0;
	for (; left; left &= left - 1) {
		i = (unsigned int)__builtin_ctz(left);
		if (!module_of(pc[i], own.other, &its) || its != base ||
		    strcmp(own.other, own.module) != 0)
			continue;
		bits |= 1u << i;
		/* a call is before the address that it returns to */
		at = (uintptr_t)pc[i] - base - !(fault && !i);
		text_format(own.number[i], sizeof(own.number[i]), "0x%lx",
			    (unsigned long)at);
		own.argv[args++] = own.number[i];
	}
	own.argv[args] = NULL;
	return bits;
}

static void lines_ask_all(void *const *pc, unsigned int n, bool fault)
{
	static char option[] = "-e", name[] = "addr2line";
	uint32_t bits, left = (uint32_t)((1ull << n) - 1);

	own.argv[0] = name;
	own.argv[1] = option;
	own.argv[2] = own.module;
	own.kept_bytes = 0;
	memset(own.line, 0, sizeof(own.line));
	/* Bound: a bit and more each. */
	while (left && !own.silent) {
		bits = same_module(pc, left, fault);
		if (bits && lines_ask())
			take_lines(bits);
		left &= bits ? ~bits : left - 1;
	}
}

const char *const *port_lines(void *const *pc, unsigned int n, bool fault)
{
	KEEPS_ERRNO();
	size_t length = 0;
	const char *program = option_text(OPT_LINES, &length);
	int state;

	if (!program || confined() || length >= PATH_MAX || n > LINES_MOST ||
	    linux_watched_by_memcheck() || !own_take())
		return NULL;
	memcpy(own.program, program, length);
	own.program[length] = '\0';
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	lines_ask_all(pc, n, fault);
	pthread_setcancelstate(state, &state);
	return own.line;
}
