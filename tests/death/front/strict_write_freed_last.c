/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to the last byte of a freed block.
 *
 * Expect:
 *	[End Poison overwritten] <hex>-<hex> @offset=<n>. First byte 0x2a instead of 0xa5
 *	=============================================================================
 *	BUG malloc-64 (Not tainted): End Poison overwritten
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
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 2a  kkkkkkkkkkkkkkk*
 *	Redzone  <hex>: cc cc cc cc cc cc cc cc                          ........
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ZZZZZZZZZZZZZZZZ
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ZZZZZZZZZZZZZZZZ
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX malloc-64: Restoring End Poison <hex>-<hex>=0xa5
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(64);

	free(p);
	store(p + 63);
	return 0;
}
