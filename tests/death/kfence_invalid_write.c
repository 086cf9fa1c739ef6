/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to a guard page with no object beside it.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: invalid write in store+<hex>/<hex>
 *	
 *	Invalid write at <hex>:
 *	 store+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	 <frames>
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
	store(p + 100 * 4096);
	kfree(p);
	return 0;
}
