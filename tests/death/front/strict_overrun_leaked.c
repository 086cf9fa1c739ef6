/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A byte behind a block that is never freed: seen at the end.
 *
 * Expect:
 *	[Right Redzone overwritten] <hex>-<hex> @offset=<n>. First byte 0x2a instead of 0xcc
 *	=============================================================================
 *	BUG malloc-64 (Not tainted): Right Redzone overwritten
 *	-----------------------------------------------------------------------------
 *	
 *	Allocated in main+<hex>/<hex> age=<n> cpu=<n> pid=<pid>
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
 *	Object   <hex>: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  kkkkkkkkkkkkkkk.
 *	Redzone  <hex>: 2a cc cc cc cc cc cc cc                          *.......
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ZZZZZZZZZZZZZZZZ
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ZZZZZZZZZZZZZZZZ
 *	Padding  <hex>: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX malloc-64: Restoring Right Redzone <hex>-<hex>=0xcc
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(64);

	store(p + 64);
	return 0;
}
