/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The port of the unit tests, and its handles.
 *
 * Memory is real and protected: claimed pages fault when touched.  What a
 * caller must not do (commit outside of a claim or what is usable, purge what
 * is not, odd sizes, unmap with another length) is reported on stderr and
 * aborts.  The test sets CPUs, time, options and the log; threads are real.
 */
#ifndef PORT_PORT_FAKE_H
#define PORT_PORT_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/port.h"

/*
 * Before the core boots.  Each port_claim() grants at most window bytes
 * (default 64 MiB; 0 restores that).  The page is 4096 bytes by default, and
 * may be any larger power of two.
 */
void fake_set_window(size_t bytes);
void fake_set_page_size(size_t bytes);
void fake_set_options(const char *text);
/* As a machine whose memory begins at first, and ZONE_DMA ends at end. */
void fake_set_direct(uint64_t first, uint64_t end);
/* And what every byte of the records has before they are used. */
void fake_set_direct_dirt(unsigned char byte);
/* What port_counts() returns; false by default. */
void fake_set_counts(bool counts);

/* --- calls that fail ----------------------------------------------------- */

enum fake_call {
	FAKE_CLAIM,
	FAKE_COMMIT,
	FAKE_UNCOMMIT,
	FAKE_COUNTS,
	FAKE_PURGE,
	FAKE_CLEAR,
	FAKE_MAP,
	FAKE_UNMAP,
	FAKE_REMAP,
	FAKE_SPLIT,
	FAKE_JOIN,
	FAKE_WAIT,
	FAKE_WAKE,
	FAKE_INJECT,
	FAKE_THREAD,
	FAKE_LARGE,
	FAKE_WRITE,
	FAKE_GUARD,
	FAKE_POPULATE,
	FAKE_LOCK,
	FAKE_CALLS,
};

#define FAKE_BIT(call) (1u << (call))
/* The calls that are allowed to fail, except FAKE_THREAD, which may too. */
#define FAKE_ANY                                                               \
	(FAKE_BIT(FAKE_CLAIM) | FAKE_BIT(FAKE_COMMIT) |                        \
	 FAKE_BIT(FAKE_UNCOMMIT) | FAKE_BIT(FAKE_MAP) | FAKE_BIT(FAKE_REMAP) | \
	 FAKE_BIT(FAKE_SPLIT) | FAKE_BIT(FAKE_JOIN) | FAKE_BIT(FAKE_GUARD) |   \
	 FAKE_BIT(FAKE_POPULATE) | FAKE_BIT(FAKE_LOCK))

/* The n-th call from now, of those in mask, fails: 1 is the next. 0: none. */
void fake_fail_nth(unsigned int mask, unsigned long n);
/* The n-th and all after it fail, until told otherwise. */
void fake_fail_from(unsigned int mask, unsigned long n);
/* How many were made to fail since the last of the two calls above. */
unsigned long fake_failed(void);

/* Calls since start. */
unsigned long fake_calls(enum fake_call call);

/* --- memory at rest ------------------------------------------------------ */

size_t fake_claimed(void);
/* Usable bytes of claims. */
size_t fake_committed(void);
/* Claimed and not usable, [p, p + n) is another's from now on, or not. */
void fake_take(void *p, size_t n, bool taken);
/* Bytes that port_clear() was called for since start. */
size_t fake_cleared(void);
/* Bytes and number of live port_map() ranges, guards not counted. */
size_t fake_mapped(void);
unsigned int fake_maps(void);
/* Is the page at p usable (of either kind)? */
bool fake_usable(const void *p);

/* --- faults -------------------------------------------------------------- */

/*
 * Says that a thread touched addr: what the function of port_on_fault()
 * answers.  Guarded pages fault for real when they are touched.
 */
bool fake_fault(void *addr, const void *pc, bool write);

/* --- CPUs ---------------------------------------------------------------- */

/* Ids are below n, 4 by default.  Some of them may be never used. */
void fake_set_nr_cpus(unsigned int n);
/* Where the calling thread runs; an id that is new raises the number. */
void fake_set_cpu(unsigned int cpu);
/*
 * Asked at each port_cpu() from now on, in place of the setting: a thread
 * that migrates between any two calls. NULL ends it.
 */
void fake_set_cpu_hook(unsigned int (*hook)(void));

/* --- time and threads ---------------------------------------------------- */

/* Only these move the clock, which starts at 1 s. */
void fake_clock_set(uint64_t ns);
void fake_clock_advance(uint64_t ns);
/*
 * A wait with a time-out takes a few ms of real time at most; unless it was
 * woken, it moves the fake clock by the whole time-out.
 */

/* Called by port_inject(), and before port_wait() sleeps. NULL ends it. */
void fake_set_yield_hook(void (*hook)(void));

/* --- pressure ------------------------------------------------------------ */

/* What port_pressure_open() grants of what it is asked for; -1: forbidden. */
void fake_set_pressure(int sources);
/* What it was asked for last, and how often. */
unsigned int fake_pressure_wanted(void);
unsigned int fake_pressure_opens(void);
/* The next n waits end with an event; all others let the time pass. */
void fake_pressure_events(unsigned int n);

/* --- the log ------------------------------------------------------------- */

/* All that was written since the last clear, with a NUL. */
const char *fake_log(void);
void fake_log_clear(void);

/*
 * Called by port_die() in place of abort(), say with a longjmp in it.  If it
 * returns, or when there is none, the log goes to stderr and the process
 * aborts.
 */
void fake_set_die_hook(void (*hook)(void));

/* --- stacks -------------------------------------------------------------- */

/* What port_stack() returns from now on, on every thread: n addresses. */
void fake_set_stack(void *const *pc, unsigned int n);
/* Called in place of that; NULL ends it. */
void fake_set_stack_hook(unsigned int (*hook)(void **pc, unsigned int n));
/* What port_other_copy() returns at its next call. */
void fake_set_other_copy(section_fn *fn);

/* --- fork ---------------------------------------------------------------- */

/*
 * Call what port_on_fork() was given.  The child's also gives the process a
 * new port_pid().
 */
void fake_fork_prepare(void);
void fake_fork_parent(void);
void fake_fork_child(void);

/* A process that was made without handlers: it has a new pid. */
void fake_fork_raw(void);

/* From now on no child of a fork gets an area of its own. */
void fake_publish_refuse(bool refuse);

#endif
