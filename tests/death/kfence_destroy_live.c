/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A cache is destroyed and one of its objects is left.
 *
 * Expect:
 *	=============================================================================
 *	BUG death (Not tainted): Objects remaining on __kmem_cache_shutdown()
 *	-----------------------------------------------------------------------------
 *	
 *	Object 0x<hex> @kfence-#<n>
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache_destroy death: Slab cache still has objects when called from <sym>
 *
 * Options: kfence.sample_interval=1
 */
#include "death/guarded.h"

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 40, 0, 0, NULL);
	char *p = guarded(s, 0, false);

	kmem_cache_destroy(s);
	/* late, and harmless */
	kfree(p);
	return 0;
}
