/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * With init_on_free a guarded object is zero when it is free, as any other;
 * classes that are cleared have guarded objects.  With init_on_alloc it is zero
 * when it is allocated.
 *
 * Expect:
 *	==================================================================
 *	BUG: KFENCE: use-after-free read in main+<hex>/<hex>
 *	
 *	Use-after-free read at <hex> (in kfence-#<n>):
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	
 *	kfence-#<n>: <hex>-<hex>, size=100, cache=kmalloc-128
 *	
 *	allocated by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	
 *	freed by task <pid> on cpu <n> at <n>.<n>s (<n>.<n>s ago):
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *	
 *	CPU: <n> PID: <pid> Comm: <any> Tainted: G    B             
 *	==================================================================
 *
 * Options: kfence.sample_interval=1,init_on_free=1,init_on_alloc=1
 */
#include "death/guarded.h"

int main(void)
{
	char *p = guarded(NULL, 100, false);

	for (int i = 0; i < 100; i++)
		if (p[i])
			return 1;
	for (int i = 0; i < 100; i++)
		p[i] = (char)(i + 1);
	kfree(p);
	__asm__("" : "+r"(p));
	for (int i = 0; i < 100; i++)
		if (*(volatile char *)&p[i])
			return 2;
	return 0;
}
