/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write before an object that does not reach the guard page; seen by its
 * free.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: memory corruption in <sym>
 *	
 *	Corrupted memory at <hex> [ 0x2a . ] (in kfence-#<n>):
 *	 <frames>
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
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	==================================================================
 *
 * Options: kfence.sample_interval=1
 */
#include "death/guarded.h"

int main(void)
{
	char *p = guarded(NULL, 64, true);

	store(p - 2);
	kfree(p);
	return 0;
}
