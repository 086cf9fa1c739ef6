/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A request that failslab= lets fail; of other caches than the one that A
 * names none does.
 *
 * Expect:
 *	FAULT_INJECTION: forcing a failure.
 *	name failslab, interval 1, probability 100, space 0, times -1
 *	CPU: <n> PID: <pid> Comm: <any> Not tainted
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: failslab=1,100,0,-1,failslab.cache_filter,failslab.ignore_gfp_wait=0,slab_debug=A,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	struct kmem_cache *t = kmem_cache_create("other", 60, 0, 0, NULL);
	void *p = kmem_cache_alloc(t, GFP_KERNEL);

	kfree(NULL);
	if (!p || kmem_cache_alloc(s, GFP_KERNEL))
		return 1;
	kmem_cache_free(t, p);
	kmem_cache_destroy(t);
	kmem_cache_destroy(s);
	return 0;
}
