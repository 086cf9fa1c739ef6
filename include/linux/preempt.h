/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Atomic sections: from preempt_disable() to preempt_enable() a thread says
 * that it does not sleep.
 *
 * A process cannot keep its threads from being preempted, and nothing here
 * does.  What a section changes is what the library does and says: blocks that
 * would have to be unmapped are put aside, and with
 * KMEM_OPTIONS=atomic_checks=1 a request that may sleep is reported.  A
 * spinlock of a test or of a shim calls these two, and is then checked as the
 * kernel's is.
 *
 * The count belongs to the thread.  It ends with the thread, and the child of
 * a fork has that of the thread that forked.  Sections of the library's own
 * are not counted.  There is no in_interrupt(): a signal handler cannot be
 * told from what it interrupts.
 */
#ifndef KMEM_LINUX_PREEMPT_H
#define KMEM_LINUX_PREEMPT_H

#include <kmem/abi.h>
#include <linux/cleanup.h>

KMEM_EXTERN_C_BEGIN

KMEM_API void preempt_disable(void) KMEM_ABI(preempt_disable);
KMEM_API void preempt_enable(void) KMEM_ABI(preempt_enable);
KMEM_API int preempt_count(void) KMEM_ABI(preempt_count);

/* Other names for the same. */
KMEM_API void preempt_disable_notrace(void) KMEM_ABI(preempt_disable);
KMEM_API void preempt_enable_notrace(void) KMEM_ABI(preempt_enable);
KMEM_API void preempt_enable_no_resched(void) KMEM_ABI(preempt_enable);
KMEM_API void preempt_enable_no_resched_notrace(void) KMEM_ABI(preempt_enable);

KMEM_EXTERN_C_END

/* Is the caller in an atomic section? */
#if !defined(in_atomic)
#define in_atomic() (preempt_count() != 0)
#endif
#if !defined(preemptible)
#define preemptible() (preempt_count() == 0)
#endif

#if defined(DEFINE_LOCK_GUARD_0)
DEFINE_LOCK_GUARD_0(preempt, preempt_disable(), preempt_enable())
DEFINE_LOCK_GUARD_0(preempt_notrace, preempt_disable_notrace(),
		    preempt_enable_notrace())
#endif

#endif
