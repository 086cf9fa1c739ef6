/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * cant_sleep() outside of any section.
 *
 * Expect:
 *	BUG: assuming atomic context at <any>atomic_cant_sleep.c:<line>
 *	in_atomic(): 0, irqs_disabled(): 0, pid: <pid>, name: <any>
 *	Call Trace:
 *	<frames>
 *
 * Options: atomic_checks=1
 */
#include <linux/kernel.h>
#include <linux/preempt.h>

int main(void)
{
	preempt_disable();
	cant_sleep();
	preempt_enable();
	cant_sleep();
	return 0;
}
