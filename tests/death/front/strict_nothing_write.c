/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to a block of 0 bytes.
 *
 * Expect:
 *	=============================================================================
 *	BUG malloc (Not tainted): Out-of-bounds write at <hex>, of a block of 0 bytes
 *	-----------------------------------------------------------------------------
 *	
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	Call Trace:
 *	 store+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: check=strict
 */
#include "death/front.h"

int main(void)
{
	char *p = get(0);

	store(p);
	free(p);
	return 0;
}
