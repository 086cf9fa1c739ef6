/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A block is freed twice, in a row.
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
	enum { BLOCKS = 200 };
	char *p[BLOCKS];
	int i;

	/* a class with sheaves, where the slab would not see it */
	for (i = 0; i < BLOCKS; i++)
		p[i] = get(64);
	for (i = 0; i < BLOCKS; i++)
		free(p[i]);
	free(hidden(p[BLOCKS - 1]));
	return 0;
}
