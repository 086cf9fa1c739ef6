/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmalloc(GFP_KERNEL) in an atomic section, with memory in plenty: both
 * stacks, once for the call site.
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
#include <linux/preempt.h>
#include <linux/slab.h>

/* One place: a compiler unrolls loops. */
static __attribute__((noinline)) void ask(void)
{
	void *volatile p = kmalloc(64, GFP_KERNEL);

	kfree(p);
}

int main(void)
{
	kfree(kmalloc(64, GFP_KERNEL));
	preempt_disable();
	for (int i = 0; i < 10; i++)
		ask();
	kfree(kmalloc(64, GFP_ATOMIC));
	preempt_enable();
	return 0;
}
