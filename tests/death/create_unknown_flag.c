/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A flag that no kernel knows.
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
	if (kmem_cache_create("death", 64, 0, (slab_flags_t)1, NULL))
		return 1;
	return 0;
}
