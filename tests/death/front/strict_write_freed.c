/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to a freed block: seen when it leaves the quarantine.
 *
 * Expect:
 *	[Poison overwritten] <hex>-<hex> @offset=<n>. First byte 0x2a instead of 0x6b
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
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 2a 6b 6b 6b 6b 6b 6b 6b  kkkkkkkk*kkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  kkkkkkkkkkkkkkk.
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ZZZZZZZZZZZZZZZZ
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ZZZZZZZZZZZZZZZZ
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX malloc-64: Restoring Poison <hex>-<hex>=0x6b
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(64);

	free(p);
	store(p + 8);
	return 0;
}
