/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write before a block at the left end of its page.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: out-of-bounds write in store+<hex>/<hex>
 *	
 *	Out-of-bounds write at <hex> (1B left of kfence-#<n>):
 *	 store+<hex>/<hex>
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

	store(p - 1);
	free(p);
	return 0;
}
