/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a thread is in the middle of, as far as allocation is concerned: the
 * bits of <kmem/scope.h>.  The system's <linux/sched.h> (flags of clone) comes
 * first.
 */
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ && defined(__has_include_next)
#if __has_include_next(<linux/sched.h>)
#include_next <linux/sched.h>
#endif
#endif

#ifndef KMEM_LINUX_SCHED_H
#define KMEM_LINUX_SCHED_H

#include <kmem/scope.h>

#endif
