/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * With panic_on_warn the report is the end, whole and with what was mended.
 *
 * Expect:
 *	=============================================================================
 *	BUG death (<any>): Object already free
 *	...
 *	FIX death: Object at <hex> not freed
 *	Kernel panic - not syncing: panic_on_warn set ...
 *
 * Exit: SIGABRT
 * Options: slab_debug=FZPU,death,panic_on_warn=1
 */
#include <linux/gfp.h>
#include <linux/slab.h>

int main(void)
{
	struct kmem_cache *s = kmem_cache_create("death", 60, 0, 0, NULL);
	void *p = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, p);
	kmem_cache_free(s, p);
	return 0;
}
