/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write behind a large block that its alignment keeps from the fence: seen
 * by the free.
 *
 * Expect:
 *	=============================================================================
 *	BUG malloc (Not tainted): Redzone overwritten at <hex>. First byte 0x2a instead of 0xcc
 *	-----------------------------------------------------------------------------
 *	
 *	Block <hex> of 262140 bytes
 *	Allocated in main+<hex>/<hex> age=<n> cpu=<n> pid=<pid>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	Freed in main+<hex>/<hex> age=<n> cpu=<n> pid=<pid>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(LARGE - 4);

	store(p + LARGE - 4);
	free(p);
	return 0;
}
