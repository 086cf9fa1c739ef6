/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The slow halves of locks, and the check of their order.
 *
 * A thread that has to sleep writes AWAITED and gets the lock by an exchange
 * that found it free; it then holds the lock as AWAITED, because it cannot know
 * whether others sleep too.  Dropping that wakes one sleeper.  A holder that
 * must not call the OS drops it as OWED: the next holder has it as AWAITED, so
 * the wake is passed on to the first holder that may call the OS.  Without a
 * next holder the sleeper's time-out ends its sleep.  So a wake is never lost,
 * and one is wasted at most once for each time the lock was contended.
 *
 * Ranks held by a thread live in its port_task: in `held`, bit r says that a
 * lock of rank r is held, and nested[r] counts the further ones of that rank,
 * which fork handlers and tries bring about.
 */
#include "sync/lock.h"

#include <limits.h>

#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "sync/fork.h"

/* A sleeper looks again after this time, woken or not. */
#define NAP_NS 1000000

bool lock_spin_slow(struct lock *l)
{
	unsigned int i;
	uint32_t seen;

	for (i = port_nr_cpus() > 1 ? LOCK_SPINS : 0; i; i--) {
		PORT_STEP();
		cpu_relax();
		seen = __atomic_load_n(&l->word, __ATOMIC_RELAXED);
		if (seen != LOCK_FREE && seen != LOCK_OWED)
			continue;
		if (lock_word_try(l))
			return true;
	}
	return false;
}

/* Takes a lock that is free, or says that a thread is about to sleep. */
static bool take_or_await(struct lock *l)
{
	uint32_t seen =
		__atomic_exchange_n(&l->word, LOCK_AWAITED, __ATOMIC_ACQUIRE);

	return seen == LOCK_FREE || seen == LOCK_OWED;
}

/* A thread would wait for itself, without end. */
static void __attribute__((noreturn)) fork_panic(void)
{
	static const char text[] =
		"Kernel panic - not syncing: kmem: memory asked for or freed "
		"in a fork handler that was registered before this library "
		"was loaded\n";

	port_write(text, sizeof(text) - 1);
	port_die();
}

void lock_wait_slow(struct lock *l)
{
	if (lock_spin_slow(l))
		return;
	if (fork_holds())
		fork_panic();
	/* Sleeps: until the lock is free. */
	while (!take_or_await(l))
		port_wait(&l->word, LOCK_AWAITED, NAP_NS);
}

void lock_wake_slow(struct lock *l)
{
	port_wake(&l->word, 1);
}

bool lock_take_within(struct lock *l, enum lock_rank rank, int64_t ns)
{
	uint64_t start = port_clock_ns();
	int64_t slice = ns / 64 + 1;
	unsigned int i;

	if (lock_try(l, rank))
		return true;
	if (lock_spin_slow(l))
		goto taken;
	/*
	 * Bounded by a count as well as by the clock: a clock may stand still
	 * and a wait may return at once.
	 */
	for (i = 0; i < 64 && port_clock_ns() - start < (uint64_t)ns; i++) {
		if (take_or_await(l))
			goto taken;
		port_wait(&l->word, LOCK_AWAITED, slice);
	}
	return false;

taken:
	lock_rank_enter(rank, true);
	return true;
}

#if KMEM_DEBUG

_Static_assert(LOCK_RANKS <= ARRAY_LEN(((struct port_task *)0)->nested),
	       "a rank needs a counter");

/* In the order of enum lock_rank. */
static const char *const rank_name[] = {
	"boot",  "pool",   "counter", "front",  "check", "device",  "region",
	"kept",  "percpu", "area",    "caches", "slot",  "barn",    "list",
	"share", "hook",   "grow",    "pcp",    "zone",  "publish", "report",
};
_Static_assert(ARRAY_LEN(rank_name) == LOCK_RANKS, "a name for each rank");

static void __attribute__((noreturn))
rank_panic(const char *what, enum lock_rank rank, uint32_t held)
{
	char text[256];
	unsigned int r;
	int n;

	n = text_format(text, sizeof(text),
			"Kernel panic - not syncing: kmem: %s lock %s (%u), "
			"held:",
			what, rank_name[rank], (unsigned int)rank);
	for (r = 0; r < LOCK_RANKS; r++)
		if (held & 1u << r)
			n += text_format(text + n, sizeof(text) - (size_t)n,
					 " %s", rank_name[r]);
	n += text_format(text + n, sizeof(text) - (size_t)n, "\n");
	port_write(text, (size_t)n);
	port_die();
}

