/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Worlds and guards.
 *
 * A world is this program once more, with options of its own: one that hangs
 * or dies is a failure of its case alone.  It runs the case up to the same
 * world_run(), which there calls fn and does not return.  What goes wrong in
 * it is said with world_wrong() and read by the parent.
 *
 * A guard is a filter on a thread's system calls.  The first one that is made
 * while it stands is noted with the frames that led to it, and the thread ends.
 */
#ifndef CONTEXT_GUARD_H
#define CONTEXT_GUARD_H

#include <pthread.h>
#include <stdbool.h>

struct kunit;

/* Runs fn in a world of its own, which may skip the case. */
void world_run(struct kunit *test, const char *options, unsigned int seconds,
	       void (*fn)(void));
/* Calls world_early(what) in a world in which the library has not booted. */
void world_run_early(struct kunit *test, const char *options,
		     unsigned int seconds, const char *what);
/* A test may define these: the second is called in every process of it. */
extern void world_early(const char *what) __attribute__((weak));
extern void world_before_boot(void) __attribute__((weak));
void world_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void world_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void world_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool world_is_wrong(void);
/* Every invariant is true and nothing but `before` bytes is in use. */
void world_balanced(unsigned long before);

/*
 * The calling thread makes no system call from here to its end: it ends by
 * guard_exit().  False: this OS has no such filters.
 */
bool guard_on(void);
void guard_exit(void) __attribute__((noreturn));
/* Runs fn(arg) in a new guarded thread until its end. */
void guard_run(void (*fn)(void *arg), void *arg);
/* The same, with what the thread does before the guard stands. */
void guard_run_after(void (*before)(void), void (*fn)(void *arg), void *arg);
/* System calls that guards have stopped so far. */
unsigned int guard_stopped(void);

#endif
