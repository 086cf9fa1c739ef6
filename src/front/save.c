/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Writes the table of caches to a file: at the end of the process and, with
 * every=, every few seconds by a thread of its own.
 *
 *	slabinfo=FILE	where to; %p is the number of the process, %c a
 *			comma, %% a percent sign
 *	every=SEC	how often; without it, at the end only
 *	slabinfo_pid=N	only process N writes, so that the programs it starts
 *			do not overwrite its file; a FILE with %p does not need
 *			it: then every process writes its own
 *
 * The file is made under another name and renamed, so a reader sees a whole
 * table or the one before.  Nothing here allocates: the buffer is a mapping.
 */
#include "front/front.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <kmem/stats.h>

#include "debug/report.h"
#include "lib/options.h"
#include "lib/text.h"
#include "sync/lock.h"
#include "port/linux/confine.h"
#include "port/port.h"
#include "sync/fork.h"

/* Held while a table is written: one writer at a time, none during fork. */
static struct lock save_lock;
static const char *path_pattern;
static size_t path_length;
static bool path_has_pid;
static int64_t every, only_pid;
static bool warned;

static bool pattern_has_pid(void)
{
	size_t i;

	for (i = 0; i + 1 < path_length; i++) {
		if (path_pattern[i] != '%')
			continue;
		if (path_pattern[++i] == 'p')
			return true;
	}
	return false;
}

/* The pattern with its % sequences replaced; false: too long. */
static bool path_make(char *to, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < path_length && n + 16 < size; i++) {
		char c = path_pattern[i];
		char next = i + 1 < path_length ? path_pattern[i + 1] : 0;

		if (c == '%' && next == 'p') {
			n += (size_t)text_format(to + n, size - n, "%u",
						 (unsigned int)getpid());
			i++;
			continue;
		}
		if (c == '%' && (next == 'c' || next == '%')) {
			c = next == 'c' ? ',' : '%';
			i++;
		}
		to[n++] = c;
	}
	to[n] = 0;
	return i == path_length;
}

static bool save_write_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		text += done;
		n -= (size_t)done;
	}
	return true;
}

static bool file_put(const char *path, const char *text, size_t n)
{
	char other[PATH_MAX + 32];
	bool done;
	int fd;

	text_format(other, sizeof(other), "%s.tmp%u", path,
		    (unsigned int)getpid());
	fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return false;
	done = save_write_all(fd, text, n);
	done &= !close(fd);
	if (done)
		done = !rename(other, path);
	if (!done) {
		int saved = errno;

		unlink(other);
		errno = saved;
	}
	return done;
}

/* The table in a mapping of *bytes, or NULL. */
static char *table_make(size_t *bytes, size_t *length)
{
	size_t page = port_page_size(), size = ALIGN_UP(16384ul, page);

	for (;;) {
		char *buf = port_map(size, page, false);

		if (!buf)
			return NULL;
		*bytes = size;
		*length = kmem_slabinfo(buf, size);
		if (*length < size)
			return buf;
		port_unmap(buf, size, false);
		/* caches may be created meanwhile: leave room for some */
		size = ALIGN_UP(*length + 4096, page);
	}
}

static void save_complain(const char *path)
{
	char text[PATH_MAX + 64];
	int n;

	if (warned)
		return;
	warned = true;
	n = text_format(text, sizeof(text),
			"kmem: slabinfo=%s: cannot be written (errno %d)\n",
			path, errno);
	port_write(text, (size_t)n);
}

static void save(void)
{
	char path[PATH_MAX];
	size_t bytes, n;
	char *table;

	/* a filter may end the process for opening a file */
	if (!path_length || confined())
		return;
	if (!path_has_pid && only_pid && only_pid != getpid())
		return;
	if (!front_start() || !path_make(path, sizeof(path)))
		return;
	lock_take(&save_lock, LOCK_FRONT);
	table = table_make(&bytes, &n);
	if (table) {
		if (!file_put(path, table, n))
			save_complain(path);
		port_unmap(table, bytes, false);
	}
	lock_drop(&save_lock, LOCK_FRONT);
}

static void save_thread(void)
{
	struct timespec pause = { .tv_sec = (time_t)every };

	while (!confined()) {
		nanosleep(&pause, NULL);
		save();
	}
}

static void thread_start(void)
{
	int err = port_thread(save_thread);

	if (err)
		report("kmem: no thread for every=: error %d", err);
}

static void save_fork_prepare(void)
{
	lock_take(&save_lock, LOCK_FRONT);
}

static void save_fork_parent(void)
{
	lock_drop(&save_lock, LOCK_FRONT);
}

static void save_fork_child(void)
{
	lock_drop(&save_lock, LOCK_FRONT);
	lock_reset(&save_lock);
	if (every && path_has_pid)
		thread_start();
}

static const struct fork_ops save_fork = {
	.prepare = save_fork_prepare,
	.parent = save_fork_parent,
	.child = save_fork_child,
};

void save_start(void)
{
	/* the layers first: the port reads the options */
	if (!front_start())
		return;
	path_pattern = option_text(OPT_SLABINFO, &path_length);
	if (!path_pattern)
		return;
	path_has_pid = pattern_has_pid();
	every = option_value(OPT_EVERY);
	only_pid = option_value(OPT_SLABINFO_PID);
	fork_register(FORK_FRONT, &save_fork);
	if (every && (path_has_pid || !only_pid || only_pid == getpid()))
		thread_start();
}

void save_finish(void)
{
	save();
}
