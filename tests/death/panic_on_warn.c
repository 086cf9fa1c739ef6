/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * With panic_on_warn a warning is the end.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache of name 'death' already exists
 *	Kernel panic - not syncing: panic_on_warn set ...
 *
 * Exit: SIGABRT
 * Options: panic_on_warn=1
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	kmem_cache_create("death", 64, 0, 0, NULL);
	kmem_cache_create("death", 64, 0, 0, NULL);
	return 0;
}
