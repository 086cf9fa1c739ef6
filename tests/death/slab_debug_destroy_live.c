/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A cache destroyed with an object in use: who allocated it.
 *
 * Expect:
 *	=============================================================================
 *	BUG death (<any>): Objects remaining on __kmem_cache_shutdown()
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=26 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=8
 *	Allocated in <sym> age=<n> cpu=<n> pid=<pid>
 *	<frames>
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache_destroy death: Slab cache still has objects when called from <sym>
 *
 * Options: slab_debug=FZPU,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);

	kmem_cache_alloc(s, GFP_KERNEL);
	kmem_cache_destroy(s);
	return 0;
}
