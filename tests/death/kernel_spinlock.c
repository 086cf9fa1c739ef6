/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmalloc(GFP_KERNEL) under a spinlock, with memory in plenty: reported, once
 * for the call site. GFP_ATOMIC is not, nor is either after the lock.
 *
 * Expect:
 *	BUG: sleeping function called from invalid context at <file>:<line>
 *	in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: <pid>, name: <any>
 *	preempt_count: 1, expected: 0
 *	request: mode:0xcc0(GFP_KERNEL)
 *	Preemption disabled at:
 *	<frames>
 *	Call Trace:
 *	<frames>
 *
 * Options: atomic_checks=1
 */
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

int main(void)
{
	void *volatile p;
	unsigned long flags;

	kfree(kmalloc(64, GFP_KERNEL));
	spin_lock_irqsave(&lock, flags);
	p = kmalloc(64, GFP_KERNEL);
	kfree(p);
	kfree(kmalloc(64, GFP_ATOMIC));
	spin_unlock_irqrestore(&lock, flags);
	kfree(kmalloc(64, GFP_KERNEL));
	return 0;
}
