/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A cache without a name is refused.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	__kmem_cache_create_args() failed with error -22
 */
#include <linux/slab.h>

int main(void)
{
	return kmem_cache_create("", 64, 0, 0, NULL) != NULL;
}
