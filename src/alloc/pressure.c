/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pressure from outside the process makes it give memory back.  THEORY.
 *
 * 1. What it is for.  Free memory that is kept for the next request is worth
 *    more to others when the machine, or the process's group, is short of it.
 *    The process itself does not see that; another must tell it.
 *
 * 2. Sources.
 *    ask	another process of the same user, by one word in the published
 *		area: kmem trim.  Always answered, without an option.
 *    event	from a source of the port that pressure= names: the service
 *		manager (watch), the kernel's stall information (psi), the
 *		limits of the own group (cgroup).  pressure=1 takes the manager
 *		alone if it has set its variables, since it decides for all its
 *		processes, and else both others.
 *
 * 3. Who acts.  The next slow path answers an ask (page_pass()): that costs
 *    slow paths a load of one word.  A thread waits for events; it is that of
 *    background=1, which sleeps here instead, and it looks for asks too.  In a
 *    process that has no such thread and sleeps, kmem trim makes one of its
 *    threads call called().
 *
 * 4. A pass is all that kmem_trim() does, then direct reclaim,
 *    whose clients free what can be made again, and what these freed.
 *
 * 5. Throttle.  After a pass no other is made for pressure_ms (1 s).  One that
 *    brought little doubles that time, up to 64 times, and one that brought
 *    more makes it what it was: a group that is always at its limit for reasons
 *    of its own costs a pass a minute.  Events in between are counted and
 *    forgotten; a source repeats what lasts.  Asks are answered once a second,
 *    whatever the last one freed, and none is forgotten.
 *
 * 6. Locking.  The thread holds no lock and may wait.  A slow path may hold
 *    locks, so it tries slab_mutex, and leaves the ask to the next when that is
 *    taken.
 */
#include <kmem/kmem.h>

#include "alloc/alloc.h"
#include "lib/atomic.h"
#include "lib/options.h"
#include "lib/time.h"
#include "page/reclaim.h"
#include "port/port.h"

/* The longest pause, in times the first one. */
#define PAUSE_MOST 64
#define ASK_PAUSE_NS (1000 * NS_PER_MS)
/* A pass that frees less than this costs more than it brings. */
#define LITTLE (1ul << 20)

static struct {
	uint32_t pid; /* of the process that answers; 0: none */
	uint64_t next_ns;
} asks;

/* Only the thread writes these, except wanted. */
static struct {
	unsigned int wanted; /* sources; 0: the option is not set */
	bool by_rank;        /* the manager alone, if its variables are set */
	unsigned int pid;    /* whose sources are open */
	bool open;
	uint64_t pause_ns;       /* the first */
	uint64_t pause, next_ns; /* the present one, and its end; 0: none yet */
} events;

/* --- asks ----------------------------------------------------------------- */

static void answer_once(uint32_t asked)
{
	struct kmem_pub_totals *t = page_totals();
	uint64_t now = port_clock_ns();
	unsigned long bytes;

	if (now < READ_ONCE(asks.next_ns) || !trim_in_passing(&bytes))
		return;
	WRITE_ONCE(asks.next_ns, now + ASK_PAUSE_NS);
	total_add(&t->asked_passes, 1);
	total_add(&t->asked_bytes, (long)bytes);
	WRITE_ONCE(page_ask->bytes, (uint64_t)bytes);
	/* a reader that sees the number done sees the bytes */
	__atomic_store_n(&page_ask->done, asked, __ATOMIC_RELEASE);
}

