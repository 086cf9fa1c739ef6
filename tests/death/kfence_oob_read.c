/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A read behind an object at the right end of its page.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: out-of-bounds read in load+<hex>/<hex>
 *	
 *	Out-of-bounds read at 0x<hex> (64B right of kfence-#<n>):
 *	 load+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	kfence-#<n>: 0x<hex>-0x<hex>, size=64, cache=kmalloc-64
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
	char *p = guarded(NULL, 64, true);

	load(p + 64);
	/* reported once: the page is open now */
	load(p + 65);
	kfree(p);
	return 0;
}
