/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem_dump_obj() of objects whose cache remembers who had them.
 *
 * Expect:
 *	 slab death start <hex> data offset 8 pointer offset 5 size 60 allocated at <sym>
 *	<frames>
 *	 slab death start <hex> data offset 8 pointer offset 0 size 60 allocated at <sym>
 *	<frames>
 *	 Free path:
 *	<frames>
 *
 * Options: slab_debug=FZPU,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL), *q = p;

	if (!kmem_dump_obj(p + 5))
		return 1;
	__asm__("" : "+r"(q));
	kmem_cache_free(s, p);
	if (!kmem_dump_obj(q))
		return 2;
	kmem_cache_destroy(s);
	return 0;
}
