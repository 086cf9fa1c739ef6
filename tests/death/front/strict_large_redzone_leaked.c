/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The same, of a block that is never freed: seen at the end.
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
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 <frames>
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(LARGE - 4);

	store(p + LARGE - 4);
	return 0;
}
