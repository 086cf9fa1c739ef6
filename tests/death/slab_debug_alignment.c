/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write behind an object into the bytes that its alignment needs.
 *
 * Expect:
 *	[Alignment padding overwritten] <hex>-<hex> @offset=60. First byte 0x11 instead of 0x5a
 *	=============================================================================
 *	BUG death (<any>): Alignment padding overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=56 used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=0 fp=<hex>
 *	
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5              kkkkkkkkkkk.
 *	CPU: <n> PID: <pid> Comm: <any>
 *	Call Trace:
 *	<frames>
 *	FIX death: Restoring Alignment padding <hex>-<hex>=0x5a
 *	FIX death: Object at <hex> not freed
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>

int main(void)
{
	struct kmem_cache *s =
		kmem_cache_create("death", 60, 0, SLAB_POISON, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	__asm__("" : "+r"(p));
	p[60] = 0x11;
	kmem_cache_free(s, p);
	return 0;
}
