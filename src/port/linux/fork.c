/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Around fork: our handlers between those of others, and locks of libc.
 *
 * libc runs prepare from the last one registered to the first, the other two
 * the other way round.  So the first to register holds its locks for the
 * shortest time: no other handler runs between its prepare and the fork, nor
 * between the fork and its parent or child.  That must be us: every other
 * handler may allocate, or take a lock under which another thread does.  Hence
 * __register_atfork(), which is what pthread_atfork() of every object calls, is
 * defined here: its first call registers ours before.  If dlopen() loaded this
 * library, handlers registered earlier stay first.
 *
 * glibc's fork() takes the lock of stdio's list of files after our prepare.
 * Another thread may hold it and wait for a file (fflush(NULL)) whose owner
 * allocates; so where we serve stdio, the list's lock is taken first.  It is
 * recursive, so glibc's own use of it stays right.
 */
#define _GNU_SOURCE 1

#include "port/linux/fork.h"

#include <dlfcn.h>
#include <pthread.h>

#include "lib/sanitized.h"
#include "port/linux/own.h"
#include "port/linux/rcu.h"
#include "port/port.h"

/* glibc's. */
extern void _IO_list_lock(void) __attribute__((weak));
extern void _IO_list_unlock(void) __attribute__((weak));
extern void _IO_list_resetlock(void) __attribute__((weak));

static struct {
	void (*prepare)(void), (*parent)(void), (*child)(void);
} on_fork;

/* glibc's, 2.32 and later. */
extern char __libc_single_threaded __attribute__((weak));

bool linux_raw_threads;

/* By the thread that forks, which holds RCU's lock meanwhile. */
static bool rcu_held;

bool port_alone(void)
{
	return &__libc_single_threaded &&
	       __atomic_load_n(&__libc_single_threaded, __ATOMIC_RELAXED) &&
	       !__atomic_load_n(&linux_raw_threads, __ATOMIC_RELAXED);
}

static bool takes_stdio(void)
{
	return &linux_serves_stdio && _IO_list_lock && _IO_list_unlock &&
	       _IO_list_resetlock;
}

static void linux_fork_prepare(void)
{
	bool alone = port_alone(), asked = !alone && linux_rcu_ask();

	if (takes_stdio())
		_IO_list_lock();
	/* callbacks take the locks of those above */
	if (!alone) {
		linux_rcu_prepare(asked);
		rcu_held = true;
	}
	if (on_fork.prepare)
		on_fork.prepare();
}

static void linux_fork_parent(void)
{
	if (on_fork.parent)
		on_fork.parent();
	if (rcu_held) {
		rcu_held = false;
		linux_rcu_parent();
	}
	if (takes_stdio())
		_IO_list_unlock();
}

/* What the port knows of the process is renewed before the layers above run. */
static void linux_fork_child(void)
{
	linux_wipe();
	if (on_fork.child)
		on_fork.child();
	if (rcu_held) {
		rcu_held = false;
		linux_rcu_child();
	}
	if (takes_stdio())
		_IO_list_resetlock();
}

void port_on_fork(void (*prepare)(void), void (*parent)(void),
		  void (*child)(void))
{
	on_fork.prepare = prepare;
	on_fork.parent = parent;
	on_fork.child = child;
}

static bool begun;

/* Runs twice in a child that was forked in the middle; that does no harm. */
void linux_fork_begin(void)
{
	static const char none[] =
		"kmem: no room for fork handlers; fork may deadlock\n";

	if (pthread_atfork(linux_fork_prepare, linux_fork_parent,
			   linux_fork_child))
		port_write(none, sizeof(none) - 1);
	__atomic_store_n(&begun, true, __ATOMIC_RELEASE);
}

void linux_core_start(void)
{
	if (!__atomic_load_n(&begun, __ATOMIC_ACQUIRE))
		core_start();
}

/* ThreadSanitizer calls it before code that it instruments can run. */
#if defined(__GLIBC__) && !SANITIZED

/*
 * Weak: a static program has libc's own instead, and no library that could have
 * registered before us.
 */
__attribute__((weak, visibility("default"))) int
__register_atfork(void (*prepare)(void), void (*parent)(void),
		  void (*child)(void), void *dso);

typedef int register_fn(void (*)(void), void (*)(void), void (*)(void), void *);

int __register_atfork(void (*prepare)(void), void (*parent)(void),
		      void (*child)(void), void *dso)
{
	static register_fn *libc_register;
	register_fn *fn = __atomic_load_n(&libc_register, __ATOMIC_RELAXED);

	/* ThreadSanitizer's own comes before it can be told of anything */
	if (prepare != linux_fork_prepare && !linux_built_with_tsan())
		linux_core_start();
	if (!fn) {
		fn = (register_fn *)dlsym(RTLD_NEXT, "__register_atfork");
		if (!fn) /* a static program that has no fork() */
			return 0;
		__atomic_store_n(&libc_register, fn, __ATOMIC_RELAXED);
	}
	return fn(prepare, parent, child, dso);
}

#endif
