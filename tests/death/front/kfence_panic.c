/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * With panic_on_warn the first report is the end.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: use-after-free write in store+<hex>/<hex>
 *	
 *	Use-after-free write at <hex> (in kfence-#<n>):
 *	 store+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	
 *	kfence-#<n>: <hex>-<hex>, size=100, cache=malloc-112
 *	
 *	allocated by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	
 *	freed by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	 main+<hex>/<hex>
 *	 <frames>
 *	
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	==================================================================
 *	Kernel panic - not syncing: KFENCE: panic_on_warn set ...
 *
 * Exit: SIGABRT
 * Options: kfence.sample_interval=1,panic_on_warn
 */
#include "death/front.h"

int main(void)
{
	char *p = guarded(true);

	free(p);
	store(p);
	return 0;
}
