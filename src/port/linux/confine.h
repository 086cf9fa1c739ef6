/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Does the process have a filter on its system calls that may end it?  Then
 * only mmap, munmap, mprotect, mremap, madvise and futex are called, and write
 * for reports.
 */
#ifndef PORT_LINUX_CONFINE_H
#define PORT_LINUX_CONFINE_H

#include "port/port.h"

extern bool linux_confined;

static inline bool confined(void)
{
	return __atomic_load_n(&linux_confined, __ATOMIC_RELAXED);
}

#endif
