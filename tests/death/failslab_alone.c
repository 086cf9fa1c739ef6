/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Options are read in a program that calls nothing but caches, and has the
 * library in itself.
 *
 * Expect:
 *	FAULT_INJECTION: forcing a failure.
 *	name failslab, interval 1, probability 100, space 0, times 1
 *	CPU: <n> PID: <pid> Comm: <any> Not tainted
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	__kmem_cache_create_args(death) failed with error -12
 *
 * Options: failslab=1,100,0,1,failslab.ignore_gfp_wait=0
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);

	return s != NULL;
}
