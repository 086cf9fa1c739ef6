/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * might_sleep() where blocking is forbidden: the place is the caller's.
 *
 * Expect:
 *	BUG: sleeping function called from invalid context at <any>atomic_might_sleep.c:<line>
 *	in_atomic(): 0, irqs_disabled(): 0, non_block: 1, pid: <pid>, name: <any>
 *	preempt_count: 0, expected: 0
 *	Blocking forbidden at:
 *	<frames>
 *	Call Trace:
 *	<frames>
 *
 * Options: atomic_checks=1
 */
#include <linux/kernel.h>

int main(void)
{
	might_sleep();
	non_block_start();
	might_sleep();
	non_block_end();
	might_sleep();
	return 0;
}
