/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A write to a guard page with no block beside it.
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
#include "death/front.h"

int main(void)
{
	char *p = guarded(true);
	/* slots are used in turn: there was none before */
	store(p + 100 * PAGE);
	free(p);
	return 0;
}
