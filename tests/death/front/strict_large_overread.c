/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A read behind a large block.
 *
 * Expect:
 *	=============================================================================
 *	BUG malloc (Not tainted): Out-of-bounds read at <hex>, 7 bytes behind the block
 *	-----------------------------------------------------------------------------
 *	
 *	Block <hex> of 262144 bytes
 *	Allocated in main+<hex>/<hex> age=<n> cpu=<n> pid=<pid>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 load+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(LARGE);

	load(p + LARGE + 7);
	free(p);
	return 0;
}
