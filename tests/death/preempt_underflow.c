/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * One preempt_enable() too many: told once, and the count stays at 0.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	preempt_enable() without preempt_disable()
 */
#include <linux/preempt.h>

int main(void)
{
	preempt_disable();
	preempt_enable();
	preempt_enable();
	preempt_enable();
	return preempt_count();
}
