/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A block is freed twice.
 *
 * Expect:
 *	=============================================================================
 *	BUG malloc-64 (Not tainted): Object already free <hex>
 *	-----------------------------------------------------------------------------
 *	
 *	Slab <hex> objects=<n> used=<n> fp=<hex> flags=<hex>(slab|zone=<n>)
 *	Object <hex> @offset=<n>
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 main+<hex>/<hex>
 *	 <frames>
 *	FIX malloc-64: Object at <hex> not freed
 *
 * Options: check=cheap
 */
#include "death/front.h"

int main(void)
{
	char *p = get(64);

	free(p);
	free(hidden(p));
	return 0;
}
