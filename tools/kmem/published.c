/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Finds the published area of a process and takes readings of it.
 *
 * The process is not stopped and goes on while it is read.  Only the one word
 * that asks for memory is written.  The area is read with pread() and not
 * mapped: a process that cuts its area short then ends a reading and not the
 * reader.
 *
 * A record is whole when its seq was the same even number in a reading before
 * and in one after, so three readings in a row show which records of the middle
 * one are.  Readings go on until every record has been whole once; when one and
 * the same reading had them all, and nothing in it differs from the one before,
 * the counts are settled: a sum over them is the sum at one moment.  A process
 * that was stopped in the middle of a change never gets there, so the rounds
 * are bounded and the rest is taken as it is.
 */
#include "published.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "packed.h"
#include "process.h"

/* No library publishes more; bounds the cost of a broken header. */
#define AREA_MAX (64ul << 20)
/* Rounds that wait for records to become whole, and for counts to settle */
#define ROUNDS_WHOLE 400
#define ROUNDS_SETTLED 20

/* One reading of the area. */
struct reading {
	char *bytes;
	size_t used;
};

struct published {
	const char *command;
	pid_t pid;
	int area_fd, pid_fd;
	off_t area_at;     /* of the area in the file */
	struct dump *dump; /* not NULL: the file is one, and no process is */
	struct core *core; /* the same, of a process that has ended */
	int area_link;     /* its number in the process */
	ino_t area_ino;
	char comm[32];
	struct reading turn[3];
	char *whole; /* records once whole, at their offsets */
	char *have;  /* by record: whole[] is filled in */
};

/* --- attaching ------------------------------------------------------------ */

static bool is_area(int fd, unsigned int ns_pid, struct kmem_pub_header *h)
{
	return pread(fd, h, sizeof(*h), 0) == (ssize_t)sizeof(*h) &&
	       h->magic == KMEM_PUB_MAGIC && h->pid == ns_pid;
}

/* The which'th area among the open files; counts all there are. */
static int area_find(pid_t pid, DIR *dir, unsigned int which, int *number,
		     unsigned int *count, unsigned int ns_pid)
{
	struct kmem_pub_header h;
	struct dirent *e;
	int found = -1;

	*count = 0;
	while ((e = readdir(dir))) {
		char path[512], link[64];
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "/proc/%ld/fd/%s", (long)pid,
			 e->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n != (ssize_t)strlen(AREA_LINK) ||
		    memcmp(link, AREA_LINK, (size_t)n))
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (is_area(fd, ns_pid, &h) && ++*count == which) {
			found = fd;
			*number = atoi(e->d_name);
		} else {
			close(fd);
		}
	}
	return found;
}

static bool version_check(const char *command, const char *who, int fd,
			  off_t at)
{
	struct kmem_pub_header h;

	if (pread(fd, &h, sizeof(h), at) != (ssize_t)sizeof(h)) {
		complain("%s: what %s publishes ends before its first line: "
			 "it was cut short",
			 command, who);
		return false;
	}
	if (h.version == KMEM_PUB_VERSION)
		return true;
	complain("%s: %s publishes version %u and this kmem reads %u; use the "
		 "kmem that came with its library",
		 command, who, h.version, KMEM_PUB_VERSION);
	return false;
}

