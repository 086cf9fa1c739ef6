/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write before an object at the left end of its page.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: out-of-bounds write in store+<hex>/<hex>
 *	
 *	Out-of-bounds write at 0x<hex> (1B left of kfence-#<n>):
 *	 store+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	kfence-#<n>: 0x<hex>-0x<hex>, size=40, cache=death
 *	
 *	allocated by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	<frames>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	==================================================================
 *
 * Options: kfence.sample_interval=1
 */
#include "death/guarded.h"

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 40, 0, 0, NULL);
	char *p = guarded(s, 0, false);

	store(p - 1);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	return 0;
}
