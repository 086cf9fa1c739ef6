/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to a freed block that was cleared.
 *
 * Expect:
 *	[Poison overwritten] <hex>-<hex> @offset=<n>. First byte 0x2a instead of 0x0
 *	=============================================================================
 *	BUG malloc-64 (Not tainted): Poison overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Allocated in main+<hex>/<hex> age=<n> cpu=<n> pid=<pid>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	Freed in main+<hex>/<hex> age=<n> cpu=<n> pid=<pid>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n> fp=<hex>
 *	
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc cc  ................
 *	Object   <hex>: 00 00 00 00 00 00 00 00 2a 00 00 00 00 00 00 00  ........*.......
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Object   <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Padding  <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Padding  <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	Padding  <hex>: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX malloc-64: Restoring Poison <hex>-<hex>=0x0
 *
 * Options: check=strict,init_on_free
 */
#include "death/front.h"

int main(void)
{
	char *p = get(64);

	free(p);
	store(p + 8);
	return 0;
}
