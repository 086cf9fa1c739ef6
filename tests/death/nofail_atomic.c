/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * __GFP_NOFAIL without the right to wait, with memory at its end: a warning and NULL.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	__GFP_NOFAIL without __GFP_DIRECT_RECLAIM: 0x4a800
 *
 * Options: mem=16M
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	static void *p[64];

	for (int i = 0; i < 64; i++)
		p[i] = kmalloc(KMALLOC_MAX_SIZE,
			       GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	if (kmalloc(KMALLOC_MAX_SIZE, GFP_NOWAIT | __GFP_NOFAIL | __GFP_NOWARN))
		return 1;
	for (int i = 0; i < 64; i++)
		kfree(p[i]);
	return 0;
}
