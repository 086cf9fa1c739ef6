/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to what was freed.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: use-after-free write in store+<hex>/<hex>
 *	
 *	Use-after-free write at <hex> (in kfence-#<n>):
 *	 store+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	
 *	kfence-#<n>: <hex>-<hex>, size=64, cache=kmalloc-64
 *	
 *	allocated by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	
 *	freed by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
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
	store(p + 5);
	return 0;
}
