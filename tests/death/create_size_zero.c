/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A cache for objects of no size; the kernel would divide by it.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	__kmem_cache_create_args(death) failed with error -22
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	if (kmem_cache_create("death", 0, 0, 0, NULL))
		return 1;
	return 0;
}
