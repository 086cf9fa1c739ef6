/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The second free says who did the first.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: invalid free in <sym>
 *	
 *	Invalid free of 0x<hex> (in kfence-#<n>):
 *	<frames>
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
 *	freed by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
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

	kfree(p);
	kfree(p);
	return 0;
}
