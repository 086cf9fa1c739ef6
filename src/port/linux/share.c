/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory of the claim at two addresses: a memfd whose offsets are those of the
 * claim.  A page that becomes shared is copied into it through a mapping which
 * then takes the page's place, so that who reads sees one or the other.
 *
 * These mappings are not inherited: a child would write into its parent.  It
 * has nothing there until it maps a copy of the file that was made before.
 */
#define _GNU_SOURCE 1

#include "port/linux/cancel.h"
#include "port/linux/confine.h"
#include "port/linux/own.h"
#include "port/linux/publish.h"
#include "port/port.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define USABLE (PROT_READ | PROT_WRITE)

static int share_fd = -1, saved_fd = -1;
static bool save_failed;

/* To make a file larger than this limit may end the process (SIGXFSZ). */
static bool size_is_allowed(size_t n)
{
	struct rlimit lim;

	return getrlimit(RLIMIT_FSIZE, &lim) || lim.rlim_cur >= n;
}

static int share_open(void)
{
	size_t n = linux_claim_bytes();
	int fd;

	if (confined() || !size_is_allowed(n))
		return -1;
	fd = memfd_create("kmem-shared", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)n)) {
		UNCANCELLED(close(fd));
		return -1;
	}
	return linux_move_high(fd);
}

static off_t offset_of(const void *p)
{
	return (off_t)((const char *)p - linux_claim_start());
}

bool port_share(void *p, size_t n)
{
	KEEPS_ERRNO();
	void *q;

	if (share_fd < 0)
		share_fd = share_open();
	if (share_fd < 0)
		return false;
	q = mmap(NULL, n, USABLE, MAP_SHARED, share_fd, offset_of(p));
	if (q == MAP_FAILED)
		return false;
	if (madvise(q, n, MADV_DONTFORK))
		goto refused;
	memcpy(q, p, n);
	if (mremap(q, n, n, MREMAP_MAYMOVE | MREMAP_FIXED, p) != MAP_FAILED)
		return true;
refused:
	munmap(q, n);
	return false;
}

bool port_unshare(void *p, size_t n)
{
	KEEPS_ERRNO();

	madvise(p, n, MADV_REMOVE);
	return mmap(p, n, USABLE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		    0) != MAP_FAILED;
}

bool port_alias(void *at, const void *p, size_t n)
{
	KEEPS_ERRNO();

	return mmap(at, n, USABLE, MAP_SHARED | MAP_FIXED, share_fd,
		    offset_of(p)) != MAP_FAILED &&
	       !madvise(at, n, MADV_DONTFORK);
}

bool port_fork_save(const void *p, size_t n)
{
	KEEPS_ERRNO();
	const char *from = p;
	off_t at = offset_of(p);
	ssize_t put;

	if (saved_fd < 0 && !save_failed)
		saved_fd = share_open();
	while (saved_fd >= 0 && n) {
		put = UNCANCELLED(pwrite(saved_fd, from, n, at));
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			break;
		from += put;
		at += put;
		n -= (size_t)put;
	}
	save_failed = save_failed || n;
	return !save_failed;
}

bool port_fork_saved(bool child)
{
	KEEPS_ERRNO();
	bool ok = saved_fd >= 0 && !save_failed;

	if (child && share_fd >= 0)
		UNCANCELLED(close(share_fd));
	if (child)
		share_fd = ok ? saved_fd : -1;
	if (saved_fd >= 0 && !(child && ok))
		UNCANCELLED(close(saved_fd));
	saved_fd = -1;
	save_failed = false;
	return ok;
}
