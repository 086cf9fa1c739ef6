/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to a freed large block.
 *
 * Expect:
 *	=============================================================================
 *	BUG malloc (Not tainted): Use-after-free write at <hex>
 *	-----------------------------------------------------------------------------
 *	
 *	Block <hex> of 262144 bytes
 *	Allocated in main+<hex>/<hex> age=<n> cpu=<n> pid=<pid>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	Freed in main+<hex>/<hex> age=<n> cpu=<n> pid=<pid>
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

	free(p);
	store(p + 100);
	return 0;
}
