/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sections in which a thread must not sleep, and requests that would.
 */
#ifndef DEBUG_ATOMIC_H
#define DEBUG_ATOMIC_H

#include <stdbool.h>

#include <linux/gfp_types.h>

#include "lib/mem.h"
#include "port/port.h"

/* KMEM_OPTIONS=atomic_checks=1; set once, at the start. */
extern bool atomic_checks;

static inline bool atomic_checked(void)
{
	return !KMEM_SMALL && unlikely(atomic_checks);
}

/* Reads the option. Any thread, any number of times. */
void atomic_boot(void);

/* Is the running thread in a section that must not sleep? */
static inline bool atomic_here(void)
{
	const struct port_task *t = port_task();

	return t->depth[PORT_ATOMIC] || t->depth[PORT_NO_BLOCK];
}

/*
 * For every entry where a request may block: gfp is the caller's, before
 * anything is taken from it.  A macro, so that the address that this function
 * returns to, the call site, is that of the function it stands in: it stands
 * in the function that the user calls, or that this one ends with.  A report
 * of a failure names that address.
 */
#define check_blocking(gfp)                                        \
	do {                                                       \
		port_task()->caller = __builtin_return_address(0); \
		if (atomic_checked())                              \
			atomic_check(gfp, __FILE__, __LINE__,      \
				     __builtin_return_address(0)); \
	} while (0)

/* The same for calls that may sleep and have no flags. */
#define check_sleeping()                                                 \
	do {                                                             \
		port_task()->caller = __builtin_return_address(0);       \
		if (atomic_checked())                                    \
			atomic_check_sleep(__FILE__, __LINE__,           \
					   __builtin_return_address(0)); \
	} while (0)

void atomic_check(gfp_t gfp, const char *file, int line, const void *caller);
void atomic_check_sleep(const char *file, int line, const void *caller);

/* A section of a thread begins, or ends, in another copy of the library. */
void atomic_section_told(enum port_section which, bool begin,
			 const void *caller);

#endif
