/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * RCU in a process: the flavours of liburcu that the process itself uses.
 *
 * The library does not link liburcu.  Readers exist only where the program
 * (or a library of it) brought a flavour, and then the flavour's functions
 * are there to be found: they are weak references here.  A process without
 * any has no readers, and a grace period that takes no time.
 *
 * Callbacks are batched.  One batch at a time waits; for it, each flavour is
 * asked once, with a head of our own, and the last answer runs the batch.
 *
 *	incoming	a stack that any thread pushes to, without a lock
 *	busy		1 while a batch waits; who sets it owns batch[]
 *	pending		callbacks handed over and not yet run
 *
 * Invariant: incoming is not left non-empty with busy 0: who pushes tries to
 * become the owner afterwards, and the owner looks again after it resigned.
 * Who may not call the host leaves the first to the next port_rcu_poll().
 *
 * Fork.  What is on the stack then is lost in the child, since other threads
 * push while the memory is copied; a poll before leaves little.  A batch that
 * waits goes on waiting, since the flavour may have its own way over a fork,
 * and nobody waits for it.
 */
#include "port/linux/rcu.h"

#include <stdint.h>

#include "port/port.h"

#define WEAK __attribute__((weak))

struct flavour_head {
	void *next;
	void (*func)(struct flavour_head *head);
};

#define FLAVOUR(name)                                         \
	extern void urcu_##name##_synchronize_rcu(void) WEAK; \
	extern void urcu_##name##_call_rcu(                   \
		struct flavour_head *head,                    \
		void (*func)(struct flavour_head * head)) WEAK;

FLAVOUR(memb)
FLAVOUR(mb)
FLAVOUR(bp)
FLAVOUR(qsbr)
FLAVOUR(signal)

#define FLAVOURS 5

static void (*const sync[FLAVOURS])(void) = {
	urcu_memb_synchronize_rcu,   urcu_mb_synchronize_rcu,
	urcu_bp_synchronize_rcu,     urcu_qsbr_synchronize_rcu,
	urcu_signal_synchronize_rcu,
};

static void (*const call[FLAVOURS])(struct flavour_head *,
				    void (*)(struct flavour_head *)) = {
	urcu_memb_call_rcu, urcu_mb_call_rcu,     urcu_bp_call_rcu,
	urcu_qsbr_call_rcu, urcu_signal_call_rcu,
};

static struct flavour_head heads[FLAVOURS];
static struct port_rcu *incoming, *batch;
static uint32_t busy, waiting, pending;
/* Forks between the first process and this one; and when the batch began. */
static uint32_t forks, batch_forks;

static bool any_flavour(void)
{
	unsigned int i;

	for (i = 0; i < FLAVOURS; i++)
		if (call[i])
			return true;
	return false;
}

static void batch_start(void);

static void batch_run(void)
{
	struct port_rcu *head = batch, *next;

	for (; head; head = next) {
		next = head->next;
		head->fn(head);
		if (batch_forks == forks)
			__atomic_sub_fetch(&pending, 1, __ATOMIC_RELEASE);
	}
	port_wake(&pending, INT32_MAX);
}

static void try_start(void)
{
	uint32_t idle = 0;

	while (__atomic_load_n(&incoming, __ATOMIC_SEQ_CST)) {
		idle = 0;
		if (!__atomic_compare_exchange_n(&busy, &idle, 1, false,
						 __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			return;
		if (__atomic_load_n(&incoming, __ATOMIC_SEQ_CST)) {
			batch_start();
			return;
		}
		__atomic_store_n(&busy, 0, __ATOMIC_SEQ_CST);
	}
}

static void flavour_done(struct flavour_head *head)
{
	(void)head;
	if (__atomic_sub_fetch(&waiting, 1, __ATOMIC_ACQ_REL))
		return;
	batch_run();
	__atomic_store_n(&busy, 0, __ATOMIC_SEQ_CST);
	try_start();
}

static void batch_start(void)
{
	uint32_t n = 0;
	unsigned int i;

	batch_forks = forks;
	batch = __atomic_exchange_n(&incoming, NULL, __ATOMIC_ACQ_REL);
	for (i = 0; i < FLAVOURS; i++)
		n += call[i] != NULL;
	__atomic_store_n(&waiting, n, __ATOMIC_RELEASE);
	for (i = 0; i < FLAVOURS; i++)
		if (call[i])
			call[i](&heads[i], flavour_done);
}

void port_rcu_call(struct port_rcu *head, void (*fn)(struct port_rcu *head),
		   bool may_call_host)
{
	if (!any_flavour()) {
		fn(head);
		return;
	}
	head->fn = fn;
	__atomic_add_fetch(&pending, 1, __ATOMIC_RELAXED);
	head->next = __atomic_load_n(&incoming, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&incoming, &head->next, head, true,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
	if (may_call_host)
		try_start();
}

void linux_rcu_forked(void)
{
	forks++;
	incoming = NULL;
	pending = 0;
	/* it was being run, by a thread that is not here */
	if (!waiting)
		busy = 0;
}

void port_rcu_poll(void)
{
	if (__atomic_load_n(&incoming, __ATOMIC_RELAXED))
		try_start();
}

void port_rcu_synchronize(void)
{
	unsigned int i;

	for (i = 0; i < FLAVOURS; i++)
		if (sync[i])
			sync[i]();
}

void port_rcu_barrier(void)
{
	uint32_t n;

	port_rcu_poll();
	while ((n = __atomic_load_n(&pending, __ATOMIC_ACQUIRE)))
		port_wait(&pending, n, 100 * 1000 * 1000);
}
