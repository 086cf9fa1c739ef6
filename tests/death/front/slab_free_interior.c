/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A free of an address inside of a block.
 *
 * Expect:
 *	=============================================================================
 *	BUG malloc-64 (Not tainted): Invalid object pointer <hex>
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
 * Options: slab_debug=FZPU
 */
#include "death/front.h"

int main(void)
{
	char *p = get(64);

	free(hidden(p + 16));
	free(p);
	return 0;
}
