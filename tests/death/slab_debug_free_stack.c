/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A free of a local variable, which is no object of any cache.
 *
 * Expect:
 *	------------[ cut here ]------------
 *	WARNING: CPU: <n> PID: <pid> at <file>:<line> <sym>
 *	kmem_cache_free(death, <hex>): object is not in a slab page
 *
 * Options: slab_debug=FZPU,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	char buf[64], *p = buf;

	__asm__("" : "+r"(p));
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	return 0;
}
