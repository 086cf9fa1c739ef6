/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Requests that are made to fail for a test. */
#ifndef DEBUG_FAIL_H
#define DEBUG_FAIL_H

#include <stdbool.h>

#include <linux/gfp_types.h>

#include "lib/mem.h"
#include "port/port.h"

/*
 * Must the port be asked?  Set once, before the first cache is made: caches
 * keep no sheaves then, so that each request takes the slow path, where the
 * question is.
 */
extern bool fail_on;
/* Only requests to caches that slab_debug=A names. */
extern bool fail_filtered;
void fail_boot(void);

bool fail_asked(size_t bytes, gfp_t gfp);

/*
 * Shall this request fail?  Asked once for each call of the API, after
 * check_blocking(), which notes the call site.
 */
static inline bool should_fail(size_t bytes, gfp_t gfp)
{
	return unlikely(fail_on) && !fail_filtered && fail_asked(bytes, gfp);
}

/* The same of a cache; is it one of those named? */
static inline bool should_fail_of(size_t bytes, gfp_t gfp, bool named)
{
	return unlikely(fail_on) && (named || !fail_filtered) &&
	       fail_asked(bytes, gfp);
}

/*
 * Between the two this thread's requests are parts of one for which the port
 * was asked.
 */
static inline void fail_pause(void)
{
	port_task()->no_fail++;
}

static inline void fail_resume(void)
{
	port_task()->no_fail--;
}

#endif