static int area_open(const char *command, pid_t pid, unsigned int which,
		     const struct process_status *st, int *number)
{
	char path[64], who[32];
	unsigned int count;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	dir = opendir(path);
	if (!dir && (errno == EACCES || errno == EPERM)) {
		complain("%s: process %ld (%s) belongs to another user (uid "
			 "%u), or is set-uid; only its own user may look: try "
			 "as that user, or as root",
			 command, (long)pid, st->comm, st->uid);
		return -1;
	}
	if (!dir) {
		complain("%s: %s: %s", command, path, strerror(errno));
		return -1;
	}
	fd = area_find(pid, dir, which, number, &count, st->ns_pid);
	closedir(dir);
	if (fd < 0 && count)
		complain("%s: process %ld (%s) has %u published areas, so "
			 "--area goes from 1 to %u",
			 command, (long)pid, st->comm, count, count);
	else if (fd < 0)
		process_say_why_not(command, st, pid);
	else if (count > 1 && which == 1)
		complain("%s: process %ld (%s) has %u allocators on libkmem, "
			 "shown is the first; --area=2 shows the next",
			 command, (long)pid, st->comm, count);
	snprintf(who, sizeof(who), "process %ld", (long)pid);
	if (fd >= 0 && !version_check(command, who, fd, 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct published *published_new(const char *command)
{
	struct published *p = calloc(1, sizeof(*p));

	if (!p) {
		complain("%s: out of memory", command);
		return NULL;
	}
	p->command = command;
	p->area_fd = p->pid_fd = -1;
	return p;
}

struct published *published_open(const char *command, pid_t pid,
				 unsigned int which)
{
	struct published *p;
	struct process_status st;
	struct stat file;

	if (!process_status_read(pid, &st)) {
		complain("%s: there is no process %ld; 'pgrep -l NAME' finds "
			 "the number of a program",
			 command, (long)pid);
		return NULL;
	}
	p = published_new(command);
	if (!p)
		return NULL;
	p->pid = pid;
	memcpy(p->comm, st.comm, sizeof(p->comm));
	p->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	p->area_fd = area_open(command, pid, which, &st, &p->area_link);
	if (p->area_fd < 0 || fstat(p->area_fd, &file)) {
		published_close(p);
		return NULL;
	}
	p->area_ino = file.st_ino;
	return p;
}

static bool dump_attach(struct published *p, const char *path)
{
	p->dump = dump_open(p->command, path);
	if (p->dump)
		p->area_fd = dup(dump_file(p->dump, &p->area_at));
	return p->area_fd >= 0;
}

static bool core_attach(struct published *p, const char *path,
			unsigned int which)
{
	int fd;

	p->core = core_open(p->command, path);
	if (!p->core)
		return false;
	fd = core_area(p->core, p->command, which, &p->area_at);
	p->area_fd = fd < 0 ? -1 : dup(fd);
	p->pid = core_pid(p->core);
	snprintf(p->comm, sizeof(p->comm), "%s", core_comm(p->core));
	return p->area_fd >= 0;
}

struct published *published_open_file(const char *command, const char *path,
				      unsigned int which)
{
	const char *slash = strrchr(path, '/');
	struct published *p;

	if (!packed_check(command, path))
		return NULL;
	p = published_new(command);
	if (!p)
		return NULL;
	snprintf(p->comm, sizeof(p->comm), "%s", slash ? slash + 1 : path);
	if ((core_is(path) ? core_attach(p, path, which) :
			     dump_attach(p, path)) &&
	    version_check(command, path, p->area_fd, p->area_at))
		return p;
	published_close(p);
	return NULL;
}

void published_close(struct published *p)
{
	if (!p)
		return;
	if (p->area_fd >= 0)
		close(p->area_fd);
	if (p->pid_fd >= 0)
		close(p->pid_fd);
	dump_close(p->dump);
	core_close(p->core);
	for (int i = 0; i < 3; i++)
		free(p->turn[i].bytes);
	free(p->whole);
	free(p->have);
	free(p);
}

/* --- readings ------------------------------------------------------------- */

static bool read_all(int fd, off_t from, char *to, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t got = pread(fd, to + at, n - at, from + (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

/* False: the area is not what it says it is. */
static bool reading_take(struct published *p, struct reading *r)
{
	struct kmem_pub_header h;
	char *more;

	if (pread(p->area_fd, &h, sizeof(h), p->area_at) !=
		    (ssize_t)sizeof(h) ||
	    h.magic != KMEM_PUB_MAGIC || h.used < sizeof(h) ||
	    h.used > AREA_MAX || h.size > AREA_MAX)
		return false;
	more = realloc(r->bytes, h.used);
	if (!more)
		return false;
	r->bytes = more;
	r->used = h.used;
	return read_all(p->area_fd, p->area_at, r->bytes, r->used);
}

static const struct kmem_pub_record *record_at(const struct reading *r,
					       size_t at)
{
	return (const struct kmem_pub_record *)(const void *)(r->bytes + at);
}

/* Size of the record at an offset; 0: there is none. */
static size_t record_size(const struct reading *r, size_t at)
{
	size_t size;

	if (r->used - at < KMEM_PUB_ALIGN)
		return 0;
	size = record_at(r, at)->size;
	if (!size || size % KMEM_PUB_ALIGN || size > r->used - at)
		return 0;
	return size;
}

/* Was the record of the middle reading whole? */
static bool record_whole(const struct reading *before,
			 const struct reading *middle,
			 const struct reading *after, size_t at)
{
	const struct kmem_pub_record *a, *b, *c;

	if (at + sizeof(*a) > before->used)
		return false;
	a = record_at(before, at);
	b = record_at(middle, at);
	c = record_at(after, at);
	return a->kind == b->kind && b->kind == c->kind && a->seq == c->seq &&
	       a->seq == b->seq && !(a->seq & 1);
}

static bool whole_room(struct published *p, size_t used)
{
	char *whole = realloc(p->whole, used);
	char *have;

	if (!whole)
		return false;
	p->whole = whole;
	have = realloc(p->have, used / KMEM_PUB_ALIGN);
	if (have)
		p->have = have;
	return have;
}

/* Keeps the whole records of the middle reading; true when none is left. */
static bool keep_whole(struct published *p, size_t used, size_t *missing)
{
	size_t at, size;

	*missing = 0;
	for (at = sizeof(struct kmem_pub_header); at < used; at += size) {
		size = record_size(&p->turn[1], at);
		if (!size)
			break;
		if (at + size > used)
			break;
		if (record_whole(&p->turn[0], &p->turn[1], &p->turn[2], at)) {
			memcpy(p->whole + at, p->turn[1].bytes + at, size);
			p->have[at / KMEM_PUB_ALIGN] = 1;
		} else if (!p->have[at / KMEM_PUB_ALIGN]) {
			++*missing;
		}
	}
	return !*missing;
}

static bool turn_over(struct published *p)
{
	struct reading oldest = p->turn[0];

	p->turn[0] = p->turn[1];
	p->turn[1] = p->turn[2];
	p->turn[2] = oldest;
	return reading_take(p, &p->turn[2]);
}

static bool nothing_moved(const struct published *p)
{
	const struct reading *a = &p->turn[0], *b = &p->turn[1];

	return a->used == b->used && !memcmp(a->bytes, b->bytes, a->used) &&
	       p->turn[2].used == b->used &&
	       !memcmp(b->bytes, p->turn[2].bytes, b->used);
}

/*
 * Fills p->whole; *used is its size.  Settled records are of one reading, not
 * of several.
 */
static bool area_read(struct published *p, size_t *used, bool *settled)
{
	size_t missing = 0, at, size;
	unsigned int round;

	for (int i = 0; i < 3; i++)
		if (!reading_take(p, &p->turn[i]))
			return false;
	*used = p->turn[0].used;
	if (!whole_room(p, *used))
		return false;
	memset(p->have, 0, *used / KMEM_PUB_ALIGN);
	for (round = 0;; round++) {
		*settled = nothing_moved(p) && p->turn[1].used == *used;
		if (*settled)
			memset(p->have, 0, *used / KMEM_PUB_ALIGN);
		keep_whole(p, *used, &missing);
		if (*settled && !missing)
			return true;
		if (round >= ROUNDS_WHOLE ||
		    (!missing && round >= ROUNDS_SETTLED))
			break;
		if (missing && round % 16 == 15)
			nanosleep(&(struct timespec){ .tv_nsec = 100000 },
				  NULL);
		if (!turn_over(p))
			return false;
	}
	*settled = false;
	for (at = sizeof(struct kmem_pub_header); at < *used; at += size) {
		size = record_size(&p->turn[1], at);
		if (!size || at + size > *used)
			break;
		if (!p->have[at / KMEM_PUB_ALIGN])
			memcpy(p->whole + at, p->turn[1].bytes + at, size);
	}
	return true;
}

/* --- asking --------------------------------------------------------------- */

void published_process(const struct published *p, struct published_process *to)
{
	to->pid = p->pid;
	memcpy(to->comm, p->comm, sizeof(to->comm));
}

/* Where the record is that is asked through; 0: there is none. */
static size_t ask_find(struct published *p)
{
	const struct reading *r = &p->turn[0];
	size_t at, size;

	if (!reading_take(p, &p->turn[0]))
		return 0;
	for (at = sizeof(struct kmem_pub_header); at < r->used; at += size) {
		size = record_size(r, at);
		if (!size)
			return 0;
		if (record_at(r, at)->kind == KMEM_PUB_ASK &&
		    size >= sizeof(struct kmem_pub_ask))
			return at;
	}
	return 0;
}

/* The area again, if the number in the process is still the same file. */
static int area_to_write(const struct published *p)
{
	struct stat st;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)p->pid,
		 p->area_link);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &st) || st.st_ino != p->area_ino)) {
		close(fd);
		errno = ESTALE;
		fd = -1;
	}
	return fd;
}

static bool ask_read(const struct published_ask *a, struct kmem_pub_ask *r)
{
	return pread(a->fd, r, sizeof(*r), (off_t)a->at) == (ssize_t)sizeof(*r);
}

bool published_ask_open(struct published *p, struct published_ask *a)
{
	a->at = ask_find(p);
	if (!a->at) {
		complain("%s: the library of process %ld (%s) cannot be asked; "
			 "it is an older one",
			 p->command, (long)p->pid, p->comm);
		return false;
	}
	a->fd = area_to_write(p);
	if (a->fd < 0) {
		complain("%s: the area of process %ld (%s) cannot be written "
			 "to: %s",
			 p->command, (long)p->pid, p->comm, strerror(errno));
		return false;
	}
	return true;
}

bool published_ask(struct published *p, struct published_ask *a)
{
	struct kmem_pub_ask r;

	if (!published_ask_open(p, a))
		return false;
	if (ask_read(a, &r)) {
		a->number = r.asked + 1;
		a->call = r.call;
		if (pwrite(a->fd, &a->number, sizeof(a->number),
			   (off_t)(a->at +
				   offsetof(struct kmem_pub_ask, asked))) ==
		    (ssize_t)sizeof(a->number))
			return true;
	}
	complain("%s: process %ld (%s) cannot be asked: %s", p->command,
		 (long)p->pid, p->comm, strerror(errno));
	published_ask_end(a);
	return false;
}

bool published_answer(const struct published_ask *a, uint64_t *bytes)
{
	struct kmem_pub_ask r;

	/* another that asks meanwhile is answered with a later number */
	if (!ask_read(a, &r) || (int32_t)(r.done - a->number) < 0)
		return false;
	*bytes = r.bytes;
	return true;
}

bool published_called(const struct published_ask *a)
{
	struct kmem_pub_ask r;

	return ask_read(a, &r) && (int32_t)(r.called - a->number) >= 0;
}

void published_ask_end(struct published_ask *a)
{
	close(a->fd);
	a->fd = -1;
}

/* --- books of a reading --------------------------------------------------- */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

bool published_read(struct published *p, struct books *b)
{
	struct kmem_pub_header h;
	size_t used, at, size;

	if (published_ended(p))
		return false;
	books_free(b);
	b->pid = p->pid;
	b->dump = p->dump;
	b->core = p->core;
	memcpy(b->comm, p->comm, sizeof(b->comm));
	if (!area_read(p, &used, &b->settled)) {
		complain("%s: process %ld: its published area is broken",
			 p->command, (long)p->pid);
		return false;
	}
	b->when_ns = now_ns();
	memcpy(&h, p->turn[1].bytes, sizeof(h));
	b->window_base = h.window_base;
	b->window_size = h.window_size;
	b->standin = h.standin;
	b->area_bytes = h.size;
	memcpy(b->backend, h.backend, sizeof(h.backend));
	for (at = sizeof(h); at < used; at += size) {
		struct kmem_pub_record r;

		memcpy(&r, p->whole + at, sizeof(r));
		size = record_size(&p->turn[1], at);
		if (!size || at + size > used)
			break;
		if (!books_add(b, p->whole + at, r.kind, size)) {
			complain("%s: out of memory", p->command);
			return false;
		}
	}
	books_finish(b, h.standin);
	return true;
}

/* --- time passes ---------------------------------------------------------- */

bool published_ended(struct published *p)
{
	struct pollfd poll_fd = { .fd = p->pid_fd, .events = POLLIN };
	struct stat file;
	char path[64];

	if (p->dump || p->core)
		return false;
	if (p->pid_fd >= 0 && poll(&poll_fd, 1, 0) > 0)
		return true;
	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)p->pid,
		 p->area_link);
	return stat(path, &file) || file.st_ino != p->area_ino;
}

bool published_sleep(struct published *p, double seconds)
{
	struct pollfd poll_fd = { .fd = p->pid_fd, .events = POLLIN };
	struct timespec ts;

	ts.tv_sec = (time_t)seconds;
	ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * 1e9);
	/* without a descriptor for the process this only sleeps */
	if (ppoll(&poll_fd, 1, &ts, NULL) > 0)
		return false;
	return !published_ended(p);
}
