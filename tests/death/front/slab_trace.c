/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Each call for a class of blocks is told.
 *
 * Expect:
 *	TRACE malloc-48 alloc <hex> inuse=1 fp=<hex>
 *	CPU: <n> PID: <pid> Comm: <any> Not tainted
 *	Call Trace:
 *	 main+<hex>/<hex>
 *	 <frames>
 *	TRACE malloc-48 free <hex> inuse=1 fp=<hex>
 *	Object   <hex>: 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78  xxxxxxxxxxxxxxxx
 *	Object   <hex>: 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78  xxxxxxxxxxxxxxxx
 *	Object   <hex>: 78 78 78 78 78 78 78 78 00 00 00 00 00 00 00 00  xxxxxxxx........
 *	CPU: <n> PID: <pid> Comm: <any> Not tainted
 *	Call Trace:
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: slab_debug=T,malloc-48
 */
#include "death/front.h"

int main(void)
{
	char *p = get(40);

	memset(p, 'x', 40);
	free(p);
	return 0;
}
