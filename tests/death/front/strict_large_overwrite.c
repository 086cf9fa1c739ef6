/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to the byte behind a large block: seen when it is done.
 *
 * Expect:
 *	=============================================================================
 *	BUG malloc (Not tainted): Out-of-bounds write at <hex>, 0 bytes behind the block
 *	-----------------------------------------------------------------------------
 *	
 *	Block <hex> of 262144 bytes
 *	Allocated in main+<hex>/<hex> age=<n> cpu=<n> pid=<pid>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 store+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(LARGE);

	store(p + LARGE);
	/* its page is open now */
	store(p + LARGE + 1);
	free(p);
	return 0;
}
