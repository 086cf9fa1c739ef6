/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Has a process say what its call sites hold: it is asked through its area,
 * and a thread of it that sleeps is lent the call.
 */
#include "published.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "borrow.h"
#include "cmd.h"

#define SITES_MOST (1ull << 24)
#define LOOK_SEC 0.02

static bool ask_read(const struct published_ask *a, struct kmem_pub_ask *r)
{
	return pread(a->fd, r, sizeof(*r), (off_t)a->at) == (ssize_t)sizeof(*r);
}

static bool told(void *ask)
{
	const struct published_ask *a = ask;
	struct kmem_pub_ask r;

	return ask_read(a, &r) && (int32_t)(r.told - a->number) >= 0;
}

static bool ask_write(const struct published_ask *a, size_t at, uint32_t value)
{
	return pwrite(a->fd, &value, sizeof(value), (off_t)(a->at + at)) ==
	       (ssize_t)sizeof(value);
}

static bool sites_ask(struct published_ask *a, unsigned int what)
{
	struct kmem_pub_ask r;

	if (!ask_read(a, &r) || !r.account)
		return false;
	a->number = r.wanted + 1;
	a->call = r.account;
	return ask_write(a, offsetof(struct kmem_pub_ask, what), what) &&
	       ask_write(a, offsetof(struct kmem_pub_ask, wanted), a->number);
}

/* The thread goes on meanwhile; nobody else writes the records. */
static bool sites_take(pid_t pid, const struct published_ask *a,
		       struct published_sites *to)
{
	struct iovec here, there;
	struct kmem_pub_ask r;

	if (!ask_read(a, &r) || r.error || r.nr_sites > SITES_MOST) {
		errno = r.error ? -r.error : EIO;
		return false;
	}
	to->on = r.on;
	to->nr = r.nr_sites;
	to->site = calloc(to->nr + 1, sizeof(*to->site));
	if (!to->site)
		return false;
	here = (struct iovec){ to->site, to->nr * sizeof(*to->site) };
	there = (struct iovec){ (void *)(uintptr_t)r.sites, here.iov_len };
	if (!to->nr || process_vm_readv(pid, &here, 1, &there, 1, 0) ==
			       (ssize_t)here.iov_len)
		return true;
	free(to->site);
	to->site = NULL;
	return false;
}

static void tell_why(const char *command, const struct published_process *who,
		     enum borrow how, int err)
{
	long pid = (long)who->pid;

	if (how == BORROW_DENIED)
		complain("%s: process %ld (%s) may not be stopped: %s; try as "
			 "root, or with 0 in /proc/sys/kernel/yama/ptrace_scope"
			 ", and with no debugger in it",
			 command, pid, who->comm, strerror(err));
	else if (how == BORROW_ENDED)
		complain("%s: process %ld (%s) has ended", command, pid,
			 who->comm);
	else if (how == BORROW_NOT_HERE)
		complain("%s: on this machine no thread of process %ld (%s) "
			 "can be made to tell; let it call kmem_allocinfo()",
			 command, pid, who->comm);
	else
		complain("%s: no thread of process %ld (%s) sleeps in a call "
			 "like poll() or read(), so none can be made to tell; "
			 "try again, or let it call kmem_allocinfo()",
			 command, pid, who->comm);
}

static enum borrow sites_lend(struct published *p, pid_t pid,
			      struct published_ask *a, double wait)
{
	enum borrow how = borrow_call(pid, a->call, told, a);

	for (; how == BORROW_BUSY && wait > 0; wait -= LOOK_SEC) {
		if (!published_sleep(p, LOOK_SEC))
			return BORROW_ENDED;
		how = borrow_call(pid, a->call, told, a);
	}
	return how;
}

bool published_sites(struct published *p, const char *command,
		     unsigned int what, double wait, struct published_sites *to)
{
	struct published_process who;
	struct published_ask a;
	enum borrow how;
	bool good = false;

	memset(to, 0, sizeof(*to));
	published_process(p, &who);
	if (!published_ask_open(p, &a))
		return false;
	if (!sites_ask(&a, what)) {
		complain("%s: process %ld (%s) cannot be asked", command,
			 (long)who.pid, who.comm);
	} else {
		how = sites_lend(p, who.pid, &a, wait);
		if (how != BORROW_DONE) {
			tell_why(command, &who, how, errno);
		} else {
			good = sites_take(who.pid, &a, to);
			if (!good)
				complain("%s: process %ld (%s): %s", command,
					 (long)who.pid, who.comm,
					 strerror(errno));
		}
	}
	published_ask_end(&a);
	return good;
}
