/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A block is freed twice: with who freed it first.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: invalid free in main+<hex>/<hex>
 *	
 *	Invalid free of <hex> (in kfence-#<n>):
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
 *	freed by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
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
	char *p = guarded(true);

	free(p);
	free(hidden(p));
	return 0;
}