static void rank_push(struct port_task *t, enum lock_rank rank)
{
	uint32_t bit = 1u << rank;

	if (t->held & bit)
		t->nested[rank]++;
	else
		t->held |= bit;
}

static bool rank_pop(struct port_task *t, enum lock_rank rank)
{
	uint32_t bit = 1u << rank;

	if (!(t->held & bit))
		return false;
	if (t->nested[rank])
		t->nested[rank]--;
	else
		t->held &= ~bit;
	return true;
}

void lock_rank_enter(enum lock_rank rank, bool try)
{
	struct port_task *t = port_task();

	if (!try && t->held >> rank)
		rank_panic("out of order:", rank, t->held);
	rank_push(t, rank);
}

void lock_rank_leave(enum lock_rank rank)
{
	struct port_task *t = port_task();

	/* A child has reset its locks and holds nothing. */
	if (!rank_pop(t, rank) && t->held)
		rank_panic("dropped, not held:", rank, t->held);
}

static void nested_enter(enum lock_rank rank)
{
	struct port_task *t = port_task();

	if (t->held >> rank >> 1)
		rank_panic("out of order:", rank, t->held);
	rank_push(t, rank);
}

static void nested_leave(enum lock_rank rank)
{
	lock_rank_leave(rank);
}

static void forget_ranks(void)
{
	struct port_task *t = port_task();

	t->held = 0;
	memset(t->nested, 0, sizeof(t->nested));
}

#else

static void nested_enter(enum lock_rank rank)
{
	(void)rank;
}

static void nested_leave(enum lock_rank rank)
{
	(void)rank;
}

static void forget_ranks(void)
{
}

#endif

void lock_take_nested(struct lock *l, enum lock_rank rank)
{
	nested_enter(rank);
	if (!lock_word_try(l))
		lock_wait_slow(l);
}

void lock_drop_nested(struct lock *l, enum lock_rank rank)
{
	nested_leave(rank);
	if (__atomic_exchange_n(&l->word, LOCK_FREE, __ATOMIC_RELEASE) ==
	    LOCK_AWAITED)
		lock_wake_slow(l);
}

void lock_reset(struct lock *l)
{
	forget_ranks();
	__atomic_store_n(&l->word, LOCK_FREE, __ATOMIC_RELEASE);
}

/* What a thread is about to run, runs, or has run just now. */
struct once_run {
	const struct once *once;
	const struct once_run *outer;
};

static bool runs_here(const struct once *o)
{
	const struct once_run *r = port_task()->runs;

	/* Bound: the layers. */
	while (r && r->once != o)
		r = r->outer;
	return r;
}

static int run_or_wait(struct once *o, int (*fn)(void))
{
	uint32_t running = port_pid() << 2 | 1, awaited = running | 2, state;
	int err;

	/* Sleeps: until another thread has run fn. */
	for (;;) {
		state = 0;
		/* Acquire: pairs with the release of state by the runner. */
		if (__atomic_compare_exchange_n(&o->state, &state, running,
						false, __ATOMIC_ACQUIRE,
						__ATOMIC_ACQUIRE))
			break;
		if (state == ONCE_DONE)
			return 0;
		/* the parent's thread: the child has none */
		if (state != running && state != awaited) {
			if (__atomic_compare_exchange_n(
				    &o->state, &state, running, false,
				    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
				break;
			continue;
		}
		if (state == running &&
		    !__atomic_compare_exchange_n(&o->state, &state, awaited,
						 false, __ATOMIC_RELAXED,
						 __ATOMIC_RELAXED))
			continue;
		port_wait(&o->state, awaited, NAP_NS);
	}
	err = fn();
	if (__atomic_exchange_n(&o->state, err ? 0 : ONCE_DONE,
				__ATOMIC_RELEASE) == awaited)
		port_wake(&o->state, INT_MAX);
	return err;
}

int once_run(struct once *o, int (*fn)(void))
{
	struct port_task *task = port_task();
	const struct once_run me = { .once = o, .outer = task->runs };
	int err;

	if (once_done(o))
		return 0;
	if (runs_here(o))
		return -EBUSY; /* never ready in this process */
	/* a handler of a signal may look between any two instructions */
	__atomic_store_n(&task->runs, &me, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	err = run_or_wait(o, fn);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&task->runs, me.outer, __ATOMIC_RELAXED);
	return err;
}
