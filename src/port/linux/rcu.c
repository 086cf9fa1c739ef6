/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * RCU in a process: the flavours of liburcu that the process itself has.
 *
 * 1. What it is for.  The library does not link liburcu.  Readers exist only
 *    where the program, or a library of it, brought a flavour, at start or by
 *    dlopen().  A process without any has no readers, and its grace periods
 *    take no time.  rcu_find.c finds the flavours.
 *
 * 2. One callback.  It goes from list to list:
 *
 *	incoming	a stack that any thread pushes to, without a lock
 *	next		taken off it; no grace period has begun for these
 *	waiting		a grace period runs for these
 *	over		it has ended, or none is needed
 *
 *    A thread of ours, the waiter, makes the grace periods: it waits for each
 *    flavour in turn by its synchronize_rcu(), which, unlike its call_rcu(),
 *    wants no registered caller and starts no thread in a library that may be
 *    closed.  The first poll that finds a flavour starts it.  Without a flavour
 *    the poll runs the callbacks itself.  A barrier does all that the waiter
 *    does, in its own thread, so it works without a waiter.
 *
 * 3. Which flavours.  Those that are there after a callback was handed over and
 *    before its grace period begins: one that arrives later has no reader that
 *    saw the object.  So the loader is asked between the two, under rcu_lock; a
 *    new flavour is pinned first, and the callback stays in next.
 *
 * 4. Locks.  rcu_lock guards all lists but incoming.  It is taken before every
 *    lock of the layers above, or tried.  It is held while callbacks run and
 *    while the loader is asked, and not while a thread waits for readers, nor
 *    while a flavour is pinned, which takes the lock that dlopen() holds while
 *    constructors run.  grace is 1 while a grace period runs; its owner alone
 *    fills and empties waiting.
 *
 *    Once woken, the waiter runs until nothing is left.
 *
 * 5. Fork.  prepare empties incoming and holds rcu_lock, so no list changes and
 *    no callback runs while memory is copied: each callback that was handed
 *    over before runs once here and once in the child.  What other threads push
 *    meanwhile is lost to the child.  A flavour that is in the middle of a
 *    grace period when its memory is copied is useless to the child, as its
 *    lock stays taken.  So prepare waits for the end of ours, a tenth of a
 *    second at most, unless the thread that forks is a reader itself; if it
 *    does not end, what the child hands over stays, except a flavour with fork
 *    calls of its own.  If that thread is no reader, there is none in the
 *    child, and what was handed over needs no grace period there.  It can be
 *    one only of a flavour whose thread-local data it has touched: these are
 *    pinned before, so that they can be asked.
 */
#include "port/linux/rcu.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stddef.h>

#include "port/linux/cancel.h"

/* A sleeper looks again after this time, woken or not. */
#define NAP_NS 1000000
#define FORK_NAPS 100

static struct port_rcu *incoming;
static struct port_rcu *next, *waiting, *over; /* written under rcu_lock */
static pthread_mutex_t rcu_lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t grace;
/* Is there a waiter, and the word it sleeps on; 1: woken. */
static uint32_t running, bell;
/* Of the fork that is under way. */
static bool fork_is_quiet;

/* Calls of a flavour's sync that are under way. */
static uint32_t syncs[RCU_FLAVOURS_MOST];
/* A flavour was in one when this process began. */
static bool useless;

#define GET(x) __atomic_load_n(&(x), __ATOMIC_SEQ_CST)
#define SET(x, v) __atomic_store_n(&(x), v, __ATOMIC_SEQ_CST)

/* --- the lists ------------------------------------------------------------ */

static bool any_handed_over(void)
{
	return GET(incoming) || GET(next) || GET(over);
}

static void __append(struct port_rcu **to, struct port_rcu *chain)
{
	struct port_rcu *last = chain;

	if (!chain)
		return;
	if (*to) {
		while (last->next)
			last = last->next;
		last->next = *to;
	}
	SET(*to, chain);
}

