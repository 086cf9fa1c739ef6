/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A mutex is taken under a spinlock.
 *
 * Expect:
 *	BUG: sleeping function called from invalid context at <file>:<line>
 *	in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: <pid>, name: <any>
 *	preempt_count: 1, expected: 0
 *	Preemption disabled at:
 *	<frames>
 *	Call Trace:
 *	<frames>
 *
 * Options: atomic_checks=1
 */
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);

int main(void)
{
	kfree(kmalloc(64, GFP_KERNEL));
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_lock(&lock);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_unlock(&lock);
	return 0;
}
