/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "sync/boot.h"

#include "lib/errno.h"
#include "port/options.h"
#include "port/port.h"
#include "sync/fork.h"

/*
 * Where a thread is, as it and its signal handlers see it.  On the edge the
 * lock may be held or not, or waited for: a handler that comes then can neither
 * wait for it nor do without.
 */
enum boot_state { BOOT_OUT, BOOT_EDGE, BOOT_INSIDE };

static struct lock boot_lock;
static bool busy; /* some thread is inside */

static void set_state(enum boot_state state)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&port_task()->boots, state, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

bool boot_inside(void)
{
	return port_task()->boots != BOOT_OUT;
}

bool boot_busy(void)
{
	return __atomic_load_n(&busy, __ATOMIC_RELAXED);
}

bool boot_enter(void)
{
	if (boot_inside())
		return false;
	/* registers the fork handlers, which free the lock in a child */
	port_start();
	set_state(BOOT_EDGE);
	lock_take(&boot_lock, LOCK_BOOT);
	__atomic_store_n(&busy, true, __ATOMIC_RELAXED);
	set_state(BOOT_INSIDE);
	return true;
}

void boot_leave(void)
{
	set_state(BOOT_EDGE);
	__atomic_store_n(&busy, false, __ATOMIC_RELAXED);
	lock_drop(&boot_lock, LOCK_BOOT);
	set_state(BOOT_OUT);
}

void boot_leave_forked(void)
{
	boot_leave();
	lock_reset(&boot_lock);
}

int once_boot(struct once *o, int (*fn)(void))
{
	bool entered = boot_enter();
	int err = -EBUSY;

	if (port_task()->boots == BOOT_INSIDE)
		err = once_run(o, fn);
	if (entered)
		boot_leave();
	return err;
}

static int start(void)
{
	int err;

	fork_start();
	err = port_init();
	if (!err)
		options_start();
	return err;
}

int port_start(void)
{
	static struct once started;

	return once_done(&started) ? 0 : once_run(&started, start);
}