static void __rcu_collect(void)
{
	__append(&next, __atomic_exchange_n(&incoming, NULL, __ATOMIC_ACQUIRE));
}

static void __run_over(void)
{
	struct port_rcu *head;

	while ((head = over)) {
		SET(over, head->next);
		head->fn(head);
	}
}

/* --- grace periods -------------------------------------------------------- */

static bool grace_try(void)
{
	return !__atomic_exchange_n(&grace, 1, __ATOMIC_SEQ_CST);
}

static void grace_release(void)
{
	SET(grace, 0);
	port_wake(&grace, INT_MAX);
}

/* Waits for the readers of all flavours that are known. */
static void wait_for_readers(void)
{
	for (unsigned int i = 0; i < rcu_flavours(); i++) {
		__atomic_fetch_add(&syncs[i], 1, __ATOMIC_SEQ_CST);
		UNCANCELLED((rcu_flavour(i)->sync(), 0));
		__atomic_fetch_sub(&syncs[i], 1, __ATOMIC_SEQ_CST);
	}
}

/* There may be readers that cannot be waited for. */
static bool never_over(void)
{
	static const char text[] =
		"kmem: forked in the middle of a grace period: what waits for "
		"one stays\n";
	static bool told;

	if (useless && !__atomic_exchange_n(&told, true, __ATOMIC_RELAXED))
		port_write(text, sizeof(text) - 1);
	return useless || __rcu_too_many();
}

/*
 * A grace period for all that was handed over, and the callbacks; grace is the
 * caller's.  False: there is a flavour that must be pinned before.
 */
static bool grace_run(void)
{
	bool wait;

	pthread_mutex_lock(&rcu_lock);
	__run_over();
	__rcu_collect();
	if (__rcu_find(NULL, NULL, true)) {
		pthread_mutex_unlock(&rcu_lock);
		return false;
	}
	waiting = next && never_over() ? NULL : next;
	SET(next, NULL);
	wait = waiting && rcu_flavours();
	if (wait) {
		pthread_mutex_unlock(&rcu_lock);
		wait_for_readers();
		pthread_mutex_lock(&rcu_lock);
	}
	__append(&over, waiting);
	waiting = NULL;
	__run_over();
	pthread_mutex_unlock(&rcu_lock);
	return true;
}

/*
 * Pins flavours that are new; no lock is held.  Unless all are wanted, only
 * those that the caller may be a reader of.
 */
static void pin_new(bool all)
{
	struct rcu_found found;
	const void *pinned = NULL;
	bool any;

	for (;;) {
		pthread_mutex_lock(&rcu_lock);
		any = __rcu_find(&found, pinned, all);
		pthread_mutex_unlock(&rcu_lock);
		if (!any)
			return;
		UNCANCELLED((rcu_pin(&found), 0));
		pinned = found.sync;
	}
}

/*
 * Readers of QSBR are inside from one quiescent state to the next, and so is
 * the caller, if it is one: it is not while it waits.
 */
static uint32_t go_offline(void)
{
	uint32_t which = 0;

	for (unsigned int i = 0; i < rcu_flavours(); i++) {
		const struct rcu_flavour *f = rcu_flavour(i);

		if (!f->offline || !f->ongoing())
			continue;
		f->offline();
		which |= 1u << i;
	}
	return which;
}

static void go_online(uint32_t which)
{
	for (unsigned int i = 0; which; i++, which >>= 1)
		if (which & 1)
			rcu_flavour(i)->online();
}

static bool one_grace(void)
{
	uint32_t offline;
	bool done;

	pin_new(true);
	offline = go_offline();
	while (!grace_try())
		port_wait(&grace, 1, NAP_NS);
	done = grace_run();
	grace_release();
	go_online(offline);
	return done;
}

/* --- the waiter ----------------------------------------------------------- */

static void waiter(void)
{
	for (;;) {
		while (any_handed_over())
			one_grace();
		port_wait(&bell, 0, -1);
		SET(bell, 0);
	}
}

