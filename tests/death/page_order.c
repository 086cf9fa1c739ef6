/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A block above the largest order: 0, and a warning the first time.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	page allocation of order 11, largest is 10
 */
#include <linux/gfp.h>

int main(void)
{
	if (__get_free_pages(GFP_KERNEL, MAX_PAGE_ORDER + 1))
		return 1;
	if (__get_free_pages(GFP_KERNEL, MAX_PAGE_ORDER + 1))
		return 1;
	return 0;
}
