/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The published area of a Linux process: a memfd, found by its name among
 * the files of the process, which only its own user may list.
 *
 * The descriptor stays open, since it is how a reader gets at the area; it is
 * moved to a high number, where it takes no number that a program counts on,
 * and closes on exec.  A program may close it all the same: then no tool can
 * look, and nothing else changes.  It is used again only to close it in a
 * forked child, if it is still the same file.
 *
 * The mapping grows with what is used, while the addresses behind it are free:
 * limits count all of a mapping, and mlockall() makes all of it resident.
 */
#define _GNU_SOURCE 1

#include "port/linux/publish.h"
#include "port/linux/cancel.h"
#include "port/linux/confine.h"
#include "port/linux/own.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A process that may write to it must not be able to truncate it. */
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

#define FIRST_BYTES ((size_t)128 << 10)

static int area_fd = -1;
static size_t area_bytes;
static ino_t area_ino;
static dev_t area_dev;
static const char *area_name;

int linux_move_high(int fd)
{
	struct rlimit lim = { .rlim_cur = 1024 };
	int high, to;

	getrlimit(RLIMIT_NOFILE, &lim);
	to = lim.rlim_cur > 4096 ? 4096 : (int)lim.rlim_cur;
	for (to -= 16; to > fd; to -= 16) {
		high = UNCANCELLED(fcntl(fd, F_DUPFD_CLOEXEC, to));
		if (high >= 0) {
			UNCANCELLED(close(fd));
			return high;
		}
	}
	return fd;
}

/* All of the first n bytes at p into the file, or not. */
static bool write_all(int fd, const char *p, size_t n)
{
	ssize_t put = 0;

	for (; n; p += put, n -= (size_t)put) {
		put = UNCANCELLED(write(fd, p, n));
		if (put < 0 && errno == EINTR)
			put = 0;
		if (put < 0)
			return false;
	}
	return true;
}

/* To make a file larger than this limit may end the process (SIGXFSZ). */
static bool file_is_allowed(void)
{
	struct rlimit lim;

	return getrlimit(RLIMIT_FSIZE, &lim) || lim.rlim_cur >= area_bytes;
}

/*
 * Maps n bytes of a fresh area: anywhere, or over the one at addr, whose
 * first keep bytes it then holds.  NULL if there is none.
 */
static void *area_map(void *addr, size_t n, size_t keep, int flags)
{
	struct stat st;
	int fd = -1;
	void *p;

	if (file_is_allowed())
		fd = memfd_create(area_name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return NULL;
	if (!write_all(fd, addr, keep) || ftruncate(fd, (off_t)area_bytes) ||
	    fchmod(fd, 0600) || UNCANCELLED(fcntl(fd, F_ADD_SEALS, SEALS)) ||
	    fstat(fd, &st))
		goto out_close;
	p = mmap(addr, n, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);
	if (p == MAP_FAILED)
		goto out_close;
	area_fd = linux_move_high(fd);
	area_ino = st.st_ino;
	area_dev = st.st_dev;
	return p;

out_close:
	UNCANCELLED(close(fd));
	return NULL;
}

void *port_publish(const char *name, size_t n, size_t *usable)
{
	KEEPS_ERRNO();
	void *p, *at;

	if (getauxval(AT_SECURE))
		return NULL;
	area_name = name;
	area_bytes = n;
	at = linux_claim_more(n);
	*usable = at ? FIRST_BYTES : n;
	/* any other place: then it may not grow */
	p = area_map(at, *usable, 0, 0);
	return p;
}

/* The kernel grows it in place, or refuses because something is there. */
bool port_publish_more(void *area, size_t usable, size_t wanted)
{
	return KEEP_ERRNO(mremap(area, usable, wanted, 0)) != MAP_FAILED;
}

unsigned int port_publish_number(void)
{
	return area_fd < 0 ? 0 : (unsigned int)area_fd;
}

static void close_parents(void)
{
	struct stat st;

	if (area_fd >= 0 && !fstat(area_fd, &st) && st.st_ino == area_ino &&
	    st.st_dev == area_dev)
		UNCANCELLED(close(area_fd));
	area_fd = -1;
}

bool port_publish_again(void *area, size_t n, size_t used)
{
	KEEPS_ERRNO();
	bool done;

	if (!confined())
		close_parents();
	done = !confined() && area_map(area, n, used, MAP_FIXED);
	return done;
}
