/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A read behind a block at the right end of its page.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: out-of-bounds read in load+<hex>/<hex>
 *	
 *	Out-of-bounds read at <hex> (112B right of kfence-#<n>):
 *	 load+<hex>/<hex>
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
	char *p = guarded(true);

	load(p + 112);
	free(p);
	return 0;
}
