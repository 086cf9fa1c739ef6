/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A read of a block of 0 bytes.
 *
 * Expect:
 *	=============================================================================
 *	BUG malloc (Not tainted): Out-of-bounds read at <hex>, of a block of 0 bytes
 *	-----------------------------------------------------------------------------
 *	
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 load+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(0);

	load(p);
	free(p);
	return 0;
}
