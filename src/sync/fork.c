/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "sync/fork.h"

#include "lib/mem.h"
#include "port/port.h"
#include "sync/boot.h"

static const struct fork_ops *table[FORK_RANKS];

/*
 * Forks by the thread that boots or forks already, in a callback: it holds the
 * locks already, and the outer call drops them.
 */
static unsigned int forks_inside;

/* The thread that holds all locks of the table; NULL while none does. */
static struct port_task *holder;

bool fork_holds(void)
{
	return !KMEM_SMALL &&
	       __atomic_load_n(&holder, __ATOMIC_RELAXED) == port_task();
}

static void hold(struct port_task *who)
{
	__atomic_store_n(&holder, who, __ATOMIC_RELAXED);
}

/* Forks under way of a process of one thread; handlers may nest them. */
static unsigned int alone;

static bool leaves_alone(void)
{
	if (!alone)
		return false;
	alone--;
	return true;
}

static void table_prepare(void)
{
	if (port_alone()) {
		alone++;
		for (unsigned int i = 0; i < FORK_RANKS; i++)
			if (table[i] && table[i]->alone_before)
				table[i]->alone_before();
		return;
	}
	if (!boot_enter()) {
		forks_inside++;
		return;
	}
	for (unsigned int i = 0; i < FORK_RANKS; i++)
		if (table[i])
			table[i]->prepare();
	hold(port_task());
}

static bool leaves_inside(void)
{
	if (!forks_inside)
		return false;
	forks_inside--;
	return true;
}

static void table_parent(void)
{
	if (leaves_alone()) {
		for (unsigned int i = FORK_RANKS; i-- > 0;)
			if (table[i] && table[i]->alone_parent)
				table[i]->alone_parent();
		return;
	}
	if (leaves_inside())
		return;
	hold(NULL);
	for (unsigned int i = FORK_RANKS; i-- > 0;)
		if (table[i])
			table[i]->parent();
	boot_leave();
}

static void table_child(void)
{
	if (leaves_alone()) {
		for (unsigned int i = FORK_RANKS; i-- > 0;)
			if (table[i] && table[i]->alone)
				table[i]->alone();
		return;
	}
	if (leaves_inside())
		return;
	hold(NULL);
	for (unsigned int i = FORK_RANKS; i-- > 0;)
		if (table[i])
			table[i]->child();
	boot_leave_forked();
}

void fork_register(enum fork_rank rank, const struct fork_ops *ops)
{
	bool entered = !KMEM_SMALL && boot_enter();

	if (!KMEM_SMALL)
		table[rank] = ops;
	if (entered)
		boot_leave();
}

void fork_start(void)
{
	if (!KMEM_SMALL)
		port_on_fork(table_prepare, table_parent, table_child);
}
