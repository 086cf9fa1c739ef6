/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * More than KMALLOC_MAX_SIZE: NULL, and a warning the first time.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmalloc: 4194305 bytes asked for, the most is 4194304
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	if (kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL))
		return 1;
	if (kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL))
		return 1;
	return 0;
}