/* false: no thread could be started, and there is no waiter yet. */
static bool ring(void)
{
	uint32_t none = 0;
	int err;

	if (!__atomic_exchange_n(&bell, 1, __ATOMIC_SEQ_CST))
		port_wake(&bell, 1);
	/* if no thread can be started, the next poll tries again */
	if (GET(running) ||
	    !__atomic_compare_exchange_n(&running, &none, 1, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return true;
	err = port_thread(waiter);
	if (err)
		SET(running, 0);
	return err != -EBUSY;
}

/* --- the port's calls ----------------------------------------------------- */

void port_rcu_call(struct port_rcu *head, void (*fn)(struct port_rcu *head))
{
	head->fn = fn;
	head->next = __atomic_load_n(&incoming, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&incoming, &head->next, head, true,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
}

/* Runs what there is, if there are no readers; false: there may be some. */
static bool __run_without_readers(void)
{
	bool none = !__rcu_find(NULL, NULL, true) && !rcu_flavours();

	if (none) {
		__rcu_collect();
		__append(&over, next);
		SET(next, NULL);
	}
	__run_over();
	return none;
}

bool port_rcu_poll(void)
{
	bool done = true;

	while (any_handed_over()) {
		if (!done || rcu_flavours())
			return ring();
		if (pthread_mutex_trylock(&rcu_lock))
			return false;
		done = __run_without_readers();
		pthread_mutex_unlock(&rcu_lock);
	}
	return true;
}

bool port_rcu_synchronize(void)
{
	uint32_t offline;

	pin_new(true);
	if (never_over())
		return false;
	offline = go_offline();
	wait_for_readers();
	go_online(offline);
	return true;
}

static bool is_empty(void)
{
	bool empty;

	pthread_mutex_lock(&rcu_lock);
	empty = !GET(incoming) && !next && !waiting && !over;
	pthread_mutex_unlock(&rcu_lock);
	return empty;
}

void port_rcu_barrier(void)
{
	if (is_empty())
		return;
	while (!one_grace())
		;
}

/* --- fork ----------------------------------------------------------------- */

/* One that cannot be asked may be read. */
static bool reads_here(void)
{
	for (unsigned int i = 0; i < rcu_flavours(); i++)
		if (!rcu_flavour(i)->ongoing || rcu_flavour(i)->ongoing())
			return true;
	return false;
}

/* Is any flavour in a grace period of ours? */
static bool any_sync(void)
{
	uint32_t any = 0;

	for (unsigned int i = 0; i < RCU_FLAVOURS_MOST; i++)
		any |= GET(syncs[i]);
	return any;
}

/* False: nothing was handed over, as far as can be seen, nor asked for. */
bool linux_rcu_ask(void)
{
	if (!any_handed_over() && !GET(grace) && !any_sync())
		return false;
	pin_new(false);
	return true;
}

void linux_rcu_prepare(bool asked)
{
	unsigned int naps = FORK_NAPS;
	uint32_t nobody = 0;

	pthread_mutex_lock(&rcu_lock);
	__rcu_collect();
	fork_is_quiet = asked && !reads_here();
	while (fork_is_quiet && (waiting || any_sync()) && naps--) {
		bool batch = waiting;

		pthread_mutex_unlock(&rcu_lock);
		/* a caller of kfree_rcu_mightsleep() wakes nobody */
		port_wait(batch ? &grace : &nobody, batch, NAP_NS);
		pthread_mutex_lock(&rcu_lock);
	}
	__rcu_collect();
}

void linux_rcu_parent(void)
{
	pthread_mutex_unlock(&rcu_lock);
}

void linux_rcu_child(void)
{
	__append(&next, waiting);
	waiting = NULL;
	if (fork_is_quiet) {
		__append(&over, next);
		next = NULL;
	}
	for (unsigned int i = 0; i < rcu_flavours(); i++) {
		useless |= syncs[i] && !rcu_flavour(i)->has_fork;
		syncs[i] = 0;
	}
	incoming = NULL;
	grace = 0;
	running = 0;
	bell = 0;
	rcu_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}
