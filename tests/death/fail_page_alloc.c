/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A request for pages that fail_page_alloc= lets fail.
 *
 * Expect:
 *	FAULT_INJECTION: forcing a failure.
 *	name fail_page_alloc, interval 1, probability 100, space 0, times 1
 *	CPU: <n> PID: <pid> Comm: <any> Not tainted
 *	Call Trace:
 *	 <frames>
 *	 main+<hex>/<hex>
 *	 <frames>
 *
 * Options: fail_page_alloc=1,100,0,1,fail_page_alloc.min_order=2,fail_page_alloc.ignore_gfp_wait=0
 */
#include <linux/gfp.h>

int main(void)
{
	unsigned long a = __get_free_pages(GFP_KERNEL, 1);
	unsigned long b = __get_free_pages(GFP_KERNEL, 2);
	unsigned long c = __get_free_pages(GFP_KERNEL, 2);

	free_pages(a, 1);
	free_pages(c, 2);
	return !a || b || !c;
}
