/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Messages and reports, to stderr: each is put together on the stack and
 * written by one system call, so that those of several threads do not mix.
 */
#include <kmem/wait.h>
#include <linux/bug.h>
#include <linux/jiffies.h>
#include <linux/ratelimit.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024
#define LEVEL_DEFAULT 4

int console_loglevel = 7;

/* All of it, or what can be written: there is nobody to tell. */
static void put(const char *text, size_t n)
{
	int saved = errno;

	while (n) {
		ssize_t did = write(STDERR_FILENO, text, n);

		if (did <= 0)
			break;
		text += did;
		n -= (size_t)did;
	}
	errno = saved;
}

/* snprintf() says how long it would be; how much of it is there? */
static size_t fitting(int n, size_t room)
{
	if (n < 0)
		return 0;
	return (size_t)n < room ? (size_t)n : room - 1;
}

static int print(const char *fmt, va_list args)
{
	char line[LINE_MAX_BYTES];
	int level = LEVEL_DEFAULT;
	const char *text = line;
	size_t n =
		fitting(vsnprintf(line, sizeof(line), fmt, args), sizeof(line));

	while (n >= 2 && text[0] == KERN_SOH[0]) {
		if (text[1] >= '0' && text[1] <= '7')
			level = text[1] - '0';
		text += 2;
		n -= 2;
	}
	if (level < __atomic_load_n(&console_loglevel, __ATOMIC_RELAXED))
		put(text, n);
	return (int)n;
}

/**
 * printk() - says something to whoever looks at stderr
 * @fmt: a format of the C library, with a KERN_* in front or none
 *
 * Context: Any in which a thread may write to a file; in an atomic section
 * too, as it waits for nothing of this process.
 * Return: the bytes of the message.
 */
int _printk(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = print(fmt, args);
	va_end(args);
	return n;
}

/**
 * __ratelimit() - may this be said now?
 * @rs: how often
 *
 * Context: Any.
 * Return: 1 for the first burst calls of each interval, else 0.
 */
int __ratelimit(struct ratelimit_state *rs)
{
	unsigned long now = jiffies;
	int may = 0, missed = 0;

	if (!rs->interval)
		return 1;
	kmem_word_lock(&rs->lock);
	if (!rs->begin ||
	    time_after(now, rs->begin + (unsigned long)rs->interval)) {
		rs->begin = now ? now : 1;
		rs->printed = 0;
		missed = rs->missed;
		rs->missed = 0;
	}
	if (rs->printed < rs->burst) {
		rs->printed++;
		may = 1;
	} else {
		rs->missed++;
	}
	kmem_word_unlock(&rs->lock);
	if (missed)
		printk(KERN_WARNING "%d callbacks suppressed\n", missed);
	return may;
}

/* The line under which reports of the kernel's kind are looked for. */
static void head_of_report(const char *what, const char *file, int line,
			   const char *function)
{
	char text[LINE_MAX_BYTES];
	int n = snprintf(text, sizeof(text),
			 "------------[ cut here ]------------\n"
			 "%s CPU: %d PID: %ld at %s:%d %s()\n",
			 what, sched_getcpu(), syscall(SYS_gettid), file, line,
			 function);

	put(text, fitting(n, sizeof(text)));
}

/* What WARN() and its kin call. */
void kmem_warn_at(const char *file, int line, const char *function,
		  const char *fmt, ...)
{
	va_list args;

	head_of_report("WARNING:", file, line, function);
	if (!fmt)
		return;
	va_start(args, fmt);
	print(fmt, args);
	va_end(args);
}

/* What BUG() calls. */
void kmem_bug_at(const char *file, int line, const char *function)
{
	head_of_report("kernel BUG:", file, line, function);
	abort();
}
