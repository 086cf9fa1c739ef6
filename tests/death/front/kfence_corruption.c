/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write behind a block that does not reach the guard page: seen by the free.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: memory corruption in main+<hex>/<hex>
 *	
 *	Corrupted memory at <hex> [ 0x2a . . . . . . . . . . . . . . . ] (in kfence-#<n>):
 *	 main+<hex>/<hex>
 *	 <frames>
 *	
 *	kfence-#<n>: <hex>-<hex>, size=100, cache=malloc-112
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
#include "death/front.h"

int main(void)
{
	char *p = guarded(false);

	store(p + 100);
	free(p);
	return 0;
}
