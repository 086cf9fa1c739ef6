/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to the word behind an object, where the kernel has its free pointer.
 *
 * Expect:
 *	[Object padding overwritten] <hex>-<hex> @offset=<n>. First byte 0x12 instead of 0x5a
 *	=============================================================================
 *	BUG death (Not tainted): Object padding overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n> fp=<hex>
 *	
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  kkkkkkkkkkkkkkk.
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX death: Restoring Object padding <hex>-<hex>=0x5a
 *	FIX death: Object at <hex> not freed
 *
 * Options: slab_debug=P,death
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 64, 0, 0, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	__asm__("" : "+r"(p));
	p[64] = 0x12;
	kmem_cache_free(s, p);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	return 0;
}