/* Inside a client's shrink() memory is being given back already. */
static void answer(void)
{
	uint32_t asked = READ_ONCE(page_ask->asked), us = port_pid();
	uint32_t who = READ_ONCE(asks.pid);

	if (port_task()->flags & PF_MEMALLOC || who == us ||
	    !__atomic_compare_exchange_n(&asks.pid, &who, us, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	answer_once(asked);
	__atomic_store_n(&asks.pid, 0, __ATOMIC_RELEASE);
}

/*
 * kmem trim makes a thread begin here that sleeps in a system call of its own,
 * holding no lock of ours.  It may wait for locks but calls no callbacks, keeps
 * errno, and does not return: while it sleeps at the end, kmem trim restores
 * its registers.
 */
#define CALL_TRIES 1000
#define CALL_PAUSE_NS 1000000ll

static void __attribute__((noreturn)) called(void)
{
	uint32_t asked = READ_ONCE(page_ask->asked), none = 0, tries = 0;

	while (page_asked() && tries++ < CALL_TRIES) {
		WRITE_ONCE(asks.next_ns, 0);
		answer();
		if (page_asked())
			port_wait(&none, 0, CALL_PAUSE_NS);
	}
	/* a reader that sees the number here sees the result */
	__atomic_store_n(&page_ask->called, asked, __ATOMIC_RELEASE);
	/* Sleeps: for ever. */
	for (;;)
		port_wait(&none, 0, -1);
}

void pressure_boot(void)
{
	static struct page_client client = { .ask = answer };

	if (KMEM_SMALL)
		return;
	WRITE_ONCE(page_ask->call, (uint64_t)(uintptr_t)called);
	page_register(&client);
}

/* --- events --------------------------------------------------------------- */

/* Reclaim ends when enough was freed, so free memory is given back before. */
static unsigned long pass(void)
{
	unsigned long bytes = kmem_trim();

	if (reclaim_run(GFP_KERNEL, 0))
		bytes += kmem_trim();
	return bytes;
}

static void on_event(void)
{
	struct kmem_pub_totals *t = page_totals();
	unsigned long bytes;

	total_add(&t->pressure_events, 1);
	if (port_clock_ns() < events.next_ns) {
		total_add(&t->pressure_throttled, 1);
		return;
	}
	bytes = pass();
	total_add(&t->pressure_bytes, (long)bytes);
	if (bytes >= LITTLE || !events.pause)
		events.pause = events.pause_ns;
	else if (events.pause < events.pause_ns * PAUSE_MOST)
		events.pause *= 2;
	events.next_ns = port_clock_ns() + events.pause;
	/* last, so that a reader that has seen a pass sees its result */
	total_add(&t->pressure_passes, 1);
}

static void open_sources(void)
{
	unsigned int wanted = events.wanted;
	int got = 0;

	if (events.by_rank) {
		got = port_pressure_open(PORT_PRESSURE_WATCH);
		wanted &= ~(unsigned int)PORT_PRESSURE_WATCH;
	}
	if (!got)
		got = port_pressure_open(wanted);
	events.open = got > 0;
	events.pid = port_pid();
	total_set(&page_totals()->pressure_sources,
		  got > 0 ? (uint64_t)got : 0);
}

void pressure_sleep(int64_t ns)
{
	static uint32_t nobody;

	if (port_pid() != events.pid)
		open_sources();
	if (!events.open)
		port_wait(&nobody, 0, ns);
	else if (port_pressure_wait(ns))
		on_event();
}

void pressure_start(void)
{
	static const unsigned int wanted[] = {
		[PRESSURE_ALL] = PORT_PRESSURE_WATCH | PORT_PRESSURE_PSI |
				 PORT_PRESSURE_CGROUP,
		[PRESSURE_WATCH] = PORT_PRESSURE_WATCH,
		[PRESSURE_PSI] = PORT_PRESSURE_PSI,
		[PRESSURE_CGROUP] = PORT_PRESSURE_CGROUP,
	};

	events.wanted = wanted[option_value(OPT_PRESSURE)];
	if (KMEM_SMALL || !events.wanted)
		return;
	events.by_rank = (events.wanted & (events.wanted - 1)) != 0;
	events.pause_ns = (uint64_t)option_value(OPT_PRESSURE_MS) * NS_PER_MS;
	open_sources();
	page_thread_use(pressure_sleep);
	page_thread();
}
