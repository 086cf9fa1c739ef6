/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "sync/boot.h"

#include "port/options.h"
#include "port/port.h"
#include "sync/fork.h"

static struct lock boot_lock;
/* Who holds it; no other thread may take itself for that one. */
static struct port_task *booter;

bool boot_inside(void)
{
	return __atomic_load_n(&booter, __ATOMIC_RELAXED) == port_task();
}

bool boot_busy(void)
{
	return __atomic_load_n(&booter, __ATOMIC_RELAXED) != NULL;
}

bool boot_enter(void)
{
	struct port_task *me = port_task();

	if (boot_inside())
		return false;
	/* hooks the fork handlers in, which free the lock in a child */
	port_start();
	lock_take(&boot_lock, LOCK_BOOT);
	__atomic_store_n(&booter, me, __ATOMIC_RELAXED);
	return true;
}

void boot_leave(void)
{
	__atomic_store_n(&booter, NULL, __ATOMIC_RELAXED);
	lock_drop(&boot_lock, LOCK_BOOT);
}

void boot_leave_forked(void)
{
	boot_leave();
	lock_reset(&boot_lock);
}

int once_boot(struct once *o, int (*fn)(void))
{
	bool entered = boot_enter();
	int err = once_run(o, fn);

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
