/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * With panic_on_warn the report is the last thing.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: use-after-free write in store+<hex>/<hex>
 *	
 *	Use-after-free write at 0x<hex> (in kfence-#<n>):
 *	 store+<hex>/<hex>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	kfence-#<n>: 0x<hex>-0x<hex>, size=64, cache=kmalloc-64
 *	
 *	allocated by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	<frames>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	freed by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	<frames>
 *	 main+<hex>/<hex>
 *	<frames>
 *	
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	==================================================================
 *	Kernel panic - not syncing: KFENCE: panic_on_warn set ...
 *
 * Exit: SIGABRT
 * Options: kfence.sample_interval=1,panic_on_warn
 */
#include "death/guarded.h"

int main(void)
{
	char *p = guarded(NULL, 64, false);

	kfree(p);
	store(p);
	return 0;
}
