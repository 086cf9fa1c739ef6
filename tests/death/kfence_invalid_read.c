/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A guard page with no object beside it.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: invalid read in load+<hex>/<hex>
 *	
 *	Invalid read at 0x<hex>:
 *	 load+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	==================================================================
 *
 * Options: kfence.sample_interval=1
 */
#include "death/guarded.h"

int main(void)
{
	char *p = guarded(NULL, 64, false);

	/* slots are used in turn: there was none before */
	load(p + 40 * 4096);
	kfree(p);
	return 0;
}
