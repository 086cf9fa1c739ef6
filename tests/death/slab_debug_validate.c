/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * One cache is looked at, and what is found in it is counted: a report and a
 * fix, nothing when it is looked at again.
 *
 * Expect:
 *	[Right Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x12 instead of 0xcc
 *	=============================================================================
 *	BUG death (Not tainted): Right Redzone overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n> fp=<hex>
 *	
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Redzone  <hex>: 12 cc cc cc cc cc cc cc                          ........
 *	Padding  <hex>: 00 00 00 00 00 00 00 00                          ........
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX death: Restoring Right Redzone <hex>-<hex>=0xcc
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <kmem/kmem.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create(
		"death", 64, 0, SLAB_RED_ZONE | SLAB_NO_USER_FLAGS, NULL);
	struct kmem_cache *other = kmem_cache_create(
		"other", 64, 0, SLAB_RED_ZONE | SLAB_NO_USER_FLAGS, NULL);
	char *p = kmem_cache_alloc(s, GFP_KERNEL);

	__asm__("" : "+r"(p));
	p[64] = 0x12;
	if (!kmem_cache_validate(other) || kmem_cache_errors(other))
		return 1;
	if (kmem_cache_validate(s) || kmem_cache_errors(s) != 2)
		return 2;
	if (!kmem_cache_validate(s) || kmem_cache_errors(s) != 2)
		return 3;
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	kmem_cache_destroy(other);
	return 0;
}
